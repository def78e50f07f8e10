"""Whether conditions hold at instants."""

import numpy as np

from .events import Ints, Mask
from .history import History
from .localtime import DAY_MS, MINUTE_MS, weekday_of
from .rules import (
    Condition,
    NumericCondition,
    Side,
    StateCondition,
    WeekdayCondition,
    WindowCondition,
)


def holds(history: History, condition: Condition, t: Ints) -> Mask:
    """Return at which instants (int64[n], ms UTC) a condition holds, bool[n].

    Of what is not known it does not. States and numbers are those just before the
    instant: what changes at it is the trigger and no condition.
    """
    match condition:
        case WeekdayCondition(weekdays):
            return np.isin(weekday_of(history.local(t) // DAY_MS), weekdays)
        case WindowCondition(start, end):
            minute = history.local(t) % DAY_MS // MINUTE_MS
            return _within(minute, start, end)
        case StateCondition(entity_id, state):
            held: Mask = history.timeline(entity_id).at(t) == history.state_code(state)
            return held
        case NumericCondition(entity_id, side, threshold):
            value, known = history.numbers(entity_id).before(t)
            beyond = value > threshold if side is Side.ABOVE else value < threshold
            return known & beyond


def all_hold(history: History, conditions: tuple[Condition, ...], t: Ints) -> Mask:
    """Return at which instants all conditions hold, bool[n]."""
    mask = np.ones(len(t), bool)
    for condition in conditions:
        mask &= holds(history, condition, t)
    return mask


def _within(minute: Ints, start: int, end: int) -> Mask:
    after, before = minute >= start, minute < end
    within: Mask = after & before if start <= end else after | before
    return within
