"""Habits of the clock: an act at about the same local time, on some days of the week.

A scan over the days. Windows of two widths slide over the day; the statistic is the
number of distinct days with an act in the window; the null is that each day's acts fall
on the day like everything else that the people of the home do. The best window is
centred on the acts themselves, gets its days of the week, and gives way to the search
for a further habit of the same action among the acts that it leaves unexplained.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from ..acts import Acts
from ..events import Floats, Ints, Mask
from ..history import History
from ..localtime import DAY_MS, MINUTE_MS, due_days, ms_from, weekday_of
from ..replay import replay
from ..rules import ALL_DAYS, WEEKDAYS, WEEKEND, Action, Rule, TimeTrigger
from ..stats import binomial_tail
from ..stats_array import chernoff_log_tail
from .protocol import Candidate, Detection
from .weekdays import best_weekdays

CELL_MIN: Final = 5
CELLS: Final = 1440 // CELL_MIN
WIDTHS: Final = (4, 10)
"""Cells of a window, 20 and 50 minutes: narrow and loose habits; steps of half."""
SETS: Final = (ALL_DAYS, WEEKDAYS, WEEKEND, *((day,) for day in range(7)))
SETS_TRIED: Final = len(SETS) + 6
"""Weekday sets of the scan, and the six further ones of the likelihood step."""
TESTS_PER_PASS: Final = sum(CELLS // (width // 2) for width in WIDTHS) * SETS_TRIED
ROUND_MIN: Final = 5
"""People write automations in steps of five minutes."""


@dataclass(frozen=True, slots=True)
class DailyTime:
    """Finds acts that recur at a time of the day."""

    name: ClassVar[str] = "time"
    min_days: int = 4
    """Fewer distinct days cannot become significant over a whole home."""
    min_rate: float = 0.4
    """Least share of days with the act, for a window to be looked at closer."""
    max_per_action: int = 4
    window_min: tuple[int, int] = (15, 30)
    """Least and greatest half width of the window in which an act agrees, minutes."""

    def detect(self, history: History) -> Detection:
        """Return a candidate for each habit of the clock of each action."""
        profile = activity_profile(history)
        found: list[Candidate] = []
        tested = 0
        for action in sorted(history.acts):
            acts = history.acts[action]
            for _ in range(self.max_per_action):
                if len(np.unique(acts.day)) < self.min_days:
                    break
                tested += TESTS_PER_PASS
                candidate = self._best(history, action, acts, profile)
                if candidate is None:
                    break
                found.append(candidate)
                acts = _left_over(history, candidate.rule, acts)
        return Detection(tuple(found), tested)

    def refit(self, history: History, rule: Rule, days: Ints) -> Rule | None:
        """Return the rule with the time and weekdays that these days show."""
        trigger, acts = rule.trigger, history.acts.get(rule.action)
        if not isinstance(trigger, TimeTrigger) or acts is None:
            return None
        near = Acts(*(column[np.isin(acts.day, days)] for column in _columns(acts)))
        return self._fit(
            history, rule.action, near, trigger.minute, days, trigger.weekdays
        )

    def _best(
        self, history: History, action: Action, acts: Acts, profile: Floats
    ) -> Candidate | None:
        scan = _Scan.of(history.days, acts)
        centre = scan.best_centre(profile, self.min_rate)
        if centre is None:
            return None
        rule = self._fit(history, action, acts, centre, history.days)
        return _tested(history, rule, acts, profile) if rule else None

    def _fit(
        self,
        history: History,
        action: Action,
        acts: Acts,
        centre: int,
        days: Ints,
        expected: tuple[int, ...] = ALL_DAYS,
    ) -> Rule | None:
        """Centre a window on the acts around a minute and choose its weekdays."""
        minute = centre
        offsets = np.zeros(0)
        for reach in (60, 45):
            offsets = nearest_offsets(acts, minute, reach)
            if len(offsets) < self.min_days - 1:
                return None
            minute = (minute + round(float(np.median(offsets)))) % 1440
        rounded = round(minute / ROUND_MIN) * ROUND_MIN % 1440
        spread = 1.4826 * float(np.median(np.abs(offsets - np.median(offsets))))
        low, high = self.window_min
        window_s = 60 * int(np.clip(np.ceil(2.5 * spread), low, high))
        every_day = Rule(TimeTrigger(rounded), action, window_s)
        played = replay(history, every_day).on(days)
        if not played.hits:
            return None
        weekdays = best_weekdays(played.day, played.hit, expected)
        return Rule(TimeTrigger(rounded, weekdays), action, window_s)


def _columns(acts: Acts) -> tuple[Ints, Ints, Ints]:
    return acts.t, acts.local, acts.origin


def activity_profile(history: History) -> Floats:
    """Return how people's acts fall on the day: share of each cell, float64[288].

    Smoothed over two hours, so that it shows when people are up and not which habits
    they have, and mixed with 30 % of an even day, so that no cell is impossible.
    """
    counts = np.zeros(CELLS)
    for acts in history.acts.values():
        cells = acts.local % DAY_MS // (CELL_MIN * MINUTE_MS)
        counts += np.bincount(cells, minlength=CELLS)
    width = 120 // CELL_MIN
    smooth = np.convolve(np.tile(counts, 3), np.ones(width) / width, "same")
    smooth = smooth[CELLS : 2 * CELLS]
    total = smooth.sum()
    even = np.full(CELLS, 1 / CELLS)
    return 0.7 * smooth / total + 0.3 * even if total else even


def nearest_offsets(acts: Acts, minute: int, reach_min: int) -> Floats:
    """Return minutes from `minute` to the nearest act of each day, within the reach."""
    offset = acts.local / MINUTE_MS - minute
    day = np.round(offset / 1440)
    offset = offset - day * 1440
    near = np.abs(offset) <= reach_min
    order = np.lexsort((np.abs(offset[near]), day[near]))
    kept_day, first = np.unique(day[near][order], return_index=True)
    return offset[near][order][first] if len(kept_day) else np.zeros(0)


def _left_over(history: History, rule: Rule, acts: Acts) -> Acts:
    """Return the acts at other times than the rule's, on whichever day."""
    assert isinstance(rule.trigger, TimeTrigger)  # noqa: S101 - of this detector
    reach = max(60 * MINUTE_MS, rule.window_s * 1000)
    far = ms_from(acts.local, rule.trigger.minute) > reach
    return Acts(*(column[far] for column in _columns(acts)))


def _tested(
    history: History, rule: Rule, acts: Acts, profile: Floats
) -> Candidate | None:
    """Attach the probability that chance gives the rule as many days."""
    assert isinstance(rule.trigger, TimeTrigger)  # noqa: S101 - of this detector
    played = replay(history, rule)
    lived = history.days
    days = lived[np.isin(weekday_of(lived), rule.trigger.weekdays)]
    due = due_days(acts.local, rule.trigger.minute)
    per_day = np.array([np.count_nonzero(due == day) for day in days])
    half = rule.window_s // 60
    cells = np.arange(
        (rule.trigger.minute - half) // CELL_MIN,
        -(-(rule.trigger.minute + half) // CELL_MIN),
    )
    share = float(profile[cells % CELLS].sum())
    chance = 1 - (1 - min(share, 1.0)) ** np.maximum(per_day, 0)
    active = max(1, int(np.count_nonzero(per_day)))
    background = float(chance.sum()) / active
    hits = min(played.hits, active)
    if not hits:
        return None
    # The tail of a sum of unequal chances is below that of their mean.
    # W. Hoeffding, Ann. Math. Statist. 27 (1956).
    return Candidate(rule, binomial_tail(hits, active, background), background)


@dataclass(frozen=True, slots=True, eq=False)
class _Scan:
    """Days of one action as cells, with a day after them for what crosses midnight."""

    cells: Ints
    """int64[days * 288 + 288 + 1], cumulated number of cells with an act."""
    start: Ints
    """int64[d], position of each lived day's first cell."""
    weekday: Ints
    acts: Ints
    """int64[d], acts on each lived day."""

    @classmethod
    def of(cls, days: Ints, acts: Acts) -> _Scan:
        first, last = int(days[0]), int(days[-1])
        flat = np.zeros((last - first + 2) * CELLS, bool)
        position = acts.local // (CELL_MIN * MINUTE_MS) - first * CELLS
        flat[position[(position >= 0) & (position < len(flat))]] = True
        counts = np.bincount(
            np.clip(acts.day - first, 0, last - first), minlength=last - first + 1
        )
        return cls(
            np.concatenate(([0], np.cumsum(flat))),
            (days - first) * CELLS,
            weekday_of(days),
            counts[days - first],
        )

    def windows(self, width: int) -> tuple[Ints, Mask]:
        """Return first cells (int64[p]) and which days have an act (bool[p, d])."""
        first = np.arange(0, CELLS, width // 2)
        at = self.start[None, :] + first[:, None]
        return first, self.cells[at + width] > self.cells[at]

    def best_centre(self, profile: Floats, min_rate: float) -> int | None:
        """Return the middle, in minutes, of the most surprising window."""
        active = self.acts > 0
        of_weekday = np.array([np.isin(self.weekday, chosen) for chosen in SETS]).T
        n_days = of_weekday.sum(axis=0)
        wrapped = np.concatenate((profile, profile))
        best: tuple[float, int] | None = None
        for width in WIDTHS:
            first, hit = self.windows(width)
            share = np.array([wrapped[c : c + width].sum() for c in first])
            hits = hit.astype(np.float32) @ of_weekday.astype(np.float32)
            # Acts of the day before midnight and after it share one window at most.
            chance = 1 - (1 - share[:, None]) ** self.acts[None, :]
            n = (of_weekday & active[:, None]).sum(axis=0)
            mean = (chance @ of_weekday) / np.maximum(n, 1)
            counted = np.minimum(hits, n[None, :])
            surprise = chernoff_log_tail(counted, np.broadcast_to(n, hits.shape), mean)
            surprise[hits < min_rate * n_days] = 0.0
            surprise[hits < 3] = 0.0
            p, s = np.unravel_index(int(np.argmin(surprise)), surprise.shape)
            if surprise[p, s] < 0 and (best is None or surprise[p, s] < best[0]):
                centre = int(first[p]) * CELL_MIN + width * CELL_MIN // 2
                best = float(surprise[p, s]), centre % 1440
        return best[1] if best else None
