"""The rank: more help is better, more nuisance is worse, and not all of one lamp."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.automation_scout.mining.evidence import Evidence, Holdout
from custom_components.automation_scout.mining.facts import EntityFacts
from custom_components.automation_scout.mining.rank import clarity, ordered, score
from custom_components.automation_scout.mining.result import Proven
from custom_components.automation_scout.mining.rules import (
    Action,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    Step,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    WindowCondition,
)

from .drafts import evidence_of, proven_of
from .worlds import facts_of

LAMP = Action("light.lamp", "on")
SHELF = Step(Action("light.shelf", "on"))
DESK = Step(Action("light.desk", "on"))
AT = Rule(TimeTrigger(1200), LAMP, 900)
COUNTS = st.integers(0, 60)
SURE = st.floats(0, 1)
LIKING = st.floats(0.5, 2)
IDLE = st.floats(0, 400)


@given(COUNTS, COUNTS, SURE, LIKING, IDLE)
def test_a_further_hit_is_better(
    hits: int, wrong: int, sure: float, liking: float, idle: float
) -> None:
    less, more = evidence_of(hits, wrong), evidence_of(hits + 1, wrong)
    assert score(AT, more, sure, liking, idle) >= score(AT, less, sure, liking, idle)


@given(COUNTS, COUNTS, SURE)
def test_a_further_wrong_firing_is_worse(hits: int, wrong: int, sure: float) -> None:
    less, more = evidence_of(hits, wrong), evidence_of(hits, wrong + 1)
    assert score(AT, more, sure) <= score(AT, less, sure)


@given(COUNTS, COUNTS, SURE, SURE)
def test_being_surer_is_better(hits: int, wrong: int, one: float, two: float) -> None:
    evidence = evidence_of(hits, wrong)
    low, high = sorted((one, two))
    assert score(AT, evidence, low) <= score(AT, evidence, high)


@given(COUNTS, COUNTS, SURE, LIKING, LIKING)
def test_what_people_like_comes_first(
    hits: int, wrong: int, sure: float, one: float, two: float
) -> None:
    evidence = evidence_of(hits, wrong)
    low, high = sorted((one, two))
    assert score(AT, evidence, sure, low) <= score(AT, evidence, sure, high)


@given(COUNTS, SURE, IDLE, IDLE)
def test_what_was_done_lately_comes_first(
    hits: int, sure: float, one: float, two: float
) -> None:
    evidence = evidence_of(hits)
    early, late = sorted((one, two))
    assert score(AT, evidence, sure, 1, early) >= score(AT, evidence, sure, 1, late)


def test_it_is_strict_where_it_matters() -> None:
    base = score(AT, evidence_of(), 0.7)
    assert score(AT, evidence_of(hits=21), 0.7) > base
    assert score(AT, evidence_of(wrong=3), 0.7) < base
    assert score(AT, evidence_of(), 0.8) > base
    assert score(AT, evidence_of(), 0.7, 1.5) > base
    assert score(AT, evidence_of(), 0.7, 1.0, 14) == base
    assert score(AT, evidence_of(wrong=0), 0.7, 1.0, 44) == pytest.approx(
        score(AT, evidence_of(wrong=0), 0.7) / 2
    )


def test_the_same_over_more_days_is_less() -> None:
    evidence = evidence_of()
    longer = replace(evidence, days_observed=56)
    assert score(AT, longer, 0.7) < score(AT, evidence, 0.7)


def test_a_plain_trigger_comes_before_an_odd_one() -> None:
    """A sensor and a person are plain, another appliance is less so."""
    door = Rule(StateTrigger("binary_sensor.door", "on"), LAMP, 300)
    person = Rule(StateTrigger("person.anna", "home"), LAMP, 300)
    kettle = Rule(StateTrigger("switch.kettle", "on"), LAMP, 300)
    marks = [clarity(rule) for rule in (door, person, AT, kettle)]
    assert marks == sorted(set(marks), reverse=True)
    quiet = Rule(StateTrigger("binary_sensor.door", "on", 0, 3600), LAMP, 300)
    assert clarity(quiet) < clarity(door)
    left_on = Rule(StateTrigger("switch.kettle", "on", 1200), LAMP, 300)
    assert clarity(left_on) > clarity(kettle)


def test_each_condition_costs() -> None:
    dark = StateCondition("sun.sun", "below_horizon")
    one = replace(AT, conditions=(dark,))
    two = replace(AT, conditions=(dark, WindowCondition(1000, 1300)))
    assert clarity(AT) > clarity(one) > clarity(two) > 0.5 * clarity(AT)


def test_usual_weekdays_are_plain() -> None:
    odd = replace(AT, trigger=TimeTrigger(1200, (1, 3)))
    assert clarity(odd) < clarity(AT)
    for days in ((0, 1, 2, 3, 4), (5, 6)):
        assert clarity(replace(AT, trigger=TimeTrigger(1200, days))) == clarity(AT)
    sun = Rule(SunTrigger(SunEvent.SUNSET, 0, (1, 3)), LAMP, 900)
    assert clarity(sun) < clarity(replace(sun, trigger=SunTrigger(SunEvent.SUNSET)))


def test_what_people_ask_for() -> None:
    off = replace(AT, action=Action("light.lamp", "off"))
    assert clarity(off) < clarity(AT)
    empty = StateTrigger("binary_sensor.motion", "off", 600)
    gone = Rule(empty, Action("light.lamp", "off"), 300)
    assert clarity(gone) == 1 > clarity(off)
    heat = replace(AT, action=Action("climate.hall#temperature", "21"))
    tv = replace(AT, action=Action("media_player.tv", "on"))
    fan = replace(AT, action=Action("fan.hall", "on"))
    assert clarity(heat) > clarity(fan) > clarity(tv)
    hot = Rule(NumericTrigger("sensor.t", Side.ABOVE, 25), fan.action, 900)
    assert clarity(hot) == clarity(fan) == 1


def test_a_routine_of_many_saves_more() -> None:
    pair, three = replace(AT, more=(SHELF,)), replace(AT, more=(SHELF, DESK))
    marks = [score(rule, evidence_of(), 0.7) for rule in (AT, pair, three)]
    assert marks[0] == marks[1] < marks[2]


LIGHTS = [
    EntityFacts(f"light.{room}_{n}", "x", room) for room in "abc" for n in range(3)
]
ROOMS = facts_of(*LIGHTS, EntityFacts("light.nowhere", "x"))
SCORES = st.lists(st.floats(-3, 10), max_size=12)


def found(scores: list[float]) -> list[Proven]:
    names = [*ROOMS.entities]
    return [
        proven_of(
            Rule(
                TimeTrigger(60 * n), Action(names[n * 7 % len(names)], "on"), 900
            ),
            mark,
        )
        for n, mark in enumerate(scores)
    ]  # fmt: skip


@given(SCORES)
def test_variety_loses_and_invents_nothing(scores: list[float]) -> None:
    before = found(scores)
    after = ordered(before, ROOMS)
    assert {item.rule.key for item in after} == {item.rule.key for item in before}
    marks = [item.score for item in after]
    assert marks == sorted(marks, reverse=True)
    was = {item.rule.key: item.score for item in before}
    for item in after:
        assert item.score <= was[item.rule.key]
        assert (item.score > 0) == (was[item.rule.key] > 0) or item.score == 0
    if after:
        assert after[0].score == max(scores)


@given(SCORES)
def test_variety_does_not_hang_on_the_order(scores: list[float]) -> None:
    before = found(scores)
    assert ordered(before, ROOMS) == ordered(before[::-1], ROOMS)


def test_a_room_does_not_fill_the_list_where_another_is_nearly_as_good() -> None:
    marks = {"light.a_0": 5.0, "light.a_1": 4.9, "light.a_2": 4.8, "light.b_0": 4.7}
    rules = [
        proven_of(Rule(TimeTrigger(60), Action(name, "on"), 900), mark)
        for name, mark in marks.items()
    ]
    after = [item.rule.action.entity_id for item in ordered(rules, ROOMS)]
    assert after == ["light.a_0", "light.b_0", "light.a_1", "light.a_2"]


def test_much_better_ones_of_a_room_stay_before() -> None:
    marks = {"light.a_0": 5.0, "light.a_1": 4.9, "light.b_0": 3.0}
    rules = [
        proven_of(Rule(TimeTrigger(60), Action(name, "on"), 900), mark)
        for name, mark in marks.items()
    ]
    after = [item.rule.action.entity_id for item in ordered(rules, ROOMS)]
    assert after == ["light.a_0", "light.a_1", "light.b_0"]


def test_the_same_act_twice_counts_less_than_two_acts() -> None:
    again = replace(AT, trigger=TimeTrigger(400))
    other = replace(AT, action=Action("light.nowhere", "on"))
    after = ordered(
        [proven_of(AT, 5), proven_of(again, 4.9), proven_of(other, 4.0)], ROOMS
    )
    assert [item.rule for item in after] == [AT, other, again]


def test_numbers_that_people_see() -> None:
    evidence = evidence_of(hits=18, wrong=2, missed=3, human_actions=24)
    assert evidence.precision == 0.9
    assert evidence.coverage == 0.75
    assert evidence.saved_per_week == 4.5
    assert evidence.unwanted_per_week == 0.5
    assert 0.75 < evidence.precision_low < 0.9
    nothing = Evidence(0, 0, 0, 0, 0, 0, 0, 0, ())
    assert nothing.precision == nothing.coverage == nothing.precision_low == 0
    assert nothing.saved_per_week == nothing.unwanted_per_week == 0
    assert Holdout(7, 0, 0).precision_low == 0
    assert Holdout(7, 6, 1).precision_low < 6 / 7
