"""Whether an automation is no more than what can be compared of it.

Whoever proposes another one in its place must not lose what cannot be read: a condition
on the sun, a notification, a pause, a choice between branches.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from ..mining.written.pieces import items

_BESIDE: Final = frozenset({"alias", "enabled", "id", "variables"})
"""Keys that any part of an automation may have."""
_CONDITION: Final = _BESIDE | {"condition", "weekday"}
_CALL: Final = _BESIDE | {
    "action",
    "data",
    "entity_id",
    "metadata",
    "service",
    "service_data",
    "target",
}
_TRIGGER: Final = _BESIDE | {
    "above",
    "at",
    "below",
    "entity_id",
    "event",
    "for",
    "from",
    "not_from",
    "offset",
    "platform",
    "to",
    "trigger",
    "weekday",
}


def is_whole(config: Mapping[str, Any], is_known: Callable[[object], bool]) -> bool:
    """Return whether triggers, days of the week and targets are all of an automation.

    Args:
        config: as it was written.
        is_known: whether it is known of a call what it brings about.
    """
    triggers = items(config.get("triggers", config.get("trigger")))
    conditions = items(config.get("conditions", config.get("condition")))
    actions = items(config.get("actions", config.get("action")))
    return (
        all(_has_only(trigger, _TRIGGER) for trigger in triggers)
        and all(
            _has_only(condition, _CONDITION) and condition.get("condition") == "time"
            for condition in conditions
        )
        and bool(actions)
        and all(_has_only(call, _CALL) and is_known(call) for call in actions)
    )


def _has_only(part: object, keys: frozenset[str]) -> bool:
    return isinstance(part, dict) and part.keys() <= keys
