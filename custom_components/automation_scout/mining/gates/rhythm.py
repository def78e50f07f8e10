"""Kept like the week, and not by another rhythm that no automation of it can follow.

What is done every other day, or in every other week, is done on half of the days of any
weekly rule; the rule would be wrong on the other half for ever. Hits and misses that
people leave to chance come mixed; a rhythm of its own makes them alternate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import comb
from typing import ClassVar, Final

import numpy as np

from ..events import Ints, Mask
from ..history import History
from ..holding import all_hold
from ..localtime import weekday_of
from ..replay import NEAR_MS, due_times, replay
from ..rules import Action, SunTrigger, TimeTrigger
from ..stats import binomial_tail
from .protocol import Draft, GateContext, Judgement, split

LAGS: Final = (1, 7)
"""Days after which a rhythm of two days, and one of two weeks, is the other way."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Requires that hits and misses of a habit do not alternate."""

    name: ClassVar[str] = "rhythm"
    least: float = 0.001
    """Probability that days differ so often from the next, or from those a week later,
    if each is left to chance."""

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep what is mixed."""
        return split(
            self.name, [(d, _mixed(d, context.history), self.least) for d in drafts]
        )


def _mixed(draft: Draft, history: History) -> float:
    """Return the least probability of so much alternation.

    Asked of all days on which the rule is due and not of its opportunities: what is lit
    every other day is put out on these, and on the others there is nothing to put out.
    Weekdays on which it was never done are none of the rhythm's, nor are days on which
    something else did it.
    """
    rule = draft.rule
    if not isinstance(rule.trigger, TimeTrigger | SunTrigger):
        return _of_occasions(draft, history)
    days, due = due_times(history, rule.trigger, rule.window_s)
    kept = np.isin(days, draft.played.day[draft.played.hit])
    of_rule = np.isin(weekday_of(days), weekday_of(days[kept])) & (days >= rule.since)
    of_rule &= kept | ~_done_otherwise(history, rule.action, due)
    held = of_rule & all_hold(history, rule.conditions, due)
    return min(_least(days[asked], kept[asked]) for asked in (of_rule, held))


def _of_occasions(draft: Draft, history: History) -> float:
    """Return the same of the days on which something else sets the rule off."""
    played = replay(history, replace(draft.rule, conditions=()))
    days = np.unique(played.day)
    kept = np.isin(days, played.day[played.hit])
    return _least(days, kept)


def _least(days: Ints, kept: Mask) -> float:
    alternates = min(alternating_p(days, kept, lag) for lag in LAGS)
    return min(alternates, skipping_p(days, kept))


def _done_otherwise(history: History, action: Action, due: Ints) -> Mask:
    """Return around which instants something brought the state about, bool[n]."""
    timeline = history.timeline(action.entity_id)
    entered = timeline.t[timeline.state == history.state_code(action.state)]
    low = np.searchsorted(entered, due - NEAR_MS, side="left")
    done: Mask = low < np.searchsorted(entered, due + NEAR_MS, side="right")
    return done


def alternating_p(day: Ints, hit: Mask, lag: int) -> float:
    """Return the probability that days differ so often from those `lag` days later.

    `day` int64[n], ascending, each once, and `hit` bool[n]. If each is a hit with the
    rate p of all, two of them differ with 2 p (1 - p). A clump of misses, as people who
    were away leave one, makes days alike and is nothing against a habit.
    """
    if not len(day):
        return 1.0
    later = np.searchsorted(day, day + lag)
    later = np.minimum(later, len(day) - 1)
    paired = day[later] == day + lag
    differ = int(np.count_nonzero(hit[paired] != hit[later[paired]]))
    rate = float(hit.mean())
    return binomial_tail(differ, int(np.count_nonzero(paired)), 2 * rate * (1 - rate))


def skipping_p(day: Ints, hit: Mask) -> float:
    """Return the probability that so few hits have one on the next day, 0..1.

    Beside those that have one on the day after the next (R. A. Fisher's exact test on
    the two shares): both are as near, so that neither an absence nor a season tells
    them apart, and only a rhythm of two days does.
    """
    day_of_hit = day[hit]
    pairs = [np.isin(day_of_hit + lag, day) for lag in (1, 2)]
    again = [np.isin(day_of_hit + lag, day_of_hit) for lag in (1, 2)]
    n, far = (int(np.count_nonzero(paired)) for paired in pairs)
    k, more = (int(np.count_nonzero(both)) for both in again)
    ways = sum(
        comb(k + more, x) * comb(n + far - k - more, n - x) for x in range(k + 1)
    )
    return ways / comb(n + far, n)
