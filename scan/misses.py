"""What came near to a suggestion: how far it got, and what it lacked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import Any, Final

from custom_components.automation_scout.mining.evidence import Evidence
from custom_components.automation_scout.mining.near import (
    miss_to_dict,
    more_days,
    nearest,
)
from custom_components.automation_scout.mining.result import (
    Proven,
    Rejection,
    Safety,
    Tier,
)
from custom_components.automation_scout.words.templates import describe

from .analysis import Findings

AUTOMATED: Final = "already_automated"
MOST_NATURAL: Final = 15.0
"""Powers of ten beyond which a chance is just none."""


def _number(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.1f}"


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _chance(value: float) -> str:
    """Return -log10 of a chance as people say it, with two digits that count."""
    whole = round(10 ** min(value, MOST_NATURAL))
    return f"1 in {round(whole, 1 - floor(log10(max(whole, 1)))):,}"


MEASURES: Final[Mapping[str, tuple[str, Callable[[float], str]]]] = {
    "support": ("days on which it was done", _number),
    "significance": ("how likely it is to mean nothing", _chance),
    "spread": ("share of the acts of those hours at that time", _percent),
    "rhythm": ("how likely its hits and misses alternate by chance", _percent),
    "sun_or_clock": ("how much speaks for the sun", _number),
    "confounding": ("share that stays without the better trigger", _percent),
    "holdout": ("surely right, on weeks it was not learnt from", _percent),
    "nuisance": ("days without a mistake for each mistake", _number),
    "stability": ("how likely it is that nothing has changed lately", _percent),
    "redundancy": ("share of the acts that no better rule explains", _percent),
}
"""Gate to what it measures; that of a gate not named here is shown as a bare number."""


@dataclass(frozen=True, slots=True)
class Miss:
    """An idea that a gate has stopped."""

    title: str
    rejection: Rejection
    days: float
    """For how many days the home was watched."""

    @property
    def lack(self) -> str:
        """What was measured and what was required, for people."""
        rejected = self.rejection
        if not isfinite(rejected.measured) or not isfinite(rejected.required):
            return rejected.gate
        what, form = MEASURES.get(rejected.gate, ("measured", _number))
        measured, required = form(rejected.measured), form(rejected.required)
        if measured == required:
            measured, required = f"{rejected.measured:.4g}", f"{rejected.required:.4g}"
        text = f"{rejected.gate}: {what} {measured}, needed {required}"
        more = more_days(rejected, self.days)
        if more is None:
            return text
        return f"{text}; if it goes on like this, in {more} more day{'s'[: more > 1]}"

    def as_dict(self) -> dict[str, Any]:
        """Return it for machines."""
        return {"title": self.title, **miss_to_dict(self.rejection, self.days)}


def misses(findings: Findings) -> tuple[list[Miss], list[Miss]]:
    """Return what is automated already, and the other ideas, nearest first.

    One for each act that there is no suggestion for: the one that came farthest.
    """
    found = [
        Miss(_title(rejection, findings), rejection, findings.days)
        for rejection in nearest(findings.result, len(findings.result.rejections))
    ]
    served = [miss for miss in found if miss.rejection.gate == AUTOMATED]
    return served, [miss for miss in found if miss.rejection.gate != AUTOMATED]


def _title(rejection: Rejection, findings: Findings) -> str:
    """Return the title that it would have had as a suggestion."""
    nothing = Evidence(0, 0, 0, 0, 0, 0, 0, 0, ())
    proven = Proven(rejection.rule, nothing, 0.0, 0.0, Safety(Tier.OK))
    try:
        return describe(proven, findings.facts, findings.catalogue).title
    except Exception:  # noqa: BLE001 - a text that fails must not cost the answer
        return rejection.rule.key
