"""Markdown, as notifications and descriptions of issues are shown."""

import re
from typing import Final

_MARKS: Final = re.compile(r"([!-/:-@\[-`{-~])")
"""All punctuation of ASCII: a dot or a colon alone may begin a list or a link."""


def literal(text: str) -> str:
    """Return Markdown that shows a text as it is.

    For whatever is named by others: a name may hold what would be a link or a picture.
    """
    return _MARKS.sub(r"\\\1", text)
