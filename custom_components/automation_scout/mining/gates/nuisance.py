"""Bearable: however useful, a rule that is wrong every day will be switched off."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..automated import seen_automated
from .already_automated import AlreadyAutomated
from .protocol import Draft, GateContext, Judgement, split


@dataclass(frozen=True, slots=True)
class Nuisance:
    """Bounds wrong firings. Numbers are days without one wrong firing per wrong firing.

    That is days observed over wrong firings, so that more is better as everywhere.
    """

    name: ClassVar[str] = "nuisance"
    least_days: float = 1.0
    """Of one rule; people bear one wrong activation a day at most."""

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep what is wrong no oftener than they bear, on days held out."""
        return split(
            self.name,
            [(d, self._bearable(d, context), self.least_days) for d in drafts],
        )

    def _bearable(self, draft: Draft, context: GateContext) -> float:
        """Return days a wrong firing; what is automated has a gate of its own."""
        days = float(draft.holdout.days)
        if draft.holdout.wrong * self.least_days <= days:
            return days / max(draft.holdout.wrong, 1)
        share, _ = seen_automated(context.history, draft.rule)
        return days if share >= AlreadyAutomated().most else days / draft.holdout.wrong
