"""History, replay and statistics agree with their slow twins."""

from fractions import Fraction
from statistics import NormalDist

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.events import EventLog
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.gates.holdout import fold_days
from custom_components.automation_scout.mining.gates.protocol import (
    Draft,
    GateContext,
)
from custom_components.automation_scout.mining.gates.significance import Significance
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.localtime import (
    Clock,
    local_days,
    local_ms,
    weekday_of,
)
from custom_components.automation_scout.mining.replay import (
    Replay,
    refractory,
    replay,
)
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    StateTrigger,
    TimeTrigger,
)
from custom_components.automation_scout.mining.settings import MiningSettings
from custom_components.automation_scout.mining.stats import (
    Z_80,
    binomial_tail,
    wilson_low,
)
from custom_components.automation_scout.mining.stats_array import chernoff_log_tail

from . import naive, naive_occasions
from .drafts import draft_of
from .strategies import ACTIONS, bursts, homes, instants, logs
from .worlds import BARE, DAY, history_of

ZONES = ("Europe/Amsterdam", "America/New_York", "Asia/Kolkata", "UTC")
YEAR_2026 = st.integers(1_767_225_600_000, 1_798_761_600_000)
EDGES = (("binary_sensor.motion", "on"), ("light.desk", "off"), ("person.anna", "home"))


def ints(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, np.int64)


@given(st.lists(YEAR_2026, max_size=8), st.sampled_from(ZONES))
def test_local_time_is_that_of_datetime(times: list[int], zone: str) -> None:
    expected = [naive.local(t, zone) for t in times]
    assert local_ms(ints(times), zone).tolist() == expected
    days = [reading // naive.DAY_MS for reading in expected]
    assert local_days(ints(times), zone).tolist() == days
    assert weekday_of(ints(days)).tolist() == [naive.weekday(day) for day in days]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("change", [1_774_746_000_000, 1_772_953_200_000])
def test_local_time_at_the_very_change(zone: str, change: int) -> None:
    """The instants at which Amsterdam and New York put their clocks forward in 2026."""
    times = [change + k for k in (-86_400_000, -1, 0, 1, 899_999, 900_000, 86_400_000)]
    expected = [naive.local(t, zone) for t in times]
    assert local_ms(ints(times), zone).tolist() == expected
    assert [local_ms(ints([t]), zone).tolist() for t in times] == [
        [reading] for reading in expected
    ]


@given(
    st.lists(st.integers(20_454, 20_819), max_size=5),
    st.integers(0, 1439),
    st.sampled_from(ZONES),
)
def test_instants_of_a_minute(days: list[int], minute: int, zone: str) -> None:
    expected = [naive.instant(day, minute, zone) for day in days]
    assert Clock(zone).instants(ints(days), minute).tolist() == expected


@given(logs() | bursts(), homes())
def test_acts(log: EventLog, facts: HomeFacts) -> None:
    fast = History(log, facts).acts
    slow = naive.Home(log, facts).acts()
    assert {a: acts.t.tolist() for a, acts in fast.items() if len(acts)} == {
        action: [row.t for row in rows] for action, rows in slow.items()
    }
    for action, rows in slow.items():
        acts = fast[action]
        readings = [naive.local(row.t, facts.time_zone) for row in rows]
        assert acts.local.tolist() == readings
        assert acts.day.tolist() == [r // DAY for r in readings]
        assert acts.origin.tolist() == [row.origin for row in rows]


@given(logs() | bursts(), st.sampled_from(ACTIONS), instants())
def test_state_at_and_ready(log: EventLog, action: Action, times: list[int]) -> None:
    times += [int(t) for t in log.t[:20]]
    history, home = History(log, BARE), naive.Home(log, BARE)
    timeline = history.timeline(action.entity_id)
    before = [
        None if code < 0 else log.states[code] for code in timeline.at(ints(times))
    ]
    assert before == [home.state_before(action.entity_id, t) for t in times]
    since = [home.ready_since(action, t) for t in times]
    assert history.ready_since(action, ints(times)).tolist() == since
    ready = history.ready(action, ints(times)).tolist()
    assert ready == [home.ready(action, t) for t in times]


@given(logs(), homes())
def test_days_and_edges(log: EventLog, facts: HomeFacts) -> None:
    history, home = History(log, facts), naive.Home(log, facts)
    assert history.days.tolist() == home.days()
    around = [day + k for day in [0, *home.days()] for k in (-2, -1, 0, 1, 2)]
    lived = history.lived(ints(around)).tolist()
    assert lived == [day in home.days() for day in around]
    index, edges = history.edge_index, home.edges()
    assert list(index.kinds) == list(edges)
    assert index.count().tolist() == [len(times) for times in edges.values()]
    for code, (edge, times) in enumerate(edges.items()):
        assert index.find(*edge) == code
        assert index.of(code).tolist() == times
        days = [naive.local(t, facts.time_zone) // DAY for t in times]
        assert index.days_of(code).tolist() == days
    assert index.find("light.never", "on") is None


@given(
    st.lists(st.integers(0, 40), max_size=25).map(sorted),
    st.integers(1, 9),
)
def test_refractory(times: list[int], pause: int) -> None:
    assert refractory(ints(times), pause).tolist() == naive.refractory(times, pause)


def outcome(played: Replay) -> list[tuple[int, int, bool]]:
    """Return the opportunities as plain values."""
    return [
        (int(t), int(day), bool(hit))
        for t, day, hit in zip(played.fired, played.day, played.hit, strict=True)
    ]


@given(
    logs() | bursts(),
    st.sampled_from(ACTIONS),
    st.sampled_from((0, 10, 715, 745, 1190, 1439)),
    st.sampled_from((range(7), (0, 1, 2, 3, 4), (2,))),
    st.sampled_from((300, 900, 1800)),
)
def test_replay_of_times(
    log: EventLog, action: Action, minute: int, weekdays: range, window_s: int
) -> None:
    trigger = TimeTrigger(minute, tuple(weekdays))
    played = replay(History(log, BARE), Rule(trigger, action, window_s))
    fired = naive.replay_time(naive.Home(log, BARE), action, trigger, window_s)
    assert outcome(played) == [(f.t, f.day, f.hit) for f in fired]
    assert played.explained.tolist() == sorted({i for f in fired for i in f.explained})
    assert played.hits + played.wrong == len(played.fired)


@given(
    logs() | bursts(),
    homes(),
    st.sampled_from(ACTIONS),
    st.sampled_from(EDGES),
    st.sampled_from((1, 60, 900)),
)
def test_replay_of_states(
    log: EventLog, facts: HomeFacts, action: Action, edge: naive.Edge, window_s: int
) -> None:
    history = History(log, facts)
    rule = Rule(StateTrigger(*edge), action, window_s)
    played = replay(history, rule)
    fired = naive_occasions.replay(naive.Home(log, facts), rule)
    assert outcome(played) == [(f.t, f.day, f.hit) for f in fired]
    assert played.explained.tolist() == [i for f in fired for i in f.explained]
    some = history.days[::2]
    part = played.on(some)
    assert part.day.tolist() == [d for d in played.day.tolist() if d in set(some)]


@given(
    st.integers(0, 60),
    st.integers(0, 60),
    st.sampled_from((0, 1e-6, 0.01, 0.25, 0.5, 0.93, 1 - 1e-6, 1)),
)
def test_binomial_tail_in_fractions(hits: int, n: int, p: float) -> None:
    exact = float(naive.binomial_tail(hits, n, Fraction(p)))
    assert binomial_tail(hits, n, p) == pytest.approx(exact, rel=1e-9, abs=1e-300)


@given(st.integers(0, 400), st.integers(0, 400), st.sampled_from((Z_80, 1.96, 0.5)))
def test_wilson_is_the_root_of_its_quadratic(hits: int, n: int, z: float) -> None:
    hits = min(hits, n)
    low = wilson_low(hits, n, z)
    assert low == pytest.approx(naive.wilson_low(hits, n, z), abs=1e-9)
    assert 0 <= low <= (hits / n if n else 0)


def test_the_interval_is_that_of_four_in_five() -> None:
    """One tenth of the cases lie below its lower end."""
    assert pytest.approx(NormalDist().inv_cdf(0.9), rel=1e-12) == Z_80
    assert wilson_low(8, 10) == pytest.approx(0.6016, abs=1e-4)


@given(
    st.integers(0, 200),
    st.integers(0, 200),
    st.floats(1e-6, 1 - 1e-6),
)
def test_chernoff_is_above_the_exact_tail(hits: int, n: int, p: float) -> None:
    hits = min(hits, n)
    bound = float(chernoff_log_tail(ints([hits]), ints([n]), np.array([p]))[0])
    assert bound <= 0
    assert np.exp(bound) >= binomial_tail(hits, n, p) * (1 - 1e-6)


@given(
    st.lists(st.sampled_from((0.0, 1e-12, 1e-5, 2e-5, 1e-4, 1e-3, 0.3)), max_size=12),
    st.integers(0, 400),
)
def test_significance_is_benjamini_hochberg(p_values: list[float], others: int) -> None:
    tests = max(1, len(p_values) + others)
    gate = Significance()
    drafts: list[Draft] = [draft_of(10 * i, p) for i, p in enumerate(p_values)]
    context = GateContext(history_of([]), MiningSettings(), {}, tests)
    kept = gate.judge(drafts, context).kept
    expected = naive.benjamini_hochberg(p_values, tests, gate.rate)
    assert [d.candidate.p_value for d in kept] == [
        p_values[i] for i in sorted(expected)
    ]


@given(
    st.lists(st.integers(20_000, 20_060), unique=True, max_size=60).map(sorted),
    st.integers(2, 6),
)
def test_folds(days: list[int], folds: int) -> None:
    parts = [part.tolist() for part in fold_days(ints(days), folds)]
    assert sorted(map(tuple, parts)) == sorted(map(tuple, naive.fold_days(days, folds)))
    assert sorted(day for part in parts for day in part) == days
