"""Right on weeks that took no part in fitting the rule.

A plain split at a date would cost weekly habits half of their evidence. Whole weeks are
held out in turn instead: the rule is fitted anew to the other weeks and replayed on
these, and the counts are added up. Each day is judged by times, windows and weekdays
that it did not shape; that the habit was looked for at all is for `significance`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from ..conditions.learn import refit_conditions
from ..events import Ints
from ..evidence import Holdout
from ..replay import replay
from .protocol import Draft, GateContext, Judgement, split


@dataclass(frozen=True, slots=True)
class HoldOut:
    """Requires a lower bound of the held-out precision."""

    name: ClassVar[str] = "holdout"
    folds: int = 5

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep what holds on unseen days, and attach the counts."""
        parts = list(fold_days(context.history.days, self.folds))
        judged = [replace(d, holdout=_held_out(d, context, parts)) for d in drafts]
        return split(
            self.name,
            [(d, d.holdout.precision_low, context.required_precision) for d in judged],
        )


def fold_days(days: Ints, folds: int) -> Iterator[Ints]:
    """Yield disjoint parts of the days that together are all of them.

    A part is made of whole weeks where there are enough, of half weeks in a short
    history; the weeks of a part lie apart, so that a change of season meets them all.
    """
    if not len(days):
        return
    length = 7 if days[-1] - days[0] >= 7 * (folds - 1) else 3
    block = (days - days[0]) // length
    for part in range(min(folds, int(block[-1]) + 1)):
        chosen = days[block % folds == part]
        if len(chosen):
            yield chosen


def _held_out(draft: Draft, context: GateContext, parts: Sequence[Ints]) -> Holdout:
    history = context.history
    detector = context.detectors[draft.rule.trigger_kind]
    days = hits = wrong = 0
    if len(parts) < 2:
        return Holdout(0, 0, 0)
    for part in parts:
        rest = history.days[~np.isin(history.days, part)]
        fitted = detector.refit(history, draft.rule, rest)
        if fitted is None:
            # The other weeks do not show the habit: no firing here was foreseen.
            wrong += len(draft.played.on(part).fired)
        else:
            if draft.rule.conditions:
                asked = replace(fitted, conditions=draft.rule.conditions)
                fitted = refit_conditions(history, asked, rest)
            fired = replay(history, fitted).on(part)
            hits += fired.hits
            wrong += fired.wrong
        days += len(part)
    return Holdout(days, hits, wrong)
