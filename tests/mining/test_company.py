"""What an automation does is no part of a routine that people would have to set up."""

from dataclasses import replace

from custom_components.automation_scout.mining.company import companions
from custom_components.automation_scout.mining.facts import ExistingAutomation
from custom_components.automation_scout.mining.rules import TimeTrigger

from .test_routines import AT, DAYS, DESK, FAN, evenings, habit, merged
from .worlds import BARE, framed, history_of


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
