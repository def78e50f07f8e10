"""Still so: the recent days agree with the earlier ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, lgamma
from typing import ClassVar, Final

import numpy as np

from ..automated import seen_automated
from ..events import Ints
from ..localtime import weekday_of
from ..rules import SunTrigger, TimeTrigger
from .protocol import Draft, GateContext, Judgement, split

LAST_DAYS: Final = (10, 14)
"""What stopped is noticed after ten days, and more surely after two weeks."""


@dataclass(frozen=True, slots=True)
class Stability:
    """Requires that the last days are not plainly worse than those before them.

    Measured is the probability of so few hits in the last third of the days, the last
    ten or the last two weeks, if nothing had changed: among opportunities, and for a
    habit of the clock or the sun among the days on which it is due, since it can also
    end by the target never being ready for it any more.
    """

    name: ClassVar[str] = "stability"
    least: float = 0.002
    """Of three tests: habits are given up once in two hundred where nothing changed."""

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep what people still do; where an automation took over, name it."""
        days = context.history.days
        judgement = split(
            self.name,
            [(d, _still_so(d, days[days >= d.rule.since]), self.least) for d in drafts],
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


def _still_so(draft: Draft, days: Ints) -> float:
    third = -(-2 * len(days) // 3)
    parts = {third, *(max(len(days) // 2, len(days) - last) for last in LAST_DAYS)}
    return min(_unchanged(draft, days[:at], days[at:]) for at in parts)


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
    """Return P(X <= k_late) after k_early in n_early; 1 where one part is empty.

    X is beta-binomial, from an even prior: the earlier rate is known from few days.
    """
    if not n_early or not n_late:
        return 1.0
    # Hits above the days on which the rule is due come from firings on days between.
    a = k_early + 1.0
    b = max(0, n_early - k_early) + 1.0
    return min(
        1.0,
        sum(
            exp(
                _log_choose(n_late, k)
                + _log_beta(a + k, b + n_late - k)
                - _log_beta(a, b)
            )
            for k in range(min(k_late, n_late) + 1)
        ),
    )


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
