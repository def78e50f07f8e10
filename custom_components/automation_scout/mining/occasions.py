"""Occasions: the instants at which a trigger that watches an entity fires."""

import numpy as np

from .events import Ints, Mask
from .history import History
from .localtime import DAY_MS
from .rules import NumericTrigger, Side, StateTrigger

type Occasions = tuple[Ints, Ints]
"""Instants, int64[n], ms UTC, ascending, and the local day of each, int64[n]."""

NONE: Occasions = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def occasions(history: History, trigger: StateTrigger | NumericTrigger) -> Occasions:
    """Return when a trigger fires, whatever the conditions and the target.

    An entity that leaves before it has stayed for `for_s` fires nothing, one that has
    not been elsewhere for `quiet_s` neither; what was before the log is not known.
    """
    match trigger:
        case StateTrigger():
            return _entered(history, trigger)
        case NumericTrigger():
            return _crossed(history, trigger)


def _entered(history: History, trigger: StateTrigger) -> Occasions:
    index = history.edge_index
    code = index.find(trigger.entity_id, trigger.state)
    if code is None:
        return NONE
    t, day = index.of(code), index.days_of(code)
    if not trigger.for_s and not trigger.quiet_s:
        return t, day
    changes = history.timeline(trigger.entity_id).t
    place = np.searchsorted(changes, t, side="left")
    kept = np.ones(len(t), bool)
    if trigger.quiet_s:
        before = changes[np.maximum(place - 1, 0)]
        kept &= (place > 0) & (t - before >= trigger.quiet_s * 1000)
    if not trigger.for_s:
        return t[kept], day[kept]
    kept &= stays(history, changes, t, trigger.for_s * 1000)
    return _later(history, t[kept], trigger.for_s * 1000)


def _crossed(history: History, trigger: NumericTrigger) -> Occasions:
    numbers = history.numbers(trigger.entity_id)
    if len(numbers.t) < 2:
        return NONE
    above = trigger.side is Side.ABOVE
    value, bound = numbers.value, trigger.threshold
    within = value > bound if above else value < bound
    enters = within & ~np.concatenate(([True], within[:-1]))
    t = numbers.t[enters]
    if not trigger.for_s:
        return t, history.local(t) // DAY_MS
    leaves = numbers.t[~within]
    return _later(
        history,
        t[stays(history, leaves, t, trigger.for_s * 1000)],
        trigger.for_s * 1000,
    )


def stays(history: History, changes: Ints, t: Ints, stay_ms: int) -> Mask:
    """Return after which instants nothing changes for so long, within the log."""
    following = np.searchsorted(changes, t, side="right")
    until = np.append(changes, history.span[1] + 1)[following]
    # A change at the very instant comes first, as it does in Home Assistant.
    long_enough: Mask = until > t + stay_ms
    return long_enough & (t + stay_ms <= history.span[1])


def _later(history: History, t: Ints, delay_ms: int) -> Occasions:
    fired = t + delay_ms
    return fired, history.local(fired) // DAY_MS
