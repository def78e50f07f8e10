"""What people said to earlier suggestions, as a factor of the rank of the next ones.

It moves the order in which suggestions are shown, never their evidence, and never far:
nothing that is proven gets lost by it, and nothing unproven comes up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import exp, log
from typing import Final

from .facts import HomeFacts, domain_of
from .rules import Rule

MOST: Final = 2.0
"""Greatest factor, and one over the least."""
FAITH: Final = 8
"""Verdicts at which a trait's say is half of what their shares alone would give it.

H. Buehlmann, "Experience rating and credibility", ASTIN Bulletin 4 (1967)."""
SHARED: Final = 0.5
"""The traits of a rule overlap, and one verdict falls on all of them."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """How often people accepted and dismissed what had a trait."""

    counts: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Trait (`traits_of`) to the numbers accepted and dismissed."""

    def factor(self, traits: Iterable[str]) -> float:
        """Return by how much a rule with these traits is liked, 1/`MOST`..`MOST`."""
        says = (_say(*self.counts.get(trait, (0, 0))) for trait in traits)
        bound = log(MOST)
        return exp(max(-bound, min(bound, SHARED * sum(says))))


def _say(accepted: int, dismissed: int) -> float:
    """Return the log-odds of an acceptance from Beta(1, 1), less where few spoke."""
    n = accepted + dismissed
    return log((accepted + 1) / (dismissed + 1)) * n / (n + FAITH)


def traits_of(rule: Rule, facts: HomeFacts) -> tuple[str, ...]:
    """Return what a verdict on a rule says something about, and what it is liked by."""
    target = facts.of(rule.action.target)
    traits = [
        f"kind:{rule.kind}",
        f"pair:{rule.trigger_kind}>{domain_of(rule.action.target)}",
    ]
    if target.area_id is not None:
        traits.append(f"area:{target.area_id}")
    if target.device_id is not None:
        traits.append(f"device:{target.device_id}")
    return tuple(traits)


def feedback_of(verdicts: Iterable[tuple[Rule, bool]], facts: HomeFacts) -> Feedback:
    """Count verdicts: rules, and whether people accepted (or dismissed) them."""
    counts: dict[str, tuple[int, int]] = {}
    for rule, accepted in verdicts:
        for trait in traits_of(rule, facts):
            yes, no = counts.get(trait, (0, 0))
            counts[trait] = (yes + accepted, no + (not accepted))
    return Feedback(counts)
