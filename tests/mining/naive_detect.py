"""Slow, obvious twins of what the two detectors compute."""

from collections.abc import Mapping, Sequence
from math import exp, sqrt

from custom_components.automation_scout.mining.detectors.follows import (
    GRID_MS,
    WINDOWS_S,
    Follows,
)
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    StateTrigger,
)
from custom_components.automation_scout.mining.stats import binomial_tail, wilson_low

from . import naive
from .naive import DAY_MS, Home
from .naive_clocked import daily_time

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
type Found = dict[Rule, float]
"""Rule to p value."""


def background(home: Home, action: Action, window_s: int) -> list[float]:
    """Return the chance of an act by hour, with the formula of the code, by loops."""
    times = [row.t for row in home.rows]
    lived = set(home.days())
    possible, covered = [0.0] * 24, [0.0] * 24
    for t in range(min(times), max(times) + 1, GRID_MS):
        reading = naive.local(t, home.zone)
        if reading // DAY_MS in lived and home.ready(action, t):
            possible[reading % DAY_MS // HOUR_MS] += GRID_MS
    for row in home.acts()[action]:
        wait = row.t - home.ready_since(action, row.t) or DAY_MS
        hour = naive.local(row.t, home.zone) % DAY_MS // HOUR_MS
        covered[hour] += min(wait, window_s * 1000)
    mean = sum(covered) / max(sum(possible), 1.0)
    return [
        min((c + mean * HOUR_MS) / (p + HOUR_MS), 1.0)
        for c, p in zip(covered, possible, strict=True)
    ]


def open_and_covered(
    home: Home, action: Action, window_s: int, step_ms: int
) -> tuple[list[int], list[int]]:
    """Return instants by hour at which it was possible, and those before an act."""
    times = [row.t for row in home.rows]
    acts = [row.t for row in home.acts()[action]]
    lived = set(home.days())
    possible, covered = [0] * 24, [0] * 24
    for t in range(min(times), max(times) + 1, step_ms):
        reading = naive.local(t, home.zone)
        if reading // DAY_MS not in lived or not home.ready(action, t):
            continue
        hour = reading % DAY_MS // HOUR_MS
        possible[hour] += 1
        covered[hour] += any(t < act <= t + window_s * 1000 for act in acts)
    return possible, covered


def related(home: Home, one: str, two: str) -> bool:
    """Return whether two entities are one thing to the people of the home."""
    a, b = home.facts.of(one), home.facts.of(two)
    same_device = a.device_id is not None and a.device_id == b.device_id
    return one == two or same_device or one in b.members or two in a.members


def activity_chance(
    home: Home, action: Action, edge: naive.Edge, window_s: int
) -> float:
    """Return how often an act follows activity that is not the edge's."""
    width = window_s * 1000
    marks: dict[int, int] = {}
    for t in sorted(t for times in home.edges().values() for t in times):
        marks.setdefault(t // width, t)
    own = home.edges()[edge]
    away = [
        t
        for t in marks.values()
        if not any(t - width <= e <= t + width for e in own) and home.ready(action, t)
    ]
    if len(away) < 20:
        return 0.0
    acts = [row.t for row in home.acts()[action]]
    return sum(any(t < a <= t + width for a in acts) for t in away) / len(away)


def chance_hits(
    home: Home, acts: Sequence[int], occurrences: Sequence[int], window_s: int
) -> float:
    """Return how many acts an edge would precede if it came as it does at each hour."""
    times = [row.t for row in home.rows]
    days = max(1, (times[-1] - times[0]) / DAY_MS)
    hours = [naive.local(t, home.zone) // HOUR_MS % 24 for t in occurrences]
    expected = 0.0
    for act in acts:
        hour = naive.local(act, home.zone) // HOUR_MS % 24
        per_ms = hours.count(hour) / (days * HOUR_MS)
        expected += 1 - exp(-per_ms * window_s * 1000)
    return expected


def _promising(home: Home, acts: Sequence[int], detector: Follows) -> set[naive.Edge]:
    edges = home.edges()
    table = naive.hits_by_edge(home, acts, WINDOWS_S)
    n = len(acts)
    found: set[naive.Edge] = set()
    for window, row in zip(WINDOWS_S, table, strict=True):
        for (edge, occurrences), hits in zip(edges.items(), row, strict=True):
            chance = chance_hits(home, acts, occurrences, window)
            spread = sqrt(chance * (1 - chance / n) + 0.5)
            enough = hits >= max(detector.min_hits, detector.min_coverage * n)
            if enough and hits > chance + detector.min_z * spread:
                found.add(edge)
    return found


def follows(home: Home, detector: Follows) -> tuple[Found, int]:
    """Return the reactions and the number of tests."""
    found: Found = {}
    tested = 0
    for action, rows in home.acts().items():
        acts = [row.t for row in rows]
        if len(acts) < detector.min_hits:
            continue
        allowed = [e for e in home.edges() if not related(home, e[0], action.entity_id)]
        tested += len(WINDOWS_S) * len(allowed)
        for edge in _promising(home, acts, detector) & set(allowed):
            _add_reaction(home, action, edge, detector, found)
    return found, tested


def _add_reaction(
    home: Home, action: Action, edge: naive.Edge, detector: Follows, found: Found
) -> None:
    options = []
    for window in WINDOWS_S:
        fired = naive.replay_edge(home, action, edge, window)
        hits = sum(f.hit for f in fired)
        if len({f.day for f in fired if f.hit}) < detector.min_hits:
            continue
        by_hour = background(home, action, window)
        hours = [naive.local(f.t, home.zone) % DAY_MS // HOUR_MS for f in fired]
        chance = sum(by_hour[hour] for hour in hours) / len(hours)
        gain = wilson_low(hits, len(fired)) - chance
        options.append((round(gain, 9), -window, hits, len(fired), chance))
    if not options:
        return
    _, minus_window, hits, n, chance = max(options)
    window = -minus_window
    chance = max(chance, activity_chance(home, action, edge, window))
    if hits >= detector.min_lift * chance * n:
        rule = Rule(StateTrigger(*edge), action, window)
        found[rule] = binomial_tail(hits, n, chance)


TWINS: Mapping[str, object] = {"time": daily_time, "state": follows}
