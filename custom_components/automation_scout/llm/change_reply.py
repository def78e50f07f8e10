"""The answer to a wish, read strictly: a change in our schema and sentences about it.

What it changes is not judged here but where every change is; here it is only made sure
that there is nothing else in it, and no more than any change needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
import json
import re
from typing import Any, Final

from .changing import Wish
from .languages import Languages
from .model import Answer
from .names import replaced
from .plain_text import has_markup, one_line
from .refusal import Reason, Refusal
from .reply import object_of

MOST_SENTENCES: Final = 5
MAX_SENTENCE: Final = 300
"""Characters."""
_FIELDS: Final = frozenset({"changes", "cannot", "summary"})
_MOST: Final = 6_000
"""Characters of the changes: twenty actions have 2,400."""
_MAX_TEXT: Final = 255
"""Characters of a text in them: those of a state."""
_NAME: Final = re.compile(r"[a-z_]{1,40}")
"""What names of fields look like."""
_DEEPEST: Final = 6
_MOST_ITEMS: Final = 60
_LARGEST: Final = 1e9


@dataclass(frozen=True, slots=True)
class Asked:
    """What a model made of an instruction."""

    changes: dict[str, Any] = field(default_factory=dict)
    """In the form of the schema, not yet checked against the home; {} for none."""
    cannot: tuple[str, ...] = ()
    """Sentences about what cannot be done."""
    summary: str = ""


def read(answer: Answer, wish: Wish, languages: Languages) -> Asked:
    """Return what was answered to a wish.

    A sentence that is no plain line in the language of the wish is left out.

    Raises:
        Refusal: it is not of the form, and nothing of it is taken.
    """
    data = object_of(answer.data)
    if data.keys() - _FIELDS:
        raise Refusal(Reason.SCHEMA, "unknown fields")
    changes = wish.restored(_plain(data.get("changes"), 0) or {})
    if not isinstance(changes, dict):
        raise Refusal(Reason.SCHEMA, "changes")
    if len(json.dumps(changes)) > _MOST:
        raise Refusal(Reason.TOO_LONG, "changes")
    cannot = data.get("cannot") or []
    said = [cannot] if isinstance(cannot, str) else cannot
    if not isinstance(said, list):
        raise Refusal(Reason.SCHEMA, "cannot")
    lines = [_sentence(item, wish, languages) for item in said[:MOST_SENTENCES]]
    summary = _sentence(data.get("summary"), wish, languages)
    return Asked(changes, tuple(filter(None, lines)), summary)


def _plain(value: object, depth: int) -> object:
    """Return a JSON value without what is null or empty: it is not named.

    Raises:
        Refusal: it is larger or deeper than any change.
    """
    match value:
        case bool() | None:
            return value
        case int() | float():
            # What is not a number is not smaller than one.
            if not abs(value) < _LARGEST:
                raise Refusal(Reason.TOO_LONG, "number")
            return value
        case str():
            if len(value) > _MAX_TEXT:
                raise Refusal(Reason.TOO_LONG, "text")
            return one_line(value) or None
        case list() | Mapping():
            if depth > _DEEPEST or len(value) > _MOST_ITEMS:
                raise Refusal(Reason.TOO_LONG, "changes")
            return _filled(value, depth + 1)
        case _:
            raise Refusal(Reason.SCHEMA, "changes")


def _filled(value: list[Any] | Mapping[Any, Any], depth: int) -> object:
    if isinstance(value, list):
        items = [_plain(item, depth) for item in value]
        return [item for item in items if item is not None] or None
    fields = {_key(name): _plain(item, depth) for name, item in value.items()}
    return {name: item for name, item in fields.items() if item is not None} or None


def _key(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise Refusal(Reason.SCHEMA, "name of a field")
    return name


def _sentence(value: object, wish: Wish, languages: Languages) -> str:
    """Return a text as one plain line in the language of the wish, else nothing."""
    if not isinstance(value, str) or len(value) > _MOST:
        return ""
    line = one_line(wish.pseudonyms.restore(value) if wish.pseudonyms else value)
    rest, _ = replaced(line, wish.called, lambda _: " ")
    fits = len(line) <= MAX_SENTENCE and any(char.isalnum() for char in line)
    if not fits or has_markup(rest) or languages.is_foreign(rest, wish.language):
        return ""
    return line
