"""The same habit is the same suggestion tomorrow.

A rule that is found again moves a little: its time by some minutes, its weekdays by a
day that more history added. It keeps the id under which it is known.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain, count

from .result import Proven
from .rules import Rule, StateTrigger, TimeTrigger, minutes_apart

NEAR_MIN = 30
"""Minutes within which two times of one action are the same habit."""


def adopt(
    proven: Sequence[Proven], known: Mapping[str, Rule]
) -> list[tuple[str, Proven]]:
    """Return each proven rule with its id: that of its nearest known relative, or new.

    Each known id is given once, nearest pairs first. Who gets none is new and takes its
    own key; where a stranger holds that key, one with a number behind it.
    """
    pairs = sorted(
        (apart, place, key)
        for place, item in enumerate(proven)
        for key, rule in known.items()
        if (apart := distance(item.rule, rule)) is not None
    )
    given: dict[int, str] = {}
    for _, place, key in pairs:
        if place not in given and key not in given.values():
            given[place] = key
    taken = {*known, *given.values()}
    for place, item in enumerate(proven):
        if place not in given:
            given[place] = _free(item.rule.key, taken)
            taken.add(given[place])
    return [(given[place], item) for place, item in enumerate(proven)]


def _free(key: str, taken: Collection[str]) -> str:
    """Return the key, or it with the first number that nobody has."""
    numbered = (f"{key}-{number}" for number in count(2))
    return next(name for name in chain((key,), numbered) if name not in taken)


def distance(one: Rule, two: Rule) -> float | None:
    """Return how far two rules are apart, 0 the same, None where they are no relatives.

    Times in minutes, with ten more for each weekday that only one of them has.
    """
    if one.action != two.action:
        return None
    match one.trigger, two.trigger:
        case TimeTrigger(a, days_a), TimeTrigger(b, days_b):
            apart = minutes_apart(a, b)
            if apart > NEAR_MIN or not set(days_a) & set(days_b):
                return None
            return float(apart + 10 * len(set(days_a) ^ set(days_b)))
        case StateTrigger() as a, StateTrigger() as b:
            return 0.0 if a == b else None
        case _:
            return None
