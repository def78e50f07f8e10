"""Diagnostic sensors: what each measures, in which unit, and what is on at first."""

from typing import Any, Final

from homeassistant.components.sensor import (
    ATTR_STATE_CLASS,
    SensorDeviceClass,
    SensorStateClass,
)
from homeassistant.const import (
    ATTR_DEVICE_CLASS,
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_UNKNOWN,
    EntityCategory,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.sensor import SENSORS

from .scripted import MORNING, Script, result

DIAGNOSTIC: Final[dict[str, tuple[SensorDeviceClass | None, str]]] = {
    "analysis_duration": (SensorDeviceClass.DURATION, "s"),
    "changes_read": (None, "changes"),
    "human_actions": (None, "actions"),
    "archive_size": (SensorDeviceClass.DATA_SIZE, "MB"),
    "archive_days": (SensorDeviceClass.DURATION, "d"),
}
OFF: Final = {"analysis_duration", "changes_read"}


def value(hass: HomeAssistant, key: str) -> tuple[str, dict[str, Any]]:
    state = hass.states.get(f"sensor.automation_scout_{key}")
    assert state, key
    return state.state, dict(state.attributes)


async def test_which_are_on_at_first(
    scout: ScoutCoordinator, entity_registry: er.EntityRegistry
) -> None:
    for key in DIAGNOSTIC:
        registered = entity_registry.async_get(f"sensor.automation_scout_{key}")
        assert registered
        assert registered.entity_category is EntityCategory.DIAGNOSTIC
        expected = er.RegistryEntryDisabler.INTEGRATION if key in OFF else None
        assert registered.disabled_by is expected, key


async def test_they_tell_the_last_analysis_and_the_archive(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    entry: MockConfigEntry,
    entity_registry: er.EntityRegistry,
) -> None:
    for key in OFF:
        entity_registry.async_update_entity(
            f"sensor.automation_scout_{key}", disabled_by=None
        )
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    scout = entry.runtime_data
    before = {key: value(hass, key)[0] for key in DIAGNOSTIC}
    assert before == {
        **dict.fromkeys(("analysis_duration", "changes_read"), STATE_UNKNOWN),
        "human_actions": STATE_UNKNOWN,
        "archive_size": "0.0",
        "archive_days": "0",
    }
    script.result = result(MORNING)
    answer = await scout.async_analyze()
    await hass.async_block_till_done()
    stats = await scout.async_archive_stats()
    assert stats.events == answer["events_archived"] == 2
    expected = {
        "analysis_duration": answer["duration_s"],
        "changes_read": answer["events_read"],
        "human_actions": 60,
        "archive_size": stats.bytes / 1_000_000,
        "archive_days": 1,
    }
    for _ in range(2):
        for key, (device_class, unit) in DIAGNOSTIC.items():
            state, attributes = value(hass, key)
            assert float(state) == pytest.approx(expected[key]), key
            assert attributes.get(ATTR_DEVICE_CLASS) == device_class
            assert attributes[ATTR_UNIT_OF_MEASUREMENT] == unit
            assert attributes[ATTR_STATE_CLASS] == SensorStateClass.MEASUREMENT
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()


def test_every_number_of_the_integration_itself_is_diagnostic() -> None:
    described = {item.key: item.entity_category for item in SENSORS}
    assert described.pop("suggestions") is None
    assert set(described.values()) == {EntityCategory.DIAGNOSTIC}
    assert set(DIAGNOSTIC) <= set(described)
