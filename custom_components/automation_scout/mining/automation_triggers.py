"""Triggers and conditions of a rule, as Home Assistant's configuration wants them."""

from typing import Any, Final

from .rules import (
    ALL_DAYS,
    DAY_NAMES,
    HOME,
    Condition,
    NumericCondition,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
    WindowCondition,
)
from .services import plain

_SOMEBODY: Final = "occupied"
"""State of `HOME` that Home Assistant shows as a number above zero."""
CROSSED: Final = (
    "{{ trigger.from_state | default(none) is not none"
    " and trigger.from_state.state | is_number }}"
)
"""A sensor that comes back beyond its threshold has crossed nothing, yet it fires."""
_QUIET: Final = (
    "{{ trigger.from_state | default(none) is not none"
    " and now() - trigger.from_state.last_changed >= timedelta(seconds="
)

type Config = dict[str, Any]


def trigger_config(trigger: Trigger) -> Config:
    """Return a trigger; its weekdays, its quiet and an outage before are conditions."""
    match trigger:
        case TimeTrigger(minute):
            return {"trigger": "time", "at": clock(60 * minute)}
        case SunTrigger(event, offset):
            at: Config = {"trigger": "sun", "event": event.value}
            if offset:
                sign = "-" if offset < 0 else ""
                at["offset"] = sign + clock(60 * abs(offset))
            return at
        case StateTrigger(entity_id, state, for_s):
            if (entity_id, state) == (HOME, _SOMEBODY):
                return _stay(
                    {"trigger": "numeric_state", "entity_id": HOME, "above": 0}, for_s
                )
            edge = {
                "trigger": "state",
                "entity_id": entity_id,
                "to": state,
                "not_from": ["unavailable", "unknown"],
            }
            return _stay(edge, for_s)
        case NumericTrigger(entity_id, side, threshold, for_s):
            bound = _bound(entity_id, side, threshold)
            return _stay({"trigger": "numeric_state", **bound}, for_s)


def condition_configs(rule: Rule) -> list[Config]:
    """Return what has to hold when the trigger fires."""
    configs: list[Config] = []
    trigger = rule.trigger
    if isinstance(trigger, TimeTrigger | SunTrigger) and trigger.weekdays != ALL_DAYS:
        configs.append(_weekdays(trigger.weekdays))
    if isinstance(trigger, StateTrigger) and trigger.quiet_s:
        configs.append(_quiet(trigger.quiet_s))
    if isinstance(trigger, NumericTrigger):
        configs.append({"condition": "template", "value_template": CROSSED})
    return configs + [_condition(part) for part in rule.conditions]


def _condition(condition: Condition) -> Config:
    match condition:
        case WeekdayCondition(weekdays):
            return _weekdays(weekdays)
        case WindowCondition(start, end):
            return {
                "condition": "time",
                "after": clock(60 * (start % 1440)),
                "before": clock(60 * (end % 1440)),
            }
        case StateCondition(entity_id, state):
            if (entity_id, state) == (HOME, _SOMEBODY):
                return {"condition": "numeric_state", "entity_id": HOME, "above": 0}
            return {"condition": "state", "entity_id": entity_id, "state": state}
        case NumericCondition(entity_id, side, threshold):
            bound = _bound(entity_id, side, threshold)
            return {"condition": "numeric_state", **bound}


def _weekdays(weekdays: tuple[int, ...]) -> Config:
    return {"condition": "time", "weekday": [DAY_NAMES[day] for day in weekdays]}


def _quiet(quiet_s: int) -> Config:
    """Return that the entity was in its former state for so long.

    What it was before is not known where there was no state; then it does not hold.
    """
    quiet = f"{_QUIET}{quiet_s}) }}}}"
    return {"condition": "template", "value_template": quiet}


def quiet_of(template: str) -> int | None:
    """Return the seconds of quiet that a template of a rule's automation asks for."""
    seconds = template.removeprefix(_QUIET).removesuffix(") }}")
    return int(seconds) if seconds.isdecimal() else None


def _bound(entity_id: str, side: Side, threshold: float) -> Config:
    return {"entity_id": entity_id, side.value: plain(threshold)}


def _stay(trigger: Config, for_s: int) -> Config:
    return {**trigger, "for": clock(for_s)} if for_s else trigger


def clock(seconds: int) -> str:
    """Return seconds as hours, minutes and seconds."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
