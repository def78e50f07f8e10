"""Occasions of an automation, and what people made of each."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ...acts import NO_ACTS
from ...events import Ints, Mask
from ...history import History
from ...holding import all_hold
from ...localtime import DAY_MS, MINUTE_MS, weekday_of
from ...occasions import occasions
from ...rules import (
    NumericTrigger,
    Rule,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
    Trigger,
)
from ...sun import NO_EVENT
from ...watching import NEAR_MS, UNDONE_MS, Runs, late_ms
from ..adjust import EARLY_MS, LATE_MS

BEFORE_MS: Final = 60 * MINUTE_MS
"""Who was ahead of a number was so within an hour."""


@dataclass(frozen=True, slots=True, eq=False)
class Occasions:
    """Occasions of an automation, n of them by time, and what people made of them."""

    t: Ints
    """int64[n], ms UTC."""
    agreed: Mask
    """bool[n], people let it be."""
    wanted: Ints
    """int64[n], ms UTC, when they did it themselves instead; 0 where they did not."""

    @property
    def overruled(self) -> int:
        """How often people saw to it that it was otherwise."""
        return int(np.count_nonzero(~self.agreed))


def as_it_is(history: History, rule: Rule, runs: Runs) -> Runs:
    """Return the runs that are of the automation as it is now."""
    trigger = rule.trigger
    if isinstance(trigger, TimeTrigger | SunTrigger):
        late = late_ms(history, trigger, runs.t)
        mask = (late >= -EARLY_MS) & (late <= LATE_MS)
    else:
        due = occasions(history, trigger)[0]
        before = np.searchsorted(due, runs.t + EARLY_MS, side="right")
        last = np.append(due, 0)[before - 1]
        mask = (before > 0) & (runs.t - last <= LATE_MS)
    mask &= all_hold(history, rule.conditions, runs.t)
    return runs.where(mask)


def of_runs(runs: Runs, within_ms: int = UNDONE_MS) -> Occasions:
    """Return runs as occasions; what is undone within so long was not wanted."""
    refused = runs.undone & (runs.undone_ms <= within_ms)
    return Occasions(runs.t, ~refused, np.zeros(len(runs), np.int64))


def answered(history: History, rule: Rule, runs: Runs, since_ms: int) -> Occasions:
    """Return the occasions of an automation with what people did instead.

    They undo it and do it later, or they have done it before, so that nothing was left
    to be done. Where neither is seen, an occasion says nothing.
    """
    by_clock = isinstance(rule.trigger, TimeTrigger | SunTrigger)
    due = _due(history, rule.trigger, since_ms)
    due = due[all_hold(history, rule.conditions, due)]
    ahead_ms = NEAR_MS if by_clock else BEFORE_MS
    acts = history.acts.get(rule.action, NO_ACTS).t
    place = np.searchsorted(runs.t, due - EARLY_MS)
    ran_t = np.append(runs.t, np.iinfo(np.int64).max)[place]
    ran = ran_t <= due + LATE_MS
    undone = ran & np.append(runs.undone, False)[place]
    first = np.searchsorted(acts, due - ahead_ms)
    last_before = np.searchsorted(acts, due - EARLY_MS) - 1
    early = ~ran & (last_before >= first) & ~history.ready(rule.action, due)
    after = np.searchsorted(acts, ran_t, side="right")
    later_t = np.append(acts, np.iinfo(np.int64).max)[after]
    later = undone & (later_t <= due + ahead_ms)
    wanted = np.where(later, later_t, 0)
    if len(acts):
        wanted = np.where(early, acts[np.maximum(last_before, 0)], wanted)
    said = ran | early
    return Occasions(due[said], (ran & ~undone)[said], wanted[said])


def _due(history: History, trigger: Trigger, since_ms: int) -> Ints:
    """Return the times of a trigger on lived days, from an instant on, ms UTC."""
    if isinstance(trigger, StateTrigger | NumericTrigger):
        t, day = occasions(history, trigger)
        return t[(t >= since_ms) & history.lived(day)]
    first = int(history.local(np.array([since_ms]))[0]) // DAY_MS
    days = history.days[history.days >= first]
    days = days[np.isin(weekday_of(days), trigger.weekdays)]
    match trigger:
        case TimeTrigger(minute):
            due = history.clock.instants(days, minute)
        case SunTrigger(event, offset):
            due = history.sun_events(event, days)
            due = due[due != NO_EVENT] + offset * MINUTE_MS
    late: Ints = due[(due >= since_ms) & (due <= history.span[1])]
    return late
