"""Text from outside as one plain line, or not at all.

Marks that nobody sees (controls, bidi marks, zero-width spaces) are taken out. Markup,
links and templates are not: whoever writes them was asked not to, and what is left of
it after a repair says something that nobody wrote.
"""

from collections.abc import Iterator, Mapping
import re
from typing import Final
import unicodedata

_BREAKS: Final = frozenset({"Cc", "Zl", "Zp", "Zs"})
_UNSEEN: Final = frozenset({"Cf", "Cn", "Co", "Cs"})
_JOINERS: Final = frozenset("\u200c\u200d")
"""Scripts and emoji need them between letters; at the ends of a text they are noise."""

_MARKUP: Final = re.compile(
    r"[<>{}\[\]`|\\]"
    r"|\*\S|\S\*|__|~~|^(?:[#>+-]|\d+\.)\s"
    r"|&(?:#\w+|[a-zA-Z]+);"
    r"|://|\S@\S|(?i:\bwww\.|\b(?:mailto|javascript|data|tel):)"
    # A host or an entity id; after the end of a sentence there is a space or a capital.
    r"|(?<![^\W\d_])[^\W\d_]{2,}\.(?:[a-z]{2,}|[A-Z]{2,}(?![a-z]))"
)


def one_line(text: str) -> str:
    """Return a text as one line without marks that nobody sees."""
    seen = "".join(map(_seen, text))
    return " ".join(seen.split()).strip("".join(_JOINERS) + " ")


def has_markup(line: str) -> bool:
    """Return whether there is markup, a template, a link or an address in a line."""
    return bool(_MARKUP.search(line))


def _seen(char: str) -> str:
    category = unicodedata.category(char)
    if category in _BREAKS:
        return " "
    return "" if category in _UNSEEN and char not in _JOINERS else char


def values_in(data: object) -> Iterator[object]:
    """Yield the values of JSON data, however deep they lie, without their keys."""
    if isinstance(data, Mapping):
        for value in data.values():
            yield from values_in(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from values_in(value)
    else:
        yield data
