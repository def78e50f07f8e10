"""Something that no better rule explains already.

A greedy set cover over the acts of one action: the rule that explains most, weighted by
how sure it is, comes first; each further one must explain enough acts that are left,
and be sure of itself on the firings that are left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..events import Ints
from ..result import Rejection
from ..rules import Action
from ..stats import wilson_low
from .confounding import preference
from .protocol import Draft, GateContext, Judgement


@dataclass(frozen=True, slots=True)
class Redundancy:
    """Requires each rule to explain acts of its own. Numbers are shares of the acts."""

    name: ClassVar[str] = "redundancy"
    min_share: float = 0.1
    min_acts: int = 4

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep a small set of rules for each action."""
        by_action: dict[Action, list[Draft]] = {}
        for draft in drafts:
            by_action.setdefault(draft.rule.action, []).append(draft)
        kept: set[str] = set()
        rejected: dict[str, Rejection] = {}
        for action, group in by_action.items():
            acts = context.history.acts[action].t
            for draft, share, required in self._cover(group, acts, context):
                if share >= required:
                    kept.add(draft.rule.key)
                else:
                    rejected[draft.rule.key] = Rejection(
                        draft.rule, self.name, share, required
                    )
        return Judgement(
            tuple(d for d in drafts if d.rule.key in kept), tuple(rejected.values())
        )

    def _cover(
        self, group: Sequence[Draft], acts: Ints, context: GateContext
    ) -> list[tuple[Draft, float, float]]:
        """Return each draft with the share of acts that it alone adds, and the need."""
        left = np.ones(len(acts), bool)
        open_drafts = list(group)
        verdicts: list[tuple[Draft, float, float]] = []
        while open_drafts:
            best = max(open_drafts, key=lambda d: (_worth(d, left), preference(d)))
            open_drafts.remove(best)
            added = best.played.explained[left[best.played.explained]]
            acts_since = max(1, _since(best, acts, context))
            share = len(added) / acts_since
            required = max(self.min_share, self.min_acts / acts_since)
            if verdicts and self._residual(best, acts, left) < (
                context.required_precision
            ):
                share = 0.0
            verdicts.append((best, share, required))
            if share >= required:
                left[added] = False
        return verdicts

    @staticmethod
    def _residual(draft: Draft, acts: Ints, left: np.ndarray) -> float:
        """Return the lower bound of the precision on firings not yet explained."""
        gone = acts[~left]
        reach = draft.rule.window_s * 1000
        fired = draft.played.fired
        low = np.searchsorted(gone, fired - reach, side="left")
        high = np.searchsorted(gone, fired + reach, side="right")
        open_ = low == high
        return wilson_low(
            int(np.count_nonzero(draft.played.hit[open_])), int(open_.sum())
        )


def _since(draft: Draft, acts: Ints, context: GateContext) -> int:
    """Return the number of acts since the rule is done."""
    if not draft.rule.since:
        return len(acts)
    start = context.history.clock.instants(np.array([draft.rule.since]), 0)
    return len(acts) - int(np.searchsorted(acts, start[0]))


def _worth(draft: Draft, left: np.ndarray) -> float:
    """Return acts explained anew, weighted by how sure the rule is."""
    added = int(np.count_nonzero(left[draft.played.explained]))
    return preference(draft)[0] * added
