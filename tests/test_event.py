"""The event entity: what happens to suggestions, and to automations under watch."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.watched import Counts, Watched
from custom_components.automation_scout.news import (
    ACCEPTED,
    NEWS,
    UNDONE,
    async_announce,
)

from .scripted import DOOR, MORNING, Script, result

EVENT: Final = "event.automation_scout_suggestion"
SAVED: Final = "sensor.automation_scout_saved_actions"
OVERRULED: Final = Watched(
    "automation.evening",
    True,
    0,
    Counts(10, 6, 2, 4),
    Counts(10, 6, 2, 4),
    (Counts(5, 3, 1, 2), Counts(5, 3, 1, 2)),
)
WEEKS: Final = [{"runs": 5, "undone": 3, "by_hand": 1, "saved": 2}] * 2
FINE: Final = replace(OVERRULED, recent=Counts(10, 1, 2, 9))


@pytest.fixture
async def told(hass: HomeAssistant, scout: ScoutCoordinator) -> list[Mapping[str, Any]]:
    """Collect what the event entity tells."""
    del scout
    heard: list[Mapping[str, Any]] = []

    @callback
    def listen(event: Any) -> None:
        if event.data["entity_id"] == EVENT and event.data["new_state"]:
            heard.append(event.data["new_state"].attributes)

    hass.bus.async_listen("state_changed", listen)
    return heard


async def test_new_dismissed_expired(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    told: list[Mapping[str, Any]],
    freezer: FrozenDateTimeFactory,
) -> None:
    bus = async_capture_events(hass, "automation_scout_suggestion_new")
    script.result = result(MORNING, DOOR)
    await scout.async_analyze()
    await hass.async_block_till_done()
    assert [(item["event_type"], item["suggestion_id"]) for item in told] == [
        ("new", MORNING.rule.key),
        ("new", DOOR.rule.key),
    ]
    assert told[0]["title"].startswith("Turn on Desk lamp")
    assert told[0]["entities"] == ["light.desk"]
    assert [event.data["id"] for event in bus] == [MORNING.rule.key, DOOR.rule.key]
    assert bus[0].data["rationale"]
    told.clear()
    await scout.async_dismiss(MORNING.rule.key, "wrong")
    await hass.async_block_till_done()
    [item] = told
    assert (item["event_type"], item["reason"]) == ("dismissed", "wrong")
    assert item["suggestion_id"] == MORNING.rule.key
    told.clear()
    script.result = result()
    freezer.tick(timedelta(days=15))
    await scout.async_analyze()
    await hass.async_block_till_done()
    assert [(item["event_type"], item["suggestion_id"]) for item in told] == [
        ("expired", DOOR.rule.key)
    ]


async def test_others_can_tell_what_they_did(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    told: list[Mapping[str, Any]],
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    [suggestion] = await scout.async_list()
    told.clear()
    async_announce(hass, ACCEPTED, suggestion, automation="automation.morning")
    await hass.async_block_till_done()
    async_announce(hass, UNDONE, suggestion)
    await hass.async_block_till_done()
    assert [item["event_type"] for item in told] == ["accepted", "undone"]
    assert told[0]["automation"] == "automation.morning"
    assert "automation" not in told[1]


async def test_an_automation_that_people_keep_undoing_is_told_once(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    told: list[Mapping[str, Any]],
) -> None:
    for watched, count in ((OVERRULED, 1), (OVERRULED, 1), (FINE, 1), (OVERRULED, 2)):
        script.result = replace(result(), watched=(watched,))
        await scout.async_analyze()
        await hass.async_block_till_done()
        assert len(told) == count
    assert told[0]["event_type"] == "needs_attention"
    assert told[0]["reason"] == "overruled"
    assert told[0]["automation"] == "automation.evening"
    assert (told[0]["runs"], told[0]["undone"]) == (10, 6)


async def test_actions_saved_this_week(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    state = hass.states.get(SAVED)
    assert state
    assert (state.state, state.attributes["automations"]) == ("0", {})
    registered = entity_registry.async_get(SAVED)
    assert registered
    assert registered.entity_category == "diagnostic"
    theirs = replace(FINE, entity_id="automation.theirs", is_own=False)
    script.result = replace(result(), watched=(FINE, theirs))
    await scout.async_analyze()
    await hass.async_block_till_done()
    for _ in range(2):
        state = hass.states.get(SAVED)
        assert state
        assert state.state == "2"
        assert state.attributes["automations"] == {
            "automation.evening": {
                "runs": 10,
                "undone": 1,
                "by_hand": 2,
                "saved": 9,
                "own": True,
                "weeks": WEEKS,
            },
            "automation.theirs": {
                "runs": 10,
                "undone": 1,
                "by_hand": 2,
                "saved": 9,
                "own": False,
                "weeks": WEEKS,
            },
        }
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()


async def test_a_look_at_a_few_days_counts_nothing_anew(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    told: list[Mapping[str, Any]],
) -> None:
    script.result = replace(result(), watched=(FINE,))
    await scout.async_analyze()
    script.result = replace(result(), watched=(OVERRULED,))
    await scout.async_analyze(days=3)
    await hass.async_block_till_done()
    assert dict(scout.data.watched) == {FINE.entity_id: FINE}
    assert [item["event_type"] for item in told] == ["new"] * len(told)


def test_the_kinds_of_the_contract() -> None:
    assert NEWS == (
        "new",
        "accepted",
        "dismissed",
        "expired",
        "undone",
        "needs_attention",
    )
