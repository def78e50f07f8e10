"""Changes that people make to rules: what they do, and what speaks against them."""

from dataclasses import replace
from typing import Any, Final

import pytest

from custom_components.automation_scout.mining.facts import EntityFacts
from custom_components.automation_scout.mining.refining import (
    Ability,
    NumberRange,
    Problem,
    ProblemsFound,
    refined,
)
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    HOME,
    SUN,
    WEEKDAYS,
    WEEKEND,
    Action,
    Condition,
    Kind,
    NumericCondition,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    Step,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
    WindowCondition,
)

from .small_home import FACTS

ABILITIES: Final = {
    "climate.study": Ability(
        {"temperature": NumberRange(7, 30)},
        {"preset": ("home", "away")},
        ("off", "heat"),
    ),
    "light.desk": Ability({"brightness": NumberRange(1, 100)}),
    "light.hall": Ability(lacks=frozenset({"brightness", "color_temp"})),
    "media_player.tv": Ability(options={"source": ("Radio", "Film")}),
}
DESK: Final = Action("light.desk", "on")
CLOCK: Final = Rule(TimeTrigger(1350, WEEKDAYS), DESK, 900)
DUSK: Final = Rule(SunTrigger(SunEvent.SUNSET, 20), DESK, 1200)
DOOR: Final = Rule(StateTrigger("binary_sensor.door", "on"), DESK, 120)
DAMP: Final = Rule(
    NumericTrigger("sensor.damp", Side.ABOVE, 60), Action("switch.fan", "on"), 120
)
BEDTIME: Final = Rule(
    TimeTrigger(1380),
    Action("light.desk", "off"),
    900,
    more=(Step(Action("light.hall", "off")), Step(Action("cover.blind", "closed"))),
)


def change(rule: Rule, **changes: Any) -> Rule:
    return refined(rule, changes, FACTS, ABILITIES)


def problems(rule: Rule, **changes: Any) -> list[str]:
    with pytest.raises(ProblemsFound) as raised:
        change(rule, **changes)
    return [problem.key for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("rule", "fields", "expected"),
    [
        (CLOCK, {"at": "22:50"}, TimeTrigger(1370, WEEKDAYS)),
        (CLOCK, {"at": "22:50:00"}, TimeTrigger(1370, WEEKDAYS)),
        (CLOCK, {"at": 1370}, TimeTrigger(1370, WEEKDAYS)),
        (CLOCK, {"at": 82_200}, TimeTrigger(1370, WEEKDAYS)),
        (CLOCK, {"at": "0:05"}, TimeTrigger(5, WEEKDAYS)),
        (CLOCK, {"weekdays": ["sun", "sat"]}, TimeTrigger(1350, WEEKEND)),
        (CLOCK, {"weekdays": "mon"}, TimeTrigger(1350, (0,))),
        (CLOCK, {"at": "06:00", "weekdays": ["wed"]}, TimeTrigger(360, (2,))),
        (DUSK, {"offset": -30}, SunTrigger(SunEvent.SUNSET, -30)),
        (DUSK, {"offset": "-00:30"}, SunTrigger(SunEvent.SUNSET, -30)),
        (DUSK, {"offset": "01:10:00"}, SunTrigger(SunEvent.SUNSET, 70)),
        (DUSK, {"event": "sunrise"}, SunTrigger(SunEvent.SUNRISE, 20)),
        (DUSK, {"weekdays": ["mon"]}, SunTrigger(SunEvent.SUNSET, 20, (0,))),
        (DOOR, {"for": 90}, StateTrigger("binary_sensor.door", "on", 90)),
        (DOOR, {"for": "00:10:00"}, StateTrigger("binary_sensor.door", "on", 600)),
        (DOOR, {"for": {"minutes": 2}}, StateTrigger("binary_sensor.door", "on", 120)),
        (DOOR, {"quiet": 3600}, StateTrigger("binary_sensor.door", "on", 0, 3600)),
        (DOOR, {"to": False}, StateTrigger("binary_sensor.door", "off")),
        (
            DOOR,
            {"entity_id": "person.anna", "to": "home"},
            StateTrigger("person.anna", "home"),
        ),
        (DOOR, {"entity_id": HOME, "to": "0"}, StateTrigger(HOME, "0")),
        (DAMP, {"above": 65}, NumericTrigger("sensor.damp", Side.ABOVE, 65)),
        (DAMP, {"below": "40.5"}, NumericTrigger("sensor.damp", Side.BELOW, 40.5)),
        (DAMP, {"for": 60}, NumericTrigger("sensor.damp", Side.ABOVE, 60, 60)),
        (
            DAMP,
            {"entity_id": "sensor.warm"},
            NumericTrigger("sensor.warm", Side.ABOVE, 60),
        ),
        (CLOCK, {"event": "sunset"}, SunTrigger(SunEvent.SUNSET, 0, WEEKDAYS)),
        (DUSK, {"at": "21:00"}, TimeTrigger(1260)),
        (
            CLOCK,
            {"entity_id": "binary_sensor.door", "to": "on"},
            StateTrigger("binary_sensor.door", "on"),
        ),
        (
            DOOR,
            {"entity_id": "sensor.warm", "below": 18},
            NumericTrigger("sensor.warm", Side.BELOW, 18),
        ),
        (DOOR, {"at": "07:00"}, TimeTrigger(420, ALL_DAYS)),
    ],
)
def test_triggers(rule: Rule, fields: dict[str, Any], expected: Trigger) -> None:
    found = change(rule, trigger=fields)
    same_kind = type(expected) is type(rule.trigger)
    assert found.trigger == expected
    assert replace(found, trigger=rule.trigger, window_s=rule.window_s) == rule
    assert found.window_s == rule.window_s or not same_kind


@pytest.mark.parametrize(
    ("rule", "fields", "expected"),
    [
        (CLOCK, {"at": "25:00"}, ["no_time"]),
        (CLOCK, {"at": "22:61"}, ["no_time"]),
        (CLOCK, {"at": "22:50:30"}, ["no_time"]),
        (CLOCK, {"at": "late"}, ["no_time"]),
        (CLOCK, {"at": None}, ["no_time"]),
        (CLOCK, {"at": True}, ["no_time"]),
        (CLOCK, {"at": 1440.5}, ["no_time"]),
        (CLOCK, {"at": 10**400}, ["no_time"]),
        (CLOCK, {"weekdays": []}, ["no_weekdays"]),
        (CLOCK, {"weekdays": ["mon", "someday"]}, ["no_weekdays"]),
        (CLOCK, {"weekdays": 3}, ["no_section", "no_weekdays"]),
        (CLOCK, {"for": 60}, ["field_of_other_trigger"]),
        (CLOCK, {"speed": 3}, ["unknown_field"]),
        (CLOCK, {"at": "22:00", "above": 3}, ["mixed_trigger"]),
        (CLOCK, {"offset": 10}, ["missing_field"]),
        (DUSK, {"offset": 400}, ["no_offset"]),
        (DUSK, {"event": "noon"}, ["no_sun_event"]),
        (DOOR, {"for": -1}, ["no_duration"]),
        (DOOR, {"for": "a while"}, ["no_duration"]),
        (DOOR, {"for": {"fortnights": 1}}, ["no_duration"]),
        (DOOR, {"for": 100_000}, ["no_duration"]),
        (DOOR, {"to": ""}, ["no_text"]),
        (DOOR, {"entity_id": "light.gone"}, ["unknown_entity"]),
        (DOOR, {"entity_id": "sensor.damp"}, ["measures"]),
        (DOOR, {"entity_id": "light.desk"}, ["already_so"]),
        (DOOR, {"weekdays": ["mon"]}, ["field_of_other_trigger"]),
        (DAMP, {"above": 1, "below": 2}, ["two_bounds"]),
        (DAMP, {"above": "warm"}, ["no_number"]),
        (DAMP, {"above": float("nan")}, ["no_number"]),
        (DAMP, {"above": 10**400}, ["no_number"]),
        (DAMP, {"entity_id": "light.desk"}, ["measures_nothing"]),
        (CLOCK, {"at": "22:30"}, ["nothing_changed"]),
        (CLOCK, [], ["no_section"]),
        (CLOCK, {}, ["nothing_changed"]),
    ],
)
def test_triggers_that_are_none(rule: Rule, fields: Any, expected: list[str]) -> None:
    assert problems(rule, trigger=fields) == expected


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (
            {"after": "18:00", "before": "23:00"},
            WindowCondition(1080, 1380),
        ),
        ({"before": "06:00"}, WindowCondition(0, 360)),
        ({"after": "22:00"}, WindowCondition(1320, 0)),
        ({"weekdays": ["sat", "sun"]}, WeekdayCondition(WEEKEND)),
        ({"sun": "below_horizon"}, StateCondition(SUN, "below_horizon")),
        (
            {"entity_id": "person.anna", "state": "home"},
            StateCondition("person.anna", "home"),
        ),
        ({"entity_id": HOME, "state": "occupied"}, StateCondition(HOME, "occupied")),
        (
            {"entity_id": "sensor.warm", "below": 18},
            NumericCondition("sensor.warm", Side.BELOW, 18),
        ),
    ],
)
def test_conditions_are_added_and_removed(
    added: dict[str, Any], expected: Condition
) -> None:
    found = change(DOOR, conditions={"add": [added]})
    assert found.conditions == (expected,)
    assert change(DOOR, conditions={"add": added}) == found
    match expected:
        case WeekdayCondition():
            name = "weekdays"
        case WindowCondition():
            name = "window"
        case StateCondition(entity_id) | NumericCondition(entity_id):
            name = "sun" if entity_id == SUN else entity_id
    assert change(found, conditions={"remove": name}) == DOOR


def test_a_condition_on_the_same_takes_its_place() -> None:
    one = change(DOOR, conditions={"add": {"after": "18:00"}})
    two = change(one, conditions={"add": {"after": "19:00", "before": "22:00"}})
    assert two.conditions == (WindowCondition(1140, 1320),)
    both = change(DAMP, conditions={"add": {"entity_id": "sensor.warm", "above": 10}})
    both = change(both, conditions={"add": {"entity_id": "sensor.warm", "below": 20}})
    assert len(both.conditions) == 2


def test_days_of_a_time_are_part_of_its_trigger() -> None:
    found = change(CLOCK, conditions={"add": {"weekdays": ["fri"]}})
    assert found == replace(CLOCK, trigger=TimeTrigger(1350, (4,)))
    found = change(CLOCK, conditions={"remove": ["weekdays"]})
    assert found.trigger == TimeTrigger(1350)


@pytest.mark.parametrize(
    ("rule", "changes", "expected"),
    [
        (DOOR, {"add": {"after": "18:00", "before": "18:00"}}, ["empty_window"]),
        (DOOR, {"add": {"sun": "high"}}, ["no_sun_state"]),
        (DOOR, {"add": {"entity_id": "person.anna"}}, ["no_condition"]),
        (DOOR, {"add": {"state": "on"}}, ["no_text"]),
        (DOOR, {"add": {"moon": "full"}}, ["unknown_field", "no_condition"]),
        (DOOR, {"add": {"after": "18:00", "sun": "up"}}, ["no_condition"]),
        (DOOR, {"add": 7}, ["no_section"]),
        (
            DOOR,
            {"add": {"entity_id": "light.gone", "state": "on"}},
            ["unknown_entity"],
        ),
        (DOOR, {"add": {"entity_id": "sensor.damp", "state": "60"}}, ["measures"]),
        (DOOR, {"remove": "window"}, ["nothing_to_remove"]),
        (DOOR, {"swap": []}, ["unknown_field"]),
        (
            DOOR,
            {"add": {"entity_id": "binary_sensor.door", "state": "off"}},
            ["two_states"],
        ),
        (DOOR, {"add": {"entity_id": "light.desk", "state": "on"}}, ["already_so"]),
        (
            CLOCK,
            {"add": {"after": "06:00", "before": "09:00"}},
            ["time_outside_window"],
        ),
        (DAMP, {"add": {"entity_id": "sensor.damp", "below": 60}}, ["empty_range"]),
    ],
)
def test_conditions_that_are_none(
    rule: Rule, changes: dict[str, Any], expected: list[str]
) -> None:
    assert problems(rule, conditions=changes) == expected


def test_days_that_exclude_each_other() -> None:
    rule = replace(CLOCK, conditions=(WeekdayCondition(WEEKDAYS),))
    assert problems(rule, trigger={"weekdays": ["sun"]}) == ["never_on_a_day"]


def test_actions_are_changed() -> None:
    dim = change(
        CLOCK,
        actions={"change": {"entity_id": "light.desk", "values": {"brightness": 40}}},
    )
    assert dict(dim.values) == {"brightness": 40}
    off = change(dim, actions={"change": [{"entity_id": "light.desk", "state": "off"}]})
    assert off.action == Action("light.desk", "off")
    hall = change(
        CLOCK,
        actions={"change": {"entity_id": "light.desk", "new_entity_id": "light.hall"}},
    )
    assert hall == replace(CLOCK, action=Action("light.hall", "on"))
    later = change(
        BEDTIME, actions={"change": {"entity_id": "cover.blind", "delay": 60}}
    )
    assert later.more[1] == Step(Action("cover.blind", "closed"), (), 60)


def test_values_that_the_new_entity_has_not_stay_behind() -> None:
    dim = replace(CLOCK, values=(("brightness", 40.0),))
    new = {"entity_id": "light.desk", "new_entity_id": "switch.fan"}
    found = change(dim, actions={"change": new})
    assert (found.action, found.values) == (Action("switch.fan", "on"), ())


def test_a_setting_that_is_the_action_itself() -> None:
    warm = Rule(TimeTrigger(420), Action("climate.study#temperature", "20"), 900)
    item = {"entity_id": "climate.study", "values": {"temperature": 21.5}}
    found = change(warm, actions={"change": item})
    assert found.action == Action("climate.study#temperature", "21.5")
    assert found.values == ()


def test_steps_are_added_and_removed() -> None:
    item = {"entity_id": "switch.fan", "state": "off", "delay": "00:01:00"}
    more = change(BEDTIME, actions={"add": item})
    assert more.more[-1] == Step(Action("switch.fan", "off"), (), 60)
    less = change(more, actions={"remove": ["light.desk", "light.hall"]})
    assert less.action == Action("cover.blind", "closed")
    assert less.more == (Step(Action("switch.fan", "off"), (), 60),)
    one = change(less, actions={"remove": "switch.fan"})
    assert one.kind is Kind.TIME


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"remove": ["light.desk", "light.hall", "cover.blind"]}, ["no_action_left"]),
        ({"remove": "light.gone"}, ["nothing_to_remove"]),
        ({"add": {"entity_id": "light.gone", "state": "on"}}, ["unknown_entity"]),
        ({"add": {"entity_id": "switch.fan"}}, ["no_text"]),
        ({"add": {"entity_id": "switch.fan", "state": "open"}}, ["cannot_do"]),
        ({"add": {"entity_id": "climate.study", "state": "cool"}}, ["cannot_do"]),
        ({"add": {"entity_id": "person.anna", "state": "home"}}, ["cannot_do"]),
        ({"add": {"entity_id": "light.desk", "state": "on"}}, ["twice"]),
        ({"change": {"entity_id": "switch.fan", "state": "on"}}, ["no_such_action"]),
        (
            {"change": {"entity_id": "light.desk", "new_entity_id": "light.gone"}},
            ["unknown_entity"],
        ),
        (
            {
                "add": {
                    "entity_id": "climate.study",
                    "state": "heat",
                    "values": {"temperature": 55},
                }
            },
            ["out_of_range"],
        ),
        (
            {
                "add": {
                    "entity_id": "climate.study",
                    "state": "heat",
                    "values": {"preset": "party"},
                }
            },
            ["no_option"],
        ),
        (
            {
                "add": {
                    "entity_id": "media_player.tv",
                    "state": "on",
                    "values": {"volume": "loud"},
                }
            },
            ["no_number"],
        ),
        (
            {"add": {"entity_id": "switch.fan", "state": "on", "values": {"speed": 3}}},
            ["unknown_field"],
        ),
        (
            {
                "change": {
                    "entity_id": "light.hall",
                    "state": "on",
                    "values": {"brightness": 50},
                }
            },
            ["no_such_value"],
        ),
        (
            {"add": {"entity_id": "switch.fan", "state": "on", "delay": "soon"}},
            ["no_duration"],
        ),
    ],
)
def test_actions_that_are_none(changes: dict[str, Any], expected: list[str]) -> None:
    assert problems(BEDTIME, actions=changes) == expected


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ProblemsFound) as raised:
        change(
            CLOCK,
            trigger={"at": "25:00"},
            conditions={"remove": "window"},
            actions={"add": {"entity_id": "light.gone", "state": "on"}},
        )
    assert raised.value.problems == (
        Problem("no_time", (("field", "at"), ("value", "25:00"))),
        Problem("nothing_to_remove", (("name", "window"),)),
        Problem("unknown_entity", (("entity_id", "light.gone"),)),
    )


def test_what_cannot_be_changed() -> None:
    tidy = replace(CLOCK, special=Kind.TIDY, replaces="automation.x")
    assert problems(tidy, trigger={"at": "22:00"}) == ["not_refinable"]
    bare = replace(FACTS, latitude=None)
    with pytest.raises(ProblemsFound, match="no_place"):
        refined(CLOCK, {"trigger": {"event": "sunset"}}, bare, {})


def test_too_many_actions() -> None:
    names = [f"switch.s{number}" for number in range(20)]
    facts = replace(
        FACTS,
        entities={
            **FACTS.entities,
            **{name: EntityFacts(name, name) for name in names},
        },
    )
    add = [{"entity_id": name, "state": "on"} for name in names]
    with pytest.raises(ProblemsFound, match="too_many"):
        refined(CLOCK, {"actions": {"add": add}}, facts, {})
    found = refined(CLOCK, {"actions": {"add": add[1:]}}, facts, {})
    assert len(found.actions) == 20


@pytest.mark.parametrize("changes", [None, 3, "later", [], {"triggers": {}}, {"a": 1}])
def test_changes_that_are_none(changes: Any) -> None:
    with pytest.raises(ProblemsFound):
        refined(CLOCK, changes, FACTS, ABILITIES)
