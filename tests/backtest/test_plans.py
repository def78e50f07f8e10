"""Automations as they are written, and the plans that are read of them."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
from homeassistant.setup import async_setup_component
import pytest

from custom_components.automation_scout.home_facts.plans import (
    Planned,
    Reason,
    TooLargeError,
    plan_of,
)
from custom_components.automation_scout.mining.backtest.plan import (
    DAY_S,
    Among,
    ChangeTrigger,
    ClockTest,
    ClockTrigger,
    Effect,
    Every,
    Later,
    LevelTest,
    LevelTrigger,
    Mode,
    Neither,
    Pause,
    SolarTest,
    SolarTrigger,
    Some,
    Start,
    StateTest,
    Test,
    Untold,
)
from custom_components.automation_scout.mining.origin import UNAVAILABLE
from custom_components.automation_scout.mining.rules import Action, SunEvent

from ..home_facts.samples import register
from .views import view_of

RECORDED = frozenset(
    {
        "binary_sensor.door",
        "climate.hall",
        "cover.blind",
        "light.a",
        "light.b",
        "media_player.tv",
        "person.anna",
        "sensor.lux",
        "switch.fan",
    }
)
A_ON = {"action": "light.turn_on", "target": {"entity_id": "light.a"}}
B_ON = {"action": "light.turn_on", "target": {"entity_id": "light.b"}}
DOOR_OPEN = {"condition": "state", "entity_id": "binary_sensor.door", "state": "on"}
IS_OPEN = StateTest(("binary_sensor.door",), frozenset({"on"}))


def read(hass: HomeAssistant, **config: Any) -> Planned:
    """Return what is read of an automation."""
    return plan_of(view_of(hass), config, RECORDED)


def reasons(planned: Planned) -> list[tuple[str, Reason]]:
    return [(remark.place, remark.reason) for remark in planned.unsupported]


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (
            {"trigger": "time", "at": ["07:00", "21:30:15"], "weekday": ["sun", "mon"]},
            [ClockTrigger((25_200,), (0, 6)), ClockTrigger((77_415,), (0, 6))],
        ),
        (
            {"platform": "time_pattern", "hours": "/12", "minutes": "5"},
            [ClockTrigger((300, 43_500))],
        ),
        (
            {"trigger": "time_pattern", "hours": 3, "seconds": "/30"},
            [ClockTrigger((10_800, 10_830))],
        ),
        (
            {"trigger": "sun", "event": "sunrise", "offset": "-01:00"},
            [SolarTrigger(SunEvent.SUNRISE, -3600)],
        ),
        (
            {"trigger": "sun", "options": {"event": "sunset", "offset": 90}},
            [SolarTrigger(SunEvent.SUNSET, 90)],
        ),
        (
            {
                "trigger": "state",
                "entity_id": "light.a, light.b",
                "from": "off",
                "to": ["on"],
                "for": {"minutes": "1.5"},
            },
            [
                ChangeTrigger(
                    ("light.a", "light.b"),
                    Among(frozenset({"off"})),
                    Among(frozenset({"on"})),
                    90,
                )
            ],
        ),
        (
            {"trigger": "state", "entity_id": "light.a", "not_from": "on", "to": None},
            [ChangeTrigger(("light.a",), Among(frozenset({"on"}), inverted=True))],
        ),
        (
            {"trigger": "state", "entity_id": "light.a", "from": "on"},
            [ChangeTrigger(("light.a",), Among(frozenset({"on"})), away=True)],
        ),
        (
            {"trigger": "numeric_state", "entity_id": "sensor.lux", "above": "7"},
            [LevelTrigger(("sensor.lux",), above=7.0)],
        ),
        (
            {"trigger": "zone", "entity_id": "person.anna", "zone": "zone.home"},
            [
                ChangeTrigger(
                    ("person.anna",),
                    Among(frozenset({"home", "unavailable"}), inverted=True),
                    Among(frozenset({"home"})),
                )
            ],
        ),
        ({"trigger": "time", "at": "07:00", "enabled": False}, []),
        (
            {"trigger": "sun.sunset", "options": {"offset": {"minutes": 5}}},
            [SolarTrigger(SunEvent.SUNSET, -300)],
        ),
        (
            {
                "trigger": "light.turned_on",
                "target": {"entity_id": ["light.a", "light.b"]},
                "options": {"for": "00:01"},
            },
            [
                ChangeTrigger(
                    ("light.a", "light.b"),
                    Among(UNAVAILABLE | {"on"}, inverted=True),
                    Among(frozenset({"on"})),
                    60,
                )
            ],
        ),
    ],
)
def test_triggers(
    hass: HomeAssistant, trigger: dict[str, Any], expected: list[Any]
) -> None:
    planned = read(hass, triggers=trigger)
    assert list(planned.plan.starts) == [Start(each, "0") for each in expected]
    assert planned.unsupported == ()


@pytest.mark.parametrize(
    ("trigger", "reason"),
    [
        ({"trigger": "time"}, Reason.UNREADABLE),
        ({"trigger": "time", "at": 61_200}, Reason.UNREADABLE),
        ({"trigger": "time", "at": "25:00"}, Reason.UNREADABLE),
        ({"trigger": "time", "at": "{{ now() }}"}, Reason.TEMPLATE),
        ({"trigger": "time", "at": "sensor.alarm"}, Reason.KIND),
        ({"trigger": "time", "at": "input_datetime.gone"}, Reason.UNKNOWN_ENTITY),
        ({"trigger": "time", "at": "07:00", "weekday": "someday"}, Reason.UNREADABLE),
        ({"trigger": "time_pattern"}, Reason.UNREADABLE),
        ({"trigger": "time_pattern", "minutes": "/0"}, Reason.UNREADABLE),
        ({"trigger": "time_pattern", "minutes": 60}, Reason.UNREADABLE),
        ({"trigger": "time_pattern", "minutes": True}, Reason.UNREADABLE),
        ({"trigger": "time_pattern", "seconds": "/5"}, Reason.TOO_OFTEN),
        ({"trigger": "time_pattern", "minutes": "*", "seconds": 1}, None),
        ({"trigger": "sun", "event": "noon"}, Reason.UNREADABLE),
        ({"trigger": "sun", "event": "sunset", "offset": "late"}, Reason.UNREADABLE),
        ({"trigger": "state"}, Reason.UNREADABLE),
        (
            {"trigger": "state", "entity_id": "light.a", "to": True},
            Reason.UNREADABLE,
        ),
        (
            {"trigger": "state", "entity_id": "light.a", "attribute": "brightness"},
            Reason.ATTRIBUTE,
        ),
        (
            {"trigger": "state", "entity_id": "light.a", "to": "on", "for": "{{ 5 }}"},
            Reason.TEMPLATE,
        ),
        (
            {"trigger": "state", "entity_id": "light.a", "for": {"minutes": "{{ 5 }}"}},
            Reason.TEMPLATE,
        ),
        (
            {"trigger": "numeric_state", "entity_id": "sensor.lux"},
            Reason.UNREADABLE,
        ),
        (
            {
                "trigger": "numeric_state",
                "entity_id": "sensor.lux",
                "above": "input_number.limit",
            },
            Reason.THRESHOLD_ENTITY,
        ),
        (
            {
                "trigger": "numeric_state",
                "entity_id": "sensor.lux",
                "above": 1,
                "value_template": "{{ 1 }}",
            },
            Reason.TEMPLATE,
        ),
        (
            {"trigger": "zone", "entity_id": "person.anna", "zone": "zone.gone"},
            Reason.UNKNOWN_ENTITY,
        ),
        ({"trigger": "zone", "entity_id": "person.anna"}, Reason.UNREADABLE),
        ({"trigger": "sun.dawn"}, Reason.PURPOSE),
        ({"trigger": "light.turned_on"}, Reason.PURPOSE),
        ({"trigger": "light.brightness_changed"}, Reason.PURPOSE),
        (
            {
                "trigger": "light.turned_on",
                "target": {"entity_id": ["light.a", "light.b"]},
                "options": {"behavior": "all"},
            },
            Reason.PURPOSE,
        ),
        ({"trigger": "conversation", "command": "x"}, Reason.EVENT),
        ({"trigger": ["time"]}, Reason.UNREADABLE),
        ({"enabled": "{{ false }}", "trigger": "time"}, Reason.TEMPLATE),
        ({}, Reason.UNREADABLE),
        (None, None),
    ],
)
def test_triggers_that_are_left_out(
    hass: HomeAssistant, trigger: object, reason: Reason | None
) -> None:
    planned = read(hass, triggers=[trigger])
    if reason is None:
        assert trigger is None or len(planned.plan.starts) == 1
        return
    assert planned.plan.starts == ()
    assert reason in dict(reasons(planned)).values()
    assert {place for place, _ in reasons(planned)} == {"triggers/0"}


def test_names_of_triggers(hass: HomeAssistant) -> None:
    planned = read(
        hass,
        trigger=[
            {"triggers": [{"trigger": "time", "at": "07:00", "id": "early"}]},
            {"trigger": "time", "at": "08:00", "enabled": False},
            {"trigger": "time", "at": ["09:00", "10:00"]},
        ],
    )
    assert [start.id for start in planned.plan.starts] == ["early", "2", "2"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (DOOR_OPEN, IS_OPEN),
        (
            {**DOOR_OPEN, "for": 60, "match": "any"},
            StateTest(("binary_sensor.door",), frozenset({"on"}), 60, any_entity=True),
        ),
        (
            {"condition": "state", "entity_id": ["light.a"], "state": ["on", "off"]},
            StateTest(("light.a",), frozenset({"on", "off"})),
        ),
        (
            {"condition": "numeric_state", "entity_id": "sensor.lux", "below": 9},
            LevelTest(("sensor.lux",), below=9.0),
        ),
        (
            {"condition": "time", "after": "22:00", "weekday": "fri"},
            ClockTest(79_200, DAY_S, (4,)),
        ),
        (
            {"condition": "sun", "after": "sunset", "after_offset": "-00:30"},
            SolarTest(after=SunEvent.SUNSET, after_offset_s=-1800),
        ),
        (
            {"condition": "zone", "entity_id": "person.anna", "zone": "zone.home"},
            StateTest(("person.anna",), frozenset({"home"})),
        ),
        (
            {
                "condition": "light.is_off",
                "target": {"entity_id": ["light.a", "light.b"]},
                "options": {"behavior": "any", "for": 5},
            },
            StateTest(("light.a", "light.b"), frozenset({"off"}), 5, any_entity=True),
        ),
        ({"or": [DOOR_OPEN, DOOR_OPEN]}, Some((IS_OPEN, IS_OPEN))),
        ({"condition": "not", "conditions": DOOR_OPEN}, Neither((IS_OPEN,))),
        ({"and": [{**DOOR_OPEN, "enabled": False}]}, Every()),
        ({"condition": [DOOR_OPEN]}, Every((IS_OPEN,))),
    ],
)
def test_conditions(
    hass: HomeAssistant, condition: dict[str, Any], expected: Test
) -> None:
    planned = read(hass, conditions=[condition])
    assert planned.plan.test == Every((expected,))
    assert planned.unsupported == ()


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("{{ is_state('light.a', 'on') }}", Reason.TEMPLATE),
        ({"condition": "template", "value_template": "{{ 1 }}"}, Reason.TEMPLATE),
        ({"condition": "{{ 1 }}"}, Reason.TEMPLATE),
        ({"condition": "device", "device_id": "x"}, Reason.DEVICE),
        ({"condition": "light.is_on"}, Reason.PURPOSE),
        (
            {"condition": "light.is_bright", "target": {"entity_id": "light.a"}},
            Reason.PURPOSE,
        ),
        ({"condition": "moon"}, Reason.KIND),
        ({"condition": 5}, Reason.UNREADABLE),
        (7, Reason.UNREADABLE),
        ({**DOOR_OPEN, "attribute": "x"}, Reason.ATTRIBUTE),
        ({**DOOR_OPEN, "state": True}, Reason.UNREADABLE),
        ({**DOOR_OPEN, "entity_id": "light.gone"}, Reason.UNKNOWN_ENTITY),
        ({**DOOR_OPEN, "for": "{{ 1 }}"}, Reason.TEMPLATE),
        ({"condition": "time", "after": "sensor.x"}, Reason.UNREADABLE),
        ({"condition": "sun"}, Reason.UNREADABLE),
        ({"condition": "sun", "after": "dawn"}, Reason.UNREADABLE),
        ({"condition": "zone", "entity_id": "person.anna"}, Reason.UNREADABLE),
    ],
)
def test_conditions_that_nobody_can_answer(
    hass: HomeAssistant, condition: object, reason: Reason
) -> None:
    planned = read(hass, conditions=[condition])
    assert planned.plan.test == Every((Untold(),))
    assert (("conditions/0", reason)) in reasons(planned)


def lit(name: str, *when: Test, after_s: int = 0) -> Effect:
    return Effect((Action(f"light.{name}", "on"),), Every(when), after_s)


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (A_ON, [lit("a")]),
        ([A_ON, {"delay": "00:01:00"}, B_ON], [lit("a"), lit("b", after_s=60)]),
        ([{"service": "light.turn_on", "entity_id": "light.a"}], [lit("a")]),
        ([{**A_ON, "enabled": False}, B_ON], [lit("b")]),
        ([DOOR_OPEN, A_ON], [lit("a", Every((IS_OPEN,)))]),
        (
            [{"delay": 5}, DOOR_OPEN, A_ON],
            [lit("a", Later(Every((IS_OPEN,)), 5), after_s=5)],
        ),
        ([A_ON, {"stop": "enough"}, B_ON], [lit("a")]),
        (
            [{"if": [DOOR_OPEN], "then": [A_ON], "else": B_ON}],
            [
                lit("a", Every((IS_OPEN,))),
                lit("b", Neither((Every((IS_OPEN,)),))),
            ],
        ),
        (
            [{"choose": {"conditions": DOOR_OPEN, "sequence": A_ON}, "default": B_ON}],
            [
                lit("a", Neither(()), Every((IS_OPEN,))),
                lit("b", Neither((Every((IS_OPEN,)),))),
            ],
        ),
        ([{"parallel": [A_ON, {"sequence": [B_ON]}]}], [lit("a"), lit("b")]),
        ([{"repeat": {"count": 3, "sequence": [A_ON]}}], [lit("a")]),
        ([{"wait_template": "{{ 1 }}"}, A_ON], [lit("a")]),
        (
            [
                {
                    "action": "light.turn_on",
                    "data": {"entity_id": ["light.a", "light.b"]},
                }
            ],
            [lit("a"), lit("b")],
        ),
        (
            [{"action": "media_player.turn_on", "entity_id": "media_player.tv"}],
            [
                Effect(
                    tuple(
                        Action("media_player.tv", state)
                        for state in ("on", "idle", "playing")
                    )
                )
            ],
        ),
        (
            [
                {
                    "action": "climate.set_temperature",
                    "target": {"entity_id": "climate.hall"},
                    "data": {"temperature": 20.7},
                }
            ],
            [Effect((Action("climate.hall#temperature", "20.5"),))],
        ),
        (
            [{**A_ON, "data": {"brightness_pct": 38}}],
            [
                lit("a"),
                Effect(
                    (Action("light.a#brightness", "40"),),
                    Every((StateTest(("light.a",), frozenset({"on"})),)),
                ),
            ],
        ),
        ([{"action": "notify.phone", "data": {"message": "x"}}], []),
    ],
)
def test_effects(hass: HomeAssistant, actions: object, expected: list[Effect]) -> None:
    planned = read(hass, triggers=[{"trigger": "time", "at": "07:00"}], actions=actions)
    assert list(planned.plan.effects) == expected
    assert planned.unsupported == ()


def test_a_toggle_brings_about_what_is_not(hass: HomeAssistant) -> None:
    planned = read(
        hass, actions=[{"action": "light.toggle", "target": {"entity_id": "light.a"}}]
    )
    on, off = planned.plan.effects
    assert on == lit("a", StateTest(("light.a",), frozenset({"off"})))
    assert off.actions == (Action("light.a", "off"),)
    assert off.when == Every((StateTest(("light.a",), frozenset({"on"})),))


async def test_effects_reach_areas_and_groups(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "homeassistant", {})
    area = ar.async_get(hass).async_create("Hall")
    register(hass, "light.a", area_id=area.id)
    hass.states.async_set("light.a", "off")
    planned = read(
        hass, actions=[{"action": "light.turn_on", "target": {"area_id": area.id}}]
    )
    assert planned.plan.effects == (lit("a"),)


def test_a_group_stands_for_its_members(hass: HomeAssistant) -> None:
    hass.states.async_set("light.a", "off", {"entity_id": ["light.b", "light.c"]})
    both = {"action": "light.turn_on", "target": {"entity_id": ["light.a", "light.b"]}}
    assert read(hass, actions=both).plan.effects == (lit("a"),)
    hass.states.async_set("light.c", "off", {"entity_id": ["light.b"]})
    other = {"action": "light.turn_on", "target": {"entity_id": "light.c"}}
    # The history does not hold this group, but it holds the member.
    assert read(hass, actions=other).plan.effects == (lit("b"),)


def test_remarks_on_actions(hass: HomeAssistant) -> None:
    hass.states.async_set("light.new", "off")
    planned = read(
        hass,
        actions=[
            {"repeat": {"count": 2, "sequence": []}},
            {"wait_for_trigger": []},
            {"action": "light.turn_on", "target": {"entity_id": "light.new"}},
        ],
    )
    assert [(remark.place, remark.reason) for remark in planned.approximate] == [
        ("actions/0", Reason.REPEAT),
        ("actions/1", Reason.WAIT),
        ("actions/2", Reason.NOT_RECORDED),
        ("actions", Reason.NO_EFFECT),
    ]
    planned = read(
        hass,
        actions=[
            "{{ x }}",
            {"choose": ["never"]},
            {"delay": "{{ 5 }}"},
            {"action": "{{ x }}"},
            {"delay": "long"},
        ],
    )
    assert reasons(planned) == [
        ("actions/0", Reason.TEMPLATE),
        ("actions/1/choose/0", Reason.UNREADABLE),
        ("actions/2", Reason.TEMPLATE),
        ("actions/3", Reason.TEMPLATE),
        ("actions/4", Reason.UNREADABLE),
    ]


def test_how_long_a_run_lasts_and_how_many_there_are(hass: HomeAssistant) -> None:
    planned = read(
        hass,
        actions=[{"delay": {"minutes": 2}}, DOOR_OPEN, {"delay": 30}],
        mode="queued",
        max=4,
    )
    assert planned.plan.pauses == (
        Pause(120),
        Pause(30, Every((Later(Every((IS_OPEN,)), 120),))),
    )
    assert (planned.plan.mode, planned.plan.most_runs) == (Mode.QUEUED, 4)
    other = read(hass, mode="wild", max="many").plan
    assert (other.mode, other.most_runs) == (Mode.SINGLE, 10)


def test_what_counts_though_not_exactly(hass: HomeAssistant) -> None:
    hass.states.async_set(
        "sensor.lux", "7", {"unit_of_measurement": "lx", "state_class": "measurement"}
    )
    hass.states.async_set("zone.work", "0", {"friendly_name": "Work"})
    hass.states.async_set("input_datetime.wake", "06:30:00")
    planned = read(
        hass,
        triggers=[
            {"trigger": "numeric_state", "entity_id": "sensor.lux", "above": 5},
            {"trigger": "zone", "entity_id": "person.anna", "zone": "zone.work"},
            {"trigger": "time", "at": "input_datetime.wake"},
            {"trigger": "state", "entity_id": "light.a"},
            {"trigger": "state", "entity_id": "sun.sun", "to": "below_horizon"},
        ],
    )
    assert [(remark.reason, remark.subject) for remark in planned.approximate] == [
        (Reason.MEASURED, "sensor.lux"),
        (Reason.NESTED_ZONES, "zone.work"),
        (Reason.HELPER_NOW, "input_datetime.wake"),
        (Reason.ATTRIBUTES_TOO, ""),
        (Reason.SUN_STATE, ""),
        (Reason.NO_EFFECT, ""),
    ]
    assert len(planned.plan.starts) == 5


def test_an_automation_that_has_no_end(hass: HomeAssistant) -> None:
    with pytest.raises(TooLargeError):
        read(hass, actions=[A_ON] * 501)
    deep: Any = [A_ON]
    for _ in range(30):
        deep = [{"sequence": deep}]
    with pytest.raises(TooLargeError):
        read(hass, actions=deep)
