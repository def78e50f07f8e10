"""What the detectors compute agrees with its slow twins."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.detectors import DETECTORS, follows
from custom_components.automation_scout.mining.detectors.daily_time import DailyTime
from custom_components.automation_scout.mining.detectors.follows import (
    GRID_MS,
    WINDOWS_S,
    Background,
    Follows,
    chance_hits,
    chances_by_hour,
    flatten_ranges,
    hits_by_trigger,
)
from custom_components.automation_scout.mining.detectors.protocol import Detector
from custom_components.automation_scout.mining.detectors.variants import variants
from custom_components.automation_scout.mining.events import EventLog, Row, log_of_rows
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import (
    Action,
    StateTrigger,
)

from . import naive, naive_chances, naive_clocked, naive_detect, naive_follows
from .naive_occasions import occasions as occasions_of
from .strategies import homes, logs, shared_homes
from .worlds import (
    BARE,
    HOUR,
    MINUTE,
    clock_habit,
    facts_of,
    idle_use,
    instant,
    occasions,
    pulses,
    reaction,
)

type Twin = Callable[[naive.Home, Detector], tuple[naive_detect.Found, int]]
LAMP_ON = Action("light.lamp", "on")
DESK_ON = Action("light.desk", "on")
TWINS: Mapping[str, object] = {
    "time": naive_clocked.daily_time,
    "state": naive_follows.follows,
}


def ints(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, np.int64)


@given(logs() | shared_homes(), homes())
def test_variants(log: EventLog, facts: HomeFacts) -> None:
    """The forms of every trigger, their occasions, and that none is there twice."""
    found = variants(History(log, facts))
    slow = naive_follows.forms(naive.Home(log, facts))
    assert list(found.triggers) == list(slow)
    for parts in (found.layers, found.grouped):
        codes = [set(part.code[part.code >= 0].tolist()) for part in parts]
        assert not set.intersection(*codes)
        for code, times in enumerate(slow.values()):
            fast = [t for part in parts for t in part.t[part.code == code].tolist()]
            assert fast == times
    assert all(np.all(np.diff(part.t) >= 0) for part in found.layers)
    assert all(np.all(np.diff(part.code) >= 0) for part in found.grouped)


def test_forms_are_for_what_is_rarer_and_no_switch() -> None:
    """Forms of a sensor that fire as often as it does say nothing more."""
    minutes = [instant(day, 600 + k) for day in range(3) for k in (0, 3, 6, 9, 50)]
    rows = pulses("binary_sensor.motion", minutes)
    rows += pulses("light.lamp", minutes)
    rows += pulses("binary_sensor.rare", [instant(day, 900) for day in range(9)])
    found = variants(History(log_of_rows(rows), BARE)).triggers
    of = {
        name: {
            (form.for_s, form.quiet_s)
            for form in found
            if (form.entity_id, form.state) == (name, "on")
        }
        for name in ("binary_sensor.motion", "light.lamp", "binary_sensor.rare")
    }
    plain = (0, 0)
    assert of == {
        "binary_sensor.motion": {plain, (0, 600), (0, 3600), (0, 14_400)},
        "light.lamp": {plain},
        "binary_sensor.rare": {plain},
    }


@given(logs() | shared_homes())
def test_hits_by_trigger(log: EventLog) -> None:
    history, home = History(log, BARE), naive.Home(log, BARE)
    found = variants(history)
    for rows in home.acts().values():
        acts = [row.t for row in rows]
        expected = [
            [naive_follows.hits(acts, times, window) for times in forms.values()]
            for forms in [naive_follows.forms(home)]
            for window in WINDOWS_S
        ]
        assert hits_by_trigger(found, ints(acts)).tolist() == expected


@given(logs() | shared_homes(), st.sampled_from((1, 3, 1 << 20)))
def test_chances(log: EventLog, chunk: int) -> None:
    """However many occasions are counted at once."""
    history, home = History(log, BARE), naive.Home(log, BARE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(follows, "CHUNK", chunk)
        by_hour = chances_by_hour(history, variants(history))
    slow = [
        [
            naive_follows.chance_by_hour(home, times, window)
            for times in naive_follows.forms(home).values()
        ]
        for window in WINDOWS_S
    ]
    np.testing.assert_allclose(by_hour, np.reshape(slow, by_hour.shape), rtol=1e-9)
    for action, rows in home.acts().items():
        hours = [naive.local(row.t, home.zone) // HOUR % 24 for row in rows]
        expected = [[sum(of[h] for h in hours) for of in row] for row in slow]
        fast = chance_hits(by_hour, history.acts[action])
        np.testing.assert_allclose(fast, expected, rtol=1e-9)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=400).map(sorted))
def test_sample_is_spread_over_the_acts(acts: list[int]) -> None:
    """The twin's choice, which the whole detector is compared with below."""
    chosen = naive_follows.sample(acts)
    assert len(chosen) == min(len(acts), follows.SAMPLE)
    assert chosen[0] == acts[0]
    assert chosen[-1] == acts[-1]
    assert chosen == sorted(chosen)


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
        own = occasions_of(home, rule.trigger)
        chance = naive_chances.activity(home, rule.action, own, rule.window_s)
        by_hour = naive_detect.background(home, rule.action, rule.window_s)
        raised += chance > max(by_hour)
    assert raised


def detect_both(
    rows: list[Row], detector: Detector, facts: HomeFacts = BARE
) -> naive_detect.Found:
    """Return the candidates after comparing them with those of the twin."""
    log = log_of_rows(rows)
    detection = detector.detect(History(log, facts))
    fast = {c.rule: c.p_value for c in detection.candidates}
    twin = cast("Twin", TWINS[detector.name])
    slow, tested = twin(naive.Home(log, facts), detector)
    assert set(fast) == set(slow)
    assert detection.n_tested == tested
    for rule, p in fast.items():
        assert p == pytest.approx(slow[rule], rel=1e-6, abs=1e-300)
    return fast


@pytest.mark.parametrize("seed", range(1, 9))
@pytest.mark.parametrize(
    "detector",
    [detector for detector in DETECTORS if detector.name in TWINS],
    ids=lambda d: d.name,
)
def test_whole_detector_on_small_worlds(detector: Detector, seed: int) -> None:
    assert detect_both(small_world(seed), detector)


def test_a_lamp_with_more_acts_than_are_looked_at() -> None:
    """Many acts, most of them after a door, some out of the blue."""
    at = occasions(range(20), 13, 3)
    rows = pulses("binary_sensor.door", at) + reaction("light.desk", at, keep=0.7)
    rows += idle_use("light.desk", 20, 4, 8)
    log = log_of_rows(rows)
    assert len(naive.Home(log, BARE).acts()[DESK_ON]) > follows.SAMPLE
    assert detect_both(rows, Follows())


def test_who_leaves_a_room_is_not_for_this_detector() -> None:
    """Nor what is of one device; and where nobody comes any more, nothing is."""
    at = occasions(range(14), 3, 3)
    rows = pulses("binary_sensor.motion", at, 10 * MINUTE)
    rows += reaction("light.desk", at, state="off")
    rows += reaction("light.lamp", at)
    motion = EntityFacts("binary_sensor.motion", "", "room", device_class="motion")
    desk = EntityFacts("light.desk", "", "room")
    lamp = EntityFacts("light.lamp", "", "room")
    off = Action("light.desk", "off")
    found = detect_both(rows, Follows(), facts_of(motion, desk, lamp))
    assert {rule.action for rule in found} == {LAMP_ON}
    found = detect_both(rows, Follows(), facts_of(replace(motion, area_id="b"), desk))
    assert {rule.action for rule in found} == {off}
    one = facts_of(*(replace(e, device_id="one") for e in (motion, desk, lamp)))
    assert detect_both(rows, Follows(), one) == {}


def test_the_home_that_becomes_empty_is_a_reason() -> None:
    """With two persons there is one home; with one the person is reason enough."""
    rows: list[Row] = []
    for day in range(12):
        gone = instant(day, 500 + 7 * day)
        for name, late in (("anna", 0), ("ben", 20 * MINUTE * (day % 3))):
            for t, state in ((gone + late, "not_home"), (gone + 9 * HOUR, "home")):
                rows.append((t, f"person.{name}", state, Origin.REPORT, ""))
        last = gone + 20 * MINUTE * (day % 3)
        rows.append((last + 40_000, "lock.door", "locked", Origin.USER, ""))
        rows.append((last + 8 * HOUR, "lock.door", "unlocked", Origin.AUTOMATION, ""))
    found = detect_both(rows, Follows())
    assert StateTrigger("zone.home", "0") in {rule.trigger for rule in found}


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
    # The others are compared in `test_twins_numbers` and `test_twins_clocked`.
    twins = {*TWINS, "absence", "numeric", "sun"}
    assert {detector.name for detector in DETECTORS} <= twins
