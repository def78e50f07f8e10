"""A home's history, indexed for the questions that detectors and replays ask.

What people did (`acts`), what could have set it off (`edges`), in which state an entity
was at an instant (`state_at`), and on which days the home was lived in (`days`).
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import Final

import numpy as np

from .events import EventLog, Ints, Mask
from .facts import ACTUATOR_DOMAINS, HomeFacts, domain_of
from .localtime import DAY_MS, Clock, local_ms
from .origin import HUMAN, UNAVAILABLE, Origin
from .rules import Action
from .services import service_for

UNDONE_MS: Final = 120_000
"""An act that the same class takes back within this time is no act."""
MOST_STATES: Final = 12
"""An entity with more states than this is a measurement, not a switch."""
LONGEST_MS: Final = 3 * 366 * DAY_MS
"""What is farther than this from the middle event is of a clock that stood wrong."""
AWAY_P: Final = 0.01
"""Days without any act are days away when chance leaves them so this rarely."""


@dataclass(frozen=True, slots=True, eq=False)
class Acts:
    """All acts of people that bring one entity into one state, n of them, by time."""

    t: Ints
    """int64[n], ms UTC."""
    local: Ints
    """int64[n], ms of the local clock since 1970-01-01."""
    origin: Ints

    def __len__(self) -> int:
        """Return the number of acts."""
        return len(self.t)

    @property
    def day(self) -> Ints:
        """Local day numbers, int64[n]."""
        return self.local // DAY_MS


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


class History:
    """An event log with its indexes. Nothing in it changes after construction."""

    def __init__(self, log_: EventLog, facts: HomeFacts) -> None:
        """Index a log; `facts` names the zone and, unless empty, the entities."""
        middle = int(log_.t[len(log_) // 2]) if len(log_) else 0
        log_ = log_.between(middle - LONGEST_MS, middle + LONGEST_MS)
        self.log = log_
        self.facts = facts
        self.clock = Clock(facts.time_zone)
        self._order = np.argsort(log_.entity, kind="stable")
        counts = np.bincount(log_.entity, minlength=len(log_.entities))
        self._bounds = np.concatenate(([0], np.cumsum(counts)))
        self._code = {name: code for code, name in enumerate(log_.entities)}
        self._state_code = {name: code for code, name in enumerate(log_.states)}
        self._local = local_ms(log_.t, facts.time_zone)
        self._timelines: dict[str, Timeline] = {}
        self._excluded = np.array(
            [name in facts.excluded_users for name in log_.actors], bool
        )
        self.unavailable: Final = np.array(
            [name in UNAVAILABLE for name in log_.states], bool
        )

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
        """Return the changes of an entity."""
        if entity_id not in self._timelines:
            rows = self.rows_of(entity_id)
            self._timelines[entity_id] = Timeline(
                self.log.t[rows], self.log.state[rows].astype(np.int64)
            )
        return self._timelines[entity_id]

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
        found: dict[Action, Acts] = {}
        for entity_id in self.log.entities:
            if domain_of(entity_id) not in ACTUATOR_DOMAINS or not self._known(
                entity_id
            ):
                continue
            rows = self.rows_of(entity_id)
            rows = rows[self._deliberate(rows)]
            states = self.log.state[rows]
            for code in np.unique(states):
                action = Action(entity_id, self.log.states[code])
                if service_for(action):
                    mine = rows[states == code]
                    found[action] = Acts(
                        self.log.t[mine],
                        self._local[mine],
                        self.log.origin[mine].astype(np.int64),
                    )
        return found

    def _known(self, entity_id: str) -> bool:
        return not self.facts.entities or entity_id in self.facts.entities

    def _deliberate(self, rows: Ints) -> Mask:
        """Return which of an entity's changes people meant to stay, bool[n]."""
        origin = self.log.origin[rows]
        human: Mask = np.isin(origin, HUMAN)
        human &= ~self._excluded[self.log.actor[rows]]
        if len(rows) < 2:
            return human
        t, state = self.log.t[rows], self.log.state[rows]
        before = np.concatenate(([-1], state[:-1]))
        undone = np.zeros(len(rows), bool)
        undone[:-1] = (
            human[:-1]
            & (origin[1:] == origin[:-1])
            & (t[1:] - t[:-1] <= UNDONE_MS)
            & ((state[1:] == before[:-1]) | (before[:-1] == -1))
        )
        # In a run of acts that each undo the one before, they cancel in pairs.
        index = np.arange(len(rows))
        run_start = np.maximum.accumulate(np.where(undone, 0, index + 1))
        first = undone & ((index - run_start) % 2 == 0)
        cancelled = first | np.concatenate(([False], first[:-1]))
        meant: Mask = human & ~cancelled
        return meant

    @cached_property
    def edge_index(self) -> EdgeIndex:
        """All changes that could set off an automation."""
        return _edge_index(self)

    @cached_property
    def days(self) -> Ints:
        """Local days on which the home was observed and lived in, ascending."""
        if not len(self.log):
            return np.zeros(0, np.int64)
        observed = np.unique(self._local // DAY_MS)
        lived = np.unique(
            np.concatenate(
                [acts.day for acts in self.acts.values()] or [np.zeros(0, np.int64)]
            )
        )
        return _without_absence(observed, lived, self._acts_a_day(len(lived)))

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

    def local_days_of_rows(self, rows: Ints) -> Ints:
        """Return the local day of events given by their position in the log."""
        return self._local[rows] // DAY_MS

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


@dataclass(frozen=True, slots=True, eq=False)
class EdgeIndex:
    """Edges (an entity enters a state), e of them by time, each kind with a code."""

    t: Ints
    """int64[e], ms UTC."""
    code: Ints
    """int64[e], index into `kinds`."""
    kinds: tuple[tuple[str, str], ...]
    """(entity id, state)."""
    starts: Ints
    """int64[kinds + 1], bounds of each kind in `by_kind`."""
    by_kind: Ints
    """int64[e], instants grouped by kind, by time within each."""
    day_by_kind: Ints
    """int64[e], local day of each of them."""

    def of(self, code: int) -> Ints:
        """Return the instants of one kind of edge, ms UTC."""
        return self.by_kind[self.starts[code] : self.starts[code + 1]]

    def days_of(self, code: int) -> Ints:
        """Return the local days of the instants of one kind of edge."""
        return self.day_by_kind[self.starts[code] : self.starts[code + 1]]

    def find(self, entity_id: str, state: str) -> int | None:
        """Return the code of a kind of edge, or None where it never occurs."""
        low = bisect_left(self.kinds, (entity_id, state))
        if low < len(self.kinds) and self.kinds[low] == (entity_id, state):
            return low
        return None

    def count(self) -> Ints:
        """Return the number of edges of each kind."""
        return np.diff(self.starts)


def _edge_index(history: History) -> EdgeIndex:
    log_ = history.log
    n_states = max(1, len(log_.states))
    packed = log_.entity.astype(np.int64) * n_states + log_.state
    keep = (log_.origin != Origin.SYSTEM) & ~history.unavailable[log_.state]
    distinct = np.unique(packed)
    states_per = np.bincount(distinct // n_states, minlength=len(log_.entities))
    known = np.array(
        [not history.facts.entities or e in history.facts.entities
         for e in log_.entities],
        bool,
    )  # fmt: skip
    keep &= ((states_per <= MOST_STATES) & known)[log_.entity]
    kept, t = packed[keep], log_.t[keep]
    kinds, code = _sorted_kinds(kept, log_)
    order = np.argsort(code, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(code, minlength=len(kinds)))))
    return EdgeIndex(
        t,
        code.astype(np.int64),
        kinds,
        starts.astype(np.int64),
        t[order],
        history.local_days_of_rows(np.flatnonzero(keep)[order]),
    )


def _sorted_kinds(
    packed: Ints, log_: EventLog
) -> tuple[tuple[tuple[str, str], ...], Ints]:
    """Return the distinct edges in the order of their names, and each one's code."""
    n_states = max(1, len(log_.states))
    distinct, inverse = np.unique(packed, return_inverse=True)
    names = [
        (log_.entities[k // n_states], log_.states[k % n_states]) for k in distinct
    ]
    ranked = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), np.int64)
    rank[ranked] = np.arange(len(names))
    return tuple(names[k] for k in ranked), rank[inverse]


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
