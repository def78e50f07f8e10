"""When a learned condition means a planted one."""

from typing import Final

import numpy as np

from custom_components.automation_scout.mining.events import Ints, Mask
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.holding import all_hold, holds
from custom_components.automation_scout.mining.rules import (
    HOME,
    SUN,
    Condition,
    NumericCondition,
    Rule,
    StateCondition,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
    WeekdayCondition,
    WindowCondition,
    minutes_apart,
)

from .homes.model import Planted
from .matching import due_of, fire_alike, same_days

ENDS_MIN: Final = 45
"""Ends of windows this near are the same."""
AGREE: Final = 0.9
"""Share of the trigger's occasions at which two conditions of one type must agree."""
INDISTINGUISHABLE: Final = 0.97
"""From this share on they are the same whatever their types."""
LEAST_BLOCKED: Final = 4
"""A condition that stopped fewer firings than this could not be learned."""


def count_conditions(
    history: History, rule: Rule, planted: Planted
) -> tuple[int, int, int]:
    """Return how many conditions are right, too many, and missing.

    Planted conditions that hardly ever made a difference are neither.
    """
    due = due_of(history, planted.rule.trigger)
    ready = due[history.ready(planted.rule.action, due)]
    wanted = [c for c in planted.rule.conditions if matters(history, planted, c, ready)]
    if not rule.conditions and fire_alike(history, rule, planted.rule):
        # Its weekdays stand for them.
        wanted = []
    optional = [c for c in planted.rule.conditions if c not in wanted]
    found = [c for c in rule.conditions if not _is_weekday_of_clock(rule, c)]
    right = 0
    for condition in found[:]:
        for pool, counted in ((wanted, 1), (optional, 0)):
            match = next((c for c in pool if same(history, condition, c, ready)), None)
            if match is not None:
                pool.remove(match)
                found.remove(condition)
                right += counted
                break
    return right, len(found) + _needlessly_quiet(rule, planted), len(wanted)


def _needlessly_quiet(rule: Rule, planted: Planted) -> bool:
    one, other = rule.trigger, planted.rule.trigger
    return (
        isinstance(one, StateTrigger)
        and isinstance(other, StateTrigger)
        and one.quiet_s > 0
        and other.quiet_s == 0
    )


def matters(
    history: History, planted: Planted, condition: Condition, ready: Ints
) -> bool:
    """Return whether a condition stopped the planted rule often enough to be seen."""
    others = tuple(c for c in planted.rule.conditions if c != condition)
    at = ready[all_hold(history, others, ready)]
    return int(np.count_nonzero(~holds(history, condition, at))) >= LEAST_BLOCKED


def _is_weekday_of_clock(rule: Rule, condition: Condition) -> bool:
    clock = isinstance(rule.trigger, TimeTrigger | SunTrigger)
    return clock and isinstance(condition, WeekdayCondition)


def same(history: History, found: Condition, wanted: Condition, at: Ints) -> bool:
    """Return whether two conditions mean the same at some instants."""
    if found == wanted:
        return True
    agree = _agreement(holds(history, found, at), holds(history, wanted, at))
    if agree >= INDISTINGUISHABLE:
        return True
    match found, wanted:
        case WindowCondition(a, b), WindowCondition(c, d):
            near = max(minutes_apart(a, c), minutes_apart(b, d)) <= ENDS_MIN
            return near or agree >= AGREE
        case WeekdayCondition(a_days), WeekdayCondition(b_days):
            return same_days(a_days, b_days)
        case _:
            return _family(found) == _family(wanted) and agree >= AGREE


def _agreement(one: Mask, other: Mask) -> float:
    return float(np.mean(one == other)) if len(one) else 0.0


def _family(condition: Condition) -> str:
    """Return what a condition is about: daylight, presence, or an entity."""
    match condition:
        case StateCondition(entity_id) | NumericCondition(entity_id):
            if entity_id == SUN or "illuminance" in entity_id:
                return "daylight"
            if entity_id == HOME or entity_id.startswith("person."):
                return "presence"
            return entity_id
        case _:
            return type(condition).__name__
