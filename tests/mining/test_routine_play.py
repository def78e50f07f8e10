"""What a routine would have done, and the order of it, against slow twins."""

from math import exp
from statistics import median

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.company import by_chance
from custom_components.automation_scout.mining.events import EventLog
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.replay import Replay, replay
from custom_components.automation_scout.mining.routine_order import (
    gaps,
    in_order,
    pause_s,
)
from custom_components.automation_scout.mining.routine_play import (
    part_of,
    play,
    play_routine,
    together,
)
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    StateTrigger,
    Step,
    TimeTrigger,
    Trigger,
)

from .naive import refractory
from .strategies import ACTIONS, bursts, homes, logs
from .worlds import BARE

A, B, C = (Action(f"light.{name}", "on") for name in "abc")
NOON = TimeTrigger(720)
MOTION = StateTrigger("binary_sensor.motion", "on")


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Return routines of two to four actions."""
    actions = draw(st.permutations(ACTIONS))[: draw(st.integers(2, 4))]
    occasions: tuple[Trigger, ...] = (NOON, MOTION)
    trigger = draw(st.sampled_from(occasions))
    window = draw(st.sampled_from((60, 120, 900)))
    return Rule(
        trigger, actions[0], window, more=tuple(Step(action) for action in actions[1:])
    )


def naive_together(parts: list[Replay], window_s: int) -> list[tuple[int, int, bool]]:
    """Return instant, day and hit of each firing, one after the other."""
    each = sorted(
        (int(t), int(day), number, bool(hit))
        for number, part in enumerate(parts)
        for t, day, hit in zip(part.fired, part.day, part.hit, strict=True)
    )
    starts = refractory([t for t, *_ in each], window_s * 1000)
    found = []
    for place, start in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else len(each)
        could = {number for _, _, number, _ in each[start:end]}
        done = {number for _, _, number, hit in each[start:end] if hit}
        found.append(
            (each[start][0], each[start][1], bool(done) and len(done) >= len(could) / 2)
        )
    return found


@given(st.one_of(logs(), bursts()), homes(), rules())
def test_slow_twin_agrees(log: EventLog, facts: HomeFacts, rule: Rule) -> None:
    history = History(log, facts)
    parts = [replay(history, part_of(rule, action)) for action in rule.actions]
    played = play_routine(history, rule)
    table = list(
        zip(
            played.fired.tolist(), played.day.tolist(), played.hit.tolist(), strict=True
        )
    )
    assert table == naive_together(parts, rule.window_s)
    assert played.explained.tolist() == parts[0].explained.tolist()


@given(st.one_of(logs(), bursts()), rules())
def test_a_routine_fires_no_more_than_its_parts(log: EventLog, rule: Rule) -> None:
    history = History(log, BARE)
    parts = [replay(history, part_of(rule, action)) for action in rule.actions]
    played = play(history, rule)
    assert set(played.fired.tolist()) <= {t for p in parts for t in p.fired.tolist()}
    assert max(len(p.fired) for p in parts) <= len(played.fired)
    assert len(played.fired) <= sum(len(p.fired) for p in parts)
    assert played.hits <= sum(p.hits for p in parts)
    if not any(p.wrong for p in parts):
        assert not played.wrong
    alone = part_of(rule, rule.action)
    assert play(history, alone).fired.tolist() == parts[0].fired.tolist()


def part(*fired: tuple[int, bool]) -> Replay:
    t = np.array([t * 1000 for t, _ in fired], np.int64)
    hit = np.array([hit for _, hit in fired], bool)
    return Replay(t, t // 100_000, hit, np.flatnonzero(hit))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        # One of two, and one of one, is at least half of what could act.
        ([part((0, True)), part((0, False))], [True]),
        ([part((0, True)), part()], [True]),
        ([part((0, False)), part()], [False]),
        # One of three is not.
        ([part((0, True)), part((0, False)), part((0, False))], [False]),
        ([part((0, True)), part((0, True)), part((0, False))], [True]),
        # Within the window they are one occasion, at its end they are the next.
        ([part((0, False)), part((59, True))], [True]),
        ([part((0, False)), part((60, True))], [False, True]),
    ],
)
def test_half_of_what_could_act(parts: list[Replay], expected: list[bool]) -> None:
    assert together(parts, 60).hit.tolist() == expected


def naive_gaps(one: list[int], two: list[int]) -> list[float]:
    found = []
    for t in one:
        near = sorted((abs(other - t), -(other - t)) for other in two)
        if near and near[0][0] <= 300_000:
            found.append(float(-near[0][1]))
    return found


TIMES = st.lists(st.integers(0, 900).map(lambda s: s * 1000), max_size=8).map(sorted)


@given(TIMES, TIMES)
def test_gaps_agree_with_the_slow_twin(one: list[int], two: list[int]) -> None:
    found = gaps(np.array(one, np.int64), np.array(two, np.int64))
    assert found.tolist() == naive_gaps(one, two)


SECONDS = st.lists(st.integers(-300, 300), max_size=12)


@given(SECONDS)
def test_a_pause_is_what_people_keep(seconds: list[int]) -> None:
    found = pause_s(np.array(seconds, float) * 1000)
    if not found:
        return
    middle = median(seconds)
    assert len(seconds) >= 4
    assert abs(found - middle) <= (15 if middle >= 60 else 5)
    near = [s for s in seconds if abs(s - middle) <= max(10, 0.2 * middle)]
    assert len(near) >= 0.8 * len(seconds)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([120] * 6, 120),
        ([118, 125, 121, 115, 130], 120),
        ([40, 44, 38, 41], 40),
        ([100, 104, 96, 101], 90),
        ([20] * 6, 0),
        ([29] * 6, 0),
        ([30] * 6, 30),
        ([120] * 3, 0),
        ([60, 120, 180, 240, 90], 0),
        ([-120] * 6, 0),
        ([120] * 8 + [10] * 2, 120),
        ([120] * 7 + [10] * 3, 0),
    ],
)
def test_pauses_that_matter(seconds: list[int], expected: int) -> None:
    assert pause_s(np.array(seconds, float) * 1000) == expected


def done(*minutes: float) -> np.ndarray:
    return np.array([round(m * 60_000) for m in minutes], np.int64)


def test_the_order_that_people_keep() -> None:
    days = np.arange(6) * 1440.0
    acts = {A: done(*(days + 4)), B: done(*days), C: done(*(days + 0.2))}
    assert in_order(A, acts) == (B, (Step(C), Step(A, (), 240)))


def test_what_comes_at_once_is_ordered_by_name() -> None:
    days = np.arange(6) * 1440.0
    acts = {B: done(*days), C: done(*(days + 0.01)), A: done(*(days[:5] + 0.02))}
    assert in_order(B, acts) == (A, (Step(B), Step(C)))
    acts[A] = acts[A][:4]
    assert in_order(B, acts) == (B, (Step(A), Step(C)))


def test_a_loose_order_is_none() -> None:
    days = np.arange(10) * 1440.0
    swung = np.where(np.arange(10) % 3 == 0, -1, 1)
    acts = {A: done(*days), B: done(*(days + swung))}
    assert in_order(A, acts) == (A, (Step(B),))
    assert in_order(B, acts) == (A, (Step(B),))


@given(TIMES, TIMES)
def test_company_by_chance_agrees_with_the_slow_twin(
    one: list[int], two: list[int]
) -> None:
    far = [20 * t for t in one]
    away = [t for t in two if all(abs(t - at) > 300_000 for at in far)]
    seen = 1 + sum(abs(t - at) <= 5_400_000 for at in far for t in away)
    expected = 1 - exp(-seen * 600 / (10_200 * len(far))) if far else 1
    found = by_chance(np.array(two, np.int64), np.array(far, np.int64))
    assert found == pytest.approx(expected)
