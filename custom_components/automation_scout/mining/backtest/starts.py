"""The instants at which the triggers of a plan fire, whatever its conditions say."""

from collections.abc import Callable

import numpy as np

from ..events import Ints, Mask
from ..history import History
from ..localtime import DAY_MS, weekday_of
from ..occasions import stays
from ..rules import SunEvent
from ..sun import crossings
from .past import Course, Past
from .plan import (
    ChangeTrigger,
    ClockTrigger,
    LevelTrigger,
    Plan,
    PlanTrigger,
    SolarTrigger,
)
from .truth import Moments


def moments_of(past: Past, plan: Plan, start_ms: int, end_ms: int) -> Moments:
    """Return all firings in [start_ms, end_ms), ascending.

    Triggers that fire at the same instant each start the automation, in their order.
    """
    parts = [
        instants(past, start.trigger, start_ms, end_ms) for start in plan.starts
    ] or [np.zeros(0, np.int64)]
    t = np.concatenate(parts)
    number = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    order = np.argsort(t, kind="stable")
    return Moments(t[order], number[order], plan.starts)


def instants(past: Past, trigger: PlanTrigger, start_ms: int, end_ms: int) -> Ints:
    """Return when a trigger fires in [start_ms, end_ms), ms UTC, ascending."""
    match trigger:
        case ClockTrigger(seconds, weekdays):
            clock = past.history.clock
            t = clock.showing(np.array(seconds, np.int64), start_ms, end_ms)
            day = past.history.local(t) // DAY_MS
            t = t[np.isin(weekday_of(day), weekdays)]
        case SolarTrigger(event, offset_s):
            t = _sun(past, event, offset_s * 1000, start_ms, end_ms)
        case ChangeTrigger():
            t = _of_each(past, trigger.entities, lambda c: _changes(past, trigger, c))
        case LevelTrigger():
            t = _of_each(past, trigger.entities, lambda c: _levels(past, trigger, c))
    return t[np.searchsorted(t, start_ms) : np.searchsorted(t, end_ms)]


def _sun(
    past: Past, event: SunEvent, offset_ms: int, start_ms: int, end_ms: int
) -> Ints:
    if past.place is None:
        return np.zeros(0, np.int64)
    start, end = start_ms - offset_ms, end_ms - offset_ms
    t: Ints = crossings(event, start, end, past.place) + offset_ms
    return t


def _of_each(
    past: Past, entities: tuple[str, ...], fired: Callable[[Course], Ints]
) -> Ints:
    found = [fired(past.course(entity_id)) for entity_id in dict.fromkeys(entities)]
    return np.sort(np.concatenate([np.zeros(0, np.int64), *found]))


def _changes(past: Past, trigger: ChangeTrigger, course: Course) -> Ints:
    texts = (*course.texts, course.before)
    leaves = np.array([trigger.origin.has(text) for text in texts], bool)
    enters = np.array([trigger.target.has(text) for text in texts], bool)
    before = course.previous()
    fires = leaves[before] & enters[course.state]
    t: Ints = course.t[fires]
    if not trigger.for_s:
        return t
    if not trigger.away:
        return _held(past.history, course.t, t, trigger.for_s)
    # Each stay lasts until its own state before is back.
    came = before[fires]
    parts = [
        _held(
            past.history,
            course.t[course.state == code],
            t[came == code],
            trigger.for_s,
        )
        for code in np.unique(came)
    ]
    return np.sort(np.concatenate([t[:0], *parts]))


def _levels(past: Past, trigger: LevelTrigger, course: Course) -> Ints:
    """Return when the number comes to lie between the bounds.

    A state that says nothing lies outside of them. A text that is no number ends a
    stay, but lets the trigger fire no sooner: Home Assistant logs an error and waits.
    """
    value = course.numbers
    with np.errstate(invalid="ignore"):
        inside = ~np.isnan(value)
        if trigger.above is not None:
            inside &= value > trigger.above
        if trigger.below is not None:
            inside &= value < trigger.below
    told = ~np.isnan(value) | course.unavailable
    told[-1] = course.before is not None
    row = np.flatnonzero(told[course.state])
    within = inside[course.state[row]]
    # What it was before the log began is not known, and taken as not to fire.
    first = bool(inside[-1]) if told[-1] else True
    enters = within & ~np.concatenate(([first], within[:-1]))[: len(row)]
    t: Ints = course.t[row[enters]]
    if not trigger.for_s:
        return t
    return _held(past.history, course.t[~inside[course.state]], t, trigger.for_s)


def _held(history: History, ends: Ints, t: Ints, for_s: int) -> Ints:
    kept: Mask = stays(history, ends, t, for_s * 1000)
    return t[kept] + for_s * 1000
