"""Reading pieces of automations that may have been written in several ways."""

from collections.abc import Mapping
import re
from typing import Any, Final

_VARIABLE: Final = re.compile(r"^\{\{-?\s*([\w.]+)\s*-?\}\}$")
"""A template that is one variable and nothing else."""

PARTS_S: Final = {
    "days": 86_400,
    "hours": 3600,
    "minutes": 60,
    "seconds": 1,
    "milliseconds": 0.001,
}


def items(value: object) -> list[Any]:
    """Return the items of a list, or the one item that stands for a list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def is_template(value: object) -> bool:
    """Return whether a text, or anything in a list or mapping, is a template."""
    match value:
        case str():
            return "{{" in value or "{%" in value
        case list() | tuple():
            return any(map(is_template, value))
        case Mapping():
            return any(map(is_template, value.values()))
    return False


def filled(value: object, variables: Mapping[str, object]) -> Any:  # noqa: ANN401
    """Return a value in which templates of one variable are what these are."""
    match value:
        case str():
            found = _VARIABLE.match(value.strip())
            return variables.get(found[1], value) if found else value
        case list() | tuple():
            return [filled(item, variables) for item in value]
        case Mapping():
            return {key: filled(item, variables) for key, item in value.items()}
    return value


def words(value: object) -> list[str]:
    """Return strings, those in a list in a string too; templates are left out."""
    return [
        word
        for item in items(value)
        if isinstance(item, str) and not is_template(item)
        for part in item.split(",")
        if (word := part.strip())
    ]


def seconds_of(value: object) -> int:
    """Return a length of time in seconds, 0 where it cannot be told.

    It may be a number of seconds, "[-]hours:minutes[:seconds]", or parts by name.
    """
    try:
        match value:
            case bool():
                return 0
            case int() | float():
                return round(value)
            case str():
                return _of_clock(value)
            case dict():
                return round(sum(PARTS_S[name] * float(value[name]) for name in value))
    except KeyError, OverflowError, TypeError, ValueError:
        return 0
    return 0


def _of_clock(text: str) -> int:
    if ":" not in text:
        return round(float(text))
    sign = -1 if text.strip().startswith("-") else 1
    parts = [float(part) for part in text.strip().lstrip("+-").split(":")]
    return sign * round(
        sum(s * part for s, part in zip((3600, 60, 1), parts, strict=False))
    )
