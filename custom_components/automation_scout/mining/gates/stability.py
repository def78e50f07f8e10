"""Still so: the recent days agree with the earlier ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..events import Ints
from ..stats import binomial_tail
from .protocol import Draft, GateContext, Judgement, split


@dataclass(frozen=True, slots=True)
class Stability:
    """Requires that the last third of the days is not plainly worse than the rest.

    Measured is the probability of so few recent hits if nothing had changed.
    """

    name: ClassVar[str] = "stability"
    least: float = 0.005

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep what people still do."""
        days = context.history.days
        recent = days[-(-2 * len(days) // 3) :]
        return split(
            self.name, [(d, _unchanged(d, recent), self.least) for d in drafts]
        )


def _unchanged(draft: Draft, recent: Ints) -> float:
    late = draft.played.on(recent)
    n, early_n = len(late.fired), len(draft.played.fired) - len(late.fired)
    if not n or not early_n:
        return 1.0
    early = (draft.played.hits - late.hits + 1) / (early_n + 2)
    return binomial_tail(n - late.hits, n, 1 - early)
