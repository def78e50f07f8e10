"""The automation of a rule, as Home Assistant's configuration wants it."""

import re
from typing import Final

from .automation_triggers import Config, clock, condition_configs, trigger_config
from .facts import domain_of
from .result import Tier
from .rules import Action, Rule, Step, Values
from .services import Service, calls_for

_PARTLY_OPEN: Final = frozenset({"cover", "valve"})
"""Domains whose entities are open already when they are open a little."""


def automation_config(
    rule: Rule, alias: str, description: str, tier: Tier = Tier.OK
) -> Config:
    """Return a configuration with classic triggers only.

    In the tier `notify` the automation says `description` instead of acting, unless all
    is as wanted already. Where a call would change what is, the automation looks first.

    Raises:
        ValueError: no action of Home Assistant brings the entity into the state.
    """
    steps = rule.steps
    conditions = condition_configs(rule)
    if tier is Tier.NOTIFY:
        actions = [_reminder(alias, description)]
        conditions += _undone(rule)
    elif len(steps) == 1:
        actions = _calls(rule.action, rule.values)
        if _is_careful(steps[0]):
            conditions.append(_not_yet(rule.action))
    else:
        actions = [config for step in steps for config in _step(step)]
    return {
        "alias": alias,
        "description": description,
        "triggers": [trigger_config(rule.trigger)],
        "conditions": conditions,
        "actions": actions,
        "mode": "single",
    }


def _step(step: Step) -> list[Config]:
    """Return the pause and the calls of a step of a routine."""
    pause: list[Config] = [{"delay": clock(step.delay_s)}] if step.delay_s else []
    calls = _calls(step.action, step.values)
    if _is_careful(step):
        return [*pause, {"if": [_not_yet(step.action)], "then": calls}]
    return [*pause, *calls]


def _is_careful(step: Step) -> bool:
    """Return whether a call changes an entity that is in the state already."""
    if step.action.attribute:
        return False
    opens = step.action.state == "open" and (
        domain_of(step.action.entity_id) in _PARTLY_OPEN
    )
    return opens or bool(step.values)


def _not_yet(action: Action) -> Config:
    state: Config = {
        "condition": "state",
        "entity_id": action.entity_id,
        "state": action.state,
    }
    return {"condition": "not", "conditions": [state]}


def _undone(rule: Rule) -> list[Config]:
    """Return that anything is left to be done; of settings that cannot be told."""
    if any(action.attribute for action in rule.actions):
        return []
    states = [_not_yet(action) for action in rule.actions]
    return [{"condition": "or", "conditions": states}] if rule.more else states


def _calls(action: Action, values: Values) -> list[Config]:
    services = calls_for(action, values)
    if not services:
        raise ValueError(f"nothing brings {action.entity_id} to {action.state}")
    return [_call(service, action.target) for service in services]


def _call(service: Service, target: str) -> Config:
    call: Config = {"action": service.name, "target": {"entity_id": target}}
    if service.data:
        call["data"] = {
            key: _literal(value) if isinstance(value, str) else value
            for key, value in service.data.items()
        }
    return call


def _reminder(alias: str, description: str) -> Config:
    return {
        "action": "persistent_notification.create",
        "data": {"title": _literal(alias), "message": _literal(description)},
    }


def _literal(text: str) -> str:
    """Return a template that renders to the text, whatever braces are in it."""
    return re.sub(r"\{[{%#]", lambda found: "{{ '" + found[0] + "' }}", text)
