"""What a run knows of automations that suggestions became."""

from dataclasses import replace
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.hindsight import installed_rules
from custom_components.automation_scout.mining.facts import ExistingAutomation
from custom_components.automation_scout.mining.result import Instead, Proven
from custom_components.automation_scout.mining.rules import Kind, TimeTrigger

from .scripted import FACTS, Script, at, proven, result

MADE: Final = proven(at(1350), score=5.0)
KEY: Final = MADE.rule.key
EVENING: Final = "automation.evening"


def adjusted(minute: int) -> Proven:
    """Return what corrects the automation that the suggestion became."""
    moved = proven(at(minute), score=4.0)
    rule = replace(moved.rule, special=Kind.ADJUST, replaces=EVENING)
    return replace(moved, rule=rule, instead=Instead(MADE.rule, 1, 10))


@pytest.fixture
async def accepted(scout: ScoutCoordinator, script: Script) -> ScoutCoordinator:
    """Have a suggestion that was accepted, and its automation."""
    script.result = result(MADE)
    await scout.async_analyze()
    await scout._stores.suggestions.set_status(
        KEY, "accepted", at=dt_util.utcnow().isoformat()
    )
    automation = ExistingAutomation(EVENING, "Evening", True, (TimeTrigger(1350),))
    script.facts = replace(FACTS, automations=(automation,))
    return scout


async def test_what_corrects_it_is_a_suggestion_of_its_own(
    hass: HomeAssistant, accepted: ScoutCoordinator, script: Script
) -> None:
    """Its time is so near that it would be taken for the accepted one."""
    script.result = result(adjusted(1370))
    answer = await accepted.async_analyze()
    assert (answer["new"], answer["open"]) == (1, 1)
    [shown] = await accepted.async_list(["open"])
    assert shown["id"] != KEY
    assert shown["kind"] == "adjust"
    assert shown["title"] == "Adjust Evening: turn on Desk lamp at 22:50 every day"
    assert (
        "22:50 instead of 22:30 would have agreed with you 19 of 21 times"
        in (shown["rationale"])
    )
    script.result = result(adjusted(1375))
    assert (await accepted.async_analyze())["new"] == 0
    [again] = await accepted.async_list(["open"])
    assert again["id"] == shown["id"]
    assert hass.states.get("sensor.automation_scout_suggestions")


async def test_the_rules_of_automations_are_those_that_were_accepted(
    accepted: ScoutCoordinator,
) -> None:
    rows = {row.id: row for row in await accepted._stores.suggestions.list()}
    assert installed_rules(rows, {KEY: EVENING}) == {EVENING: MADE.rule}
    assert installed_rules(rows, {}) == {}
    assert installed_rules(rows, {"s1-gone": EVENING}) == {}
