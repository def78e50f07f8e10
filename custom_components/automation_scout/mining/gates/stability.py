"""Still so: the recent days agree with the earlier ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ..automated import seen_automated
from ..events import Ints
from ..localtime import weekday_of
from ..rules import SunTrigger, TimeTrigger
from ..stats import binomial_tail
from .protocol import Draft, GateContext, Judgement, split


@dataclass(frozen=True, slots=True)
class Stability:
    """Requires that the last third of the days is not plainly worse than the rest.

    Measured is the probability of so few recent hits if nothing had changed: among
    opportunities, and for a habit of the clock among the days on which it is due, since
    it can also end by the target never being ready for it any more.
    """

    name: ClassVar[str] = "stability"
    least: float = 0.005

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep what people still do; where an automation took over, name it."""
        days = context.history.days
        split_at = -(-2 * len(days) // 3)
        early, late = days[:split_at], days[split_at:]
        judgement = split(
            self.name, [(d, _unchanged(d, early, late), self.least) for d in drafts]
        )
        named = tuple(
            replace(
                rejection,
                covered_by=tuple(
                    sorted(seen_automated(context.history, rejection.rule)[1])
                ),
            )
            for rejection in judgement.rejections
        )
        return replace(judgement, rejections=named)


def _unchanged(draft: Draft, early: Ints, late: Ints) -> float:
    before, after = draft.played.on(early), draft.played.on(late)
    by_chance = _so_few(before.hits, len(before.fired), after.hits, len(after.fired))
    trigger = draft.rule.trigger
    if not isinstance(trigger, TimeTrigger | SunTrigger):
        return by_chance
    due_early, due_late = (
        int(np.count_nonzero(np.isin(weekday_of(days), trigger.weekdays)))
        for days in (early, late)
    )
    return min(by_chance, _so_few(before.hits, due_early, after.hits, due_late))


def _so_few(k_early: int, n_early: int, k_late: int, n_late: int) -> float:
    """Return P(X <= k_late) at the earlier rate; 1 where one part is empty."""
    if not n_early or not n_late:
        return 1.0
    rate = (k_early + 1) / (n_early + 2)
    return binomial_tail(n_late - k_late, n_late, 1 - rate)
