"""Which suggestions are open after a run."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.automation_scout.lifecycle import (
    ACCEPTED,
    DISMISSED,
    EXPIRED,
    OPEN,
    SNOOZED,
    SUPERSEDED,
    Home,
    Known,
    Plan,
    displaced,
    plan as plan_for,
    wake,
)
from custom_components.automation_scout.lifecycle.plan import ABSENCE, GRACE, SUPPORT
from custom_components.automation_scout.mining.result import Proven
from custom_components.automation_scout.mining.rules import Kind

from ..scripted import FACTS, at, proven

HOME = Home(FACTS)
NOW = datetime(2026, 10, 1, 3, tzinfo=UTC)


def found(*ids: str) -> list[tuple[str, Proven]]:
    return [(key, proven(at(60 * n))) for n, key in enumerate(ids)]


def known(status: str, score: float = 1.0, age: timedelta = timedelta(1)) -> Known:
    return Known(status, score, NOW - age)


def plan(
    known: Mapping[str, Known],
    proven: Sequence[tuple[str, Proven]],
    vanished: Collection[str] = (),
    now: datetime = NOW,
    max_open: int = 5,
    **more: Any,
) -> Plan:
    return plan_for(known, proven, vanished, now, max_open, HOME, **more)


def steps(outcome: Plan) -> list[tuple[str, int, int]]:
    return [(step.gate, step.entered, step.left) for step in outcome.funnel]


def shown(outcome_show: tuple[tuple[str, Proven], ...]) -> list[str]:
    return [key for key, _ in outcome_show]


def test_best_new_ones_open_and_the_others_wait() -> None:
    outcome = plan({}, found("a", "b", "c"), (), NOW, 2)
    assert shown(outcome.show) == ["a", "b"]
    assert outcome.opened == {"a", "b"}
    assert steps(outcome)[-1] == ("attention", 3, 2)
    assert outcome.expire == ()


def test_open_ones_keep_their_place_against_better_new_ones() -> None:
    outcome = plan({"c": known(OPEN)}, found("a", "b", "c"), (), NOW, 2)
    assert shown(outcome.show) == ["a", "c"]
    assert outcome.opened == {"a"}


def test_dismissed_stays_dismissed_and_takes_no_place() -> None:
    outcome = plan({"a": known(DISMISSED)}, found("a", "b"), (), NOW, 1)
    assert shown(outcome.show) == ["b"]
    assert outcome.expire == ()
    assert steps(outcome) == [
        ("verdict", 2, 1),
        ("snooze", 1, 1),
        ("relatives", 1, 1),
        ("attention", 1, 1),
    ]


def test_accepted_is_left_alone() -> None:
    outcome = plan({"a": known(ACCEPTED)}, found("a"))
    assert outcome.show == outcome.refresh == ()
    assert outcome.expire == outcome.supersede == ()


def snoozed(until: timedelta, age: timedelta = timedelta(1)) -> Known:
    return replace(known(SNOOZED, age=age), snoozed_until=NOW + until)


def test_snoozed_is_away_and_kept_up_to_date() -> None:
    outcome = plan({"a": snoozed(timedelta(seconds=1))}, found("a", "b"))
    assert shown(outcome.show) == ["b"]
    assert shown(outcome.refresh) == ["a"]
    assert steps(outcome)[:2] == [("verdict", 2, 2), ("snooze", 2, 1)]
    assert outcome.expire == ()
    assert outcome.released == frozenset()


@pytest.mark.parametrize("is_proven", [True, False])
def test_snooze_that_is_over_comes_before_all_others(is_proven: bool) -> None:
    before = {"z": snoozed(timedelta(0)), "a": known(OPEN), "b": known(OPEN, 5.0)}
    outcome = plan(before, found("a", "b", *("z" * is_proven)), max_open=2)
    assert {*shown(outcome.show), *outcome.rest} == {"a", "z"}
    assert outcome.opened == outcome.released == {"z"}
    assert outcome.expire == ("b",)


def test_snooze_that_is_over_waits_for_support_but_not_for_ever() -> None:
    """It is no news that a habit was there; without it for two months it is over."""
    waiting = {"a": snoozed(timedelta(0), age=GRACE + timedelta(seconds=1))}
    outcome = plan(waiting, [])
    assert outcome.rest == outcome.expire == ()
    assert shown(plan(waiting, found("a")).show) == ["a"]
    assert plan({"a": snoozed(timedelta(0), age=SUPPORT)}, []).expire == ()
    late = SUPPORT + timedelta(seconds=1)
    over = plan({"a": snoozed(timedelta(0), age=late)}, [])
    assert over.expire == ("a",)
    assert over.released == {"a"}
    assert plan({"a": snoozed(timedelta(9), age=late)}, []).expire == ()


def test_snoozed_and_moot_is_over_when_its_time_is() -> None:
    assert plan({"a": snoozed(timedelta(0))}, [], ["a"]).expire == ("a",)
    assert plan({"a": snoozed(timedelta(1))}, [], ["a"]).expire == ()


def test_better_form_takes_the_place_of_what_it_does() -> None:
    before = {"a": known(OPEN), "b": known(OPEN), "c": known(OPEN)}
    outcome = plan(before, found("x", "b", "c", "r"), max_open=3, absorbed={"a": "r"})
    assert shown(outcome.show) == ["b", "c", "r"]
    assert outcome.supersede == ("a",)
    assert outcome.expire == ()


def test_nothing_gives_way_to_what_is_not_shown() -> None:
    before = {"a": known(OPEN), "r": known(DISMISSED)}
    outcome = plan(before, [("r", proven(at(600)))], absorbed={"a": "r"})
    assert outcome.supersede == ()
    assert outcome.rest == ("a",)


@pytest.mark.parametrize("status", [ACCEPTED, DISMISSED, SNOOZED, EXPIRED])
def test_only_what_is_open_is_superseded(status: str) -> None:
    before = {"a": replace(known(status), snoozed_until=NOW + timedelta(1))}
    outcome = plan(before, found("r"), absorbed={"a": "r"})
    assert outcome.supersede == outcome.expire == ()


def test_superseded_comes_back_when_its_successor_is_gone() -> None:
    old = proven(at(600))
    before = {
        "a": replace(known(SUPERSEDED), rule=old.rule),
        "r": replace(known(OPEN), rule=proven(at(610)).rule),
    }
    assert plan(before, [("a", old)]).opened == frozenset()
    before["r"] = replace(before["r"], status=EXPIRED)
    assert plan(before, [("a", old)]).opened == {"a"}


def test_the_end_of_a_snooze_opens_what_was_proven_lately() -> None:
    before = {
        "a": snoozed(timedelta(0)),
        "b": snoozed(timedelta(0), age=GRACE + timedelta(1)),
        "c": snoozed(timedelta(1)),
        "d": known(OPEN, 3.0),
        "e": known(OPEN, 2.0),
    }
    assert wake(before, NOW, 9) == (("a",), ())
    assert wake(before, NOW, 2) == (("a",), ("e",))
    assert wake({}, NOW, 2) == ((), ())
    assert displaced(before, 0) == ("d", "e")


def test_unproven_stays_for_two_weeks_and_expires_then() -> None:
    at_the_end = plan({"a": known(OPEN, age=GRACE)}, [], (), NOW, 5)
    assert at_the_end.rest == ("a",)
    assert at_the_end.expire == ()
    over = plan({"a": known(OPEN, age=GRACE + timedelta(seconds=1))}, [], (), NOW, 5)
    assert over.rest == ()
    assert over.expire == ("a",)
    never = plan({"a": Known(OPEN, 1.0, None)}, [], (), NOW, 5)
    assert never.expire == ("a",)


def test_restored_stays_for_two_weeks_whether_or_not_it_is_proven() -> None:
    restored = replace(known(OPEN, age=SUPPORT), decided_at=NOW - GRACE)
    assert plan({"a": restored}, []).rest == ("a",)
    late = replace(restored, decided_at=NOW - GRACE - timedelta(seconds=1))
    assert plan({"a": late}, []).expire == ("a",)


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
