"""Which rules are one question to a person."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.automation_scout.mining.kinship import distance
from custom_components.automation_scout.mining.relatives import (
    acted_on,
    akin,
    touches,
)
from custom_components.automation_scout.mining.rules import (
    Action,
    Kind,
    Rule,
    Step,
    SunEvent,
    SunTrigger,
    WindowCondition,
)

from ..lifecycle.homes import (
    DAMP,
    ELSEWHERE,
    FACTS,
    MOTION,
    OCCUPANCY,
    above,
    edge,
    rule,
)
from ..scripted import at


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (rule(at(420)), rule(at(445))),
        (rule(edge(MOTION)), rule(edge(OCCUPANCY))),
        (rule(edge(MOTION)), rule(edge(MOTION, 120))),
        (rule(above(DAMP, 60), "fan.bath"), rule(above(DAMP, 75), "fan.bath")),
        (
            rule(above(DAMP, 60), "fan.bath"),
            rule(above("sensor.bath_damp_2", 65), "fan.bath"),
        ),
        (
            rule(edge(MOTION)),
            replace(rule(edge(OCCUPANCY)), conditions=(WindowCondition(1080, 1380),)),
        ),
        (
            rule(at(420), "light.hall#brightness", "40"),
            rule(at(430), "light.hall#brightness", "60"),
        ),
    ],
)
def test_relatives(one: Rule, two: Rule) -> None:
    assert akin(one, two, FACTS)
    assert akin(two, one, FACTS)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (rule(at(420)), rule(at(460))),
        (rule(at(420)), rule(at(420), "light.desk")),
        (rule(at(420)), rule(at(420), state="off")),
        (rule(edge(MOTION)), rule(edge(ELSEWHERE))),
        (rule(edge(MOTION)), rule(edge("binary_sensor.hall_door"))),
        (rule(edge(MOTION)), rule(edge("binary_sensor.unknown"))),
        (rule(edge(MOTION), "light.desk"), rule(edge("light.hall"), "light.desk")),
        (rule(edge(MOTION)), rule(at(420))),
        (
            rule(at(420), "light.hall#brightness", "40"),
            rule(at(420), "light.hall#color_temp", "40"),
        ),
    ],
)
def test_strangers(one: Rule, two: Rule) -> None:
    assert not akin(one, two, FACTS)
    assert not akin(two, one, FACTS)


def test_time_and_the_sun_at_that_time_are_one_question() -> None:
    evening, dusk = rule(at(1200)), rule(SunTrigger(SunEvent.SUNSET))
    assert not akin(evening, dusk, FACTS)
    assert akin(evening, dusk, FACTS, {SunEvent.SUNSET: 1195})


def test_adjustment_is_about_its_automation() -> None:
    habit = rule(at(1350))
    adjust = replace(habit, special=Kind.ADJUST, replaces="automation.a")
    assert distance(habit, adjust) is not None
    assert not akin(habit, adjust, FACTS)
    assert akin(adjust, replace(adjust, trigger=at(1365)), FACTS)
    assert not akin(adjust, replace(adjust, replaces="automation.b"), FACTS)


def test_idea_is_another_question_than_the_habit() -> None:
    habit = rule(edge(MOTION))
    assert not akin(habit, replace(habit, special=Kind.OPPORTUNITY), FACTS)


TRIGGERS = (
    *(at(minute) for minute in (0, 10, 420, 440, 1430)),
    *(edge(name) for name in (MOTION, OCCUPANCY, ELSEWHERE, "light.hall")),
    *(above(name, n) for name in (DAMP, "sensor.bath_damp_2") for n in (20, 60, 75)),
)


def rules() -> st.SearchStrategy[Rule]:
    targets = st.sampled_from(["light.hall", "light.desk#brightness"])
    drawn = st.builds(
        rule, st.sampled_from(TRIGGERS), targets, st.sampled_from(["on", "50"])
    )
    kinds = st.sampled_from([None, None, Kind.ADJUST, Kind.OPPORTUNITY])
    return st.builds(lambda item, kind: replace(item, special=kind), drawn, kinds)


@given(rules(), rules())
def test_kin_goes_both_ways_and_holds_what_identity_does(one: Rule, two: Rule) -> None:
    assert akin(one, two, FACTS) == akin(two, one, FACTS)
    adjusts = Kind.ADJUST in {one.special, two.special}
    if distance(one, two) is not None and not adjusts:
        assert akin(one, two, FACTS)


def test_what_a_rule_touches() -> None:
    never = acted_on(rule(at(420), "light.desk"), FACTS)
    assert never == {"light.desk", "strip"}
    assert touches(rule(at(999), "light.desk#brightness", "40"), never, FACTS)
    assert touches(rule(at(420), "light.shelf"), never, FACTS)
    assert touches(rule(at(420), "light.all"), never, FACTS)
    assert touches(rule(edge("light.desk"), "light.hall"), never, FACTS)
    both = replace(rule(at(420)), more=(Step(Action("light.shelf", "on")),))
    assert touches(both, never, FACTS)
    assert acted_on(both, FACTS) == {"light.hall", "lamp", "light.shelf", "strip"}
    assert not touches(rule(edge(MOTION)), never, FACTS)
    seen = replace(rule(edge(MOTION)), conditions=(WindowCondition(60, 120),))
    assert not touches(seen, never, FACTS)
    assert not touches(rule(at(420), "light.desk"), (), FACTS)
