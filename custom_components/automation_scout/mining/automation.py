"""The automation of a rule, as Home Assistant's configuration wants it."""

import re
from typing import Any

from .result import Tier
from .rules import ALL_DAYS, Action, Rule, StateTrigger, TimeTrigger
from .services import service_for

_WEEKDAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

type Config = dict[str, Any]


def automation_config(
    rule: Rule, alias: str, description: str, tier: Tier = Tier.OK
) -> Config:
    """Return a configuration with classic triggers only.

    In the tier `notify` the automation says `description` instead of acting.

    Raises:
        ValueError: no action of Home Assistant brings the entity into the state.
    """
    action = (
        _reminder(alias, description) if tier is Tier.NOTIFY else _call(rule.action)
    )
    return {
        "alias": alias,
        "description": description,
        "triggers": [_trigger(rule)],
        "conditions": _conditions(rule),
        "actions": [action],
        "mode": "single",
    }


def _trigger(rule: Rule) -> Config:
    match rule.trigger:
        case TimeTrigger(minute):
            return {"trigger": "time", "at": f"{minute // 60:02}:{minute % 60:02}:00"}
        case StateTrigger(entity_id, state):
            return {
                "trigger": "state",
                "entity_id": entity_id,
                "to": state,
                "not_from": ["unavailable", "unknown"],
            }


def _conditions(rule: Rule) -> list[Config]:
    match rule.trigger:
        case TimeTrigger(_, weekdays) if weekdays != ALL_DAYS:
            names = [_WEEKDAY_NAMES[day] for day in weekdays]
            return [{"condition": "time", "weekday": names}]
        case _:
            return []


def _call(action: Action) -> Config:
    service = service_for(action)
    if service is None:
        raise ValueError(f"nothing brings {action.entity_id} to {action.state}")
    call: Config = {
        "action": service.name,
        "target": {"entity_id": action.entity_id},
    }
    if service.data:
        call["data"] = dict(service.data)
    return call


def _reminder(alias: str, description: str) -> Config:
    return {
        "action": "persistent_notification.create",
        "data": {"title": _literal(alias), "message": _literal(description)},
    }


def _literal(text: str) -> str:
    """Return a template that renders to the text, whatever braces are in it."""
    return re.sub(r"\{[{%#]", lambda found: "{{ '" + found[0] + "' }}", text)
