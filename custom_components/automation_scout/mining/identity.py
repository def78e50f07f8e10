"""The same habit is the same suggestion tomorrow.

A rule that is found again moves a little: its time by some minutes, its weekdays by a
day that more history added. It keeps the id under which it is known.
"""

from collections.abc import Mapping, Sequence

from .result import Proven
from .rules import Rule, StateTrigger, TimeTrigger

NEAR_MIN = 30
"""Minutes within which two times of one action are the same habit."""


def adopt(
    proven: Sequence[Proven], known: Mapping[str, Rule]
) -> list[tuple[str, Proven]]:
    """Return each proven rule with its id: that of its nearest known relative, or new.

    Each known id is given once, to the best rule that is a relative of it; a further
    relative of it takes its own key, unless that is taken, and is left out then.
    """
    taken: set[str] = set()
    adopted: list[tuple[str, Proven]] = []
    for item in proven:
        relatives = [
            (distance(item.rule, rule), key)
            for key, rule in known.items()
            if key not in taken and distance(item.rule, rule) is not None
        ]
        near = min(
            relatives, default=(0.0, item.rule.key), key=lambda r: (r[0] or 0.0, r[1])
        )
        key = near[1]
        if key not in taken:
            taken.add(key)
            adopted.append((key, item))
    return adopted


def distance(one: Rule, two: Rule) -> float | None:
    """Return how far two rules are apart, 0 the same, None where they are no relatives.

    Times in minutes, with ten more for each weekday that only one of them has.
    """
    if one.action != two.action:
        return None
    match one.trigger, two.trigger:
        case TimeTrigger(a, days_a), TimeTrigger(b, days_b):
            apart = min(abs(a - b), 1440 - abs(a - b))
            if apart > NEAR_MIN or not set(days_a) & set(days_b):
                return None
            return float(apart + 10 * len(set(days_a) ^ set(days_b)))
        case StateTrigger() as a, StateTrigger() as b:
            return 0.0 if a == b else None
        case _:
            return None
