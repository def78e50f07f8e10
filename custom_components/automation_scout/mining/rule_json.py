"""Rules as plain JSON values, and back."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, Final

from .rules import (
    Action,
    Condition,
    Kind,
    NumericCondition,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    Step,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    Values,
    WeekdayCondition,
    WindowCondition,
)

_TRIGGERS: Final[Mapping[str, type[Trigger]]] = {
    "time": TimeTrigger,
    "sun": SunTrigger,
    "state": StateTrigger,
    "numeric": NumericTrigger,
}
_CONDITIONS: Final[Mapping[str, type[Condition]]] = {
    "weekday": WeekdayCondition,
    "window": WindowCondition,
    "state": StateCondition,
    "numeric": NumericCondition,
}


def rule_to_dict(rule: Rule) -> dict[str, object]:
    """Return a rule as plain JSON values."""
    return {
        "kind": rule.kind.value,
        "trigger": _plain(rule.trigger, _TRIGGERS),
        "conditions": [_plain(part, _CONDITIONS) for part in rule.conditions],
        "action": {"entity_id": rule.action.entity_id, "state": rule.action.state},
        "values": dict(rule.values),
        "more": [
            {
                "entity_id": step.action.entity_id,
                "state": step.action.state,
                "values": dict(step.values),
                "delay_s": step.delay_s,
            }
            for step in rule.more
        ],
        "window_s": rule.window_s,
        "special": rule.special.value if rule.special else None,
        "replaces": rule.replaces,
        "since": rule.since,
    }


def rule_from_dict(data: Mapping[str, Any]) -> Rule:
    """Return the rule of `rule_to_dict`.

    A trigger without a type is of the rule's kind.

    Raises:
        ValueError: the values are no rule.
    """
    try:
        special = data.get("special")
        return Rule(
            _read({"type": data.get("kind"), **data["trigger"]}, _TRIGGERS),
            _action(data["action"]),
            int(data["window_s"]),
            tuple(_read(part, _CONDITIONS) for part in data.get("conditions", ())),
            _values(data.get("values", {})),
            tuple(
                Step(_action(s), _values(s["values"]), int(s["delay_s"]))
                for s in data.get("more", ())
            ),
            Kind(special) if special is not None else None,
            _text(data.get("replaces", "")),
            int(data.get("since", 0)),
        )
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as err:
        raise ValueError(f"no rule: {err}") from err


def _plain(part: object, names: Mapping[str, type]) -> dict[str, object]:
    """Return the fields of a trigger or a condition, under the name of its type."""
    name = next(key for key, kind in names.items() if isinstance(part, kind))
    plain: dict[str, object] = {"type": name}
    for field in fields(part):  # type: ignore[arg-type]  # all of them are dataclasses
        value = getattr(part, field.name)
        if isinstance(value, StrEnum):
            value = value.value
        plain[field.name] = list(value) if isinstance(value, tuple) else value
    return plain


def _read[T](data: Mapping[str, Any], names: Mapping[str, type[T]]) -> T:
    kind = names[data["type"]]
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    values = {name: _field(name, data[name]) for name in known & data.keys()}
    return kind(**values)


def _field(name: str, value: Any) -> object:  # noqa: ANN401 - plain JSON
    match name:
        case "weekdays":
            return tuple(map(int, value))
        case "event":
            return SunEvent(value)
        case "side":
            return Side(value)
        case "threshold":
            return float(value)
        case "entity_id" | "state":
            return _text(value)
        case _:
            return int(value)


def _action(data: Mapping[str, Any]) -> Action:
    return Action(_text(data["entity_id"]), _text(data["state"]))


def _values(data: Mapping[str, Any]) -> Values:
    pairs: Iterable[tuple[str, float | str]] = (
        (_text(name), value if isinstance(value, str) else float(value))
        for name, value in data.items()
    )
    return tuple(sorted(pairs))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
