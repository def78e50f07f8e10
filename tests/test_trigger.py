"""The trigger "a suggestion arrived": automations with it run, and for what."""

from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, Event, HomeAssistant
from homeassistant.helpers.trigger import (
    async_get_all_descriptions,
    async_validate_trigger_config,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)
import voluptuous as vol

from custom_components.automation_scout.const import EVENT_SUGGESTION_NEW
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.result import Proven
from custom_components.automation_scout.mining.rules import KINDS
from custom_components.automation_scout.trigger import OPTIONS

from .scripted import DOOR, EVENING, MORNING, Script, result

KEY: Final = "automation_scout.suggestion_arrived"


async def automate(hass: HomeAssistant, **trigger: Any) -> list[Event[dict[str, Any]]]:
    """Set an automation up that says what it was triggered by."""
    config = {
        "id": "told",
        "alias": "Told",
        "mode": "queued",
        "triggers": [{"trigger": KEY, **trigger}],
        "actions": [
            {
                "event": "told",
                "event_data": {
                    "id": "{{ trigger.suggestion.id }}",
                    "title": "{{ trigger.suggestion.title }}",
                    "because": "{{ trigger.suggestion.rationale }}",
                    "platform": "{{ trigger.platform }}",
                },
            }
        ],
    }
    assert await async_setup_component(hass, "automation", {"automation": [config]})
    await hass.async_block_till_done()
    state = hass.states.get("automation.told")
    assert state
    assert state.state == "on"
    return async_capture_events(hass, "told")


async def arrive(scout: ScoutCoordinator, script: Script) -> None:
    script.result = result(MORNING, DOOR, EVENING)
    await scout.async_analyze()
    await scout.hass.async_block_till_done()


async def test_an_automation_runs_once_for_each(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    told = await automate(hass)
    await arrive(scout, script)
    assert [event.data["id"] for event in told] == [
        one.rule.key for one in (MORNING, DOOR, EVENING)
    ]
    assert told[0].data["title"] == "Turn on Desk lamp at 07:00 on weekdays"
    assert told[0].data["because"].startswith("In the last 28 days")
    assert told[0].data["platform"] == KEY
    await scout.async_analyze()
    await hass.async_block_till_done()
    assert len(told) == 3
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "automation.told"}, blocking=True
    )
    await scout.async_dismiss(DOOR.rule.key, None)
    await scout.async_restore(DOOR.rule.key)
    await hass.async_block_till_done()
    assert len(told) == 3


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [MORNING, DOOR, EVENING]),
        ({"kind": []}, [MORNING, DOOR, EVENING]),
        ({"kind": "state"}, [DOOR]),
        ({"kind": ["state", "time"], "min_confidence": 0.9}, [MORNING, DOOR, EVENING]),
        ({"kind": ["sun"]}, []),
        ({"min_confidence": 0.91}, []),
    ],
)
async def test_only_what_is_asked_for(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    options: dict[str, Any],
    expected: list[Proven],
) -> None:
    told = await automate(hass, options=options)
    await arrive(scout, script)
    assert [event.data["id"] for event in told] == [one.rule.key for one in expected]


@pytest.mark.parametrize(
    "config",
    [
        {"options": {"kind": "magic"}},
        {"options": {"min_confidence": 90}},
        {"options": {"priority": "high"}},
        {"target": {"entity_id": "sensor.automation_scout_suggestions"}},
    ],
)
@pytest.mark.usefixtures("scout")
async def test_what_it_does_not_know_is_refused(
    hass: HomeAssistant, config: dict[str, Any]
) -> None:
    with pytest.raises(vol.Invalid):
        await async_validate_trigger_config(hass, [{"platform": KEY, **config}])


@pytest.mark.usefixtures("scout")
async def test_it_is_described_as_it_is(hass: HomeAssistant) -> None:
    described = (await async_get_all_descriptions(hass))[KEY]
    assert described
    fields = described["fields"]
    assert set(fields) == {str(key) for key in OPTIONS}
    assert tuple(fields["kind"]["selector"]["select"]["options"]) == KINDS
    assert "target" not in described


async def test_what_woke_while_home_assistant_was_off_is_heard(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    script: Script,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Automations begin to listen at the end of the start."""
    script.result = result(MORNING)
    await scout.async_analyze()
    await scout.async_snooze(MORNING.rule.key, 1)
    assert await hass.config_entries.async_unload(entry.entry_id)
    freezer.tick(86_500)
    hass.set_state(CoreState.not_running)
    automation = {
        "alias": "Hears",
        "triggers": {"trigger": "event", "event_type": EVENT_SUGGESTION_NEW},
        "actions": {"event": "heard"},
    }
    assert await async_setup_component(hass, "automation", {"automation": automation})
    heard = async_capture_events(hass, "heard")
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_start()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(heard) == 1
