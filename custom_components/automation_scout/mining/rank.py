"""The one place where a rule gets its rank."""

from typing import Final

from .evidence import Evidence
from .facts import domain_of
from .rules import Kind, Rule, StateTrigger

WRONG_COST: Final = 0.5
"""An unwanted firing annoys, but it can be taken back."""
DOMAIN_CLARITY: Final = {"input_boolean": 0.8, "media_player": 0.9}
"""People ask less often for these; lights, switches and covers are 1."""


def score(rule: Rule, evidence: Evidence, confidence: float) -> float:
    """Return acts saved a week x lower bound x clarity, less the cost of wrong firings.

    Clarity is how plainly a person sees the rule: a clock time and a door are plain,
    another appliance as the trigger is less so.
    """
    clarity = DOMAIN_CLARITY.get(domain_of(rule.action.entity_id), 1.0)
    if rule.kind is Kind.STATE and isinstance(rule.trigger, StateTrigger):
        sensor = domain_of(rule.trigger.entity_id) in ("binary_sensor", "person")
        clarity *= 1.0 if sensor else 0.8
    gain = evidence.saved_per_week * confidence * clarity
    return gain - WRONG_COST * evidence.unwanted_per_week * (1 - confidence)
