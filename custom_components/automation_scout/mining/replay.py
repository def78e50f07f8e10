"""Replays a rule on the history: when would it have fired, and was it wanted?

One engine for evidence, hold-out and gates. A firing counts only where the target was
not already as wanted; it is a hit when a person did the same within the window.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from .events import Ints, Mask
from .facts import ACTUATOR_DOMAINS, domain_of
from .history import History
from .holding import all_hold
from .localtime import MINUTE_MS, weekday_of
from .occasions import Occasions, occasions
from .origin import ECHO_MS
from .rules import (
    Action,
    Condition,
    NumericTrigger,
    Rule,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
)
from .sun import NO_EVENT

NEAR_MS: Final = 60 * MINUTE_MS
"""An act this near to a time, but outside its window, makes the firing a wrong one.

The target is then often "already so" at the minute of the rule, and without this a
loose habit would look as if it never failed."""


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """Opportunities of a rule, n of them by time, and what people did at each."""

    fired: Ints
    """int64[n], ms UTC."""
    day: Ints
    """int64[n], local day on which each firing counts."""
    hit: Mask
    """bool[n], a person did it."""
    explained: Ints
    """Indices into the acts of the action that a firing explains, ascending."""

    @property
    def hits(self) -> int:
        """Number of opportunities at which a person did it."""
        return int(np.count_nonzero(self.hit))

    @property
    def wrong(self) -> int:
        """Number of opportunities at which nobody did."""
        return len(self.hit) - self.hits

    def on(self, days: Ints) -> Replay:
        """Return the part of the replay on some days; `explained` is left whole."""
        kept = np.isin(self.day, days)
        return Replay(self.fired[kept], self.day[kept], self.hit[kept], self.explained)


class Around(NamedTuple):
    """What people did around n instants of the clock."""

    ready: Mask
    """bool[n]: the target was not yet as wanted."""
    near: Mask
    """bool[n]: a person did it within the hour, on either side."""
    hit: Mask
    """bool[n]: a person did it within the window, on either side."""
    low: Ints
    """int64[n], index of the first act within the window."""
    high: Ints
    """int64[n], index behind the last."""

    @property
    def counts(self) -> Mask:
        """Which instants say something about the habit, bool[n]."""
        return self.hit | self.near | self.ready


def replay(history: History, rule: Rule) -> Replay:
    """Return what a rule would have done on the days that the home was lived in."""
    trigger = rule.trigger
    if isinstance(trigger, TimeTrigger | SunTrigger):
        return _replay_due(history, rule, trigger)
    t, days = ready_occasions(history, rule.action, trigger, rule.conditions)
    of_rule = days >= rule.since
    return react(history, rule.action, (t[of_rule], days[of_rule]), rule.window_s)


def _replay_due(
    history: History, rule: Rule, trigger: TimeTrigger | SunTrigger
) -> Replay:
    action, window_s = rule.action, rule.window_s
    days, due = due_times(history, trigger, window_s)
    held = all_hold(history, rule.conditions, due) & (days >= rule.since)
    days, due = days[held], due[held]
    found = around(history, action, due, window_s)
    return Replay(
        due[found.counts],
        days[found.counts],
        found.hit[found.counts],
        ranges(found.low, found.high),
    )


def around(history: History, action: Action, due: Ints, window_s: int) -> Around:
    """Return what people did around instants at which the clock says to act."""
    acts = acts_t(history, action)
    ready = history.ready(action, due)
    # What is done after the minute is the rule's doing only if it was still to be done.
    until = np.where(ready, due + window_s * 1000, due)
    low, high = _within(acts, due - window_s * 1000, until)
    hit = high > low
    near_low, near_high = _within(acts, due - NEAR_MS, due + NEAR_MS)
    return Around(ready, near_high > near_low, hit, low, high)


def acts_t(history: History, action: Action) -> Ints:
    """Return when people did it, ms UTC, ascending."""
    acts = history.acts.get(action)
    return np.zeros(0, np.int64) if acts is None else acts.t


def due_times(
    history: History, trigger: TimeTrigger | SunTrigger, window_s: int
) -> tuple[Ints, Ints]:
    """Return the lived days of a trigger of the clock and its instants, ms UTC.

    Without those whose window the log does not hold from end to end: what has not
    happened yet is no miss. And without days on which the sun does no such thing.
    """
    days = history.days[np.isin(weekday_of(history.days), trigger.weekdays)]
    match trigger:
        case TimeTrigger(minute):
            due = history.clock.instants(days, minute)
        case SunTrigger(event, offset):
            due = history.sun_events(event, days)
            days, due = days[due != NO_EVENT], due[due != NO_EVENT]
            due = due + offset * MINUTE_MS
    start, end = history.span
    held = (due - window_s * 1000 >= start) & (due + window_s * 1000 <= end)
    return days[held], due[held]


def ready_occasions(
    history: History,
    action: Action,
    trigger: StateTrigger | NumericTrigger,
    conditions: tuple[Condition, ...] = (),
) -> Occasions:
    """Return the occasions of a trigger at which the conditions let the action act.

    Without those of another actuator that the act follows within two seconds: the two
    were one act, by one call or one bound remote, and nobody's reaction.
    """
    t, day = occasions(history, trigger)
    usable = history.lived(day) & history.ready(action, t)
    if _is_actuator(trigger):
        usable &= ~echoed(history, action, t)
    if conditions:
        usable &= all_hold(history, conditions, t)
    return t[usable], day[usable]


def echoed(history: History, action: Action, t: Ints) -> Mask:
    """Return which instants the action follows at once, bool[n]."""
    low, high = _within(acts_t(history, action), t + 1, t + ECHO_MS)
    at_once: Mask = high > low
    return at_once


def _is_actuator(trigger: StateTrigger | NumericTrigger) -> bool:
    return (
        isinstance(trigger, StateTrigger)
        and not trigger.for_s
        and domain_of(trigger.entity_id) in ACTUATOR_DOMAINS
    )


def react(history: History, action: Action, ready: Occasions, window_s: int) -> Replay:
    """Return what reacting to the instants of `ready_occasions` would have done."""
    held = ready[0] + window_s * 1000 <= history.span[1]
    edges, days = ready[0][held], ready[1][held]
    first = refractory(edges, window_s * 1000)
    fired, days = edges[first], days[first]
    acts = acts_t(history, action)
    low, high = _within(acts, fired + 1, fired + window_s * 1000)
    hit = high > low
    return Replay(fired, days, hit, low[hit])


def refractory(t: Ints, pause_ms: int) -> Ints:
    """Return the indices of the instants that fire, each blocking the next `pause_ms`.

    `t` is int64[n], ascending; an instant exactly `pause_ms` later fires again.
    """
    if not len(t):
        return np.zeros(0, np.int64)
    following = np.searchsorted(t, t + pause_ms, side="left")
    if np.all(following == np.arange(1, len(t) + 1)):
        return np.arange(len(t))
    chosen = [0]
    jump = following.tolist()
    while (index := jump[chosen[-1]]) < len(t):
        chosen.append(index)
    return np.array(chosen, np.int64)


def _within(acts: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Return index bounds of the acts in [start, end], both ends included."""
    return (
        np.searchsorted(acts, start, side="left"),
        np.searchsorted(acts, end, side="right"),
    )


def ranges(low: Ints, high: Ints) -> Ints:
    """Return the union of the index ranges [low, high), ascending."""
    parts = [np.arange(a, b) for a, b in zip(low, high, strict=True) if b > a]
    return np.unique(np.concatenate(parts)) if parts else np.zeros(0, np.int64)
