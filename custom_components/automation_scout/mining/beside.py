"""What automations do beside a habit that none of them does: said, and no obstacle."""

from dataclasses import dataclass
from typing import Final

from .automated import seen_automated
from .daylight import sun_minutes
from .doing import conflicting, does
from .history import History
from .meeting import met_at
from .rules import Rule

LEAST: Final = 0.1
"""Share of the occasions at which an automation acts, from which it is worth saying."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Automations by entity id, ascending."""

    covered_by: tuple[str, ...]
    """They do it now and then, or would do it if they were not turned off."""
    conflicts: tuple[str, ...]
    """They do the opposite at the same occasion."""


def beside(history: History, rule: Rule) -> Beside:
    """Return what automations have to do with a rule that none of them does."""
    facts = history.facts
    sun, met = sun_minutes(facts, history.span[1]), met_at(history, rule)
    off = {
        automation.entity_id
        for automation in facts.automations
        if not automation.enabled and does(automation, rule, sun, met)
    }
    share, actors = seen_automated(history, rule)
    seen = actors if share >= LEAST else frozenset()
    return Beside(tuple(sorted(off | seen)), conflicting(facts, rule, sun, met))
