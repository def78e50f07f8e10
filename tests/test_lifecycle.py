"""Which suggestions are open after a run."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.automation_scout.lifecycle import (
    ABSENCE,
    DISMISSED,
    EXPIRED,
    GRACE,
    OPEN,
    Known,
    plan,
)
from custom_components.automation_scout.mining.result import Proven
from custom_components.automation_scout.mining.rules import Kind

from .scripted import at, proven

NOW = datetime(2026, 10, 1, 3, tzinfo=UTC)


def found(*ids: str) -> list[tuple[str, Proven]]:
    return [(key, proven(at(60 * n))) for n, key in enumerate(ids)]


def known(status: str, score: float = 1.0, age: timedelta = timedelta(1)) -> Known:
    return Known(status, score, NOW - age)


def shown(outcome_show: tuple[tuple[str, Proven], ...]) -> list[str]:
    return [key for key, _ in outcome_show]


def test_best_new_ones_open_and_the_others_wait() -> None:
    outcome = plan({}, found("a", "b", "c"), (), NOW, 2)
    assert shown(outcome.show) == ["a", "b"]
    assert outcome.opened == {"a", "b"}
    assert outcome.eligible == 3
    assert outcome.expire == ()


def test_open_ones_keep_their_place_against_better_new_ones() -> None:
    outcome = plan({"c": known(OPEN)}, found("a", "b", "c"), (), NOW, 2)
    assert shown(outcome.show) == ["a", "c"]
    assert outcome.opened == {"a"}


def test_dismissed_stays_dismissed_and_takes_no_place() -> None:
    outcome = plan({"a": known(DISMISSED)}, found("a", "b"), (), NOW, 1)
    assert shown(outcome.show) == ["b"]
    assert outcome.expire == ()
    assert outcome.eligible == 1


@pytest.mark.parametrize("status", ["accepted", "snoozed", "superseded"])
def test_other_verdicts_are_left_alone(status: str) -> None:
    outcome = plan({"a": known(status)}, found("a"), (), NOW, 5)
    assert outcome.show == ()
    assert outcome.expire == ()


def test_unproven_stays_for_two_weeks_and_expires_then() -> None:
    at_the_end = plan({"a": known(OPEN, age=GRACE)}, [], (), NOW, 5)
    assert at_the_end.rest == ("a",)
    assert at_the_end.expire == ()
    over = plan({"a": known(OPEN, age=GRACE + timedelta(seconds=1))}, [], (), NOW, 5)
    assert over.rest == ()
    assert over.expire == ("a",)
    never = plan({"a": Known(OPEN, 1.0, None)}, [], (), NOW, 5)
    assert never.expire == ("a",)


def test_expired_opens_again_when_it_is_proven() -> None:
    outcome = plan({"a": known(EXPIRED)}, found("a"), (), NOW, 5)
    assert outcome.opened == {"a"}


def test_resting_ones_hold_their_places() -> None:
    before = {"a": known(OPEN, 2.0), "b": known(OPEN, 3.0)}
    outcome = plan(before, found("c", "d"), (), NOW, 3)
    assert outcome.rest == ("b", "a")
    assert shown(outcome.show) == ["c"]


def test_lower_limit_closes_the_weakest() -> None:
    before = {"a": known(OPEN), "b": known(OPEN), "c": known(OPEN, 9.0)}
    outcome = plan(before, found("a", "b"), (), NOW, 1)
    assert shown(outcome.show) == ["a"]
    assert outcome.rest == ()
    assert outcome.expire == ("b", "c")


def test_vanished_expires_at_once() -> None:
    outcome = plan({"a": known(OPEN)}, [], ["a"], NOW, 5)
    assert outcome.expire == ("a",)


def test_absent_stays_for_some_days() -> None:
    before = {"a": known(OPEN, age=ABSENCE)}
    assert plan(before, [], (), NOW, 5, absent=["a"]).rest == ("a",)
    before = {"a": known(OPEN, age=ABSENCE + timedelta(seconds=1))}
    assert plan(before, [], (), NOW, 5).rest == ("a",)
    assert plan(before, [], (), NOW, 5, absent=["a"]).expire == ("a",)


def test_never_more_than_allowed() -> None:
    before = {key: known(OPEN) for key in "abcdef"}
    for most in range(1, 8):
        outcome = plan(before, found("a", "x", "y", "z"), (), NOW, most)
        assert len(outcome.show) + len(outcome.rest) <= most
        assert {*shown(outcome.show), *outcome.rest, *outcome.expire} >= set(before)


def special(key: str, kind: Kind, score: float) -> tuple[str, Proven]:
    item = proven(at(5), score=score)
    return key, replace(item, rule=replace(item.rule, special=kind))


def test_one_idea_and_one_untidy_thing_at_a_time() -> None:
    ideas = [special(key, Kind.OPPORTUNITY, -1000) for key in "xyz"]
    tidy = [special(key, Kind.TIDY, -500) for key in "pq"]
    adjust = [special(key, Kind.ADJUST, 3) for key in "uv"]
    rows = [*found("a"), *adjust, *tidy, *ideas]
    outcome = plan({}, rows, (), NOW, 9)
    assert shown(outcome.show) == ["a", "u", "v", "p", "x"]
    open_already = {"y": known(OPEN, -1000), "q": known(OPEN, -500)}
    outcome = plan(open_already, rows, (), NOW, 9)
    assert shown(outcome.show) == ["a", "u", "v", "q", "y"]
    assert outcome.expire == ()
    dismissed = {"x": known(DISMISSED)}
    assert shown(plan(dismissed, rows, (), NOW, 9).show)[-1] == "y"
