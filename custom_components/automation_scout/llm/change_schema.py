"""JSON schema of an answer that changes a suggestion, made from what can be changed.

Nothing but the fields of `mining.refining` has a place in it. What is left out, or
null, stays as it is.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..mining.attributes import ATTRIBUTES
from ..mining.refining import actions, conditions, trigger
from ..mining.rules import DAY_NAMES, SunEvent

type Schema = dict[str, Any]

NOT_ENTITIES: Final = ("weekdays", "window", "sun")
"""What `conditions.remove` names beside entities."""

_TIME: Final[Schema] = {"type": "string", "description": "time of the day, HH:MM"}
_SECONDS: Final[Schema] = {"type": "integer", "description": "seconds"}
_NUMBER: Final[Schema] = {"type": "number"}
_TEXT: Final[Schema] = {"type": "string"}
_DAYS: Final[Schema] = {
    "type": "array",
    "items": {"type": "string", "enum": [*DAY_NAMES]},
}
_FIELDS: Final[Mapping[str, Schema]] = {
    "above": _NUMBER,
    "after": _TIME,
    "at": _TIME,
    "before": _TIME,
    "below": _NUMBER,
    "delay": {"type": "integer", "description": "seconds of pause before it"},
    "event": {"type": "string", "enum": [event.value for event in SunEvent]},
    "for": _SECONDS,
    "offset": {
        "type": "integer",
        "description": "minutes from the event of the sun, negative before it",
    },
    "quiet": {
        "type": "integer",
        "description": "seconds for which it was otherwise before",
    },
    "state": _TEXT,
    "sun": {"type": "string", "enum": [*conditions.SUN_STATES]},
    "to": {"type": "string", "description": "the state that is entered"},
    "weekdays": _DAYS,
}
"""Field of a change to how it is written; entities and settings are put to them."""


def answer_schema(entity_ids: Iterable[str], acted_on: Iterable[str]) -> Schema:
    """Return the schema of an answer.

    Args:
        entity_ids: what may be named, and nothing else.
        acted_on: what the actions of the suggestion are named by.
    """
    entity, own = _one_of(entity_ids), _one_of(acted_on)
    kinds = {**_FIELDS, "entity_id": entity, "new_entity_id": entity}
    kinds["values"] = _values()
    changes = {
        "trigger": _item(trigger.FIELDS.values(), kinds),
        "conditions": _object(
            {
                "add": _list(_item(conditions.FIELDS.values(), kinds)),
                "remove": _list(_one_of((*NOT_ENTITIES, *entity["enum"]))),
            }
        ),
        "actions": _object(
            {
                "add": _list(_item([actions.ADDED], kinds)),
                "remove": _list(own),
                "change": _list(_item([actions.CHANGED], {**kinds, "entity_id": own})),
            }
        ),
    }
    return _object(
        {
            "changes": _object(changes),
            "cannot": {
                "type": "array",
                "items": _TEXT,
                "description": "a sentence for each wish that cannot be met",
            },
            "summary": {"type": "string", "description": "what changes, in a sentence"},
        },
        "changes",
        "cannot",
        "summary",
    )


def _one_of(names: Iterable[str]) -> Schema:
    return {"type": "string", "enum": [*names]}


def _item(fields: Iterable[frozenset[str]], kinds: Mapping[str, Schema]) -> Schema:
    names = frozenset[str]().union(*fields)
    return _object({name: kinds[name] for name in sorted(names)})


def _values() -> Schema:
    known = {one.name: one for rows in ATTRIBUTES.values() for one in rows}
    return _object(
        {name: _NUMBER if known[name].is_number else _TEXT for name in sorted(known)}
    )


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _object(properties: Mapping[str, Schema], *required: str) -> Schema:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [*required],
        "additionalProperties": False,
    }
