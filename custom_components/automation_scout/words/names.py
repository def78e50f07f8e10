"""Names that people gave, made fit for a sentence.

A name may be in any script, may hold markup or control characters, and may be as long
as somebody liked. What is left is one line of bounded length without markup.
"""

import re
from typing import Final
import unicodedata

MAX_NAME: Final = 60
"""Characters of a name."""

_TAG: Final = re.compile(r"<[^<>]*>")
_MARKUP: Final = re.compile(r"[<>{}\[\]`*|\\]")


def clean(name: str, fallback: str, most: int = MAX_NAME) -> str:
    """Return the name as one line without markup, or the fallback if none is left."""
    text = _MARKUP.sub("", _TAG.sub(" ", name[: 20 * most]))
    visible = "".join(
        " " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char
        for char in text
        if unicodedata.category(char) not in {"Cf", "Co", "Cs"} or char == "\u200d"
    )
    return cut(" ".join(visible.split()), most) or fallback


def cut(line: str, most: int) -> str:
    """Return a line of at most so many characters, marked where it was cut."""
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
