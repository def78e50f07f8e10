"""A rule in the words in which it is changed: `refined` reads them back as the same."""

from collections.abc import Iterable
from typing import Any

from ..attributes import attribute_of
from ..rules import (
    ALL_DAYS,
    DAY_NAMES,
    SUN,
    Condition,
    NumericCondition,
    NumericTrigger,
    Rule,
    StateCondition,
    StateTrigger,
    Step,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
    WindowCondition,
    clock,
)
from .conditions import SUN_STATES

type Told = dict[str, Any]
"""JSON values."""


def told(rule: Rule) -> Told:
    """Return the trigger, the conditions and the actions of a rule.

    An action on a setting alone has the entity of the log (`light.desk#brightness`),
    its value under `values`, and no state.
    """
    return {
        "trigger": _trigger(rule.trigger),
        "conditions": [_condition(part) for part in rule.conditions],
        "actions": [_step(step) for step in rule.steps],
    }


def _trigger(trigger: Trigger) -> Told:
    match trigger:
        case TimeTrigger(minute, weekdays):
            return {"at": clock(minute), **_days(weekdays)}
        case SunTrigger(event, offset, weekdays):
            return {"event": event.value, "offset": offset, **_days(weekdays)}
        case StateTrigger(entity_id, state, for_s, quiet_s):
            stays = {"for": for_s, "quiet": quiet_s}
            return {"entity_id": entity_id, "to": state, **_stays(stays)}
        case NumericTrigger(entity_id, side, threshold, for_s):
            bound = {side.value: threshold}
            return {"entity_id": entity_id, **bound, **_stays({"for": for_s})}


def _condition(condition: Condition) -> Told:
    match condition:
        case WeekdayCondition(weekdays):
            return {"weekdays": _names(weekdays)}
        case WindowCondition(start, end):
            return {"after": clock(start), "before": clock(end)}
        case StateCondition(entity_id, state):
            if entity_id == SUN and state in SUN_STATES:
                return {"sun": state}
            return {"entity_id": entity_id, "state": state}
        case NumericCondition(entity_id, side, threshold):
            return {"entity_id": entity_id, side.value: threshold}


def _step(step: Step) -> Told:
    action, values = step.action, dict(step.values)
    said: Told = {"entity_id": action.entity_id}
    if action.attribute:
        setting = attribute_of(action.entity_id)
        is_number = setting is not None and setting.is_number
        values[action.attribute] = float(action.state) if is_number else action.state
    else:
        said["state"] = action.state
    if values:
        said["values"] = values
    if step.delay_s:
        said["delay"] = step.delay_s
    return said


def _days(weekdays: tuple[int, ...]) -> Told:
    return {} if weekdays == ALL_DAYS else {"weekdays": _names(weekdays)}


def _names(weekdays: Iterable[int]) -> list[str]:
    return [DAY_NAMES[day] for day in weekdays]


def _stays(stays: dict[str, int]) -> Told:
    return {name: seconds for name, seconds in stays.items() if seconds}
