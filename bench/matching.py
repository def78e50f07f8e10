"""When a suggestion means what was planted: triggers and actions.

What cannot be told apart by the data of the home is the same; what can is not.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from custom_components.automation_scout.mining.attributes import attribute_of
from custom_components.automation_scout.mining.events import Ints
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.holding import all_hold
from custom_components.automation_scout.mining.localtime import DAY_MS, MINUTE_MS
from custom_components.automation_scout.mining.occasions import occasions
from custom_components.automation_scout.mining.replay import due_times
from custom_components.automation_scout.mining.rules import (
    SUN,
    Action,
    NumericTrigger,
    Rule,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    Values,
    WeekdayCondition,
    minutes_apart,
)

from .homes.model import Planted

NEAR_MIN: Final = 20
"""Clock times and offsets from the sun this near are the same."""
SUN_MOVES_MIN: Final = 30
"""Where the sun's event stays within so many minutes of the clock, over all days that
were learned from, a habit of the one cannot be told from a habit of the other."""
CROSSES_MIN: Final = 10
"""Two thresholds are the same when they are crossed within so many minutes."""
ALIKE: Final = 0.9
"""Share of all firings of either of two rules that both must have to be one."""
IN_COMMON: Final = 0.7
"""Share of all occasions of either of two triggers that both must have."""


def same_trigger(history: History, rule: Rule, planted: Planted) -> bool:
    """Return whether a rule fires when the planted one does."""
    found = _plain(rule)
    return fire_alike(history, rule, planted.rule) or any(
        _same(history, found, _plain(replace(planted.rule, trigger=wanted)))
        for wanted in (planted.rule.trigger, *planted.alternatives)
    )


def fire_alike(history: History, rule: Rule, other: Rule) -> bool:
    """Return whether two rules of the clock fire at nearly the same occasions.

    In a home whose people work, "at weekends" and "if Anna is home", at three in the
    afternoon, are one rule.
    """
    one, two = rule.trigger, other.trigger
    if not isinstance(one, TimeTrigger) or not isinstance(two, TimeTrigger):
        return False
    a, b = (
        due[all_hold(history, one.conditions, due)]
        for one in (rule, other)
        for due in (due_of(history, one.trigger),)
    )
    within = NEAR_MIN * MINUTE_MS
    common = _partnered(a, b, within) + _partnered(b, a, within)
    return common >= ALIKE * max(1, len(a) + len(b))


def _plain(rule: Rule) -> Trigger:
    """Return a rule's trigger, weekdays that are a condition drawn into a clock's."""
    match rule.trigger:
        case StateTrigger(entity_id, state, 0) if entity_id == SUN:
            rises = state == "above_horizon"
            return SunTrigger(SunEvent.SUNRISE if rises else SunEvent.SUNSET)
        case TimeTrigger(_, weekdays) | SunTrigger(_, _, weekdays):
            for condition in rule.conditions:
                if isinstance(condition, WeekdayCondition):
                    common = set(weekdays) & set(condition.weekdays)
                    weekdays = tuple(sorted(common)) or weekdays
            return replace(rule.trigger, weekdays=weekdays)
        case trigger:
            return trigger


def _same(history: History, found: Trigger, wanted: Trigger) -> bool:
    match found, wanted:
        case TimeTrigger(), TimeTrigger():
            near = minutes_apart(found.minute, wanted.minute) <= NEAR_MIN
            same = near and same_days(found.weekdays, wanted.weekdays)
        case SunTrigger(), SunTrigger():
            near = abs(found.offset_min - wanted.offset_min) <= NEAR_MIN
            near &= found.event == wanted.event
            same = near and same_days(found.weekdays, wanted.weekdays)
        case (TimeTrigger(), SunTrigger()) | (SunTrigger(), TimeTrigger()):
            same = _sun_stands(history, found, wanted)
        case StateTrigger(), StateTrigger():
            same = _same_edge(history, found, wanted)
        case NumericTrigger(), NumericTrigger():
            near = (found.entity_id, found.side) == (wanted.entity_id, wanted.side)
            common = near and _in_common(history, found, wanted, CROSSES_MIN)
            same = common >= IN_COMMON
        case (NumericTrigger(), SunTrigger()) | (SunTrigger(), NumericTrigger()):
            same = _in_common(history, found, wanted, NEAR_MIN) >= IN_COMMON
        case _:
            same = False
    return same


def same_days(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """Return whether sets of weekdays differ by at most half of the wanted one."""
    return 2 * len(set(found) ^ set(wanted)) <= len(wanted)


def _same_edge(history: History, found: StateTrigger, wanted: StateTrigger) -> bool:
    if (found.entity_id, found.state) != (wanted.entity_id, wanted.state):
        return False
    longer = max(found.for_s, wanted.for_s)
    shorter = min(found.for_s, wanted.for_s)
    if longer - shorter > 120 and longer > 2 * shorter:
        return False
    if found.quiet_s or not wanted.quiet_s:
        # Only after a quiet time, where people do it always, is a condition too many.
        return True
    plain = replace(found, for_s=wanted.for_s)
    return _in_common(history, plain, wanted, 1) >= IN_COMMON


def _sun_stands(history: History, one: Trigger, other: Trigger) -> bool:
    """Return whether a time and a sun trigger are near, and the sun hardly moved."""
    time, sun = (one, other) if isinstance(one, TimeTrigger) else (other, one)
    assert isinstance(time, TimeTrigger)
    assert isinstance(sun, SunTrigger)
    due = due_of(history, sun)
    if not len(due) or not same_days(time.weekdays, sun.weekdays):
        return False
    minutes = history.local(due) % DAY_MS // MINUTE_MS
    if int(minutes.max() - minutes.min()) > SUN_MOVES_MIN:
        return False
    return minutes_apart(time.minute, int(np.median(minutes))) <= NEAR_MIN


def due_of(history: History, trigger: Trigger) -> Ints:
    """Return when a trigger fires on the days that were lived in, int64[n], ms UTC."""
    if isinstance(trigger, TimeTrigger | SunTrigger):
        return due_times(history, trigger, 1)[1]
    t, days = occasions(history, trigger)
    lived: Ints = t[history.lived(days)]
    return lived


def _in_common(
    history: History, one: Trigger, other: Trigger, within_min: int
) -> float:
    """Return the share of the two triggers' occasions that have a near partner."""
    a, b = due_of(history, one), due_of(history, other)
    if not len(a) or not len(b):
        return 0.0
    within = within_min * MINUTE_MS
    return float(_partnered(a, b, within) + _partnered(b, a, within)) / (
        len(a) + len(b)
    )


def _partnered(a: Ints, b: Ints, within_ms: int) -> int:
    low = np.searchsorted(b, a - within_ms, side="left")
    high = np.searchsorted(b, a + within_ms, side="right")
    return int(np.count_nonzero(high > low))


type Act = tuple[Action, Values]


def acts_of(rule: Rule) -> list[Act]:
    """Return all actions of a rule, with their values."""
    return [(rule.action, rule.values), *((s.action, s.values) for s in rule.more)]


def same_act(found: Act, wanted: Act) -> bool:
    """Return whether two acts do the same, whatever the values that go with a state.

    A blind opened to 30 % and its position set to 30 % are the same; so are two
    settings that people would not tell apart.
    """
    (action, values), (other, other_values) = found, wanted
    if action == other:
        return True
    if action.target != other.target:
        return False
    one, two = _setting(action, values), _setting(other, other_values)
    if one is None or two is None or not (action.attribute or other.attribute):
        return False
    name = action.attribute or other.attribute
    return name in one and name in two and same_value(action, name, one, two)


def _setting(action: Action, values: Values) -> dict[str, float | str] | None:
    if not action.attribute:
        return dict(values)
    kind = attribute_of(action.entity_id)
    if kind is None:
        return None
    is_number = kind.is_number
    return {action.attribute: float(action.state) if is_number else action.state}


def same_value(
    action: Action,
    name: str,
    one: dict[str, float | str],
    two: dict[str, float | str],
    spread: float = 0.0,
) -> bool:
    """Return whether two values of a setting are the same within people's spread."""
    kind = attribute_of(f"{action.target}#{name}")
    a, b = one[name], two[name]
    if isinstance(a, str) or isinstance(b, str) or kind is None:
        return a == b
    return abs(a - b) <= max(spread, kind.grain)
