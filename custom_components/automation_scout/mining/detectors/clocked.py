"""Habits that stand still on a dial: what the time and the sun detector share.

The best window of the day scan is centred on the acts themselves, gets its days of the
week, and gives way to the search for a further habit of the same action among the acts
that it leaves unexplained.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..acts import Acts
from ..dial import Dial
from ..events import Floats, Ints
from ..history import History
from ..localtime import MINUTE_MS, due_days, ms_from, weekday_of
from ..replay import replay
from ..rules import ALL_DAYS, Action, Rule, SunTrigger, TimeTrigger
from ..stats import binomial_tail
from .day_scan import (
    CELL_MIN,
    CELLS,
    SETS,
    WIDTHS,
    DayScan,
    activity_profile,
    nearest_offsets,
    positions,
)
from .protocol import Candidate, Detection
from .weekdays import best_weekdays

SETS_TRIED: Final = len(SETS) + 6
"""Weekday sets of the scan, and the six further ones of the likelihood step."""
ROUND_MIN: Final = 5
"""People write automations in steps of five minutes."""


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
            acts = of_action[action]
            for _ in range(self.max_per_action):
                if len(np.unique(acts.day)) < self.min_days:
                    break
                tested += tests_per_pass(dial.reach)
                candidate = self._best(history, dial, action, acts, profile)
                if candidate is None:
                    break
                found.append(candidate)
                acts = _left_over(dial, candidate.rule, acts)
        return Detection(tuple(found), tested)

    def fit_again(
        self, history: History, dial: Dial, rule: Rule, days: Ints
    ) -> Rule | None:
        """Return the rule with the minute and weekdays that these days show."""
        trigger, acts = rule.trigger, history.acts.get(rule.action)
        assert isinstance(trigger, TimeTrigger | SunTrigger)  # noqa: S101 - of a dial
        if acts is None:
            return None
        acts = dial.read(acts)
        near = acts.where(np.isin(acts.day, days))
        minute = dial.minute_of(trigger)
        return self._fit(
            history, dial, rule.action, near, minute, days, trigger.weekdays
        )

    def _best(
        self,
        history: History,
        dial: Dial,
        action: Action,
        acts: Acts,
        profile: Floats,
    ) -> Candidate | None:
        scan = DayScan.of(dial.days, acts)
        centre = scan.best_centre(profile, self.min_rate, dial.reach)
        if centre is None:
            return None
        rule = self._fit(history, dial, action, acts, centre, dial.days)
        return _tested(history, dial, rule, acts, profile) if rule else None

    def _fit(
        self,
        history: History,
        dial: Dial,
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
        if not dial.reach[0] <= rounded <= dial.reach[1]:
            return None
        spread = 1.4826 * float(np.median(np.abs(offsets - np.median(offsets))))
        low, high = self.window_min
        window_s = 60 * int(np.clip(np.ceil(2.5 * spread), low, high))
        every_day = Rule(dial.trigger(rounded, ALL_DAYS), action, window_s)
        played = replay(history, every_day).on(days)
        if not played.hits:
            return None
        weekdays = best_weekdays(played.day, played.hit, expected)
        return Rule(dial.trigger(rounded, weekdays), action, window_s)


def tests_per_pass(reach: tuple[int, int]) -> int:
    """Return how many hypotheses one look at an action's acts has."""
    return sum(len(positions(width, reach)) for width in WIDTHS) * SETS_TRIED


def _left_over(dial: Dial, rule: Rule, acts: Acts) -> Acts:
    """Return the acts at other times than the rule's, on whichever day."""
    assert isinstance(rule.trigger, TimeTrigger | SunTrigger)  # noqa: S101 - of a dial
    reach = max(60 * MINUTE_MS, rule.window_s * 1000)
    return acts.where(ms_from(acts.local, dial.minute_of(rule.trigger)) > reach)


def _tested(
    history: History, dial: Dial, rule: Rule, acts: Acts, profile: Floats
) -> Candidate | None:
    """Attach the probability that chance gives the rule as many days."""
    trigger = rule.trigger
    assert isinstance(trigger, TimeTrigger | SunTrigger)  # noqa: S101 - of a dial
    minute = dial.minute_of(trigger)
    played = replay(history, rule)
    days = dial.days[np.isin(weekday_of(dial.days), trigger.weekdays)]
    due = due_days(acts.local, minute)
    per_day = np.array([np.count_nonzero(due == day) for day in days])
    half = rule.window_s // 60
    cells = np.arange((minute - half) // CELL_MIN, -(-(minute + half) // CELL_MIN))
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
