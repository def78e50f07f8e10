"""What templates ask for, where they are written as most people write them.

Each part of a template that is understood becomes the condition that says the same; the
others become nothing, and are taken to hold.
"""

from collections.abc import Callable, Iterator
import re
from typing import Any, Final

from ..rules import DAY_NAMES

type Config = dict[str, Any]

_AND: Final = re.compile(r"\s+and\s+")
_Q: Final = r"""['"]"""
_ENTITY: Final = rf"{_Q}(?P<entity>[\w.]+){_Q}"
_PLAIN: Final = r"""[^'"]*"""
_TEXT: Final = rf"{_Q}(?P<text>{_PLAIN}){_Q}"
_NUMBER: Final = r"(?P<number>-?\d+(?:\.\d+)?)"


def _state(found: re.Match[str]) -> Config:
    entity = found["entity"]
    if entity == "sensor.time":
        return _at(found["text"])
    return {"condition": "state", "entity_id": entity, "state": found["text"]}


def _at(clock: str) -> Config:
    """Return the condition that it is this minute."""
    hour, _, minute = clock.partition(":")
    if not (hour.isdigit() and minute.isdigit()):
        return {}
    end = int(hour) * 60 + int(minute) + 1
    return {
        "condition": "time",
        "after": f"{hour}:{minute}:00",
        "before": f"{end // 60 % 24:02}:{end % 60:02}:00",
    }


def _hour(found: re.Match[str]) -> Config:
    hour = int(found["hour"])
    match found["sign"]:
        case "==":
            bounds = (hour, hour + 1)
        case ">=":
            bounds = (hour, 24)
        case ">":
            bounds = (hour + 1, 24)
        case "<=":
            bounds = (0, hour + 1)
        case _:
            bounds = (0, hour)
    after, before = (f"{bound % 24:02}:00:00" for bound in bounds)
    return {"condition": "time", "after": after, "before": before}


def _level(found: re.Match[str]) -> Config:
    side = "above" if found["sign"].startswith(">") else "below"
    level: Config = {
        "condition": "numeric_state",
        "entity_id": found["entity"],
        side: float(found["number"]),
    }
    if "attribute" in found.groupdict():
        level["attribute"] = found["attribute"]
    return level


def _before_weekday(found: re.Match[str]) -> Config:
    first = int(found["number"]) - (found["iso"] == "iso")
    last = first + 1 if found["sign"] == "<=" else first
    if found["sign"].startswith("<"):
        days = DAY_NAMES[: max(0, last)]
    else:
        days = DAY_NAMES[first + (found["sign"] == ">") :]
    return {"condition": "time", "weekday": list(days)}


def _in_weekdays(found: re.Match[str]) -> Config:
    shift = int(found["iso"] == "iso")
    numbers = [int(text) - shift for text in re.findall(r"\d+", found["list"])]
    days = [DAY_NAMES[number] for number in numbers if 0 <= number < len(DAY_NAMES)]
    return {"condition": "time", "weekday": days}


def _texts(found: re.Match[str]) -> list[str]:
    return re.findall(rf"{_Q}({_PLAIN}){_Q}", found["list"])


_ATOMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Config]], ...]] = (
    (re.compile(rf"is_state\(\s*{_ENTITY}\s*,\s*{_TEXT}\s*\)"), _state),
    (re.compile(rf"states\(\s*{_ENTITY}\s*\)\s*==\s*{_TEXT}"), _state),
    (re.compile(rf"states\.(?P<entity>\w+\.\w+)\.state\s*==\s*{_TEXT}"), _state),
    (
        re.compile(
            rf"\(?\s*states\(\s*{_ENTITY}\s*\)\s*\|\s*(?:float|int)(?:\([^)]*\))?\s*\)?"
            rf"\s*(?P<sign>[<>]=?)\s*{_NUMBER}"
        ),
        _level,
    ),
    (
        re.compile(
            rf"state_attr\(\s*{_ENTITY}\s*,\s*{_Q}(?P<attribute>\w+){_Q}\s*\)"
            rf"(?:\s*\|\s*(?:float|int)(?:\([^)]*\))?)?"
            rf"\s*(?P<sign>[<>]=?)\s*{_NUMBER}"
        ),
        _level,
    ),
    (
        re.compile(rf"trigger\.id\s*==\s*{_TEXT}"),
        lambda found: {"condition": "trigger", "id": [found["text"]]},
    ),
    (
        re.compile(r"trigger\.id\s+in\s+[\[(](?P<list>[^\])]*)[\])]"),
        lambda found: {"condition": "trigger", "id": _texts(found)},
    ),
    (
        re.compile(rf"trigger\.to_state\.state\s*==\s*{_TEXT}"),
        lambda found: {"condition": "entered", "state": [found["text"]]},
    ),
    (
        re.compile(r"trigger\.to_state\.state\s+in\s+[\[(](?P<list>[^\])]*)[\])]"),
        lambda found: {"condition": "entered", "state": _texts(found)},
    ),
    (
        re.compile(rf"now\(\)\.strftime\(\s*{_Q}%H:%M{_Q}\s*\)\s*==\s*{_TEXT}"),
        lambda found: _at(found["text"]),
    ),
    (re.compile(r"now\(\)\.hour\s*(?P<sign>==|[<>]=?)\s*(?P<hour>\d+)"), _hour),
    (
        re.compile(
            r"now\(\)\.(?P<iso>iso)?weekday\(\)\s*(?P<sign>[<>]=?)\s*(?P<number>\d+)"
        ),
        _before_weekday,
    ),
    (
        re.compile(
            r"now\(\)\.(?P<iso>iso)?weekday\(\)\s+in\s+[\[(](?P<list>[^\])]*)[\])]"
        ),
        _in_weekdays,
    ),
)


def conditions_of(template: str) -> Iterator[Config]:
    """Yield a condition for each part of a template that all have to be true.

    `entered` is one of our own: the state that the trigger's entity entered. A part
    that is not understood yields an empty one.
    """
    body = _body(template)
    parts = [body] if " or " in body or "{{" in body else _AND.split(body)
    minute = _clock(parts)
    if minute:
        yield minute
        return
    yield from map(_part, parts)


def _body(template: str) -> str:
    """Return what stands between the braces, "" where there is more than that."""
    text = template.strip()
    if len(text) < len("{{}}") or not (text.startswith("{{") and text.endswith("}}")):
        return ""
    return text[2:-2].removeprefix("-").removesuffix("-").strip()


def _clock(parts: list[str]) -> Config:
    """Return the minute that a pair of hour and minute is."""
    hour = minute = None
    for part in parts:
        if found := re.fullmatch(r"now\(\)\.hour\s*==\s*(\d+)", part.strip()):
            hour = int(found[1])
        elif found := re.fullmatch(r"now\(\)\.minute\s*==\s*(\d+)", part.strip()):
            minute = int(found[1])
    if hour is None or minute is None or len(parts) != 2:
        return {}
    return _at(f"{hour:02}:{minute:02}")


def _part(part: str) -> Config:
    text = part.strip()
    if text.startswith("not "):
        inner = _part(text.removeprefix("not "))
        return {"condition": "not", "conditions": [inner]} if inner else {}
    for pattern, condition in _ATOMS:
        if found := pattern.fullmatch(text):
            return condition(found)
    return {}
