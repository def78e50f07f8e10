"""Kept like the week, and not by another rhythm that no automation of it can follow.

What is done every other day, or in every other week, is done on half of the days of any
weekly rule; the rule would be wrong on the other half for ever. Hits and misses that
people leave to chance come mixed; a rhythm of its own makes them alternate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..events import Ints, Mask
from ..history import History
from ..localtime import weekday_of
from ..replay import NEAR_MS, due_times
from ..rules import Action, SunTrigger, TimeTrigger
from ..stats import binomial_tail
from .protocol import Draft, GateContext, Judgement, split


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Requires that hits and misses of a habit of the clock do not alternate."""

    name: ClassVar[str] = "rhythm"
    least: float = 0.001
    """Probability that days differ so often from the next, or from those a week later,
    if each is left to chance."""

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep what is mixed; what does not hang on the clock passes."""
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
        return 1.0
    days, due = due_times(history, rule.trigger, rule.window_s)
    kept = np.isin(days, draft.played.day[draft.played.hit])
    of_rule = np.isin(weekday_of(days), weekday_of(days[kept])) & (days >= rule.since)
    of_rule &= kept | ~_done_otherwise(history, rule.action, due)
    return min(alternating_p(days[of_rule], kept[of_rule], lag) for lag in (1, 7))


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
