"""What the detectors compute agrees with its slow twins."""

from collections.abc import Callable
from typing import cast

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.detectors import DETECTORS
from custom_components.automation_scout.mining.detectors.daily_time import DailyTime
from custom_components.automation_scout.mining.detectors.follows import (
    GRID_MS,
    WINDOWS_S,
    Background,
    Follows,
    chance_hits,
    edge_rates,
    flatten_ranges,
    hits_by_edge,
)
from custom_components.automation_scout.mining.detectors.protocol import Detector
from custom_components.automation_scout.mining.events import EventLog, Row, log_of_rows
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import (
    Action,
    StateTrigger,
)

from . import naive, naive_detect
from .strategies import logs
from .worlds import (
    BARE,
    HOUR,
    MINUTE,
    clock_habit,
    idle_use,
    instant,
    occasions,
    pulses,
    reaction,
)

type Twin = Callable[[naive.Home, Detector], tuple[naive_detect.Found, int]]
LAMP_ON = Action("light.lamp", "on")
MONDAY = 20_465
"""2026-01-12."""


def ints(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, np.int64)


@given(logs())
def test_hits_by_edge(log: EventLog) -> None:
    history, home = History(log, BARE), naive.Home(log, BARE)
    for rows in home.acts().values():
        acts = [row.t for row in rows]
        expected = naive.hits_by_edge(home, acts, WINDOWS_S)
        assert hits_by_edge(history, ints(acts)).tolist() == expected


@given(logs())
def test_chance_hits(log: EventLog) -> None:
    history, home = History(log, BARE), naive.Home(log, BARE)
    rates = edge_rates(history)
    assert rates.shape == (len(home.edges()), 24)
    for action, rows in home.acts().items():
        acts = [row.t for row in rows]
        expected = [
            [
                naive_detect.chance_hits(home, acts, times, window)
                for times in home.edges().values()
            ]
            for window in WINDOWS_S
        ]
        fast = chance_hits(rates, history.acts[action])
        np.testing.assert_allclose(fast, expected, rtol=1e-9)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=8))
def test_flatten_ranges(ranges: list[tuple[int, int]]) -> None:
    owner, element = flatten_ranges(
        ints([low for low, _ in ranges]), ints([high for _, high in ranges])
    )
    assert list(zip(owner.tolist(), element.tolist(), strict=True)) == [
        (i, e) for i, (low, high) in enumerate(ranges) for e in range(low, high)
    ]


def aligned_rows(acts: list[tuple[int, int, int]]) -> list[Row]:
    """Acts in the middle of an hour; all else changes on quarters of an hour."""
    rows: list[Row] = [
        (instant(0, 0), "light.lamp", "off", Origin.USER, ""),
        (instant(6, 0), "binary_sensor.motion", "on", Origin.REPORT, ""),
    ]
    taken: set[tuple[int, int]] = set()
    for day, hour, minute in acts:
        if {(day, hour), (day, hour + 1), (day, hour - 1)} & taken:
            continue
        taken.add((day, hour))
        done = instant(day, 60 * hour + minute)
        undone = instant(day, 60 * hour + 60)
        rows.append((done, "light.lamp", "on", Origin.USER, ""))
        rows.append((undone, "light.lamp", "off", Origin.PHYSICAL, ""))
    return rows


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(1, 22), st.sampled_from((15, 30, 45))),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from(WINDOWS_S),
)
@settings(max_examples=8)
def test_background_is_the_measured_chance(
    acts: list[tuple[int, int, int]], window_s: int
) -> None:
    """Measured on a grid of a minute, and agreeing to what the coarse grid can tell.

    Every change of readiness moves the possible time of its hour by less than one step
    of the coarse grid, and so do the ends of the log and of a day. The time before an
    act is counted to a minute. Acts lie in the middle of their hours, so that the hour
    of an act is that of its window. What remains is the rule of the quotient.
    """
    log = log_of_rows(aligned_rows(acts))
    history, home = History(log, BARE), naive.Home(log, BARE)
    fast = Background(history, LAMP_ON).by_hour(window_s)
    possible, covered = naive_detect.open_and_covered(home, LAMP_ON, window_s, MINUTE)
    mean = sum(covered) / sum(possible)
    hours = [naive.local(row.t, home.zone) // HOUR % 24 for row in home.rows]
    act_hours = [
        naive.local(row.t, home.zone) // HOUR % 24 for row in home.acts()[LAMP_ON]
    ]
    step = GRID_MS // MINUTE
    lost = [
        step * (hours.count(hour) + (2 * len(home.days()) if hour == 0 else 0))
        for hour in range(24)
    ]
    of_mean = (len(act_hours) + mean * sum(lost)) / max(sum(possible) - sum(lost), 1)
    for hour in range(24):
        chance = (covered[hour] + 60 * mean) / (possible[hour] + 60)
        least = max(possible[hour] - lost[hour], 0) + 60
        error = act_hours.count(hour) + 60 * of_mean + chance * lost[hour]
        assert abs(fast[hour] - chance) <= error / least


def test_background_of_a_month_is_near_the_measured_one() -> None:
    """Many acts: what the grid loses averages out, to a tenth of the chance."""
    rows = idle_use("light.lamp", 30, 8, seed=5)
    log = log_of_rows(rows)
    home = naive.Home(log, BARE)
    fast = Background(History(log, BARE), LAMP_ON).by_hour(900)
    possible, covered = naive_detect.open_and_covered(home, LAMP_ON, 900, 5 * MINUTE)
    slow = np.array(covered) / np.array(possible)
    assert fast.mean() == pytest.approx(slow.mean(), rel=0.1)
    assert np.corrcoef(fast, slow)[0, 1] > 0.8


@given(logs(), st.sampled_from((30, 900)))
@settings(max_examples=20)
def test_background_of_random_logs(log: EventLog, window_s: int) -> None:
    history, home = History(log, BARE), naive.Home(log, BARE)
    for action in home.acts():
        fast = Background(history, action)
        slow = naive_detect.background(home, action, window_s)
        np.testing.assert_allclose(fast.by_hour(window_s), slow, rtol=1e-9)
        assert fast.mean(ints([]), window_s) == 0


def small_world(seed: int) -> list[Row]:
    """Two weeks with one habit of each kind, and things that are none."""
    at = occasions(range(14), 3, seed)
    habit = clock_habit(
        "light.lamp", 1168 + seed, range(14), seed=seed, keep=0.9, jitter_min=5 * seed
    )
    rows = habit + pulses("binary_sensor.motion", at)
    rows += reaction("light.desk", at, seed=seed, keep=0.8)
    rows += pulses("binary_sensor.door", occasions(range(14), 2, seed + 50))
    return rows + idle_use("switch.fan", 14, 2, seed)


def busy_world(seed: int) -> list[Row]:
    """An hour of bustle a day, at any time: sensors and lamps, all at once."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for day in range(14):
        start = instant(day, rng.uniform(500, 1200))
        for sensor in range(3):
            at = start + np.sort(rng.integers(0, HOUR, 6)) // 180_000 * 180_000
            rows += pulses(f"binary_sensor.{sensor}", map(int, np.unique(at)))
        for number, t in enumerate(np.sort(rng.integers(0, HOUR, 4))):
            state = ("on", "off")[number % 2]
            rows.append((start + int(t), "light.desk", state, Origin.USER, ""))
    return rows


def test_bustle_raises_the_chance() -> None:
    """In a busy hour everything follows everything: the twin sees the same, and why."""
    rows = busy_world(3)
    home = naive.Home(log_of_rows(rows), BARE)
    plain = detect_both(rows, Follows(min_lift=0, min_z=0))
    assert len(plain) > 5
    assert set(detect_both(rows, Follows(min_z=0))) < set(plain)
    raised = 0
    for rule in plain:
        assert isinstance(rule.trigger, StateTrigger)
        edge = (rule.trigger.entity_id, rule.trigger.state)
        chance = naive_detect.activity_chance(home, rule.action, edge, rule.window_s)
        by_hour = naive_detect.background(home, rule.action, rule.window_s)
        raised += chance > max(by_hour)
    assert raised


def detect_both(rows: list[Row], detector: Detector) -> naive_detect.Found:
    """Return the candidates after comparing them with those of the twin."""
    log = log_of_rows(rows)
    detection = detector.detect(History(log, BARE))
    fast = {c.rule: c.p_value for c in detection.candidates}
    twin = cast("Twin", naive_detect.TWINS[detector.name])
    slow, tested = twin(naive.Home(log, BARE), detector)
    assert set(fast) == set(slow)
    assert detection.n_tested == tested
    for rule, p in fast.items():
        assert p == pytest.approx(slow[rule], rel=1e-6, abs=1e-300)
    return fast


@pytest.mark.parametrize("seed", range(1, 9))
@pytest.mark.parametrize(
    "detector",
    [detector for detector in DETECTORS if detector.name in naive_detect.TWINS],
    ids=lambda d: d.name,
)
def test_whole_detector_on_small_worlds(detector: Detector, seed: int) -> None:
    assert detect_both(small_world(seed), detector)


@given(logs(most=40))
@settings(max_examples=8)
@pytest.mark.parametrize("detector", [DailyTime(min_days=2), Follows(min_hits=1)],
                         ids=lambda d: d.name)  # fmt: skip
def test_whole_detector_on_random_logs(detector: Detector, log: EventLog) -> None:
    rows = [
        (change.t, change.entity_id, change.state, change.origin, "")
        for change in naive.changes(log)
    ]
    detect_both(rows, detector)


def test_every_detector_has_a_twin() -> None:
    # Those of numbers and of absence are compared in `test_twins_numbers`.
    twins = {*naive_detect.TWINS, "absence", "numeric"}
    assert {detector.name for detector in DETECTORS} <= twins
