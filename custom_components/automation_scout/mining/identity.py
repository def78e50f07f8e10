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
    settled: Collection[str] = (),
) -> list[tuple[str, Proven]]:
    """Return each proven rule with its id: that of its nearest known relative, or new.

    Each known id is given once, nearest pairs first. Who gets none is new and takes its
    own key; where a stranger holds that key, one with a number behind it. `sun` makes
    relatives of a time and of the sun's event at that time. What corrects an automation
    is not the suggestion that it was made of: it takes none of the ids in `settled`.
    """
    pairs = sorted(
        (apart, place, key)
        for place, item in enumerate(proven)
        for key, rule in known.items()
        if not (item.rule.special is Kind.ADJUST and key in settled)
        and (apart := distance(item.rule, rule, sun)) is not None
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


def _free(key: str, taken: Collection[str]) -> str:
    """Return the key, or it with the first number that nobody has."""
    numbered = (f"{key}-{number}" for number in count(2))
    return next(name for name in chain((key,), numbered) if name not in taken)
