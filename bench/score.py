"""Compares suggestions with the truth of a generated home."""

from collections.abc import Sequence
from dataclasses import dataclass

from custom_components.automation_scout.mining.rules import (
    Rule,
    StateTrigger,
    TimeTrigger,
)

from .homes.model import Planted

NEAR_MIN = 20


@dataclass(slots=True)
class Tally:
    """Right and wrong suggestions over several homes."""

    homes: int = 0
    suggested: int = 0
    right: int = 0
    planted: int = 0
    found: int = 0

    def add(self, rules: Sequence[Rule], planted: Sequence[Planted]) -> None:
        """Count the suggestions of one home."""
        self.homes += 1
        self.suggested += len(rules)
        self.planted += len(planted)
        self.right += sum(any(matches(rule, p) for p in planted) for rule in rules)
        self.found += sum(any(matches(rule, p) for rule in rules) for p in planted)

    @property
    def precision(self) -> float:
        """Share of the suggestions that are right; 1 without any."""
        return self.right / self.suggested if self.suggested else 1.0

    @property
    def recall(self) -> float:
        """Share of the planted habits that were found; 1 without any."""
        return self.found / self.planted if self.planted else 1.0

    @property
    def per_home(self) -> float:
        """Suggestions a home."""
        return self.suggested / self.homes if self.homes else 0.0


def matches(rule: Rule, planted: Planted) -> bool:
    """Return whether a suggestion is the planted habit.

    The same effect, and the same trigger or one that stands for the same occasion;
    times within 20 minutes, on at least half of the weekdays.
    """
    if rule.action != planted.rule.action:
        return False
    match rule.trigger, planted.rule.trigger:
        case TimeTrigger(a, days_a), TimeTrigger(b, days_b):
            apart = min(abs(a - b), 1440 - abs(a - b))
            common = set(days_a) & set(days_b)
            return apart <= NEAR_MIN and 2 * len(common) >= len(days_b)
        case StateTrigger() as a, StateTrigger() as b:
            return a == b or a in planted.alternatives
        case _:
            return False
