"""A suggestion that came and went leaves nothing in the registries."""

from datetime import timedelta
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    category_registry as cr,
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
    label_registry as lr,
)
from homeassistant.helpers.json import json_dumps
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.coordinator import ScoutCoordinator

from .scripted import DOOR, MORNING, Script, result


def registries(hass: HomeAssistant) -> dict[str, Any]:
    """Return what each registry would write to disk."""
    found = {
        module.__name__: json.loads(json_dumps(module.async_get(hass)._data_to_save()))
        for module in (ar, cr, dr, er, ir, lr)
    }
    issues = sorted(map(str, ir.async_get(hass).issues))
    return {**found, "issues": issues}


async def test_the_registries_are_the_same_after_it(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    await scout.async_analyze()
    await hass.async_block_till_done()
    before = registries(hass)
    entities = {item["entity_id"] for item in before[er.__name__]["entities"]}
    assert "sensor.automation_scout_suggestions" in entities

    script.result = result(MORNING, DOOR)
    await scout.async_analyze()
    await hass.async_block_till_done()
    during = registries(hass)
    assert len(during[er.__name__]["entities"]) == len(entities) + 2
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    scout = entry.runtime_data

    await scout.async_dismiss(MORNING.rule.key, None)
    script.result = result()
    freezer.tick(timedelta(days=15))
    await scout.async_analyze()
    await hass.async_block_till_done()
    assert scout.data.open == ()
    assert registries(hass) == before

    await scout.async_restore(MORNING.rule.key)
    await hass.async_block_till_done()
    assert len(registries(hass)[er.__name__]["entities"]) == len(entities) + 1
    await scout.async_snooze(MORNING.rule.key, 7)
    await hass.async_block_till_done()
    assert registries(hass) == before
