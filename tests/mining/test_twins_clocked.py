"""What is searched on the dials of clock and sun agrees with its slow twins."""

from hypothesis import assume, given, settings, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.acts import Acts
from custom_components.automation_scout.mining.detectors.daily_time import DailyTime
from custom_components.automation_scout.mining.detectors.day_scan import (
    CELL_MIN,
    WIDTHS,
    DayScan,
    activity_profile,
    nearest_offsets,
)
from custom_components.automation_scout.mining.detectors.regimes import beginning
from custom_components.automation_scout.mining.detectors.weekdays import best_weekdays
from custom_components.automation_scout.mining.dial import (
    NOON_MIN,
    since_event,
    sun_dial,
)
from custom_components.automation_scout.mining.events import (
    EventLog,
    Ints,
    Row,
    log_of_rows,
)
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.localtime import DAY_MS, weekday_of
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    WEEKDAYS,
    Action,
    SunEvent,
    TimeTrigger,
)

from . import naive, naive_clocked
from .strategies import logs
from .worlds import BARE, MINUTE, ZONE, clock_habit, history_of, idle_use, instant

LAMP_ON = Action("light.lamp", "on")
MONDAY = 20_465
"""2026-01-12."""


def ints(values: list[int]) -> Ints:
    return np.array(values, np.int64)


@given(
    st.lists(st.integers(0, 6 * 1440 * 60), max_size=30).map(sorted),
    st.sampled_from((0, 10, 700, 1439)),
    st.sampled_from((45, 60, 720)),
)
def test_nearest_offsets(seconds: list[int], minute: int, reach: int) -> None:
    local = [1000 * second for second in seconds]
    acts = Acts(ints(local), ints(local), ints([Origin.USER] * len(local)))
    fast = nearest_offsets(acts, minute, reach).tolist()
    assert fast == naive_clocked.nearest_offsets(local, minute, reach)


@given(
    st.integers(1, 4),
    st.sampled_from((ALL_DAYS, WEEKDAYS, (1, 3))),
    st.lists(st.integers(0, 4), min_size=7, max_size=7),
)
def test_weekdays_are_the_best_of_all_sets(
    weeks: int, expected: tuple[int, ...], hits: list[int]
) -> None:
    """Equal numbers of each weekday; ties are between sets that are equally good."""
    outcomes = [(day, week < hits[day]) for day in range(7) for week in range(weeks)]
    days = ints([MONDAY + day for day, _ in outcomes])
    hit = np.array([done for _, done in outcomes], bool)
    assert weekday_of(days).tolist() == [day for day, _ in outcomes]
    chosen = best_weekdays(days, hit, expected)

    def worth(some: tuple[int, ...]) -> float:
        return naive_clocked.weekday_objective(some, outcomes, expected)

    best = max(map(worth, naive_clocked.every_set()))
    assert worth(chosen) == pytest.approx(best, abs=1e-9)


@given(logs())
def test_activity_profile(log: EventLog) -> None:
    profile = activity_profile(History(log, BARE).acts.values())
    expected = naive_clocked.activity_profile(naive.Home(log, BARE))
    np.testing.assert_allclose(profile, expected, rtol=1e-12)
    assert profile.sum() == pytest.approx(1)


def check_scan(rows: list[Row], action: Action, min_rate: float) -> int | None:
    """Compare the best window; several may be equally good."""
    log = log_of_rows(rows)
    history, home = History(log, BARE), naive.Home(log, BARE)
    profile = naive_clocked.activity_profile(home)
    acts = history.acts[action]
    centre = DayScan.of(history.days, acts).best_centre(np.array(profile), min_rate)
    table = naive_clocked.scan(home.days(), acts.local.tolist(), profile, min_rate)
    least = min(table.values(), default=0.0)
    if centre is None:
        assert least == 0
        return None
    of_centre = min(
        value
        for (first, width, _), value in table.items()
        if (first * CELL_MIN + width * CELL_MIN // 2) % 1440 == centre
    )
    assert of_centre == pytest.approx(least, rel=1e-9)
    return centre


@given(logs(), st.sampled_from((0.0, 0.4)))
@settings(max_examples=25)
def test_scan_of_random_logs(log: EventLog, min_rate: float) -> None:
    rows = [
        (change.t, change.entity_id, change.state, change.origin, "")
        for change in naive.changes(log)
    ]
    for action, acts in naive.Home(log, BARE).acts().items():
        if len(acts) >= 3:
            check_scan(rows, action, min_rate)


@pytest.mark.parametrize("minute", [0, 5, 600, 1435])
@pytest.mark.parametrize("noise", [0, 3])
def test_scan_of_habits(minute: int, noise: int) -> None:
    rows = clock_habit("light.lamp", minute, range(12), jitter_min=4, seed=minute)
    rows += idle_use("light.desk", 12, noise)
    centre = check_scan(rows, LAMP_ON, 0.4)
    assert centre is not None
    assert abs((centre - minute + 720) % 1440 - 720) <= max(WIDTHS) * CELL_MIN


def test_scan_of_a_lamp_used_many_times_a_day() -> None:
    """The more acts a day, the less it says that one of them is in a window."""
    rows = clock_habit("light.lamp", 1170, range(12), jitter_min=8)
    rows += idle_use("light.lamp", 12, 14, seed=2)
    for seed in range(3):
        few = idle_use("light.lamp", 12, 10, seed=seed)
        check_scan(rows + few, LAMP_ON, 0.0)
        check_scan(few, LAMP_ON, 0.0)


def detect_both(rows: list[Row], detector: DailyTime) -> naive_clocked.Found:
    """Return the candidates after comparing them with those of the twin."""
    log = log_of_rows(rows)
    detection = detector.detect(History(log, BARE))
    fast = {c.rule: c.p_value for c in detection.candidates}
    slow, tested = naive_clocked.daily_time(naive.Home(log, BARE), detector)
    assert set(fast) == set(slow)
    assert detection.n_tested == tested
    for rule, p in fast.items():
        assert p == pytest.approx(slow[rule], rel=1e-6, abs=1e-300)
    return fast


@pytest.mark.parametrize("seed", range(1, 9))
def test_the_detector_on_small_worlds(seed: int) -> None:
    rows = clock_habit(
        "light.lamp", 1168 + seed, range(14), seed=seed, keep=0.9, jitter_min=2 * seed
    )
    assert detect_both(rows + idle_use("switch.fan", 14, 2, seed), DailyTime())


@pytest.mark.parametrize("seed", range(4))
def test_the_detector_on_habits_that_moved(seed: int) -> None:
    """The new time is dated; the twin finds the same day by trying each."""
    rows = clock_habit("light.lamp", 1080, range(12), seed=seed)
    rows += clock_habit("light.lamp", 1170, range(12, 26), seed=seed + 1, keep=0.95)
    found = detect_both(rows + idle_use("switch.fan", 26, 1, seed), DailyTime())
    recent = [rule for rule in found if rule.action == LAMP_ON and rule.since]
    assert recent
    for rule in recent:
        assert isinstance(rule.trigger, TimeTrigger)
        assert abs(rule.trigger.minute - 1170) <= 10
        assert abs(rule.since - (MONDAY + 12)) <= 2


@given(logs(most=40))
@settings(max_examples=8)
def test_the_detector_on_random_logs(log: EventLog) -> None:
    assume(not History(log, BARE).machines.found)
    rows = [
        (change.t, change.entity_id, change.state, change.origin, "")
        for change in naive.changes(log)
    ]
    detect_both(rows, DailyTime(min_days=2))


@given(st.lists(st.booleans(), max_size=40), st.integers(0, 20), st.integers(0, 20))
def test_beginning(hits: list[bool], early: int, late: int) -> None:
    """Random days, and clear changes around them."""
    hits = [False] * early + hits + [True] * late
    days = [MONDAY + 2 * index for index in range(len(hits))]
    fast = beginning(ints(days), np.array(hits, bool))
    assert fast == naive_clocked.beginning(dict(zip(days, hits, strict=True)))


@given(
    st.lists(st.integers(-100, 1000), min_size=1, max_size=9, unique=True).map(sorted),
    st.lists(st.integers(-200, 1100), max_size=20),
)
def test_since_event(events: list[int], t: list[int]) -> None:
    index, since = since_event(ints(t), ints(events))
    for at, place, passed in zip(t, index.tolist(), since.tolist(), strict=True):
        assert passed == at - events[place]
        assert abs(passed) == min(abs(at - event) for event in events)


@pytest.mark.parametrize("event", SunEvent)
def test_a_dial_of_the_sun_reads_the_minutes_since(event: SunEvent) -> None:
    """By hand: the nearest event of the days around, an hour later is minute 780."""
    facts = HomeFacts(ZONE, latitude=52.1, longitude=5.1)
    rows: list[Row] = []
    for day in range(30):
        lit, out = instant(day, 1000 + 3 * day), instant(day, 1100 + 3 * day)
        rows.append((lit, "light.lamp", "on", Origin.USER, ""))
        rows.append((out, "light.lamp", "off", Origin.USER, ""))
    history = history_of(rows, facts)
    dial = sun_dial(history, event)
    acts = history.acts[LAMP_ON]
    read = dial.read(acts)
    assert dial.days.tolist() == history.days.tolist()
    days = np.arange(history.days[0] - 1, history.days[-1] + 2)
    events = dict(
        zip(days.tolist(), history.sun_events(event, days).tolist(), strict=True)
    )
    for t, reading in zip(read.t.tolist(), read.local.tolist(), strict=True):
        day = min(events, key=lambda day: abs(t - events[day]))
        passed = t - events[day]
        assert reading == day * DAY_MS + NOON_MIN * MINUTE + passed
    assert dial.minute_of(dial.trigger(780, ALL_DAYS)) == 780
    assert len(read) == len(acts)
