"""Not done by an automation already, by its configuration or by what the log shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..automated import is_linked, seen_automated
from ..daylight import sun_minutes
from ..doing import does
from ..existing.adjust import corrects
from ..history import History
from ..meeting import met_at
from ..result import Rejection
from ..rules import Rule
from .protocol import Draft, GateContext, Judgement


@dataclass(frozen=True, slots=True)
class AlreadyAutomated:
    """Stops what an automation does. Numbers are shares of the occasions."""

    name: ClassVar[str] = "already_automated"
    most: float = 0.3
    """Share of occasions at which an automation acts, from which the rule is done."""

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Drop what is automated, naming by what."""
        history = context.history
        kept: list[Draft] = []
        rejections: list[Rejection] = []
        for draft in drafts:
            left, covered = left_to_do(history, draft.rule)
            if left <= 1 - self.most:
                rejections.append(
                    Rejection(draft.rule, self.name, left, 1 - self.most, covered)
                )
            else:
                kept.append(draft)
        return Judgement(tuple(kept), tuple(rejections))


def left_to_do(history: History, rule: Rule) -> tuple[float, tuple[str, ...]]:
    """Return the share of occasions that no automation sees to, and what sees to them.

    It is 0 where the configuration of an automation says that it does it, or where a
    device does it by itself.
    """
    sun = sun_minutes(history.facts, history.span[1])
    met = met_at(history, rule)
    named = [
        automation.entity_id
        for automation in history.facts.automations
        if automation.enabled
        and does(automation, rule, sun, met)
        and not corrects(history, rule, automation)
    ]
    share, actors = seen_automated(history, rule)
    done = bool(named) or is_linked(history, rule)
    return 0.0 if done else 1 - share, tuple(sorted({*named, *actors}))
