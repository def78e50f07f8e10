"""Habits that stand still on a dial: what the time and the sun detector share.

The best window of the day scan is centred on the acts themselves, gets its days of the
week, and gives way to the search for a further habit of the same action among the acts
that it leaves unexplained.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ..acts import Acts
from ..dial import Dial
from ..events import Floats, Ints, Mask
from ..history import History
from ..localtime import DAY_MS, MINUTE_MS, due_days, ms_from, weekday_of
from ..replay import replay
from ..rules import ALL_DAYS, Action, Rule, SunTrigger, TimeTrigger
from ..stats import binomial_tail
from .day_scan import (
    CELL_MIN,
    CELLS,
    WIDTHS,
    DayScan,
    activity_profile,
    nearest_offsets,
    positions,
)
from .protocol import Candidate, Detection
from .regimes import RECENT_PRICE, beginning, recent_parts
from .weekdays import SETS_TRIED, best_weekdays, price

ROUND_MIN: Final = 5
"""People write automations in steps of five minutes."""
NARROWEST_MIN: Final = 5.0
NARROW_PRICE: Final = 6.0
"""Windows of ten minutes have 288 places, 1.4 times as many as the scan looks at, and
the second of two tests gets a quarter of the error."""


@dataclass(frozen=True, slots=True)
class Clocked:
    """Finds acts that recur at a minute of a dial."""

    min_days: int = 4
    """Fewer distinct days cannot become significant over a whole home."""
    min_rate: float = 0.4
    """Least share of days with the act, for a window to be looked at closer."""
    max_per_action: int = 4
    window_min: tuple[int, int] = (15, 30)
    """Least and greatest half width of the window in which an act agrees, minutes."""

    def find(self, history: History, dial: Dial) -> Detection:
        """Return a candidate for each habit of each action on a dial."""
        if not len(dial.days):
            return Detection((), 0)
        of_action = {name: dial.read(acts) for name, acts in history.acts.items()}
        profile = activity_profile(of_action.values())
        found: list[Candidate] = []
        tested = 0
        for action in sorted(of_action):
            look = _Look(history, dial, action, profile)
            candidates, passes = self._search(look, of_action[action])
            found += candidates
            tested += passes * tests_per_pass(dial.reach)
        return Detection(tuple(found), tested)

    def _search(self, look: _Look, acts: Acts) -> tuple[list[Candidate], int]:
        """Return the habits of one action, and how often its acts were looked at.

        What the last weeks add is tested at a price of its own (`regimes`), so that
        looking at them does not cost the habits of the whole history anything.
        """
        found: list[Candidate] = []
        passes, left = 0, acts
        for _ in range(self.max_per_action):
            if look.days_in_reach(left) < self.min_days:
                break
            passes += 1
            candidate = self._best(look, left, look.dial.days)
            if candidate is None:
                break
            found.append(candidate)
            left = _left_over(look.dial, candidate.rule, left)
        for part in recent_parts(look.dial.days):
            left = acts.where(acts.day >= part[0])
            for rule in [candidate.rule for candidate in found]:
                if look.is_kept(rule, part):
                    left = _left_over(look.dial, rule, left)
            if look.days_in_reach(left) < self.min_days:
                continue
            candidate = self._best(look, left, part)
            if candidate and candidate.rule.since:
                found.append(candidate)
        return found, passes

    def fit_again(
        self, history: History, dial: Dial, rule: Rule, days: Ints
    ) -> Rule | None:
        """Return the rule with the minute and weekdays that these days show."""
        trigger, acts = rule.trigger, history.acts.get(rule.action)
        assert isinstance(trigger, TimeTrigger | SunTrigger)  # noqa: S101 - of a dial
        if acts is None:
            return None
        days = days[days >= rule.since]
        acts = dial.read(acts)
        near = acts.where(np.isin(acts.day, days))
        look = _Look(history, dial, rule.action, np.zeros(0))
        minute = dial.minute_of(trigger)
        fitted = self._fit(look, near, minute, days, trigger.weekdays)
        return replace(fitted, since=rule.since) if fitted else None

    def _best(self, look: _Look, acts: Acts, days: Ints) -> Candidate | None:
        """Return the habit that the acts of some days show best, dated and tested."""
        scan = DayScan.of(days, acts)
        centre = scan.best_centre(look.profile, self.min_rate, look.dial.reach)
        if centre is None:
            return None
        rule = self._fit(look, acts, centre, days)
        if rule is None:
            return None
        since = beginning(*look.kept(rule))
        if since is None:
            return _tested(look, rule, acts)
        days = look.dial.days[look.dial.days >= since]
        acts = acts.where(acts.day >= since)
        dated = self._fit(look, acts, look.minute_of(rule), days)
        return _tested(look, replace(dated, since=since), acts) if dated else None

    def _fit(
        self,
        look: _Look,
        acts: Acts,
        centre: int,
        days: Ints,
        expected: tuple[int, ...] = ALL_DAYS,
    ) -> Rule | None:
        """Centre a window on the acts around a minute and choose its weekdays."""
        minute, dial = centre, look.dial
        offsets = np.zeros(0)
        for reach in (60, 45):
            offsets = nearest_offsets(acts, minute, reach)
            if len(offsets) < self.min_days - 1:
                return None
            minute = (minute + round(float(np.median(offsets)))) % 1440
        rounded = round(minute / ROUND_MIN) * ROUND_MIN % 1440
        if not dial.reach[0] <= rounded <= dial.reach[1]:
            return None
        spread = 1.4826 * float(np.median(np.abs(offsets - np.median(offsets))))
        low, high = self.window_min
        window_s = 60 * int(np.clip(np.ceil(2.5 * spread), low, high))
        every_day = Rule(dial.trigger(rounded, ALL_DAYS), look.action, window_s)
        played = replay(look.history, every_day).on(days)
        if not played.hits:
            return None
        weekdays = best_weekdays(played.day, played.hit, expected)
        return Rule(dial.trigger(rounded, weekdays), look.action, window_s)


@dataclass(frozen=True, slots=True)
class _Look:
    """One action on a dial."""

    history: History
    dial: Dial
    action: Action
    profile: Floats

    @staticmethod
    def trigger(rule: Rule) -> TimeTrigger | SunTrigger:
        assert isinstance(rule.trigger, TimeTrigger | SunTrigger)  # noqa: S101 - of a dial
        return rule.trigger

    def minute_of(self, rule: Rule) -> int:
        return self.dial.minute_of(self.trigger(rule))

    def days_in_reach(self, acts: Acts) -> int:
        """Return on how many days there is an act that a habit could explain."""
        minute = acts.local % DAY_MS // MINUTE_MS
        low, high = self.dial.reach
        return len(np.unique(acts.day[(minute >= low) & (minute <= high)]))

    def due(self, rule: Rule) -> Ints:
        """Return the days on which a rule is due."""
        days = self.dial.days[self.dial.days >= rule.since]
        return days[np.isin(weekday_of(days), self.trigger(rule).weekdays)]

    def kept(self, rule: Rule) -> tuple[Ints, Mask]:
        """Return the days on which a rule is due, and on which of them it was kept."""
        played, due = replay(self.history, rule), self.due(rule)
        return due, np.isin(due, played.day[played.hit])

    def is_kept(self, rule: Rule, part: Ints) -> bool:
        """Return whether a rule is kept in a part of the days half as often as ever."""
        due, hit = self.kept(rule)
        late = np.isin(due, part)
        if not late.any():
            return False
        return bool(2 * hit[late].mean() >= hit.mean())


def tests_per_pass(reach: tuple[int, int]) -> int:
    """Return how many hypotheses one look at an action's acts has."""
    return sum(len(positions(width, reach)) for width in WIDTHS) * SETS_TRIED


def _left_over(dial: Dial, rule: Rule, acts: Acts) -> Acts:
    """Return the acts at other times than the rule's, on whichever day."""
    assert isinstance(rule.trigger, TimeTrigger | SunTrigger)  # noqa: S101 - of a dial
    reach = max(60 * MINUTE_MS, rule.window_s * 1000)
    return acts.where(ms_from(acts.local, dial.minute_of(rule.trigger)) > reach)


def _tested(look: _Look, rule: Rule, acts: Acts) -> Candidate | None:
    """Attach the probability that chance gives the rule as many days.

    Counted are the days with an act in the window, and those with one in a window as
    narrow as the acts allow: people who keep to the minute need fewer days to be
    believed. The second pays for both.
    """
    minute = look.minute_of(rule)
    due, kept = look.kept(rule)
    if not kept.any():
        return None
    nearest = due_days(acts.local, minute)
    counted = np.isin(nearest, due)
    place = np.searchsorted(due, nearest[counted])
    per_day = np.bincount(place, minlength=len(due))
    half = rule.window_s // 60
    low, high = (minute - half) // CELL_MIN, -(-(minute + half) // CELL_MIN)
    background, p_value = _tail(kept, per_day, _share(look.profile, low, high))
    offset = (acts.local - nearest * DAY_MS)[counted] / MINUTE_MS - minute
    inside = kept[place] & (np.abs(offset) <= half)
    if inside.any():
        middle = float(np.median(offset[inside]))
        off = np.abs(offset - middle)
        narrow = max(NARROWEST_MIN, 2 * 1.4826 * float(np.median(off[inside])))
        close = np.zeros(len(due), bool)
        close[place[inside & (off <= narrow)]] = True
        low, high = (minute + middle + np.array([-narrow, narrow])) / CELL_MIN
        _, p_narrow = _tail(close, per_day, _share(look.profile, low, high))
        p_value = min(p_value, NARROW_PRICE * p_narrow)
    p_value *= price(look.trigger(rule).weekdays)
    if rule.since:
        p_value *= RECENT_PRICE * len(look.dial.days)
    return Candidate(rule, min(1.0, p_value), background)


def _share(profile: Floats, low: float, high: float) -> float:
    """Return the share of the day between two places, in cells, over midnight too."""
    total = np.concatenate(([0.0], np.cumsum(np.tile(profile, 3))))
    ends = np.interp(np.array([low, high]) + CELLS, np.arange(len(total)), total)
    return min(1.0, float(ends[1] - ends[0]))


def _tail(hit: Mask, per_day: Ints, share: float) -> tuple[float, float]:
    """Return the mean chance of a day with acts, and the probability of so many hits.

    The tail of a sum of unequal chances is below that of their mean.
    W. Hoeffding, Ann. Math. Statist. 27 (1956).
    """
    chance = 1 - (1 - share) ** per_day
    active = max(1, int(np.count_nonzero(per_day)))
    mean = float(chance.sum()) / active
    hits = min(int(np.count_nonzero(hit)), active)
    return mean, binomial_tail(hits, active, mean)
