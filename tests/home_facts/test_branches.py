"""What an automation does at which of its triggers, and what it asks for."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.automation_scout.mining.facts import Branch, Requirement
from custom_components.automation_scout.mining.rules import (
    HOME,
    SUN,
    WEEKDAYS,
    Condition,
    NumericCondition,
    Side,
    StateCondition,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    WindowCondition,
)

from .samples import ACTION, TIMED, written

ON = frozenset({("light.hall", "on")})
AT = TimeTrigger(420)
A_ON = StateCondition("light.a", "on")
A_IS_ON = {"condition": "state", "entity_id": "light.a", "state": "on"}
B_IS_ON = {"condition": "state", "entity_id": "light.b", "state": "on"}
B_ON = StateCondition("light.b", "on")
DARK = StateCondition(SUN, "below_horizon")


def need(*any_of: Condition, holds: bool = True) -> Requirement:
    return Requirement(any_of, holds)


@pytest.mark.parametrize(
    ("conditions", "requirements"),
    [
        (A_IS_ON, [need(A_ON)]),
        (
            A_IS_ON | {"state": ["on", "off"]},
            [need(StateCondition("light.a", "off"), A_ON)],
        ),
        (
            A_IS_ON | {"entity_id": ["light.a", "light.b"]},
            [need(A_ON), need(StateCondition("light.b", "on"))],
        ),
        (
            A_IS_ON | {"entity_id": ["light.a", "light.b"], "match": "any"},
            [need(A_ON, StateCondition("light.b", "on"))],
        ),
        ({"or": [A_IS_ON, B_IS_ON]}, [need(A_ON, StateCondition("light.b", "on"))]),
        ({"not": [A_IS_ON]}, [need(A_ON, holds=False)]),
        (
            {"not": [A_IS_ON, B_IS_ON]},
            [
                need(A_ON, holds=False),
                need(StateCondition("light.b", "on"), holds=False),
            ],
        ),
        ({"condition": "and", "conditions": [A_IS_ON]}, [need(A_ON)]),
        (
            {
                "condition": "numeric_state",
                "entity_id": "sensor.t",
                "above": "20",
                "below": 30,
            },
            [
                need(NumericCondition("sensor.t", Side.ABOVE, 20.0)),
                need(NumericCondition("sensor.t", Side.BELOW, 30.0)),
            ],
        ),
        (
            {"condition": "numeric_state", "entity_id": HOME, "above": 0},
            [need(StateCondition(HOME, "occupied"))],
        ),
        ({"condition": "sun", "after": "sunset"}, [need(DARK)]),
        ({"condition": "sun", "before": "sunrise"}, [need(DARK)]),
        (
            {"condition": "sun", "after": "sunrise", "before": "sunset"},
            [need(StateCondition(SUN, "above_horizon"))],
        ),
        (
            {"condition": "zone", "entity_id": "person.a", "zone": "zone.home"},
            [need(StateCondition("person.a", "home"))],
        ),
        (
            {
                "condition": "device",
                "domain": "light",
                "type": "is_off",
                "entity_id": "light.a",
            },
            [need(StateCondition("light.a", "off"))],
        ),
        (
            {
                "condition": "device",
                "domain": "binary_sensor",
                "type": "is_open",
                "entity_id": "binary_sensor.d",
            },
            [need(StateCondition("binary_sensor.d", "on"))],
        ),
        (
            {"condition": "light.is_on", "target": {"entity_id": "light.a"}},
            [need(A_ON)],
        ),
        ("{{ is_state('light.a', 'on') }}", [need(A_ON)]),
        (
            {
                "condition": "template",
                "value_template": "{{ not is_state('light.a', 'on') }}",
            },
            [need(A_ON, holds=False)],
        ),
        # The clock is decided at once.
        ({"condition": "time", "after": "06:00", "before": "08:00"}, []),
        ({"condition": "time", "after": "22:00", "before": "08:00"}, []),
        # What is not understood asks for nothing.
        (A_IS_ON | {"attribute": "brightness"}, []),
        (A_IS_ON | {"enabled": False}, []),
        (A_IS_ON | {"state": "{{ x }}"}, []),
        (
            {
                "condition": "numeric_state",
                "entity_id": "sensor.t",
                "above": "sensor.u",
            },
            [],
        ),
        (
            {
                "condition": "numeric_state",
                "entity_id": "a.b",
                "attribute": "c",
                "above": 1,
            },
            [],
        ),
        ({"condition": "sun", "after": "sunrise"}, []),
        ({"condition": "zone", "entity_id": "person.a", "zone": "zone.work"}, []),
        (
            {
                "condition": "device",
                "domain": "light",
                "type": "odd",
                "entity_id": "light.a",
            },
            [],
        ),
        ({"condition": "light.is_on", "target": {"area_id": "hall"}}, []),
        ({"or": [A_IS_ON, {"condition": "time", "weekday": ["mon"]}]}, []),
        ({"or": []}, []),
        ({"not": [{"condition": "and", "conditions": [A_IS_ON, B_IS_ON]}]}, []),
        ("{{ x }}", []),
        (["nonsense", None, 5, {}], []),
    ],
)
async def test_what_conditions_ask_for(
    hass: HomeAssistant, conditions: Any, requirements: list[Requirement]
) -> None:
    for key in ("condition", "conditions"):
        config = {"triggers": [TIMED], key: conditions, "actions": [ACTION]}
        assert written(hass, config).ways == (Branch((AT,), ON, tuple(requirements)),)
    on_the_way = [{"if": conditions, "then": [ACTION]}]
    found = written(hass, {"triggers": [TIMED], "actions": on_the_way})
    assert found.ways == (Branch((AT,), ON, tuple(requirements)),)


@pytest.mark.parametrize(
    ("asked", "otherwise"),
    [
        (A_IS_ON, [need(A_ON, holds=False)]),
        ({"not": [A_IS_ON]}, [need(A_ON)]),
        ({"or": [A_IS_ON, B_IS_ON]}, [need(A_ON, B_ON, holds=False)]),
        ({"condition": "sun", "after": "sunset"}, [need(DARK, holds=False)]),
        # Of what is only partly understood, or of two things, the opposite is open.
        ([A_IS_ON, B_IS_ON], []),
        ({"condition": "sun", "after": "sunset", "after_offset": "01:00:00"}, []),
        ("{{ is_state('light.a', 'on') and x }}", []),
        ([A_IS_ON, {"condition": "time", "weekday": ["mon"]}], []),
        ([A_IS_ON, {"condition": "time", "after": "{{ x }}"}], []),
        ([A_IS_ON, {"condition": "trigger", "id": "x"}], []),
        ({"or": [A_IS_ON, "{{ x }}"]}, []),
        (A_IS_ON | {"for": 5, "attribute": "x"}, []),
    ],
)
async def test_what_else_asks_for(
    hass: HomeAssistant, asked: Any, otherwise: list[Requirement]
) -> None:
    choice = [{"if": asked, "then": [], "else": [ACTION]}]
    found = written(hass, {"triggers": [TIMED], "actions": choice})
    assert found.ways == (Branch((AT,), ON, tuple(otherwise)),)


EDGE = {"trigger": "state", "entity_id": "light.a"}


@pytest.mark.parametrize(
    ("trigger", "conditions", "left"),
    [
        (TIMED, {"condition": "time", "after": "08:00"}, ()),
        (TIMED, {"condition": "time", "before": "07:00"}, ()),
        (TIMED, {"not": [{"condition": "time", "before": "12:00"}]}, ()),
        (EDGE | {"to": "off"}, A_IS_ON, ()),
        (EDGE | {"to": "on"}, A_IS_ON, (StateTrigger("light.a", "on"),)),
        (EDGE, A_IS_ON, (StateTrigger("light.a", "on"),)),
        (EDGE | {"to": "on"}, {"not": [A_IS_ON]}, ()),
        (EDGE, {"not": [A_IS_ON]}, (StateTrigger("light.a", ""),)),
        (
            EDGE,
            "{{ trigger.to_state.state == 'on' }}",
            (StateTrigger("light.a", "on"),),
        ),
        (EDGE | {"to": "off"}, "{{ trigger.to_state.state == 'on' }}", ()),
        (
            {"trigger": "numeric_state", "entity_id": "sensor.t", "above": 5},
            {"condition": "numeric_state", "entity_id": "sensor.t", "below": 5},
            (),
        ),
        (
            EDGE,
            {"not": ["{{ trigger.to_state.state == 'on' }}"]},
            (StateTrigger("light.a", "off"),),
        ),
        (EDGE | {"to": "on"}, {"not": ["{{ trigger.to_state.state == 'on' }}"]}, ()),
        (
            EDGE | {"to": "on"},
            {"or": [A_IS_ON, B_IS_ON]},
            (StateTrigger("light.a", "on"),),
        ),
        (TIMED | {"id": "x"}, {"condition": "trigger", "id": "y"}, ()),
        (TIMED | {"id": "x"}, {"not": {"condition": "trigger", "id": "x"}}, ()),
        (
            TIMED | {"id": "x"},
            {"or": [{"condition": "trigger", "id": i} for i in "xy"]},
            (AT,),
        ),
        (
            {"trigger": "time_pattern", "minutes": "/5"},
            {"condition": "time", "after": "07:00", "before": "08:00"},
            (AT,),
        ),
        ({"trigger": "time_pattern", "minutes": "/5"}, [], ()),
        (
            {"trigger": "time_pattern", "minutes": 30},
            {"condition": "time", "after": "07:00"},
            (AT,),
        ),
        (
            {"trigger": "time_pattern", "hours": "/1"},
            {"condition": "sun", "after": "sunset", "after_offset": "-00:30:00"},
            (SunTrigger(SunEvent.SUNSET, -30),),
        ),
        (
            {
                "trigger": "template",
                "value_template": "{{ is_state('sun.sun', 'below_horizon') }}",
            },
            [],
            (SunTrigger(SunEvent.SUNSET),),
        ),
    ],
)
async def test_triggers_that_conditions_leave(
    hass: HomeAssistant, trigger: Any, conditions: Any, left: tuple[Any, ...]
) -> None:
    config = {"triggers": [trigger], "conditions": conditions, "actions": [ACTION]}
    (branch,) = written(hass, config).ways
    assert branch.triggers == left


async def test_a_pause_over_midnight_is_of_the_next_day(hass: HomeAssistant) -> None:
    late = {"trigger": "time", "at": "23:30", "weekday": ["fri", "sun"]}
    config = {"triggers": [late], "actions": [{"delay": {"hours": 1}}, ACTION]}
    (branch,) = written(hass, config).ways
    assert branch.triggers == (TimeTrigger(30, (0, 5)),)


async def test_a_pause_that_cannot_be_told(hass: HomeAssistant) -> None:
    pause = {"delay": "{{ states('input_number.x') }}"}
    config = {
        "triggers": [TIMED],
        "actions": [ACTION, pause, ACTION | {"action": "light.turn_off"}],
    }
    ways = {branch.targets: branch.triggers for branch in written(hass, config).ways}
    assert ways == {ON: (AT,), frozenset({("light.hall", "off")}): ()}


async def test_a_group_is_done_when_all_its_members_are(hass: HomeAssistant) -> None:
    members = {"entity_id": ["light.hall", "light.desk"]}
    hass.states.async_set("light.both", "off", members)
    half = written(hass, {"triggers": [TIMED], "actions": [ACTION]})
    assert ("light.both", "on") not in half.targets
    desk = ACTION | {"target": {"entity_id": "light.desk"}}
    whole = written(hass, {"triggers": [TIMED], "actions": [ACTION, desk]})
    assert ("light.both", "on") in whole.targets


async def test_presence_of_everybody(hass: HomeAssistant) -> None:
    for name in ("a", "b"):
        tracker = f"device_tracker.{name}"
        hass.states.async_set(f"person.{name}", "home", {"device_trackers": [tracker]})
    family = ["person.a", "device_tracker.b"]
    hass.states.async_set("group.family", "home", {"entity_id": family})
    hass.states.async_set("group.one", "home", {"entity_id": family[:1]})

    def started(**trigger: str) -> set[Any]:
        config = {"triggers": [{"trigger": "state", **trigger}], "actions": [ACTION]}
        return set(written(hass, config).triggers)

    assert StateTrigger(HOME, "0") in started(entity_id="group.family", to="not_home")
    assert StateTrigger(HOME, "occupied") in started(
        entity_id="group.family", to="home"
    )
    assert StateTrigger("person.b", "home") in started(
        entity_id="group.family", to="home"
    )
    assert started(entity_id="group.one", to="not_home") == {
        StateTrigger("group.one", "not_home")
    }
    assert started(entity_id=HOME, to="1") == {StateTrigger(HOME, "occupied")}
    assert started(**{"entity_id": HOME, "from": "0"}) == {
        StateTrigger(HOME, "occupied")
    }


def test_weekdays_are_told_from_what_is_required(hass: HomeAssistant) -> None:
    conditions = [
        {
            "condition": "time",
            "weekday": ["mon", "tue", "wed", "thu", "fri"],
            "after": "06:00",
        },
        A_IS_ON,
    ]
    edge = {"trigger": "state", "entity_id": "light.b", "to": "on"}
    config = {"triggers": [edge], "conditions": conditions, "actions": [ACTION]}
    (branch,) = written(hass, config).ways
    assert branch.weekdays == WEEKDAYS
    assert branch.requirements == (need(WindowCondition(360, 1440)), need(A_ON))
