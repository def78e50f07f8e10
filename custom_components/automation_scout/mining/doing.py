"""Whether an automation does what a rule would, by its configuration."""

from typing import Final

from .facts import ExistingAutomation
from .rules import Rule, StateTrigger, TimeTrigger, minutes_apart

NEAR_MIN: Final = 30
"""Minutes between two times that still are the same automation."""


def does(automation: ExistingAutomation, rule: Rule) -> bool:
    """Return whether an automation has the rule's trigger and its effect."""
    if (rule.action.entity_id, rule.action.state) not in automation.targets:
        return False
    match rule.trigger:
        case TimeTrigger(minute):
            return any(
                minutes_apart(minute, time) <= NEAR_MIN for time in automation.times
            )
        case StateTrigger(entity_id, state):
            edges = ((entity_id, state), (entity_id, ""))
            return any(edge in automation.edges for edge in edges)
