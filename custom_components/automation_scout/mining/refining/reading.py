"""Reads the values in a change: times, lengths of time, days of the week, numbers.

They come from YAML, from JSON and from selectors. YAML reads an unquoted `22:50` as a
number to the base of sixty, which is the minute of the day that is meant.
"""

from collections.abc import Mapping
from math import inf, isfinite
import re
from typing import Any, Final

from ..rules import ALL_DAYS, DAY_NAMES
from .problems import Notes

type Plain = Any
"""A JSON value that somebody sent."""

LONGEST_S: Final = 86_400
"""Longest stay and pause: an automation does not outlive a restart."""
_CLOCK: Final = re.compile(r"([+-]?)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?")
_UNITS: Final = {"hours": 3600, "minutes": 60, "seconds": 1}


def section(value: Plain, known: frozenset[str], where: str, notes: Notes) -> dict:  # type: ignore[type-arg]  # whatever was sent
    """Return a mapping that has no other keys than those known; {} where it is none."""
    if not isinstance(value, Mapping):
        notes.add("no_section", where=where)
        return {}
    for key in value:
        if key not in known:
            fields = ", ".join(sorted(known))
            notes.add("unknown_field", field=key, where=where, fields=fields)
    return {key: value[key] for key in value if key in known}


def entries(value: Plain, where: str, notes: Notes) -> list[Plain]:
    """Return a list; one thing stands for a list of it."""
    if isinstance(value, Mapping | str):
        return [value]
    if isinstance(value, list | tuple):
        return list(value)
    notes.add("no_section", where=where)
    return []


def minute(value: Plain, field: str, notes: Notes) -> int | None:
    """Return a time of the day in minutes from midnight."""
    found = value
    if isinstance(value, str) and (clock := _CLOCK.fullmatch(value.strip())):
        sign, hours, minutes, rest = clock.groups()
        if not sign and int(minutes) < 60 and int(rest or 0) == 0:
            found = 60 * int(hours) + int(minutes)
    elif _is_whole(value) and value >= 1440 and value % 60 == 0:
        # An unquoted 22:50:00, to the base of sixty.
        found = value // 60
    if _is_whole(found) and 0 <= found < 1440:
        return int(found)
    notes.add("no_time", field=field, value=value)
    return None


def offset_min(value: Plain, notes: Notes) -> int | None:
    """Return minutes from an event of the sun, negative before it."""
    found = value
    if isinstance(value, str) and (clock := _CLOCK.fullmatch(value.strip())):
        sign, hours, minutes, _ = clock.groups()
        found = (60 * int(hours) + int(minutes)) * (-1 if sign == "-" else 1)
    if _is_whole(found) and abs(found) <= 360:
        return int(found)
    notes.add("no_offset", value=value)
    return None


def seconds(value: Plain, field: str, notes: Notes) -> int | None:
    """Return a length of time in whole seconds: 600, "00:10:00", {minutes: 10}."""
    number: Plain = value
    if isinstance(value, str) and (found := _CLOCK.fullmatch(value.strip())):
        sign, hours, minutes, rest = found.groups()
        whole = 3600 * int(hours) + 60 * int(minutes) + int(rest or 0)
        number = -whole if sign == "-" else whole
    elif isinstance(value, Mapping) and value and value.keys() <= _UNITS.keys():
        parts = [(_UNITS[unit], amount) for unit, amount in value.items()]
        if all(_is_whole(amount) for _, amount in parts):
            number = sum(unit * int(amount) for unit, amount in parts)
    if _is_whole(number) and 0 <= number <= LONGEST_S:
        return int(number)
    notes.add("no_duration", field=field, value=value)
    return None


def weekdays(value: Plain, notes: Notes) -> tuple[int, ...] | None:
    """Return days of the week, Monday is 0, ascending."""
    names = entries(value, "weekdays", notes)
    known = [day for day in names if day in DAY_NAMES]
    if names and len(known) == len(names):
        return tuple(day for day in ALL_DAYS if DAY_NAMES[day] in known)
    notes.add("no_weekdays", value=", ".join(map(str, names)))
    return None


def number(value: Plain, field: str, notes: Notes) -> float | None:
    """Return a finite number."""
    try:
        found = float("nan") if isinstance(value, bool) else float(value)
    except OverflowError, TypeError, ValueError:
        found = float("nan")
    if isfinite(found):
        return found
    notes.add("no_number", field=field, value=value)
    return None


def text(value: Plain, field: str, notes: Notes) -> str | None:
    """Return a text that is not empty; YAML's `on` and `off` are states."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str) and value.strip():
        return value.strip()
    notes.add("no_text", field=field)
    return None


def _is_whole(value: Plain) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    # An integer may be too large to be a float at all.
    return abs(value) < inf and value == int(value)
