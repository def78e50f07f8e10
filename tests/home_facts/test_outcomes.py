"""What an automation brings about."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
)
from homeassistant.setup import async_setup_component
import pytest

from .samples import ACTION, TIMED, SetUp, register, written

LIGHT_ON = {("light.hall", "on")}


@pytest.mark.parametrize(
    ("actions", "targets"),
    [
        ({"action": "light.turn_on", "data": {"entity_id": "light.hall"}}, LIGHT_ON),
        ({"service": "light.turn_on", "entity_id": ["light.hall"]}, LIGHT_ON),
        ({"action": "light.turn_on", "target": {"area_id": "hall"}}, LIGHT_ON),
        (
            {"action": "homeassistant.turn_off", "target": {"area_id": ["hall"]}},
            {("light.hall", "off"), ("cover.blind", "closed")},
        ),
        (
            {"action": "light.toggle", "target": {"entity_id": "light.hall"}},
            LIGHT_ON | {("light.hall", "off")},
        ),
        (
            {"action": "light.turn_on", "target": {"entity_id": "light.group"}},
            LIGHT_ON | {("light.group", "on"), ("light.desk", "on")},
        ),
        (
            {"action": "cover.close_cover", "target": {"entity_id": "cover.blind"}},
            {("cover.blind", "closed")},
        ),
        (
            {
                "action": "cover.set_cover_position",
                "target": {"entity_id": "cover.blind"},
                "data": {"position": 30},
            },
            {("cover.blind", "open"), ("cover.blind#position", "30")},
        ),
        (
            {
                "action": "cover.set_cover_position",
                "target": {"entity_id": "cover.blind"},
                "data": {"position": "{{ 5 }}"},
            },
            set(),
        ),
        (
            {
                "action": "climate.set_temperature",
                "target": {"entity_id": "climate.x"},
                "data": {"temperature": 20, "hvac_mode": "heat"},
            },
            {("climate.x", "heat"), ("climate.x#temperature", "20")},
        ),
        (
            {
                "action": "media_player.volume_set",
                "target": {"entity_id": "media_player.tv"},
                "data": {"volume_level": 0.35},
            },
            {("media_player.tv#volume", "35")},
        ),
        (
            {
                "action": "media_player.select_source",
                "target": {"entity_id": "media_player.tv"},
                "data": {"source": "HDMI 1"},
            },
            {("media_player.tv#source", "HDMI 1")},
        ),
        (
            {
                "action": "climate.set_preset_mode",
                "target": {"entity_id": "climate.x"},
                "data": {"preset_mode": "{{ it }}"},
            },
            set(),
        ),
        (
            {"action": "lock.lock", "target": {"entity_id": "lock.door"}},
            {("lock.door", "locked")},
        ),
        ({"action": "notify.phone", "data": {"message": "x"}}, set()),
        ({"action": "{{ it }}", "target": {"entity_id": "light.hall"}}, set()),
        (
            {"action": "light.turn_on", "target": {"entity_id": "{{ it }}"}},
            set(),
        ),
        ({"enabled": False, **ACTION}, set()),
        (
            {
                "action": "scene.apply",
                "data": {
                    "entities": {
                        "light.hall": {"state": "on", "brightness": 9},
                        "light.other": False,
                        "climate.x": {"temperature": 5},
                    }
                },
            },
            LIGHT_ON | {("light.hall#brightness", "4"), ("light.other", "off")},
        ),
        (
            {
                "device_id": "d",
                "domain": "cover",
                "type": "close",
                "entity_id": "cover.blind",
            },
            {("cover.blind", "closed")},
        ),
        (
            {
                "device_id": "d",
                "domain": "light",
                "type": "turn_on",
                "entity_id": "light.hall",
            },
            LIGHT_ON,
        ),
        ({"choose": [{"conditions": [], "sequence": [ACTION]}]}, LIGHT_ON),
        ({"choose": [], "default": ACTION}, LIGHT_ON),
        ({"if": [], "then": [], "else": [ACTION]}, LIGHT_ON),
        ({"if": [], "then": ACTION}, LIGHT_ON),
        ({"parallel": [{"sequence": [ACTION]}, {"delay": 5}]}, LIGHT_ON),
        ({"repeat": {"count": 3, "sequence": [{"sequence": ACTION}]}}, LIGHT_ON),
        ([{"delay": 5}, "nonsense", None, ACTION], LIGHT_ON),
        (None, set()),
    ],
)
async def test_targets(
    hass: HomeAssistant, actions: Any, targets: set[tuple[str, str]]
) -> None:
    area = ar.async_get(hass).async_create("Hall")
    register(hass, "light.hall", area_id=area.id)
    register(hass, "cover.blind", area_id=area.id)
    members = {"entity_id": ["light.hall", "light.desk"]}
    hass.states.async_set("light.group", "off", members)
    assert written(hass, {"triggers": [TIMED], "actions": actions}).targets == targets


@pytest.mark.parametrize(
    "action",
    [
        {"action": "script.outer"},
        {"action": "script.turn_on", "target": {"entity_id": "script.outer"}},
    ],
)
async def test_targets_of_scripts(
    hass: HomeAssistant, automation: SetUp, action: dict[str, Any]
) -> None:
    scripts = {
        "outer": {"sequence": [{"action": "script.inner"}, {"action": "script.none"}]},
        "inner": {"sequence": [ACTION, {"action": "script.outer"}]},
    }
    assert await async_setup_component(hass, "script", {"script": scripts})
    found = await automation({"triggers": [TIMED], "actions": [action]})
    assert found.targets == LIGHT_ON


async def test_blueprint_counts_as_what_it_becomes(hass: HomeAssistant) -> None:
    config = {
        "use_blueprint": {"path": "x.yaml"},
        "triggers": [TIMED],
        "actions": ACTION,
    }
    assert written(hass, config).targets == LIGHT_ON
