"""Slow, obvious twins of the search for habits of the clock and the sun."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from math import ceil, inf, log
from statistics import median

from custom_components.automation_scout.mining.detectors.clocked import (
    NARROW_PRICE,
    NARROWEST_MIN,
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
from custom_components.automation_scout.mining.detectors.regimes import (
    CHANGE_PENALTY,
    RECENT_DAYS,
    RECENT_PRICE,
)
from custom_components.automation_scout.mining.detectors.weekdays import (
    COMMON_PENALTY,
    EXPECTED_PENALTY,
    MOST_OUTSIDE,
    OTHER_PENALTY,
)
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    WEEKDAYS,
    WEEKEND,
    Action,
    Rule,
    TimeTrigger,
)
from custom_components.automation_scout.mining.stats import binomial_tail

from . import naive
from .naive import DAY_MS, Home

MINUTE_MS = 60_000
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
    if outside and sum(outside) / len(outside) > MOST_OUTSIDE:
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


def daily_time(home: Home, detector: DailyTime) -> tuple[Found, int]:
    """Return the habits of the clock and the number of tests."""
    found: Found = {}
    tested = 0
    search = Search(home, detector)
    for action, rows in sorted(home.acts().items()):
        local = [naive.local(row.t, home.zone) for row in rows]
        rules, passes = search.habits(action, local)
        found.update(rules)
        tested += passes * tests_per_pass(ANY_TIME)
    return found, tested


class Search:
    """The search of one detector in one home."""

    def __init__(self, home: Home, detector: DailyTime) -> None:
        """Take stock of the home."""
        self.home = home
        self.detector = detector
        self.days = home.days()
        self.profile = activity_profile(home)

    def habits(self, action: Action, local: Sequence[int]) -> tuple[Found, int]:
        """Return the habits of an action, and how often its acts were looked at."""
        found: Found = {}
        passes = 0
        left = list(local)
        for _ in range(self.detector.max_per_action):
            if len({reading // DAY_MS for reading in left}) < self.detector.min_days:
                break
            passes += 1
            best = self.best(action, left, self.days)
            if best is None:
                break
            found[best[0]] = best[1]
            left = _left_over(best[0], left)
        for n in RECENT_DAYS:
            if 2 * len(self.days) < 3 * n:
                continue
            part = self.days[-n:]
            left = [reading for reading in local if reading // DAY_MS >= part[0]]
            for rule in list(found):
                if self.is_kept(rule, part):
                    left = _left_over(rule, left)
            if len({reading // DAY_MS for reading in left}) < self.detector.min_days:
                continue
            best = self.best(action, left, part)
            if best and best[0].since:
                found[best[0]] = best[1]
        return found, passes

    def best(
        self, action: Action, local: Sequence[int], days: Sequence[int]
    ) -> tuple[Rule, float] | None:
        """Return the habit that some days show best, and its p value."""
        table = scan(days, local, self.profile, self.detector.min_rate)
        ranked = sorted(
            (round(v, 9), WIDTHS.index(k[1]), k[0]) for k, v in table.items()
        )
        if not ranked or ranked[0][0] >= 0:
            return None
        _, width, first = ranked[0]
        centre = (first * CELL_MIN + WIDTHS[width] * CELL_MIN // 2) % 1440
        rule = self.fit(action, local, centre, days)
        if rule is None:
            return None
        since = beginning(self.outcomes(rule))
        if since is not None:
            local = [reading for reading in local if reading // DAY_MS >= since]
            days = [day for day in self.days if day >= since]
            rule = self.fit(action, local, trigger_of(rule).minute, days)
            if rule is None:
                return None
            rule = replace(rule, since=since)
        p = self.p_value(rule, local)
        return None if p is None else (rule, p)

    def fit(
        self, action: Action, local: Sequence[int], minute: int, days: Sequence[int]
    ) -> Rule | None:
        """Centre a window on the acts and choose its weekdays."""
        offsets: list[float] = []
        for reach in (60, 45):
            offsets = nearest_offsets(local, minute, reach)
            if len(offsets) < self.detector.min_days - 1:
                return None
            minute = (minute + round(median(offsets))) % 1440
        minute = round(minute / 5) * 5 % 1440
        spread = 1.4826 * median(abs(o - median(offsets)) for o in offsets)
        low, high = self.detector.window_min
        window = 60 * min(max(ceil(2.5 * spread), low), high)
        fired = naive.replay_time(self.home, action, TimeTrigger(minute), window)
        fired = [f for f in fired if f.day in days]
        if not any(f.hit for f in fired):
            return None
        chosen = best_set([(naive.weekday(f.day), f.hit) for f in fired])
        return Rule(TimeTrigger(minute, chosen), action, window)

    def outcomes(self, rule: Rule) -> dict[int, bool]:
        """Return the days on which a rule is due, and whether it was kept."""
        trigger = trigger_of(rule)
        fired = naive.replay_time(self.home, rule.action, trigger, rule.window_s)
        hits = {f.day for f in fired if f.hit}
        return {
            day: day in hits
            for day in self.days
            if naive.weekday(day) in trigger.weekdays and day >= rule.since
        }

    def is_kept(self, rule: Rule, part: Sequence[int]) -> bool:
        """Return whether a rule is kept in the part half as often as ever."""
        outcomes = self.outcomes(rule)
        late = [hit for day, hit in outcomes.items() if day in part]
        if not late:
            return False
        return 2 * sum(late) / len(late) >= sum(outcomes.values()) / len(outcomes)

    def p_value(self, rule: Rule, local: Sequence[int]) -> float | None:
        """Return the priced probability that chance does as well."""
        trigger, outcomes = trigger_of(rule), self.outcomes(rule)
        if not any(outcomes.values()):
            return None
        # Days reach from noon to noon around the time of the rule.
        noon = (trigger.minute - 720) * MINUTE_MS
        acts: dict[int, list[float]] = {day: [] for day in outcomes}
        for reading in local:
            day = (reading - noon) // DAY_MS
            if day in acts:
                at = (reading - day * DAY_MS) / MINUTE_MS
                acts[day].append(at - trigger.minute)
        half = rule.window_s // 60
        low = (trigger.minute - half) // CELL_MIN * CELL_MIN
        high = -(-(trigger.minute + half) // CELL_MIN) * CELL_MIN
        p = self._tail(sum(outcomes.values()), acts, low, high)
        inside = [
            at
            for day, hit in outcomes.items()
            for at in acts[day]
            if hit and abs(at) <= half
        ]
        if inside:
            middle = median(inside)
            off = 1.4826 * median(abs(at - middle) for at in inside)
            narrow = max(NARROWEST_MIN, 2 * off)
            close = sum(
                any(abs(at) <= half and abs(at - middle) <= narrow for at in acts[day])
                for day, hit in outcomes.items()
                if hit
            )
            centre = trigger.minute + middle
            p_narrow = self._tail(close, acts, centre - narrow, centre + narrow)
            p = min(p, NARROW_PRICE * p_narrow)
        if trigger.weekdays not in (ALL_DAYS, WEEKDAYS, WEEKEND):
            p *= sum(len(some) == len(trigger.weekdays) for some in every_set())
        if rule.since:
            p *= RECENT_PRICE * len(self.days)
        return min(1.0, p)

    def _tail(
        self, hits: int, acts: dict[int, list[float]], low: float, high: float
    ) -> float:
        """Return the probability of so many days by chance between two minutes."""
        share = 0.0
        for cell in range(-CELLS, 2 * CELLS):
            start, end = cell * CELL_MIN, (cell + 1) * CELL_MIN
            part = max(0.0, min(end, high) - max(start, low)) / CELL_MIN
            share += part * self.profile[cell % CELLS]
        share = min(share, 1.0)
        active = max(1, sum(bool(times) for times in acts.values()))
        chance = sum(1 - (1 - share) ** len(times) for times in acts.values()) / active
        return binomial_tail(min(hits, active), active, chance)


def trigger_of(rule: Rule) -> TimeTrigger:
    """Return the trigger of a rule of the clock."""
    assert isinstance(rule.trigger, TimeTrigger)
    return rule.trigger


def _left_over(rule: Rule, local: Sequence[int]) -> list[int]:
    reach = max(60, rule.window_s / 60)
    minute = trigger_of(rule).minute
    return [
        reading
        for reading in local
        if abs((reading / MINUTE_MS - minute + 720) % 1440 - 720) > reach
    ]


def beginning(outcomes: dict[int, bool]) -> int | None:
    """Return the day from which on two rates explain the days best, if plainly."""
    days, hits = list(outcomes), list(outcomes.values())
    best: tuple[float, int] | None = None
    for at in range(1, len(days)):
        before, after = hits[:at], hits[at:]
        early, late = sum(before) / len(before), sum(after) / len(after)
        if late <= early or late < 0.5:
            continue
        gain = _likelihood(before) + _likelihood(after) - _likelihood(hits)
        if best is None or gain > best[0] + 1e-9:
            best = gain, days[at]
    if best is None or best[0] <= CHANGE_PENALTY + log(len(days)):
        return None
    return best[1]


def best_set(
    outcomes: Sequence[tuple[int, bool]], expected: tuple[int, ...] = ALL_DAYS
) -> tuple[int, ...]:
    """Return the best of all 127 sets."""
    return max(every_set(), key=lambda s: weekday_objective(s, outcomes, expected))
