"""Whether an automation does what a rule would, by its configuration."""

from collections.abc import Mapping
from math import nan
from typing import Final

from .attributes import attribute_of
from .facts import ExistingAutomation
from .rules import (
    ALL_DAYS,
    Action,
    NumericTrigger,
    Rule,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
    minutes_apart,
)

NEAR_MIN: Final = 30
"""Minutes between two times that still are the same automation."""
NEAR_SUN_MIN: Final = 20
"""Minutes between two offsets from the same event of the sun."""
NEAR_SHARE: Final = 0.25
"""Share of the larger threshold within which two are the same."""
ANY: Final = ""

type SunMinutes = Mapping[SunEvent, int]
"""Minute of the local day at which the sun rises or sets at this time of the year."""


def does(
    automation: ExistingAutomation, rule: Rule, sun: SunMinutes | None = None
) -> bool:
    """Return whether an automation has the rule's trigger and all of its effects.

    `sun` lets times be compared with the sun; without it they have nothing in common.
    """
    if automation.entity_id == rule.replaces:
        return False
    return all(_brings(automation, action) for action in rule.actions) and any(
        _starts(trigger, rule, sun or {}) and _on_its_days(trigger, automation, rule)
        for trigger in automation.triggers
    )


def _brings(automation: ExistingAutomation, action: Action) -> bool:
    if (action.entity_id, action.state) in automation.targets:
        return True
    attribute = attribute_of(action.entity_id)
    if attribute is None or not attribute.is_number:
        return False
    return any(
        entity_id == action.entity_id
        and abs(_number(state) - _number(action.state)) <= attribute.grain
        for entity_id, state in automation.targets
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return nan


def _starts(trigger: Trigger, rule: Rule, sun: SunMinutes) -> bool:
    """Return whether a trigger fires about when the rule's does."""
    match trigger, rule.trigger:
        case SunTrigger(event, offset), SunTrigger(wanted, other):
            return event is wanted and abs(offset - other) <= NEAR_SUN_MIN
        case (TimeTrigger() | SunTrigger()) as one, (
            TimeTrigger() | SunTrigger()
        ) as two:
            return _is_near(_minute(one, sun), _minute(two, sun))
        case StateTrigger(entity_id, state, for_s), StateTrigger() as wanted_edge:
            return (
                entity_id == wanted_edge.entity_id
                and state in (wanted_edge.state, ANY)
                and for_s <= 2 * wanted_edge.for_s + rule.window_s
            )
        case NumericTrigger(entity_id, side, bound), NumericTrigger() as level:
            nearest = NEAR_SHARE * max(abs(bound), abs(level.threshold))
            return (entity_id, side) == (level.entity_id, level.side) and (
                abs(bound - level.threshold) <= nearest
            )
        case _:
            return False


def _minute(trigger: TimeTrigger | SunTrigger, sun: SunMinutes) -> int | None:
    match trigger:
        case TimeTrigger(minute):
            return minute
        case SunTrigger(event, offset):
            return (sun[event] + offset) % 1440 if event in sun else None


def _is_near(one: int | None, two: int | None) -> bool:
    return one is not None and two is not None and minutes_apart(one, two) <= NEAR_MIN


def _on_its_days(trigger: Trigger, automation: ExistingAutomation, rule: Rule) -> bool:
    """Return whether it acts on at least half of the rule's days of the week."""
    wanted = _days(rule.trigger)
    for condition in rule.conditions:
        if isinstance(condition, WeekdayCondition):
            wanted &= set(condition.weekdays)
    common = wanted & _days(trigger) & set(automation.weekdays)
    return 2 * len(common) >= len(wanted)


def _days(trigger: Trigger) -> set[int]:
    if isinstance(trigger, TimeTrigger | SunTrigger):
        return set(trigger.weekdays)
    return set(ALL_DAYS)
