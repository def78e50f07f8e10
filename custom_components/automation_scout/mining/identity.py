"""The same habit is the same suggestion tomorrow.

A rule that is found again moves a little: its time by some minutes, its threshold by a
step, its weekdays by a day that more history added; it gains a condition or loses one.
It keeps the id under which it is known. `kinship` says how far two rules are apart.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import chain, count

from .doing import SunMinutes
from .kinship import distance
from .result import Proven
from .rules import Kind, Rule

__all__ = ["adopt", "distance"]


def adopt(
    proven: Sequence[Proven],
    known: Mapping[str, Rule],
    sun: SunMinutes | None = None,
    answered: Collection[str] = (),
) -> list[tuple[str, Proven]]:
    """Return each proven rule with its id: that of its nearest known relative, or new.

    Each known id is given once, nearest pairs first. Who gets none is new and takes its
    own key; where a stranger holds that key, one with a number behind it. `sun` makes
    relatives of a time and of the sun's event at that time. What a person has answered
    was no question about an automation: of `answered` ids, an adjustment takes those of
    adjustments alone.
    """
    pairs = sorted(
        (apart, place, key)
        for place, item in enumerate(proven)
        for key, rule in known.items()
        if not (_adjusts(item.rule) and key in answered and not _adjusts(rule))
        if (apart := distance(item.rule, rule, sun)) is not None
    )
    given: dict[int, str] = {}
    taken: set[str] = set()
    for _, place, key in pairs:
        if place not in given and key not in taken:
            given[place] = key
            taken.add(key)
    taken.update(known)
    for place, item in enumerate(proven):
        if place not in given:
            given[place] = _free(item.rule.key, taken)
            taken.add(given[place])
    return [(given[place], item) for place, item in enumerate(proven)]


def _adjusts(rule: Rule) -> bool:
    return rule.special is Kind.ADJUST


def _free(key: str, taken: Collection[str]) -> str:
    """Return the key, or it with the first number that nobody has."""
    numbered = (f"{key}-{number}" for number in count(2))
    return next(name for name in chain((key,), numbered) if name not in taken)
