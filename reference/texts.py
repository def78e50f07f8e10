"""Texts of the integration, and how a selector or a value reads in a table."""

from collections.abc import Iterable, Mapping, Sequence
import json
from pathlib import Path
from typing import Any, Final

from custom_components.automation_scout.const import DOMAIN

PACKAGE: Final = Path(__file__).parent.parent / "custom_components" / DOMAIN
ENGLISH: Final[dict[str, Any]] = json.loads(
    (PACKAGE / "translations" / "en.json").read_text(encoding="utf-8")
)

_WORDS: Final = {
    "boolean": "yes or no",
    "date": "a day",
    "datetime": "a moment",
    "object": "YAML",
    "text": "text",
    "time": "a time of the day",
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [list(head), ["---"] * len(head), *(map(_cell, row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def code(value: object) -> str:
    """Return a value as it is written in YAML."""
    return f"`{json.dumps(value) if not isinstance(value, str) else value}`"


def accepted(selector: Mapping[str, Any]) -> str:
    """Return what a selector takes, in words.

    Args:
        selector: one name, with its settings or None.
    """
    ((kind, found),) = selector.items()
    settings = found or {}
    many = "several of " if settings.get("multiple") else ""
    match kind:
        case "number":
            unit = settings.get("unit_of_measurement", "")
            most = f"to {settings['max']:g}" if "max" in settings else "or more"
            return f"{settings['min']:g} {most} {unit}".strip()
        case "select" if settings.get("options"):
            named = (
                one["value"] if isinstance(one, Mapping) else one
                for one in settings["options"]
            )
            return (many or "one of ") + ", ".join(map(code, named))
        case "select":
            return f"{many}what is listed"
        case "entity" | "area" | "label" | "device" | "user":
            plural = {"entity": "entities"}.get(kind, f"{kind}s")
            return plural if many else f"one of the {plural}"
        case _:
            return _WORDS.get(kind, kind)
