"""Which suggestion somebody means: by its id, its title, or a part of the title."""

from collections.abc import Collection, Iterable, Sequence
import re
from typing import Final
import unicodedata

from ..suggestion import Suggestion

_IDEOGRAPHS: Final = "\u2e80-\u9fff\uf900-\ufaff"
_WORD: Final = re.compile(rf"[{_IDEOGRAPHS}]|[^\W{_IDEOGRAPHS}]+")
"""Where no space parts the words, each character counts as one."""
_TURKISH_I: Final = str.maketrans("\u0130\u0131", "ii")
"""With and without a dot it is two letters, of which case folding knows one."""


def words_of(text: str, fillers: Collection[str] = ()) -> tuple[str, ...]:
    """Return the words of a text without case, width and fillers."""
    folded = unicodedata.normalize("NFKC", text).translate(_TURKISH_I).casefold()
    return tuple(word for word in _WORD.findall(folded) if word not in fillers)


def meant(
    name: str, among: Iterable[Suggestion], fillers: Collection[str] = ()
) -> list[Suggestion]:
    """Return what a name may stand for, in the order given; one of them is meant.

    The first of these that anything fits: the id, the whole title, a run of words in
    the title, words that are all in the title.

    Args:
        name: as somebody said it.
        among: what can be meant.
        fillers: words that say nothing: "the", "please".
    """
    known = list(among)
    if by_id := [item for item in known if item["id"] == name.strip()]:
        return by_id
    said = words_of(name, fillers)
    if not said:
        return []
    titled = [(item, words_of(item["title"], fillers)) for item in known]
    for fits in (_same, _run, _all_in):
        if found := [item for item, title in titled if fits(said, title)]:
            return found
    return []


def _same(said: Sequence[str], title: Sequence[str]) -> bool:
    return said == title


def _run(said: Sequence[str], title: Sequence[str]) -> bool:
    length = len(said)
    starts = range(len(title) - length + 1)
    return any(title[start : start + length] == said for start in starts)


def _all_in(said: Sequence[str], title: Sequence[str]) -> bool:
    return set(said) <= set(title)
