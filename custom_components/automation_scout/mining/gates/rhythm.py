"""Kept like the week, and not by another rhythm that no automation of it can follow.

What is done every other day, or in every other week, is done on half of the days of any
weekly rule; the rule would be wrong on the other half for ever. Hits and misses that
people leave to chance come mixed; a rhythm of its own makes them alternate, or clump.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from typing import ClassVar

import numpy as np

from ..events import Mask
from ..rules import SunTrigger, TimeTrigger
from .protocol import Draft, GateContext, Judgement, split


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Requires hits and misses of a habit of the clock to be mixed as by chance."""

    name: ClassVar[str] = "rhythm"
    least: float = 0.002
    """Probability of so many or so few runs, two-sided."""

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep what is mixed; what does not hang on the clock passes."""
        del context
        return split(self.name, [(d, _mixed(d), self.least) for d in drafts])


def _mixed(draft: Draft) -> float:
    if not isinstance(draft.rule.trigger, TimeTrigger | SunTrigger):
        return 1.0
    return runs_p(draft.played.hit)


def runs_p(hit: Mask) -> float:
    """Return the two-sided probability of the number of runs of equal values.

    A. Wald and J. Wolfowitz, "On a test whether two samples are from the same
    population", Ann. Math. Statist. 11 (1940); normal approximation, 1 where all are
    equal.
    """
    n = len(hit)
    ones = int(np.count_nonzero(hit))
    zeros = n - ones
    if not ones or not zeros or n < 3:
        return 1.0
    runs = 1 + int(np.count_nonzero(hit[1:] != hit[:-1]))
    mean = 2 * ones * zeros / n + 1
    variance = (mean - 1) * (mean - 2) / (n - 1)
    if variance <= 0:
        return 1.0
    return erfc(abs(runs - mean) / sqrt(2 * variance))
