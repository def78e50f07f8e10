"""A home's history, indexed for the questions that detectors and replays ask.

What people did (`acts`), what could have set it off (`edges`), in which state an entity
was at an instant (`timeline`), what a sensor measured (`numbers`), and on which days
the home was lived in (`days`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, log
from typing import Final

import numpy as np

from .acts import Acts, acts_of_people
from .attributes import attribute_of, text_of
from .derived import presence, sunlight
from .edges import EdgeIndex, edge_index
from .events import EventLog, Floats, Ints, Mask
from .facts import ACTUATOR_DOMAINS, HomeFacts, domain_of
from .localtime import DAY_MS, Clock, local_ms
from .machine_users import Machines, machine_precise
from .origin import UNAVAILABLE, Origin
from .rules import ATTRIBUTE_MARK, HOME, SUN, Action, SunEvent
from .sun import NO_EVENT, sun_events

LONGEST_MS: Final = 3 * 366 * DAY_MS
"""What is farther than this from the middle event is of a clock that stood wrong."""
LONG: Final = 5_000
"""Timelines with more changes are kept one at a time: of ten million events they would
be as large as the log. Forms of one trigger ask for the same one in a row."""
AWAY_P: Final = 0.01
"""Days without any act are days away when chance leaves them so this rarely."""
DERIVED_STATES: Final = ("0", "occupied", "above_horizon", "below_horizon")


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """The changes of one entity: instants (ms UTC) and state codes."""

    t: Ints
    state: Ints

    def at(self, t: Ints) -> Ints:
        """Return the state codes just before instants, -1 before the first change."""
        index = np.searchsorted(self.t, t, side="left") - 1
        codes = self.state[np.maximum(index, 0)] if len(self.t) else np.zeros_like(t)
        return np.where(index >= 0, codes, -1) if len(self.t) else codes - 1


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """What one sensor measured, n finite values by time."""

    t: Ints
    """int64[n], ms UTC."""
    value: Floats
    """float64[n], in the unit of the sensor; each holds until the next."""

    def before(self, t: Ints) -> tuple[Floats, Mask]:
        """Return the values just before instants and which are known, float64[k]."""
        index = np.searchsorted(self.t, t, side="left") - 1
        if not len(self.t):
            return np.zeros(len(t)), np.zeros(len(t), bool)
        return self.value[np.maximum(index, 0)], index >= 0


class History:
    """An event log with its indexes. Nothing in it changes after construction."""

    def __init__(self, log_: EventLog, facts: HomeFacts) -> None:
        """Index a log; `facts` names the zone and, unless empty, the entities."""
        middle = int(log_.t[len(log_) // 2]) if len(log_) else 0
        log_ = log_.between(middle - LONGEST_MS, middle + LONGEST_MS)
        self.facts = facts
        self.clock = Clock(facts.time_zone)
        self._order = _by_entity(log_)
        counts = np.bincount(log_.entity, minlength=len(log_.entities))
        self._bounds = np.concatenate(([0], np.cumsum(counts)))
        self._code = {name: code for code, name in enumerate(log_.entities)}
        self._measured = log_
        self._numbers: dict[str, Numbers] = {}
        self.log, self.states = self._snapped(log_)
        self._state_code = {name: code for code, name in enumerate(self.states)}
        self._timelines: dict[str, Timeline] = {}
        self._long: dict[str, Timeline] = {}
        self.excluded: Final = np.array(
            [name in facts.excluded_users for name in log_.actors], bool
        )
        """bool[actors]: whose acts are no evidence."""
        self.unavailable: Final = np.array(
            [name in UNAVAILABLE for name in self.states], bool
        )
        """bool[states]."""

    def _snapped(self, log_: EventLog) -> tuple[EventLog, tuple[str, ...]]:
        """Return the log with its settings in steps that people tell apart.

        And the texts of all state codes: those of the log, and what is derived.
        """
        states = dict.fromkeys(log_.states)
        states.update(dict.fromkeys(DERIVED_STATES))
        grains = {
            name: attribute.grain
            for name in log_.entities
            if ATTRIBUTE_MARK in name
            and (attribute := attribute_of(name))
            and attribute.is_number
        }
        if not grains:
            return log_, tuple(states)
        column = log_.state.copy()
        for name, grain in grains.items():
            rows = self.rows_of(name)
            codes = np.unique(column[rows])
            texts = [_in_grains(log_.states[code], grain) for code in codes]
            states.update(dict.fromkeys(texts))
            places = {text: place for place, text in enumerate(states)}
            snapped = np.array([places[text] for text in texts], np.int32)
            column[rows] = snapped[np.searchsorted(codes, column[rows])]
        return (
            EventLog(
                log_.t,
                log_.entity,
                column,
                log_.origin,
                log_.actor,
                log_.entities,
                tuple(states),
                log_.actors,
            ),
            tuple(states),
        )

    def knows(self, entity_id: str) -> bool:
        """Return whether an entity is of the home; without facts, every one is."""
        return not self.facts.entities or entity_id in self.facts.entities

    def is_measured(self, entity_id: str) -> bool:
        """Return whether an entity is a sensor that measures."""
        if entity_id in self.facts.entities:
            return self.facts.entities[entity_id].is_numeric
        return domain_of(entity_id) == "sensor"

    def rows_of(self, entity_id: str) -> Ints:
        """Return the positions in the log of an entity's changes, by time."""
        code = self._code.get(entity_id)
        if code is None:
            return np.zeros(0, np.int64)
        return self._order[self._bounds[code] : self._bounds[code + 1]]

    def state_code(self, state: str) -> int:
        """Return the code of a state, or -2 where it never occurs."""
        return self._state_code.get(state, -2)

    def timeline(self, entity_id: str) -> Timeline:
        """Return the changes of an entity, also of `HOME` and `SUN`."""
        for kept in (self._timelines, self._long):
            if entity_id in kept:
                return kept[entity_id]
        timeline = self._timeline(entity_id)
        if len(timeline.t) <= LONG:
            self._timelines[entity_id] = timeline
        else:
            self._long = {entity_id: timeline}
        return timeline

    def _timeline(self, entity_id: str) -> Timeline:
        if entity_id in (HOME, SUN):
            t, states = (presence if entity_id == HOME else sunlight)(self)
            codes = [self._state_code[state] for state in states]
            return Timeline(t, np.array(codes, np.int64))
        rows = self.rows_of(entity_id)
        return Timeline(self.log.t[rows], self.log.state[rows].astype(np.int64))

    @cached_property
    def persons(self) -> tuple[str, ...]:
        """Persons whose whereabouts the log holds."""
        return tuple(
            name
            for name in self.log.entities
            if domain_of(name) == "person" and self.knows(name)
        )

    @property
    def several_persons(self) -> bool:
        """Whether the home's presence is not that of one person."""
        return len(self.persons) > 1

    def numbers(self, entity_id: str) -> Numbers:
        """Return what a sensor measured, or the values of a setting."""
        if entity_id not in self._numbers:
            rows = self.rows_of(entity_id)
            value = self._values[self._measured.state[rows]]
            finite = np.isfinite(value)
            self._numbers[entity_id] = Numbers(
                self._measured.t[rows][finite], value[finite]
            )
        return self._numbers[entity_id]

    @cached_property
    def _values(self) -> Floats:
        """Number of each state's text, float64[states]; NaN where it is none."""
        return np.array([_number(text) for text in self._measured.states], float)

    def ready(self, action: Action, t: Ints) -> Mask:
        """Return at which instants the action would change something, bool[n].

        Before its first change an entity was in another state than that one brings.
        """
        timeline = self.timeline(action.entity_id)
        if not len(timeline.t):
            return np.zeros(len(t), bool)
        goal = self.state_code(action.state)
        before = timeline.at(t)
        known = np.maximum(before, 0)
        ready: Mask = np.where(
            before < 0,
            timeline.state[0] == goal,
            (before != goal) & ~self.unavailable[known],
        )
        return ready

    def ready_since(self, action: Action, t: Ints) -> Ints:
        """Return since when the action would have changed something, int64[n], ms UTC.

        Over all states in between that are not what it brings. The instant itself
        where it would have changed nothing, or where the log does not reach back.
        """
        timeline = self.timeline(action.entity_id)
        if not len(timeline.t):
            return t
        ready = timeline.state != self.state_code(action.state)
        ready &= ~self.unavailable[timeline.state]
        first = ready & ~np.concatenate(([False], ready[:-1]))
        begun = np.maximum.accumulate(np.where(first, np.arange(len(first)), 0))
        index = np.searchsorted(timeline.t, t, side="left") - 1
        known = np.maximum(index, 0)
        is_ready = (index >= 0) & ready[known]
        return np.where(is_ready, timeline.t[begun[known]], t)

    @cached_property
    def acts(self) -> Mapping[Action, Acts]:
        """Acts of people, by what they bring about; only what an action can do."""
        return acts_of_people(self)

    @cached_property
    def machines(self) -> Machines:
        """Programs and schedules whose acts look like people's."""
        return machine_precise(self)

    @cached_property
    def edge_index(self) -> EdgeIndex:
        """All changes that could set off an automation."""
        return edge_index(self)

    @cached_property
    def days(self) -> Ints:
        """Local days on which the home was observed and lived in, ascending."""
        if not len(self.log):
            return np.zeros(0, np.int64)
        observed = self._observed_days()
        lived = np.unique(
            np.concatenate(
                [acts.day for acts in self.acts.values()] or [np.zeros(0, np.int64)]
            )
        )
        return _without_absence(observed, lived, self._acts_a_day(len(lived)))

    def sun_events(self, event: SunEvent, days: Ints) -> Ints:
        """Return when the sun rises or sets on days, ms UTC, `NO_EVENT` for never."""
        facts = self.facts
        if facts.latitude is None or facts.longitude is None:
            return np.full(len(days), NO_EVENT, np.int64)
        rise, sets = sun_events(
            days, facts.latitude, facts.longitude, facts.time_zone, facts.elevation
        )
        return rise if event is SunEvent.SUNRISE else sets

    def lived(self, days: Ints) -> Mask:
        """Return which of some local days count as lived in, bool[n]."""
        if not len(self.days) or not len(days):
            return np.zeros(len(days), bool)
        first = int(self.days[0])
        table = np.zeros(int(self.days[-1]) - first + 3, bool)
        table[self.days - first + 1] = True
        mask: Mask = table[np.clip(days - first + 1, 0, len(table) - 1)]
        return mask

    def _acts_a_day(self, lived: int) -> float:
        return sum(map(len, self.acts.values())) / max(1, lived)

    def _observed_days(self) -> Ints:
        """Return the local days with any event, ascending."""
        start, end = self.span
        first, last = (self.local(np.array([start, end])) // DAY_MS).tolist()
        days = np.arange(first, last + 2)
        bounds = np.searchsorted(self.log.t, self.clock.instants(days, 0))
        return days[:-1][np.diff(bounds) > 0]

    def local_of_rows(self, rows: Ints) -> Ints:
        """Return the local clock readings, ms, of events by their place in the log."""
        return self.local(self.log.t[rows])

    @property
    def span(self) -> tuple[int, int]:
        """First and last instant of the log, ms UTC; (0, 0) without events."""
        if not len(self.log):
            return 0, 0
        return int(self.log.t[0]), int(self.log.t[-1])

    def local(self, t: Ints) -> Ints:
        """Return local clock readings of instants, ms since 1970-01-01."""
        return local_ms(t, self.facts.time_zone)

    def count_origins(self) -> dict[str, int]:
        """Return how many changes of actuators each class of provenance has."""
        actuators = np.array(
            [domain_of(name) in ACTUATOR_DOMAINS for name in self.log.entities], bool
        )
        if not len(self.log):
            return {}
        counts = np.bincount(self.log.origin[actuators[self.log.entity]], minlength=10)
        return {
            origin.name.lower(): int(counts[origin])
            for origin in Origin
            if counts[origin]
        }


def _by_entity(log_: EventLog) -> Ints:
    """Return the positions of the events by entity, then time."""
    order = np.argsort(log_.entity, kind="stable")
    return order.astype(np.int32 if len(order) < 2**31 else np.int64)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return float("nan")
    return value if isfinite(value) else float("nan")


def _in_grains(text: str, grain: float) -> str:
    value = _number(text)
    return text_of(value, grain) if isfinite(value) else text


def _without_absence(observed: Ints, lived: Ints, acts_a_day: float) -> Ints:
    """Return the observed days less the runs of idle ones that mean nobody was there.

    With a mean of m acts a day, r days in a row stay idle by chance with exp(-m r).
    """
    idle = ~np.isin(observed, lived)
    if not idle.any() or acts_a_day <= 0:
        return observed
    shortest = -log(AWAY_P) / acts_a_day
    boundary = np.flatnonzero(np.diff(idle.astype(np.int8), prepend=2))
    lengths = np.diff(np.append(boundary, len(observed)))
    length = np.repeat(lengths, lengths)
    return observed[~(idle & (length >= shortest))]
