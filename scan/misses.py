"""What came near to a suggestion: how far it got, and what it lacked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from custom_components.automation_scout.mining.evidence import Evidence
from custom_components.automation_scout.mining.result import (
    Proven,
    Rejection,
    Safety,
    Tier,
)
from custom_components.automation_scout.words.templates import describe

from .analysis import Findings

SETTLED: Final = frozenset({"already_automated", "confounding", "redundancy"})
"""Gates that stop what is explained otherwise; there is nothing to wait for."""


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _chance(value: float) -> str:
    return f"1 in {10 ** min(value, 15):.2g}"


MEASURES: Final[Mapping[str, tuple[str, Callable[[float], str]]]] = {
    "support": ("days on which it was done", _number),
    "significance": ("chance that it means nothing", _chance),
    "spread": ("share of the acts of those hours at that time", _percent),
    "confounding": ("share that stays without the better trigger", _percent),
    "holdout": ("surely right, on weeks it was not learnt from", _percent),
    "stability": ("chance that nothing has changed lately", _percent),
    "redundancy": ("share of the acts that no better rule explains", _percent),
    "already_automated": ("share of the occasions no automation acts", _percent),
}
"""Gate to what it measures; that of a gate not named here is shown as a bare number."""


@dataclass(frozen=True, slots=True)
class Miss:
    """An idea that a gate has stopped."""

    title: str
    rejection: Rejection

    @property
    def lack(self) -> str:
        """What was measured and what was required, for people."""
        rejected = self.rejection
        what, form = MEASURES.get(rejected.gate, (rejected.gate, _number))
        measured, required = form(rejected.measured), form(rejected.required)
        if measured == required:
            measured, required = f"{rejected.measured:.4g}", f"{rejected.required:.4g}"
        return f"{what}: {measured}, needed {required}"

    def as_dict(self) -> dict[str, Any]:
        """Return it for machines."""
        rejected = self.rejection
        return {
            "title": self.title,
            "kind": rejected.rule.kind.value,
            "key": rejected.rule.key,
            "gate": rejected.gate,
            "measured": rejected.measured,
            "required": rejected.required,
            "covered_by": list(rejected.covered_by),
        }


def automated(findings: Findings) -> list[Miss]:
    """Return the habits that automations of the home serve already."""
    return [
        Miss(_title(rejection, findings), rejection)
        for rejection in findings.result.rejections
        if rejection.gate == "already_automated"
    ]


def nearest(findings: Findings, limit: int) -> list[Miss]:
    """Return the ideas that came farthest, one for each act; nearest first.

    Farthest is by the gate that stopped it, and there by what it lacked.
    """
    order = {step.gate: place for place, step in enumerate(findings.result.funnel)}
    served = {proven.rule.action for proven in findings.result.proven}
    served |= {miss.rejection.rule.action for miss in automated(findings)}
    chosen: dict[object, Rejection] = {}
    for rejection in sorted(
        findings.result.rejections,
        key=lambda item: (-order.get(item.gate, 0), -_share(item), item.rule.key),
    ):
        if rejection.gate not in SETTLED and rejection.rule.action not in served:
            chosen.setdefault(rejection.rule.action, rejection)
    return [
        Miss(_title(rejection, findings), rejection)
        for rejection in list(chosen.values())[:limit]
    ]


def _share(rejection: Rejection) -> float:
    return rejection.measured / rejection.required if rejection.required else 0.0


def _title(rejection: Rejection, findings: Findings) -> str:
    """Return the title that it would have had as a suggestion."""
    nothing = Evidence(0, 0, 0, 0, 0, 0, 0, 0, ())
    proven = Proven(rejection.rule, nothing, 0.0, 0.0, Safety(Tier.OK))
    try:
        return describe(proven, findings.facts, findings.catalogue).title
    except Exception:  # noqa: BLE001 - a text that fails must not cost the answer
        return rejection.rule.key
