"""What an automation does is no part of a routine that people would have to set up."""

from dataclasses import replace

import pytest

from custom_components.automation_scout.mining.company import companions
from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.facts import ExistingAutomation
from custom_components.automation_scout.mining.rules import Action, Rule, TimeTrigger

from .test_routines import (
    AT,
    DAYS,
    DESK,
    DOOR,
    FAN,
    draft_of,
    evenings,
    habit,
    merged,
)
from .worlds import BARE, MINUTE, SECOND, framed, history_of, pulses


def test_what_an_automation_does_keeps_no_company() -> None:
    """The fan goes on with the lamp, some minutes before its automation would do it."""
    rows = habit(evenings(), [(DESK, 0), (FAN, 40)], keep={FAN: 0.8})
    lead, *_ = merged(rows, (AT, DESK))[0]
    rows = framed(rows, DAYS + 1)
    free = companions(lead, [lead], history_of(rows))
    assert [one.rule.action for one in free] == [FAN]
    fan = ExistingAutomation(
        "automation.fan",
        "Fan",
        enabled=True,
        triggers=(TimeTrigger(AT.minute + 10),),
        targets=frozenset({(FAN.entity_id, FAN.state)}),
    )
    home = history_of(rows, replace(BARE, automations=(fan,)))
    assert companions(lead, [lead], home) == []


@pytest.mark.parametrize(("lit_s", "keeps_company"), [(3600, True), (90, False)])
def test_what_the_occasion_itself_brought_is_not_taken_back_at_once(
    lit_s: int, *, keeps_company: bool
) -> None:
    """Somebody comes, having lit the hall before, sits down, and puts it out."""
    rows: list[Row] = []
    for t in evenings(spread_min=60):
        rows += pulses(DOOR.entity_id, [t])
        rows += [(t - lit_s * SECOND, "light.hall", "on", 1, "")]
        rows += [(t + 3 * MINUTE, "light.hall", "off", 1, "")]
        rows += habit([t], [(DESK, 100)])
    history = history_of(framed(rows, DAYS + 1))
    lead = draft_of(history, Rule(DOOR, DESK, 300))
    found = [one.rule.action for one in companions(lead, [lead], history)]
    assert found == [Action("light.hall", "off")] * keeps_company
