"""Rules, their keys, and how they survive the night and the store."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.automation_scout.mining.identity import adopt, distance
from custom_components.automation_scout.mining.rule_json import (
    rule_from_dict,
    rule_to_dict,
)
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    WEEKDAYS,
    WEEKEND,
    Action,
    Kind,
    NumericCondition,
    Rule,
    Side,
    StateTrigger,
    Step,
    TimeTrigger,
    WindowCondition,
)

from .drafts import proven_of

LAMP = Action("light.lamp", "on")
DOOR = StateTrigger("binary_sensor.door", "on")
STATE = Rule(DOOR, LAMP, 120)
FULL = Rule(
    StateTrigger("binary_sensor.door", "on", quiet_s=3600),
    LAMP,
    120,
    (WindowCondition(1080, 1380), NumericCondition("sensor.lux", Side.BELOW, 9.0)),
    (("brightness", 40.0),),
    (Step(Action("climate.hall#temperature", "21"), delay_s=60),),
)
NAMES = st.sampled_from(("light.lamp", "light.büro", "switch.a_b", "person.門"))
WEEKS = st.sets(st.integers(0, 6), min_size=1).map(lambda s: tuple(sorted(s)))
ACTIONS = st.builds(Action, NAMES, st.sampled_from(("on", "off", "open")))
RULES = st.builds(
    Rule,
    st.builds(TimeTrigger, st.integers(0, 1439), WEEKS)
    | st.builds(StateTrigger, NAMES, st.sampled_from(("on", "home"))),
    ACTIONS,
    st.sampled_from((30, 900, 1800)),
)


def at(minute: int, weekdays: tuple[int, ...] = ALL_DAYS, window_s: int = 900) -> Rule:
    return Rule(TimeTrigger(minute, weekdays), LAMP, window_s)


@given(RULES)
def test_there_and_back_through_json(rule: Rule) -> None:
    assert rule_from_dict(json.loads(json.dumps(rule_to_dict(rule)))) == rule


def test_the_stored_shape() -> None:
    """Rows of the store hold this; a change needs a migration."""
    assert rule_to_dict(at(1200, WEEKDAYS)) == {
        "kind": "time",
        "trigger": {"type": "time", "minute": 1200, "weekdays": [0, 1, 2, 3, 4]},
        "conditions": [],
        "action": {"entity_id": "light.lamp", "state": "on"},
        "values": {},
        "more": [],
        "window_s": 900,
        "special": None,
        "replaces": "",
        "since": 0,
    }
    full = rule_to_dict(FULL)
    assert full["kind"] == "routine"
    assert full["trigger"] == {
        "type": "state",
        "entity_id": "binary_sensor.door",
        "state": "on",
        "for_s": 0,
        "quiet_s": 3600,
    }
    assert full["conditions"] == [
        {"type": "window", "start": 1080, "end": 1380},
        {"type": "numeric", "entity_id": "sensor.lux", "side": "below", "threshold": 9},
    ]
    assert full["values"] == {"brightness": 40}
    assert full["more"] == [
        {
            "entity_id": "climate.hall#temperature",
            "state": "21",
            "values": {},
            "delay_s": 60,
        }
    ]
    assert (STATE.kind, at(5).kind) == (Kind.STATE, Kind.TIME)


def test_rows_of_the_first_version_are_read() -> None:
    assert (
        rule_from_dict(
            {
                "kind": "state",
                "trigger": {"entity_id": "binary_sensor.door", "state": "on"},
                "action": {"entity_id": "light.lamp", "state": "on"},
                "window_s": 120,
            }
        )
        == STATE
    )


@pytest.mark.parametrize(
    "change",
    [
        {"special": "moon"},
        {"special": 5},
        {"replaces": None},
        {"conditions": [{"type": "moon"}]},
        {"conditions": 5},
        {"values": {"brightness": "x", "y": None}},
        {"more": [{"entity_id": "light.lamp", "state": "on"}]},
        {"trigger": None},
        {"trigger": {}},
        {"trigger": {"minute": 1440, "weekdays": [0]}},
        {"trigger": {"minute": -1, "weekdays": [0]}},
        {"trigger": {"minute": "noon", "weekdays": [0]}},
        {"trigger": {"minute": 5, "weekdays": []}},
        {"trigger": {"minute": 5, "weekdays": [1, 1]}},
        {"trigger": {"minute": 5, "weekdays": [2, 1]}},
        {"trigger": {"minute": 5, "weekdays": 3}},
        {"trigger": {"weekdays": [0]}},
        {"trigger": {"type": "moon", "minute": 5}},
        {"trigger": {"type": "sun", "event": "moonrise"}},
        {"action": {"entity_id": "light.lamp"}},
        {"action": "light.lamp"},
        {"window_s": None},
        {"window_s": "soon"},
        {"window_s": 0},
        {"window_s": -60},
        {"window_s": float("inf")},
        {"trigger": {"minute": 5, "weekdays": [7]}},
        {"trigger": {"minute": 5, "weekdays": [-1, 0]}},
        {"trigger": {"minute": 5, "weekdays": [0, 1, 2, 3, 4, 5, 6, 9]}},
        {"action": {"entity_id": 5, "state": "on"}},
        {"action": {"entity_id": "light.lamp", "state": None}},
    ],
)
def test_what_is_no_rule_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no rule"):
        rule_from_dict(rule_to_dict(at(1200)) | change)


@pytest.mark.parametrize("key", ["trigger", "action", "window_s"])
def test_what_lacks_a_part_is_refused(key: str) -> None:
    short = {k: v for k, v in rule_to_dict(at(1200)).items() if k != key}
    with pytest.raises(ValueError, match="no rule"):
        rule_from_dict(short)


def test_keys_are_written_in_stone() -> None:
    """Dismissals hang on them: these very strings are in people's stores."""
    assert [at(1200).key, at(1200, WEEKDAYS).key, STATE.key] == GOLDEN_KEYS


GOLDEN_KEYS = ["s1-1fc7ccb5752fe331", "s1-7f8afebd8f318713", "s1-277ed3480f95ac2a"]


def test_a_key_is_about_what_the_rule_does() -> None:
    same = {at(1200).key, at(1205).key, at(1214).key, at(1200, window_s=1800).key}
    assert len(same) == 1
    others = [
        at(1215),
        at(1200, WEEKEND),
        Rule(TimeTrigger(1200), Action("light.lamp", "off"), 900),
        Rule(TimeTrigger(1200), Action("light.desk", "on"), 900),
        STATE,
        Rule(StateTrigger("binary_sensor.door", "off"), LAMP, 120),
        Rule(StateTrigger("binary_sensor.hall", "on"), LAMP, 120),
    ]
    assert len({rule.key for rule in others} | same) == len(others) + 1


@given(RULES, RULES)
def test_distance_is_one(one: Rule, two: Rule) -> None:
    assert distance(one, one) == 0
    assert distance(one, two) == distance(two, one)
    if one.action != two.action or one.kind != two.kind:
        assert distance(one, two) is None
    elif distance(one, two) == 0:
        assert one.trigger == two.trigger


@pytest.mark.parametrize(
    ("one", "two", "apart"),
    [
        (at(1200), at(1230), 30),
        (at(1200), at(1231), None),
        (at(1430), at(10), 20),
        (at(1200), at(1200, WEEKDAYS), 20),
        (at(1200, WEEKEND), at(1200, WEEKDAYS), None),
        (STATE, Rule(DOOR, LAMP, 900), 0),
        (STATE, Rule(StateTrigger("binary_sensor.door", "off"), LAMP, 120), None),
        (STATE, at(1200), None),
        (at(1200), Rule(TimeTrigger(1200), Action("light.lamp", "off"), 900), None),
    ],
)
def test_relatives(one: Rule, two: Rule, apart: float | None) -> None:
    assert distance(one, two) == apart


def ids(rules: list[Rule], known: dict[str, Rule]) -> list[tuple[str, Rule]]:
    found = adopt([proven_of(rule) for rule in rules], known)
    return [(key, item.rule) for key, item in found]


def test_a_new_rule_has_its_own_key() -> None:
    rules = [at(1200), STATE]
    assert ids(rules, {}) == [(at(1200).key, at(1200)), (STATE.key, STATE)]
    assert ids([], {"s1-x": STATE}) == []


def test_tomorrow_it_is_the_same_suggestion() -> None:
    """A quarter of an hour later, or a weekday more: whatever its status, the same."""
    known = {"s1-old": at(1200)}
    for moved in (at(1200), at(1215), at(1185), at(1210, WEEKDAYS)):
        assert ids([moved], known) == [("s1-old", moved)]
    assert ids([at(1260)], known) == [(at(1260).key, at(1260))]


def test_the_nearest_relative_gives_its_id() -> None:
    known = {"s1-a": at(1200), "s1-b": at(1220), "s1-c": STATE}
    assert ids([at(1215), at(1190)], known) == [
        ("s1-b", at(1215)),
        ("s1-a", at(1190)),
    ]
    equal = {"s1-z": at(1190), "s1-y": at(1210)}
    assert ids([at(1200)], equal) == [("s1-y", at(1200))]


def test_an_id_is_given_once() -> None:
    """The better rule comes first; the further one is new."""
    known = {"s1-a": at(1200)}
    assert ids([at(1205), at(1225)], known) == [
        ("s1-a", at(1205)),
        (at(1225).key, at(1225)),
    ]
    assert ids([at(1200), at(1205)], {}) == [
        (at(1200).key, at(1200)),
        (f"{at(1200).key}-2", at(1205)),
    ]
    exact = {"s1-a": at(1200)}
    assert ids([at(1225), at(1200)], exact) == [
        (at(1225).key, at(1225)),
        ("s1-a", at(1200)),
    ]


@given(st.lists(RULES, max_size=6), st.lists(RULES, max_size=6))
def test_ids_are_distinct_and_order_is_kept(new: list[Rule], old: list[Rule]) -> None:
    known = {f"s1-{number}": rule for number, rule in enumerate(old)}
    found = ids(new, known)
    assert len({key for key, _ in found}) == len(found)
    assert [rule for _, rule in found] == new
    assert all(
        distance(rule, known[key]) is not None for key, rule in found if key in known
    )


def test_an_id_is_never_given_to_a_stranger() -> None:
    """The habit known as the key of 19:45 has wandered to 20:20; a new one is at 19:45.

    The new one must not inherit the old one's verdicts.
    """
    old, new = at(1220), at(1185)
    known = {new.key: old}
    found = dict(adopt([proven_of(new), proven_of(old)], known))
    assert found[new.key].rule == old
    assert len(found) == 2
