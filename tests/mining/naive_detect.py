"""Slow, obvious twins of what the two detectors compute."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import ceil, exp, inf, log, sqrt
from statistics import median

from custom_components.automation_scout.mining.detectors.clocked import (
    tests_per_pass,
)
from custom_components.automation_scout.mining.detectors.daily_time import DailyTime
from custom_components.automation_scout.mining.detectors.day_scan import (
    ANY_TIME,
    CELL_MIN,
    CELLS,
    SETS,
    WIDTHS,
)
from custom_components.automation_scout.mining.detectors.follows import (
    GRID_MS,
    WINDOWS_S,
    Follows,
)
from custom_components.automation_scout.mining.detectors.weekdays import (
    COMMON_PENALTY,
    EXPECTED_PENALTY,
    OTHER_PENALTY,
)
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    WEEKDAYS,
    WEEKEND,
    Action,
    Rule,
    StateTrigger,
    TimeTrigger,
)
from custom_components.automation_scout.mining.stats import binomial_tail, wilson_low

from . import naive
from .naive import DAY_MS, Home

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
type Found = dict[Rule, float]
"""Rule to p value."""


def nearest_offsets(local: Sequence[int], minute: int, reach: int) -> list[float]:
    """Return minutes to the nearest act of each day, within the reach."""
    nearest: dict[int, float] = {}
    for reading in local:
        day = round((reading / MINUTE_MS - minute) / 1440)
        offset = reading / MINUTE_MS - minute - 1440 * day
        if abs(offset) <= reach and abs(offset) < abs(nearest.get(day, inf)):
            nearest[day] = offset
    return [nearest[day] for day in sorted(nearest)]


def weekday_objective(
    chosen: tuple[int, ...],
    outcomes: Sequence[tuple[int, bool]],
    expected: tuple[int, ...],
) -> float:
    """Return the penalised likelihood of one rate in a set and a lower one outside."""
    inside = [hit for day, hit in outcomes if day in chosen]
    outside = [hit for day, hit in outcomes if day not in chosen]
    if not inside:
        return -inf
    if outside and sum(inside) / len(inside) <= sum(outside) / len(outside):
        return -inf
    if chosen == ALL_DAYS:
        penalty = 0.0
    elif chosen == expected:
        penalty = EXPECTED_PENALTY
    elif chosen in (WEEKDAYS, WEEKEND):
        penalty = COMMON_PENALTY
    else:
        same_size = [one for one in every_set() if len(one) == len(chosen)]
        penalty = OTHER_PENALTY + log(len(same_size))
    return _likelihood(inside) + _likelihood(outside) - penalty


def _likelihood(hits: Sequence[bool]) -> float:
    total = 0.0
    for hit in hits:
        rate = sum(hits) / len(hits)
        total += log(rate if hit else 1 - rate)
    return total


def every_set() -> list[tuple[int, ...]]:
    """Return all 127 sets of weekdays."""
    return [c for size in range(1, 8) for c in combinations(range(7), size)]


def activity_profile(home: Home) -> list[float]:
    """Return the share of each cell of the day in what people do."""
    counts = [0] * CELLS
    for rows in home.acts().values():
        for row in rows:
            reading = naive.local(row.t, home.zone)
            counts[reading % DAY_MS // (CELL_MIN * MINUTE_MS)] += 1
    if not any(counts):
        return [1 / CELLS] * CELLS
    half = 60 // CELL_MIN
    smooth = [
        sum(counts[(cell + k) % CELLS] for k in range(-half, half))
        for cell in range(CELLS)
    ]
    return [0.7 * s / sum(smooth) + 0.3 / CELLS for s in smooth]


def scan(
    days: Sequence[int],
    local: Sequence[int],
    profile: Sequence[float],
    min_rate: float,
) -> dict[tuple[int, int, tuple[int, ...]], float]:
    """Return the log tail of each window (first cell, width) and set of weekdays."""
    per_day = {day: sum(r // DAY_MS == day for r in local) for day in days}
    cells = {reading // (CELL_MIN * MINUTE_MS) for reading in local}
    table = {}
    for width in WIDTHS:
        for first in range(0, CELLS, width // 2):
            share = sum(profile[(first + k) % CELLS] for k in range(width))
            for chosen in SETS:
                of_set = [day for day in days if naive.weekday(day) in chosen]
                active = [day for day in of_set if per_day[day]]
                hits = sum(
                    any(day * CELLS + first + k in cells for k in range(width))
                    for day in of_set
                )
                if hits < 3 or hits < min_rate * len(of_set) or not active:
                    continue
                mean = sum(1 - (1 - share) ** per_day[d] for d in active) / len(active)
                table[first, width, chosen] = _log_tail(
                    min(hits, len(active)), len(active), mean
                )
    return table


def _log_tail(hits: int, n: int, p: float) -> float:
    rate = min(max(hits / n, 1e-12), 1 - 1e-12)
    null = min(max(p, 1e-9), 1 - 1e-9)
    if rate <= null:
        return 0.0
    kl = rate * log(rate / null) + (1 - rate) * log((1 - rate) / (1 - null))
    return -n * kl


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


def daily_time(home: Home, detector: DailyTime) -> tuple[Found, int]:
    """Return the habits of the clock and the number of tests."""
    found: Found = {}
    tested = 0
    profile = activity_profile(home)
    for action, rows in sorted(home.acts().items()):
        local = [naive.local(row.t, home.zone) for row in rows]
        for _ in range(detector.max_per_action):
            if len({reading // DAY_MS for reading in local}) < detector.min_days:
                break
            tested += tests_per_pass(ANY_TIME)
            rule = _best_time(home, action, local, profile, detector)
            if rule is None:
                break
            trigger = rule.trigger
            assert isinstance(trigger, TimeTrigger)
            p = _time_p_value(home, rule, trigger, local, profile)
            if p is None:
                break
            found[rule] = p
            reach = max(60, rule.window_s / 60)
            local = [r for r in local if abs(_apart(r, trigger.minute)) > reach]
    return found, tested


def _apart(reading: int, minute: int) -> float:
    return (reading / MINUTE_MS - minute + 720) % 1440 - 720


def _best_time(
    home: Home,
    action: Action,
    local: Sequence[int],
    profile: Sequence[float],
    detector: DailyTime,
) -> Rule | None:
    table = scan(home.days(), local, profile, detector.min_rate)
    ranked = sorted((round(v, 9), WIDTHS.index(k[1]), k[0]) for k, v in table.items())
    if not ranked or ranked[0][0] >= 0:
        return None
    _, width, first = ranked[0]
    minute = (first * CELL_MIN + WIDTHS[width] * CELL_MIN // 2) % 1440
    offsets: list[float] = []
    for reach in (60, 45):
        offsets = nearest_offsets(local, minute, reach)
        if len(offsets) < detector.min_days - 1:
            return None
        minute = (minute + round(median(offsets))) % 1440
    minute = round(minute / 5) * 5 % 1440
    spread = 1.4826 * median(abs(o - median(offsets)) for o in offsets)
    low, high = detector.window_min
    window = 60 * min(max(ceil(2.5 * spread), low), high)
    fired = naive.replay_time(home, action, TimeTrigger(minute), window)
    if not any(f.hit for f in fired):
        return None
    outcomes = [(naive.weekday(f.day), f.hit) for f in fired]
    chosen = best_set(outcomes)
    return Rule(TimeTrigger(minute, chosen), action, window)


def best_set(
    outcomes: Sequence[tuple[int, bool]], expected: tuple[int, ...] = ALL_DAYS
) -> tuple[int, ...]:
    """Return the best of all 127 sets."""
    return max(every_set(), key=lambda s: weekday_objective(s, outcomes, expected))


def _time_p_value(
    home: Home,
    rule: Rule,
    trigger: TimeTrigger,
    local: Sequence[int],
    profile: Sequence[float],
) -> float | None:
    fired = naive.replay_time(home, rule.action, trigger, rule.window_s)
    days = [day for day in home.days() if naive.weekday(day) in trigger.weekdays]
    # Days reach from noon to noon around the time of the rule.
    noon = (trigger.minute - 720) * MINUTE_MS
    per_day = [sum((r - noon) // DAY_MS == day for r in local) for day in days]
    half = rule.window_s // 60
    cells = range(
        (trigger.minute - half) // CELL_MIN, -(-(trigger.minute + half) // CELL_MIN)
    )
    share = min(sum(profile[cell % CELLS] for cell in cells), 1.0)
    active = max(1, sum(n > 0 for n in per_day))
    chance = sum(1 - (1 - share) ** n for n in per_day) / active
    hits = min(sum(f.hit for f in fired), active)
    return binomial_tail(hits, active, chance) if hits else None


TWINS: Mapping[str, object] = {"time": daily_time, "state": follows}
