"""Texts as they are compared: whatever the case, the code points and the keyboard.

"STRASSE" is "Straße", an accent may be a mark of its own, a phone writes another
apostrophe than a browser, a hyphen is often left out, what joins or colours characters
is not seen, and the I of Turkish is folded by no case rule of Unicode.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import Final
import unicodedata

_ALIKE: Final = str.maketrans(
    {
        "\u0131": "i",
        **dict.fromkeys("`\u00b4\u02bc\u2018\u2019\u201b\u2032", "'"),
        **dict.fromkeys("-\u2010\u2011\u2012\u2013\u2014\u2212", " "),
    }
)


class Folded:
    """A text as it is compared, and where each part of it stood."""

    def __init__(self, text: str) -> None:
        """Fold a text."""
        self.text: str
        self._starts: Sequence[int]
        if text.isascii():
            self.text = text.lower().translate(_ALIKE)
            self._starts = range(len(text) + 1)
            return
        bounds = [*_bounds(text), len(text)]
        parts = [_folded(text[start:end]) for start, end in pairwise(bounds)]
        self.text = "".join(parts)
        starts = zip(bounds, parts, strict=False)
        self._starts = [start for start, part in starts for _ in part] + [len(text)]

    def spans(self, wanted: str) -> Iterator[tuple[int, int]]:
        """Yield where a folded text stands, by the characters of the text as it was.

        What begins or ends inside of a character is not there: no "s" is in "ß".
        """
        at = self.text.find(wanted) if wanted else -1
        while at >= 0:
            end = at + len(wanted)
            if self._is_bound(at) and self._is_bound(end):
                yield self._starts[at], self._starts[end]
            at = self.text.find(wanted, at + 1)

    def _is_bound(self, at: int) -> bool:
        return at == 0 or self._starts[at] != self._starts[at - 1]


def fold(text: str) -> str:
    """Return a text as it is compared, without marks that would join what is before."""
    folded = Folded(text).text
    marks = len(list(takewhile(unicodedata.combining, folded)))
    return folded[marks:].strip()


def _bounds(text: str) -> Iterator[int]:
    """Yield where characters begin, each with the marks that belong to it."""
    for at, char in enumerate(text):
        if not at or not (unicodedata.combining(char) or _is_unseen(char)):
            yield at


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f"


@lru_cache(maxsize=4096)
def _folded(char: str) -> str:
    seen = "".join(part for part in char if not _is_unseen(part))
    # Folded first: what looks like an apostrophe is taken apart by the normal form.
    whole = unicodedata.normalize("NFKD", seen.translate(_ALIKE)).casefold()
    return unicodedata.normalize("NFKD", whole.translate(_ALIKE)).replace(
        "i\u0307", "i"
    )
