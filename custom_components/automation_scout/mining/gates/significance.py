"""More often than chance, over every hypothesis that was looked at in the home."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import ClassVar

from .protocol import Draft, GateContext, Judgement, split

SMALLEST = 1e-300


@dataclass(frozen=True, slots=True)
class Significance:
    """Controls the share of false discoveries.

    Y. Benjamini and Y. Hochberg, J. R. Statist. Soc. B 57 (1995). The number of
    hypotheses is that of all tests, not of those that became candidates. Numbers are
    -log10 p, so that more is better as everywhere in the funnel.
    """

    name: ClassVar[str] = "significance"
    rate: float = 0.01

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep what stays below the step-up line."""
        tests = max(context.n_tested, len(drafts), 1)
        ascending = sorted(draft.candidate.p_value for draft in drafts)
        limit = self.rate / tests
        for rank, p in enumerate(ascending, start=1):
            if p <= self.rate * rank / tests:
                limit = self.rate * rank / tests
        required = -log10(limit)
        return split(
            self.name,
            [(d, -log10(max(d.candidate.p_value, SMALLEST)), required) for d in drafts],
        )
