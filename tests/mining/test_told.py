"""A rule in the words of a change: read back, it is the same rule."""

from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.automation_scout.mining.attributes import ATTRIBUTES
from custom_components.automation_scout.mining.refining import (
    ProblemsFound,
    actions,
    conditions,
    refine,
    refined,
    told,
    trigger,
)
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    HOME,
    SUN,
    Action,
    Condition,
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

OTHER: Final = Rule(
    StateTrigger("binary_sensor.door", "off"), Action("cover.blind", "closed"), 120
)
DAYS: Final = st.sets(st.sampled_from(ALL_DAYS), min_size=1).map(
    lambda days: tuple(sorted(days))
)
MINUTES: Final = st.integers(0, 1439)
STAYS: Final = st.sampled_from((0, 30, 600, 86_400))
BOUNDS: Final = st.sampled_from((-3.5, 0.0, 21.0, 60.25))
WATCHED: Final = st.sampled_from(("binary_sensor.door", "person.anna", HOME))
TRIGGERS: Final[st.SearchStrategy[Trigger]] = st.one_of(
    st.builds(TimeTrigger, MINUTES, DAYS),
    st.builds(SunTrigger, st.sampled_from(SunEvent), st.integers(-360, 360), DAYS),
    st.builds(StateTrigger, WATCHED, st.sampled_from(("on", "0")), STAYS, STAYS),
    st.builds(
        NumericTrigger, st.just("sensor.damp"), st.sampled_from(Side), BOUNDS, STAYS
    ),
)
CONDITIONS: Final[st.SearchStrategy[Condition]] = st.one_of(
    st.builds(WeekdayCondition, DAYS),
    st.builds(WindowCondition, MINUTES, MINUTES).filter(lambda w: w.start != w.end),
    st.builds(StateCondition, WATCHED, st.sampled_from(("on", "home", "0"))),
    st.just(StateCondition(SUN, "below_horizon")),
    st.builds(NumericCondition, st.just("sensor.damp"), st.sampled_from(Side), BOUNDS),
)


@settings(deadline=None)
@given(TRIGGERS)
def test_a_trigger_is_read_back(cause: Trigger) -> None:
    said = told(replace(OTHER, trigger=cause))
    days = {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
    if isinstance(cause, TimeTrigger | SunTrigger):
        said["trigger"] = {**days, **said["trigger"]}
    found = refined(OTHER, {"trigger": said["trigger"]}, FACTS, {})
    assert found.trigger == cause


@settings(deadline=None)
@given(CONDITIONS)
def test_a_condition_is_read_back(condition: Condition) -> None:
    rule = replace(OTHER, trigger=StateTrigger("light.hall", "on"))
    [said] = told(replace(rule, conditions=(condition,)))["conditions"]
    found = refined(rule, {"conditions": {"add": [said]}}, FACTS, {})
    assert found.conditions == (condition,)


@pytest.mark.parametrize(
    "step",
    [
        Step(Action("light.desk", "on")),
        Step(Action("light.desk", "on"), (("brightness", 40.0),), 90),
        Step(Action("cover.blind", "open"), (("position", 55.0),)),
    ],
)
def test_an_action_is_read_back(step: Step) -> None:
    rule = replace(OTHER, action=Action("light.hall", "off"))
    [_, said] = told(replace(rule, more=(step,)))["actions"]
    found = refined(rule, {"actions": {"add": [said]}}, FACTS, {})
    assert found.more == (step,)


def test_a_setting_is_changed_by_the_name_that_it_is_told_with() -> None:
    rule = replace(
        OTHER,
        action=Action("light.desk#brightness", "40"),
        more=(Step(Action("light.desk#color_temp", "3000")),),
    )
    said: Any = told(rule)["actions"]
    assert said == [
        {"entity_id": "light.desk#brightness", "values": {"brightness": 40.0}},
        {"entity_id": "light.desk#color_temp", "values": {"color_temp": 3000.0}},
    ]
    said[0]["values"]["brightness"] = 55
    found = refined(rule, {"actions": {"change": [said[0]]}}, FACTS, {})
    assert found.actions == (
        Action("light.desk#brightness", "55"),
        Action("light.desk#color_temp", "3000"),
    )


KEYS: Final = sorted(
    {one.name for rows in ATTRIBUTES.values() for one in rows}
    | refine.SECTIONS
    | actions.PARTS
    | actions.CHANGED
    | set().union(*trigger.FIELDS.values(), *conditions.FIELDS.values())
)
ODD: Final = st.one_of(
    st.sampled_from(
        (None, True, 0, -1, 40, 10**400, 1e308, float("nan"), float("inf"))
    ),
    st.sampled_from(("", "on", "22:50", "mon", "sunset", "weekdays", "light.desk")),
    st.sampled_from(("person.anna", "sensor.damp", "cover.blind", HOME, SUN)),
    st.text(max_size=20),
)
ODDITIES: Final = st.recursive(
    ODD,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=5)), inner),
    ),
    max_leaves=12,
)
PARTS: Final = st.dictionaries(st.sampled_from(KEYS), ODDITIES, max_size=4)


@settings(deadline=None, max_examples=1_000)
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "trigger": PARTS | ODDITIES,
            "conditions": st.dictionaries(
                st.sampled_from(("add", "remove")), st.lists(PARTS) | ODDITIES
            ),
            "actions": st.dictionaries(
                st.sampled_from(("add", "remove", "change")), st.lists(PARTS) | ODDITIES
            ),
        },
    ),
    TRIGGERS,
)
def test_whatever_is_sent_is_read_or_refused(changes: Any, cause: Trigger) -> None:
    rule = replace(OTHER, trigger=cause, more=(Step(Action("light.desk", "on")),))
    with suppress(ProblemsFound):
        found = refined(rule, changes, FACTS, {})
        assert found != rule
        assert {action.target for action in found.actions} <= set(FACTS.entities)
