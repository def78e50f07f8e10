"""Entities: which there are, what they show, when they go."""

import asyncio
from dataclasses import replace
import threading

from homeassistant.components.sensor import ATTR_STATE_CLASS
from homeassistant.const import ATTR_FRIENDLY_NAME, STATE_UNKNOWN, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.facts import EntityFacts
from custom_components.automation_scout.model_sensors import MODEL_SENSORS
from custom_components.automation_scout.sensor import SENSORS

from .scripted import DOOR, FACTS, MORNING, Script, at, proven, result

LIST = "sensor.automation_scout_suggestions"
LAST = "sensor.automation_scout_last_analysis"
ANALYZING = "binary_sensor.automation_scout_analyzing"
BUTTON = "button.automation_scout_analyze"
SAVED = "sensor.automation_scout_saved_actions"
NEWS = "event.automation_scout_suggestion"
TODO = "todo.automation_scout_suggestions"
DIAGNOSTIC = {
    f"sensor.automation_scout_{key}"
    for key in (
        "human_actions",
        "archive_size",
        "archive_days",
        "tokens_this_month",
        "cost_this_month",
    )
}
STANDING = {LIST, LAST, ANALYZING, BUTTON, SAVED, NEWS, TODO, *DIAGNOSTIC}
"""What is there with and without suggestions."""
HIDDEN = {
    f"sensor.automation_scout_{item.key}"
    for item in (*SENSORS, *MODEL_SENSORS)
    if not item.entity_registry_enabled_default
}
"""What is registered but turned off."""


def own_states(hass: HomeAssistant) -> set[str]:
    return {
        state.entity_id
        for state in hass.states.async_all()
        if "automation_scout" in state.entity_id
    }


async def test_entities_before_the_first_analysis(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
) -> None:
    assert own_states(hass) == STANDING
    listed, last = hass.states.get(LIST), hass.states.get(LAST)
    assert listed
    assert listed.state == "0"
    assert listed.attributes["suggestions"] == []
    assert listed.attributes[ATTR_FRIENDLY_NAME] == "Automation Scout Suggestions"
    assert last
    assert last.state == STATE_UNKNOWN
    analyzing = hass.states.get(ANALYZING)
    assert analyzing
    assert analyzing.state == "off"
    (device,) = dr.async_entries_for_config_entry(device_registry, entry.entry_id)
    assert device.name == "Automation Scout"
    assert device.entry_type is dr.DeviceEntryType.SERVICE
    registered = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    assert {item.device_id for item in registered} == {device.id}
    by_id = {item.entity_id: item for item in registered}
    assert by_id[LAST].entity_category is EntityCategory.DIAGNOSTIC
    assert by_id[LIST].entity_category is None


async def test_one_sensor_for_each_open_suggestion(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    script.result = result(MORNING, DOOR)
    await scout.async_analyze()
    await hass.async_block_till_done()
    listed = hass.states.get(LIST)
    assert listed
    assert listed.state == "2"
    assert [set(item) for item in listed.attributes["suggestions"]] == [
        {"id", "title", "confidence", "kind"}
    ] * 2
    state = hass.states.get(
        "sensor.automation_scout_turn_on_desk_lamp_at_07_00_on_weekdays"
    )
    assert state
    assert state.state == "90"
    assert state.attributes["unit_of_measurement"] == "%"
    assert state.attributes[ATTR_FRIENDLY_NAME] == (
        "Automation Scout Turn on Desk lamp at 07:00 on weekdays"
    )
    assert ATTR_STATE_CLASS not in state.attributes
    assert state.attributes["suggestion_id"] == MORNING.rule.key
    registered = entity_registry.async_get(state.entity_id)
    assert registered
    assert registered.unique_id == f"{entry.entry_id}_{MORNING.rule.key}"
    assert registered.original_name == "Turn on Desk lamp at 07:00 on weekdays"


async def test_sensor_goes_when_the_suggestion_closes_and_comes_back(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    entity_registry: er.EntityRegistry,
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    await hass.async_block_till_done()
    before = own_states(hass)
    (sensor,) = before - STANDING

    await scout.async_dismiss(MORNING.rule.key, None)
    await hass.async_block_till_done()
    assert own_states(hass) == before - {sensor}
    assert entity_registry.async_get(sensor) is None

    await scout.async_restore(MORNING.rule.key)
    await hass.async_block_till_done()
    assert own_states(hass) == before


async def test_sensor_that_was_left_behind_is_removed_at_set_up(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    await hass.config_entries.async_unload(entry.entry_id)
    entity_registry.async_get_or_create(
        "sensor",
        DOMAIN,
        f"{entry.entry_id}_s1-gone",
        config_entry=entry,
        translation_key="suggestion",
    )
    await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    left = er.async_entries_for_config_entry(entity_registry, entry.entry_id)
    assert {item.entity_id for item in left} == STANDING | HIDDEN


async def test_title_and_confidence_follow_the_suggestion(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    await hass.async_block_till_done()
    (sensor,) = own_states(hass) - STANDING
    moved = proven(at(425, (0, 1, 2, 3, 4)), confidence=0.805, score=5.0)
    script.result = result(moved)
    await scout.async_analyze()
    await hass.async_block_till_done()
    state = hass.states.get(sensor)
    assert state
    assert "Turn on Desk lamp at 07:05" in state.attributes[ATTR_FRIENDLY_NAME]
    assert state.state in {"80", "81"}


async def test_names_of_any_kind_give_valid_entities(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    names = {
        "light.desk": "调光灯 💡",
        "light.hall": "L" * 10_000,
        "light.porch": "<script>alert(1)</script> {{ states }}",
    }
    script.facts = replace(
        FACTS,
        entities={
            **FACTS.entities,
            **{key: EntityFacts(key, name) for key, name in names.items()},
        },
    )
    script.result = result(*(proven(at(420), key) for key in names))
    response = await scout.async_analyze()
    await hass.async_block_till_done()
    assert response["errors"] == []
    made = own_states(hass) - STANDING
    assert len(made) == 3
    shown = [hass.states.get(sensor) for sensor in made]
    for state in shown:
        assert state
        assert state.entity_id.startswith("sensor.automation_scout_")
        assert len(state.attributes[ATTR_FRIENDLY_NAME]) < 120
        assert not set("<>{}") & set(state.attributes[ATTR_FRIENDLY_NAME])


async def test_last_analysis_and_button(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING)
    await hass.services.async_call("button", "press", {"entity_id": BUTTON}, True)
    await hass.async_block_till_done()
    state = hass.states.get(LAST)
    assert state
    run = (await scout.async_runs(1))[0]
    assert run.finished_at
    assert state.state[:19] == run.finished_at[:19]
    assert state.attributes["new"] == 1
    assert state.attributes["run_id"] == run.run_id


async def test_analyzing_is_on_during_a_run(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.hold = threading.Event()
    task = asyncio.create_task(scout.async_analyze())
    await script.until_mining()
    state = hass.states.get(ANALYZING)
    assert state
    assert state.state == "on"
    script.hold.set()
    await task
    state = hass.states.get(ANALYZING)
    assert state
    assert state.state == "off"
