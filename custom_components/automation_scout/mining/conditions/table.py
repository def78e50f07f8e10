"""A rule's firings, with everything that could have held at each of them."""

from dataclasses import dataclass, replace
from math import log
from typing import Final

import numpy as np

from ..detectors.thresholds import cuts_of, scale_of
from ..edges import MOST_STATES
from ..events import Floats, Ints, Mask
from ..facts import domain_of
from ..history import History, Numbers
from ..localtime import DAY_MS, MINUTE_MS, weekday_of
from ..origin import ECHO_MS
from ..replay import Replay, replay
from ..rules import (
    HOME,
    SUN,
    Condition,
    NumericCondition,
    Rule,
    Side,
    StateCondition,
    SunTrigger,
    TimeTrigger,
    WeekdayCondition,
    WindowCondition,
)
from .entities import watchable

MOST_FIRINGS: Final = 4000
"""More than these, evenly spaced, are not looked at; bounds the time."""
UNSETTLED: Final = 0.2
"""An entity that changes with this share of the firings goes with them."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Firings, n of them by time, and c conditions that could be asked for."""

    fired: Ints
    """int64[n], ms UTC."""
    day: Ints
    """int64[n], local day."""
    minute: Ints
    """int64[n], minute of the local day."""
    hit: Mask
    """bool[n]."""
    options: tuple[Condition, ...]
    holds: Mask
    """bool[c, n]."""
    price: Floats
    """float64[c], nats that it takes to say which: the log of how many are alike."""
    by_clock: bool
    """Whether the trigger is a time already, so that no other time is asked for."""

    def where(self, rows: Mask) -> Table:
        """Return the table of some of the firings, bool[n]."""
        return replace(
            self,
            fired=self.fired[rows],
            day=self.day[rows],
            minute=self.minute[rows],
            hit=self.hit[rows],
            holds=self.holds[:, rows],
        )

    def on(self, days: Ints) -> Table:
        """Return the table of the firings on some days."""
        return self.where(np.isin(self.day, days))

    def mask(self, condition: Condition) -> Mask:
        """Return at which firings an option, or one of the clock, holds, bool[n]."""
        match condition:
            case WeekdayCondition(weekdays):
                return np.isin(weekday_of(self.day), weekdays)
            case WindowCondition(start, end):
                after, before = self.minute >= start, self.minute < end
                inside: Mask = after & before if start <= end else after | before
                return inside
            case other:
                held: Mask = self.holds[self.options.index(other)]
                return held


def bare(rule: Rule) -> Rule:
    """Return the rule without its conditions."""
    return replace(rule, conditions=())


def table_of(history: History, rule: Rule, days: Ints | None = None) -> Table:
    """Return the table of a rule's firings without conditions, on all days or some."""
    played = replay(history, bare(rule))
    if days is not None:
        played = played.on(days)
    return table_at(history, rule, *_thinned(played))


def table_at(history: History, rule: Rule, fired: Ints, day: Ints, hit: Mask) -> Table:
    """Return the table of instants (n, ms UTC, by time) that a rule acts at."""
    by_clock = isinstance(rule.trigger, TimeTrigger | SunTrigger)
    before = rule.window_s * 1000 if by_clock else 0
    after = 0 if by_clock else ECHO_MS
    found: list[tuple[Condition, Mask, int]] = []
    for entity_id in watchable(history, rule):
        if entity_id == SUN and by_clock:
            continue
        if history.is_measured(entity_id):
            found += _numeric(history, entity_id, fired)
        else:
            found += _states(history, entity_id, fired, (before, after))
    sizes = np.bincount([kind for *_, kind in found], minlength=4)
    return Table(
        fired,
        day,
        history.local(fired) % DAY_MS // MINUTE_MS,
        hit,
        tuple(condition for condition, *_ in found),
        np.array([mask for _, mask, _ in found], bool).reshape(len(found), len(fired)),
        np.array([log(sizes[kind]) for *_, kind in found], float),
        by_clock,
    )


def _thinned(played: Replay) -> tuple[Ints, Ints, Mask]:
    step = -(-len(played.fired) // MOST_FIRINGS) or 1
    return played.fired[::step], played.day[::step], played.hit[::step]


def _states(
    history: History, entity_id: str, fired: Ints, margin_ms: tuple[int, int]
) -> list[tuple[Condition, Mask, int]]:
    """Return a condition for each state that the entity has at some firings.

    None where the entity mostly changes around them: then it follows from the trigger,
    or from the act, and is no condition of either.
    """
    timeline = history.timeline(entity_id)
    if not len(timeline.t) or not len(fired):
        return []
    before, after = margin_ms
    place = np.searchsorted(timeline.t, fired, side="left")
    moves = np.append(timeline.t, fired[-1] + after + 1)[place] <= fired + after
    if before:
        moves |= np.searchsorted(timeline.t, fired - before, side="left") < place
    if np.count_nonzero(moves) > UNSETTLED * len(fired):
        return []
    code = np.where(place > 0, timeline.state[np.maximum(place - 1, 0)], -1)
    codes = np.unique(code)
    if len(codes) > MOST_STATES:
        return []
    kind = _kind(entity_id)
    return [
        (StateCondition(entity_id, history.states[value]), code == value, kind)
        for value in codes.tolist()
        if value >= 0
        and not history.unavailable[value]
        and _is_condition(entity_id, history.states[value])
    ]


def _kind(entity_id: str) -> int:
    """Return which entities are alike: daylight, presence, states (2), numbers (3)."""
    if entity_id == SUN:
        return 0
    return 1 if entity_id == HOME or domain_of(entity_id) == "person" else 2


def _is_condition(entity_id: str, state: str) -> bool:
    """Return whether people would ask for it: of a person only that they are home."""
    return domain_of(entity_id) != "person" or state == "home"


def _numeric(
    history: History, entity_id: str, fired: Ints
) -> list[tuple[Condition, Mask, int]]:
    value, known = history.numbers(entity_id).before(fired)
    seen = Numbers(fired[known], value[known])
    scale = scale_of(history.facts.of(entity_id), history.numbers(entity_id))
    return [
        (NumericCondition(entity_id, side, cut), known & beyond, 3)
        for cut in map(float, cuts_of(seen, scale))
        for side, beyond in ((Side.ABOVE, value > cut), (Side.BELOW, value < cut))
    ]
