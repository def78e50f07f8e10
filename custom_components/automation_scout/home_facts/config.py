"""Reading pieces of automations that may have been written in several ways."""

from collections.abc import Iterable
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)

TARGET_KEYS: Final = ("entity_id", "device_id", "area_id", "floor_id", "label_id")

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


def words(value: object) -> list[str]:
    """Return strings, those in a list in a string too; templates are left out."""
    return [
        word
        for item in items(value)
        if isinstance(item, str) and "{{" not in item and "{%" not in item
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


def entity_ids(hass: HomeAssistant, value: object) -> list[str]:
    """Return entity ids, also where the registry's own ids stand for them."""
    registry = er.async_get(hass)
    return [er.async_resolve_entity_id(registry, word) or word for word in words(value)]


def targets(hass: HomeAssistant, *sources: object) -> tuple[set[str], set[str]]:
    """Return the entities that targets name, and those that they reach.

    They reach them by way of areas, devices, floors, labels and groups.
    """
    named: set[str] = set()
    reached: set[str] = set()
    for source in sources:
        if not isinstance(source, dict):
            continue
        target = {key: words(source.get(key)) for key in TARGET_KEYS}
        target["entity_id"] = entity_ids(hass, source.get("entity_id"))
        selected = async_extract_referenced_entity_ids(hass, TargetSelection(target))
        named |= selected.referenced
        reached |= selected.indirectly_referenced
    return named, reached | set(_members(hass, named | reached))


def _members(hass: HomeAssistant, groups: Iterable[str]) -> set[str]:
    """Return the members of groups among the entities, nested ones too."""
    found: set[str] = set()
    todo = list(groups)
    while todo:
        state = hass.states.get(todo.pop())
        if state is None or state.domain == "scene":
            continue
        for name in ("entity_id", "group_entities"):
            new = set(words(state.attributes.get(name))) - found
            found |= new
            todo.extend(new)
    return found
