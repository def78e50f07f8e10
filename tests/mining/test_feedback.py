"""What people said moves ranks: boundedly, evenly in both directions, and no facts."""

from math import isclose

from hypothesis import given, strategies as st
import pytest

from custom_components.automation_scout.mining.facts import EntityFacts
from custom_components.automation_scout.mining.feedback import (
    FAITH,
    MOST,
    Feedback,
    feedback_of,
    traits_of,
)
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    StateTrigger,
    Step,
    TimeTrigger,
)

from .worlds import facts_of

HOME = facts_of(
    EntityFacts("light.desk", "Desk", "study", "lamp1"),
    EntityFacts("light.shelf", "Shelf", "study", "lamp2"),
    EntityFacts("switch.fan", "Fan"),
)
DESK = Rule(TimeTrigger(1200), Action("light.desk", "on"), 900)
SHELF = Rule(StateTrigger("binary_sensor.m", "on"), Action("light.shelf", "on"), 60)
FAN = Rule(StateTrigger("binary_sensor.m", "on"), Action("switch.fan", "on"), 60)
COUNT = st.integers(0, 40)
COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.tuples(COUNT, COUNT))
TRAITS = st.sets(st.sampled_from("abcdefg"))


def test_a_verdict_is_about_kind_pair_room_and_device() -> None:
    assert traits_of(DESK, HOME) == (
        "kind:time", "pair:time>light", "area:study", "device:lamp1",
    )  # fmt: skip
    assert traits_of(FAN, HOME) == ("kind:state", "pair:state>switch")
    routine = Rule(
        DESK.trigger, DESK.action, 900, more=(Step(Action("light.shelf", "on")),)
    )
    assert traits_of(routine, HOME)[:2] == ("kind:routine", "pair:time>light")


def test_verdicts_are_counted_by_trait() -> None:
    counts = feedback_of([(DESK, True), (DESK, False), (SHELF, False)], HOME).counts
    assert counts["kind:time"] == (1, 1)
    assert counts["pair:state>light"] == (0, 1)
    assert counts["area:study"] == (1, 2)
    assert counts["device:lamp2"] == (0, 1)


def test_nobody_said_anything() -> None:
    assert Feedback().factor(traits_of(DESK, HOME)) == 1
    assert feedback_of([], HOME) == Feedback()
    assert Feedback({"kind:time": (9, 0)}).factor(["kind:state"]) == 1


@given(COUNTS, TRAITS)
def test_it_stays_within_its_bound(
    counts: dict[str, tuple[int, int]], traits: set[str]
) -> None:
    assert 1 / MOST - 1e-12 <= Feedback(counts).factor(traits) <= MOST + 1e-12


@given(COUNTS, TRAITS)
def test_to_accept_and_to_dismiss_weigh_the_same(
    counts: dict[str, tuple[int, int]], traits: set[str]
) -> None:
    turned = {trait: (no, yes) for trait, (yes, no) in counts.items()}
    product = Feedback(counts).factor(traits) * Feedback(turned).factor(traits)
    assert isclose(product, 1)


@given(COUNT, COUNT)
def test_a_further_verdict_moves_its_way(yes: int, no: int) -> None:
    before = Feedback({"a": (yes, no)}).factor("a")
    # One more of the rarer kind makes the others more credible, if by very little.
    if yes >= no:
        assert Feedback({"a": (yes + 1, no)}).factor("a") >= before
    if no >= yes:
        assert Feedback({"a": (yes, no + 1)}).factor("a") <= before


@given(st.integers(1, 20), st.integers(1, 20))
def test_the_same_share_of_more_verdicts_says_more(no: int, times: int) -> None:
    few = Feedback({"a": (0, no)}).factor("a")
    many = Feedback({"a": (0, no * (times + 1))}).factor("a")
    assert many < few < 1 or few == many == 1 / MOST


def test_half_of_its_say_at_as_many_verdicts_as_faith_asks() -> None:
    """Eight in a row, one trait: the root of the root of nine."""
    factor = Feedback({"a": (FAITH, 0)}).factor("a")
    assert factor == pytest.approx((FAITH + 1) ** 0.25)


def test_one_no_is_a_hint_and_five_are_a_wish() -> None:
    one = feedback_of([(DESK, False)], HOME)
    assert 0.8 < one.factor(traits_of(DESK, HOME)) < 0.9
    assert 0.9 < one.factor(traits_of(SHELF, HOME)) < 1
    assert one.factor(traits_of(FAN, HOME)) == 1
    five = feedback_of([(DESK, False)] * 5, HOME)
    assert five.factor(traits_of(DESK, HOME)) == pytest.approx(1 / MOST)
