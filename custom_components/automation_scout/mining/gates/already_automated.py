"""Not done by an automation already, by its configuration or by what the log shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..facts import ExistingAutomation
from ..origin import AUTOMATED
from ..result import Rejection
from ..rules import Rule, StateTrigger, TimeTrigger
from .protocol import Draft, GateContext, Judgement

NEAR_MIN = 30
"""Minutes between two times that still are the same automation."""


@dataclass(frozen=True, slots=True)
class AlreadyAutomated:
    """Stops what an automation does. Numbers are shares of the firings."""

    name: ClassVar[str] = "already_automated"
    most: float = 0.3
    """Share of firings at which an automation acts, from which the rule is done."""

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Drop what is automated, naming by what."""
        kept: list[Draft] = []
        rejections: list[Rejection] = []
        for draft in drafts:
            named = [
                automation.entity_id
                for automation in context.history.facts.automations
                if automation.enabled and does(automation, draft.rule)
            ]
            share, actors = self._seen(draft, context)
            if named or share >= self.most:
                covered = tuple(sorted({*named, *actors}))
                measured = 0.0 if named else 1 - share
                rejections.append(
                    Rejection(draft.rule, self.name, measured, 1 - self.most, covered)
                )
            else:
                kept.append(draft)
        return Judgement(tuple(kept), tuple(rejections))

    @staticmethod
    def _seen(draft: Draft, context: GateContext) -> tuple[float, set[str]]:
        """Return how often something automated did it when the rule is due, and what.

        Counted over the rule's recent firings and the automated acts near them.
        """
        history, rule = context.history, draft.rule
        rows = history.rows_of(rule.action.entity_id)
        done = rows[
            (history.log.state[rows] == history.state_code(rule.action.state))
            & np.isin(history.log.origin[rows], AUTOMATED)
        ]
        recent = draft.played.fired[-max(10, len(draft.played.fired) // 3) :]
        if not len(done) or not len(recent):
            return 0.0, set()
        t = history.log.t[done]
        reach = rule.window_s * 1000
        before = reach if isinstance(rule.trigger, TimeTrigger) else 0
        low = np.searchsorted(t, recent - before, side="left")
        high = np.searchsorted(t, recent + reach, side="right")
        near = np.concatenate(
            [np.arange(a, b) for a, b in zip(low, high, strict=True)]
        ).astype(np.int64)
        actors = {history.log.actors[code] for code in history.log.actor[done[near]]}
        return float(np.mean(high > low)), actors - {""}


def does(automation: ExistingAutomation, rule: Rule) -> bool:
    """Return whether an automation has the rule's trigger and its effect."""
    if (rule.action.entity_id, rule.action.state) not in automation.targets:
        return False
    match rule.trigger:
        case TimeTrigger(minute):
            apart = [abs(minute - time) for time in automation.times]
            return any(min(gap, 1440 - gap) <= NEAR_MIN for gap in apart)
        case StateTrigger(entity_id, state):
            return any(edge in automation.edges for edge in
                       ((entity_id, state), (entity_id, "")))  # fmt: skip
