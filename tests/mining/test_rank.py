"""The rank: more help is better, more nuisance is worse."""

from dataclasses import replace

from hypothesis import given, strategies as st

from custom_components.automation_scout.mining.evidence import Evidence, Holdout
from custom_components.automation_scout.mining.rank import score
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    StateTrigger,
    TimeTrigger,
)

from .drafts import evidence_of

LAMP = Action("light.lamp", "on")
AT = Rule(TimeTrigger(1200), LAMP, 900)
COUNTS = st.integers(0, 60)
SURE = st.floats(0, 1)


@given(COUNTS, COUNTS, SURE)
def test_a_further_hit_is_better(hits: int, wrong: int, sure: float) -> None:
    less, more = evidence_of(hits, wrong), evidence_of(hits + 1, wrong)
    assert score(AT, more, sure) >= score(AT, less, sure)


@given(COUNTS, COUNTS, SURE)
def test_a_further_wrong_firing_is_worse(hits: int, wrong: int, sure: float) -> None:
    less, more = evidence_of(hits, wrong), evidence_of(hits, wrong + 1)
    assert score(AT, more, sure) <= score(AT, less, sure)


@given(COUNTS, COUNTS, SURE, SURE)
def test_being_surer_is_better(hits: int, wrong: int, one: float, two: float) -> None:
    evidence = evidence_of(hits, wrong)
    low, high = sorted((one, two))
    assert score(AT, evidence, low) <= score(AT, evidence, high)


def test_it_is_strict_where_it_matters() -> None:
    base = score(AT, evidence_of(), 0.7)
    assert score(AT, evidence_of(hits=21), 0.7) > base
    assert score(AT, evidence_of(wrong=3), 0.7) < base
    assert score(AT, evidence_of(), 0.8) > base


def test_the_same_over_more_days_is_less() -> None:
    evidence = evidence_of()
    longer = replace(evidence, days_observed=56)
    assert score(AT, longer, 0.7) < score(AT, evidence, 0.7)


def test_a_plain_trigger_comes_before_an_odd_one() -> None:
    """A clock and a door are plain, another appliance is less so."""
    door = Rule(StateTrigger("binary_sensor.door", "on"), LAMP, 300)
    person = Rule(StateTrigger("person.anna", "home"), LAMP, 300)
    kettle = Rule(StateTrigger("switch.kettle", "on"), LAMP, 300)
    marks = [score(rule, evidence_of(), 0.7) for rule in (AT, door, person, kettle)]
    assert marks[0] == marks[1] == marks[2] > marks[3]
    tv = Rule(TimeTrigger(1200), Action("media_player.tv", "off"), 900)
    assert score(tv, evidence_of(), 0.7) < marks[0]


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
