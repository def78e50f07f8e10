"""What starts an automation."""

from dataclasses import replace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    entity_registry as er,
)
from homeassistant.util import dt as dt_util
import pytest

from custom_components.automation_scout.mining.automation import automation_config
from custom_components.automation_scout.mining.doing import does
from custom_components.automation_scout.mining.facts import ExistingAutomation
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    HOME,
    WEEKDAYS,
    Action,
    NumericTrigger,
    Rule,
    Side,
    StateTrigger,
    Step,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
)

from .samples import ACTION, TIMED, SetUp, collected, register, written


def gone(for_s: int) -> StateTrigger:
    """Return that there is no movement, for so long."""
    return StateTrigger("binary_sensor.m", "off", for_s)


async def test_todays_keys(automation: SetUp) -> None:
    found = await automation(
        {
            "triggers": [{"trigger": "time", "at": "22:50:30"}],
            "actions": [ACTION],
        },
    )
    assert found == ExistingAutomation(
        "automation.it",
        "It",
        True,
        (TimeTrigger(1370),),
        targets=frozenset({("light.hall", "on")}),
        created_ms=found.created_ms,
        missing=("light.hall",),
        fingerprint=found.fingerprint,
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
    assert found.triggers == (
        StateTrigger("binary_sensor.a", ""),
        StateTrigger("person.b", ""),
    )
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
    assert set(found.triggers) == set(map(TimeTrigger, minutes))


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
        (
            {"trigger": "state", "entity_id": "climate.a", "attribute": "temperature"},
            set(),
        ),
    ],
)
async def test_edges(
    hass: HomeAssistant,
    automation: SetUp,
    trigger: dict[str, Any],
    edges: set[tuple[str, str]],
) -> None:
    found = await automation({"triggers": [trigger], "actions": [ACTION]})
    assert set(found.triggers) == {StateTrigger(*edge) for edge in edges}


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
    assert set(found.triggers) == {StateTrigger(*edge) for edge in edges}
    assert not found.enabled


MOTION_GONE = {"trigger": "state", "entity_id": "binary_sensor.m", "to": "off"}


@pytest.mark.parametrize(
    ("trigger", "starts"),
    [
        ({"trigger": "sun", "event": "sunset"}, {SunTrigger(SunEvent.SUNSET)}),
        (
            {"trigger": "sun", "event": "sunset", "offset": "-00:45:00"},
            {SunTrigger(SunEvent.SUNSET, -45)},
        ),
        (
            {"platform": "sun", "event": "sunrise", "offset": {"minutes": 90}},
            {SunTrigger(SunEvent.SUNRISE, 90)},
        ),
        ({"trigger": "sun", "event": "sunset", "offset": "12:00:00"}, set()),
        ({"trigger": "sun", "event": "noon"}, set()),
        (
            {
                "trigger": "sun.sunset",
                "options": {"offset": {"minutes": 20}, "offset_type": "before"},
            },
            {SunTrigger(SunEvent.SUNSET, -20)},
        ),
        (
            {
                "trigger": "sun.sunrise",
                "options": {"offset": "00:20:00", "offset_type": "after"},
            },
            {SunTrigger(SunEvent.SUNRISE, 20)},
        ),
        ({"trigger": "sun.dusk", "options": {}}, set()),
        (
            {"trigger": "state", "entity_id": "sun.sun", "to": "below_horizon"},
            {SunTrigger(SunEvent.SUNSET)},
        ),
        (MOTION_GONE | {"for": "00:10:00"}, {gone(600)}),
        (MOTION_GONE | {"for": {"minutes": 2, "seconds": 30}}, {gone(150)}),
        (MOTION_GONE | {"for": 45}, {gone(45)}),
        (MOTION_GONE | {"for": "{{ 5 }}"}, {gone(0)}),
        (MOTION_GONE | {"for": {"weeks": 5}}, {gone(0)}),
        (
            {"trigger": "state", "entity_id": "zone.home", "to": "0"},
            {StateTrigger(HOME, "0")},
        ),
        (
            {"trigger": "numeric_state", "entity_id": "zone.home", "above": 0},
            {StateTrigger(HOME, "occupied")},
        ),
        (
            {
                "trigger": "numeric_state",
                "entity_id": ["sensor.t", "sensor.u"],
                "above": 20,
                "below": "25.5",
                "for": 60,
            },
            {
                NumericTrigger(f"sensor.{name}", side, threshold, 60)
                for name in "tu"
                for side, threshold in ((Side.ABOVE, 20.0), (Side.BELOW, 25.5))
            },
        ),
        (
            {"trigger": "numeric_state", "entity_id": "sensor.t", "above": "sensor.u"},
            set(),
        ),
        (
            {
                "trigger": "numeric_state",
                "entity_id": "climate.x",
                "attribute": "temperature",
                "above": 20,
            },
            set(),
        ),
        (
            {
                "trigger": "temperature.crossed_threshold",
                "target": {"entity_id": "sensor.t"},
                "options": {"threshold": {"type": "above", "value": {"number": 24}}},
            },
            {NumericTrigger("sensor.t", Side.ABOVE, 24.0)},
        ),
        (
            {
                "trigger": "temperature.crossed_threshold",
                "target": {"entity_id": "sensor.t"},
                "options": {"threshold": {"type": "between"}},
            },
            set(),
        ),
        (
            {"trigger": "time", "at": "07:00", "weekday": ["sun", "mon"]},
            {TimeTrigger(420, (0, 6))},
        ),
    ],
)
async def test_starts_of_every_kind(
    hass: HomeAssistant, trigger: dict[str, Any], starts: set[Trigger]
) -> None:
    found = written(hass, {"triggers": [trigger], "actions": []})
    assert set(found.triggers) == starts


@pytest.mark.parametrize(
    ("conditions", "weekdays"),
    [
        (None, ALL_DAYS),
        ({"condition": "time", "weekday": "mon"}, (0,)),
        ([{"condition": "time", "weekday": ["mon", "tue"]}, "{{ true }}"], (0, 1)),
        ([{"condition": "time", "after": "18:00:00"}], ALL_DAYS),
        (
            {
                "condition": "and",
                "conditions": [{"condition": "time", "weekday": ["sat", "sun"]}],
            },
            (5, 6),
        ),
        ({"and": [{"condition": "time", "weekday": ["wed"]}]}, (2,)),
        ({"condition": "time", "weekday": ["wed"], "enabled": False}, ALL_DAYS),
        (
            [
                {"condition": "time", "weekday": ["mon", "tue"]},
                {"condition": "time", "weekday": ["wed"]},
            ],
            (),
        ),
        (
            {
                "or": [
                    {"condition": "time", "weekday": ["wed"]},
                    {"condition": "time", "weekday": ["thu"]},
                ]
            },
            (2, 3),
        ),
        (
            {
                "or": [
                    {"condition": "time", "weekday": ["wed"]},
                    {"condition": "state", "entity_id": "light.a", "state": "on"},
                ]
            },
            ALL_DAYS,
        ),
        ({"not": {"condition": "time", "weekday": ["sat", "sun"]}}, WEEKDAYS),
        ("{{ now().weekday() < 5 }}", WEEKDAYS),
    ],
)
async def test_days_of_the_conditions(
    hass: HomeAssistant, conditions: Any, weekdays: tuple[int, ...]
) -> None:
    config = {"triggers": [], "conditions": conditions, "actions": []}
    assert written(hass, config).weekdays == weekdays
    assert written(hass, {"condition": conditions}).weekdays == weekdays


@pytest.mark.parametrize(
    "rule",
    [
        Rule(TimeTrigger(420, WEEKDAYS), Action("light.hall", "on"), 900),
        Rule(SunTrigger(SunEvent.SUNSET, -35), Action("light.hall", "on"), 900),
        Rule(gone(600), Action("light.hall", "off"), 900),
        Rule(StateTrigger(HOME, "0"), Action("light.hall", "off"), 900),
        Rule(StateTrigger(HOME, "occupied"), Action("climate.x", "heat"), 900),
        Rule(
            NumericTrigger("sensor.t", Side.BELOW, 18.5, 60),
            Action("climate.x#temperature", "21"),
            900,
        ),
        Rule(
            StateTrigger("binary_sensor.m", "on", quiet_s=3600),
            Action("climate.x", "heat"),
            900,
            (WeekdayCondition((5, 6)),),
            (("temperature", 20.5),),
            (Step(Action("cover.blind", "open"), (("position", 40.0),), 60),),
        ),
    ],
)
async def test_what_is_suggested_is_known_again(
    hass: HomeAssistant, rule: Rule
) -> None:
    """An automation that was made from a rule does what the rule would."""
    found = replace(written(hass, automation_config(rule, "A", "B")), enabled=True)
    assert does(found, rule)
    other = Action("light.other", "on")
    assert not does(found, replace(rule, more=(*rule.more, Step(other))))
    assert not does(found, replace(rule, trigger=StateTrigger("light.other", "on")))


async def test_when_it_ran_and_what_it_names(
    hass: HomeAssistant, automation: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    hass.states.async_set("light.hall", "off")
    register(hass, "binary_sensor.disabled")
    hass.states.async_remove("binary_sensor.disabled")
    edges = {
        "trigger": "state",
        "entity_id": ["binary_sensor.disabled", "binary_sensor.gone"],
    }
    found = await automation({"triggers": [edges], "actions": [ACTION]})
    assert found.last_triggered_ms is None
    assert found.missing == ("binary_sensor.gone",)
    hass.states.async_set("binary_sensor.gone", "on")
    await hass.async_block_till_done()
    (found,) = collected(hass).automations
    assert found.last_triggered_ms == int(dt_util.utcnow().timestamp() * 1000)
    assert found.missing == ()


async def test_the_sun_is_never_missing(hass: HomeAssistant, automation: SetUp) -> None:
    hass.states.async_set("light.hall", "off")
    sunset = {"trigger": "sun", "event": "sunset"}
    found = await automation({"triggers": [sunset], "actions": [ACTION]})
    assert hass.states.get("sun.sun") is None
    assert found.triggers
    assert found.missing == ()


def test_the_same_under_another_name(hass: HomeAssistant) -> None:
    one = {"id": "1", "alias": "One", "triggers": [TIMED], "actions": [ACTION]}
    two = {"id": "2", "alias": "Two", "trigger": TIMED, "action": ACTION}
    other = {"alias": "One", "triggers": [TIMED], "actions": [ACTION, ACTION]}
    prints = [written(hass, config).fingerprint for config in (one, two, other)]
    assert prints[0] == prints[1] != prints[2]
    assert written(hass, {"triggers": [TIMED]}).fingerprint == ""
