"""What came nearest to a suggestion: the answer to "why not X?"."""

from collections.abc import Sequence
from math import ceil, isfinite
from typing import Any, Final

from .result import MiningResult, Proven, Rejection
from .rule_json import rule_to_dict

GROWING: Final = frozenset({"support", "significance"})
"""Gates whose measure grows with the days, as long as people go on like this."""
LONGEST_DAYS: Final = 365


def nearest(result: MiningResult, most: int) -> list[Rejection]:
    """Return the rejections that came farthest, nearest first, one for each action.

    Without actions for which something was proven: of those the better rule is shown.
    """
    depth = {step.gate: place for place, step in enumerate(result.funnel)}
    served = _actions(result.proven)
    best: dict[object, Rejection] = {}
    for rejection in sorted(
        result.rejections,
        key=lambda item: (-depth.get(item.gate, -1), -_share(item), item.rule.key),
    ):
        if rejection.rule.action not in served:
            best.setdefault(rejection.rule.action, rejection)
    return list(best.values())[:most]


def _actions(proven: Sequence[Proven]) -> set[object]:
    return {action for item in proven for action in item.rule.actions}


def _share(rejection: Rejection) -> float:
    """Return how much of what was required was there."""
    return rejection.measured / rejection.required if rejection.required > 0 else 0.0


def more_days(rejection: Rejection, days: float) -> int | None:
    """Return for how many more days it must be seen, None where that is not the point.

    Args:
        rejection: what was stopped.
        days: for how many days the home was watched.
    """
    share = _share(rejection)
    if rejection.gate not in GROWING or not 0 < share < 1:
        return None
    more = ceil(days * (1 / share - 1))
    return more if more <= LONGEST_DAYS else None


def miss_to_dict(rejection: Rejection, days: float) -> dict[str, Any]:
    """Return a rejection as plain JSON values, of a home watched for some days."""
    numbers = (rejection.measured, rejection.required)
    measured, required = (round(n, 4) if isfinite(n) else None for n in numbers)
    return {
        "rule": rule_to_dict(rejection.rule),
        "entities": list(rejection.rule.entities),
        "gate": rejection.gate,
        "measured": measured,
        "required": required,
        "more_days": more_days(rejection, days),
        "covered_by": list(rejection.covered_by),
    }
