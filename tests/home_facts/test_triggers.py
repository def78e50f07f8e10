"""What starts an automation."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    entity_registry as er,
)
import pytest

from custom_components.automation_scout.mining.facts import (
    ExistingAutomation,
)

from .samples import ACTION, SetUp, register, written


async def test_todays_keys(automation: SetUp) -> None:
    found = await automation(
        {
            "triggers": [{"trigger": "time", "at": "22:50:30"}],
            "actions": [ACTION],
        },
    )
    assert found == ExistingAutomation(
        "automation.it", "It", True, (1370,), (), frozenset({("light.hall", "on")})
    )


async def test_former_keys(automation: SetUp) -> None:
    found = await automation(
        {
            "initial_state": False,
            "trigger": {"platform": "state", "entity_id": "binary_sensor.a, person.b"},
            "action": {"service": "light.turn_off", "entity_id": "light.hall"},
        },
    )
    assert not found.enabled
    assert found.edges == (("binary_sensor.a", ""), ("person.b", ""))
    assert found.targets == {("light.hall", "off")}


async def test_automation_that_is_broken(automation: SetUp) -> None:
    found = await automation(
        {"triggers": [{"trigger": "time", "at": "25:99"}], "actions": [ACTION]}
    )
    assert not found.enabled


@pytest.mark.parametrize(
    ("trigger", "minutes"),
    [
        ({"trigger": "time", "at": ["07:00", "07:00:00", "23:59"]}, (420, 1439)),
        ({"trigger": "time", "at": "input_datetime.wake"}, (390,)),
        ({"trigger": "time", "at": {"entity_id": "input_datetime.wake"}}, (390,)),
        (
            {
                "trigger": "time",
                "at": {"entity_id": "sensor.alarm", "offset": "-00:05:00"},
            },
            (),
        ),
        ({"trigger": "time", "at": "sensor.alarm"}, ()),
        ({"trigger": "time", "at": "input_datetime.gone"}, ()),
        ({"trigger": "time", "at": "07:00", "enabled": False}, ()),
        ({"triggers": [{"trigger": "time", "at": "07:00"}]}, (420,)),
        ({"trigger": "time_pattern", "hours": "/2"}, ()),
        ({"trigger": "sun", "event": "sunset"}, ()),
    ],
)
async def test_times(
    hass: HomeAssistant,
    automation: SetUp,
    trigger: dict[str, Any],
    minutes: tuple[int, ...],
) -> None:
    hass.states.async_set("input_datetime.wake", "06:30:00")
    hass.states.async_set("sensor.alarm", "2026-03-02T06:00:00+00:00")
    found = await automation({"triggers": [trigger], "actions": [ACTION]})
    assert found.times == minutes


@pytest.mark.parametrize(
    ("trigger", "edges"),
    [
        (
            {
                "trigger": "state",
                "entity_id": ["person.a", "person.b"],
                "to": ["home", "Work"],
            },
            {
                ("person.a", "home"),
                ("person.a", "Work"),
                ("person.b", "home"),
                ("person.b", "Work"),
            },
        ),
        ({"trigger": "state", "entity_id": "person.a", "to": None}, {("person.a", "")}),
        (
            {"trigger": "zone", "entity_id": "person.a", "zone": "zone.home"},
            {("person.a", "home")},
        ),
        (
            {
                "trigger": "zone",
                "entity_id": "person.a",
                "zone": "zone.home",
                "event": "leave",
            },
            {("person.a", "not_home")},
        ),
        (
            {"trigger": "zone", "entity_id": "person.a", "zone": "zone.work"},
            {("person.a", "")},
        ),
        ({"trigger": "numeric_state", "entity_id": "sensor.t", "above": 20}, set()),
    ],
)
async def test_edges(
    hass: HomeAssistant,
    automation: SetUp,
    trigger: dict[str, Any],
    edges: set[tuple[str, str]],
) -> None:
    found = await automation({"triggers": [trigger], "actions": [ACTION]})
    assert set(found.edges) == edges


@pytest.mark.parametrize(
    ("trigger", "edges"),
    [
        (
            {
                "platform": "device",
                "device_id": "d",
                "domain": "light",
                "type": "turned_on",
                "entity_id": "REGISTRY",
            },
            {("light.hall", "on")},
        ),
        (
            {"trigger": "device", "type": "not_opened", "entity_id": "binary_sensor.d"},
            {("binary_sensor.d", "off")},
        ),
        (
            {"trigger": "device", "type": "opened", "entity_id": "binary_sensor.d"},
            {("binary_sensor.d", "on")},
        ),
        (
            {"trigger": "device", "type": "opened", "entity_id": "cover.d"},
            {("cover.d", "open")},
        ),
        (
            {"trigger": "device", "type": "shaken", "entity_id": "binary_sensor.d"},
            {("binary_sensor.d", "")},
        ),
        (
            {"trigger": "light.turned_on", "target": {"area_id": "hall"}},
            {("light.hall", "on")},
        ),
        (
            {"trigger": "door.opened", "target": {"area_id": "hall"}},
            {("binary_sensor.door", "on")},
        ),
        (
            {
                "trigger": "cover.blind_closed",
                "target": {"entity_id": ["cover.blind"]},
            },
            {("cover.blind", "closed")},
        ),
        (
            {
                "trigger": "climate.hvac_mode_changed",
                "target": {"entity_id": "climate.x"},
            },
            {("climate.x", "")},
        ),
        ({"trigger": "state", "entity_id": "{{ it }}", "to": "on"}, set()),
        ({"trigger": "mqtt", "topic": "a/b"}, set()),
        ({}, set()),
        ("nonsense", set()),
    ],
)
async def test_edges_of_rarer_triggers(
    hass: HomeAssistant, trigger: Any, edges: set[tuple[str, str]]
) -> None:
    area = ar.async_get(hass).async_create("Hall")
    register(hass, "light.hall", area_id=area.id)
    register(hass, "binary_sensor.door", area_id=area.id)
    hass.states.async_set("binary_sensor.door", "off", {"device_class": "door"})
    entry = er.async_get(hass).async_get("light.hall")
    assert entry
    if isinstance(trigger, dict) and trigger.get("entity_id") == "REGISTRY":
        trigger = {**trigger, "entity_id": entry.id}
    found = written(hass, {"triggers": [trigger], "actions": []})
    assert set(found.edges) == edges
    assert not found.enabled
