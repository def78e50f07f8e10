"""Edges: every instant at which something enters a state, for whole homes at once."""

from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from .events import Ints, Mask
from .facts import TRIGGER_DOMAINS, domain_of
from .localtime import DAY_MS
from .origin import Origin
from .rules import ATTRIBUTE_MARK, HOME

if TYPE_CHECKING:
    from .history import History

type Codes = npt.NDArray[np.signedinteger]

MOST_STATES: Final = 12
"""An entity with more states than this is a measurement, not a switch."""


@dataclass(frozen=True, slots=True, eq=False)
class EdgeIndex:
    """Edges (an entity enters a state), e of them, grouped by kind; kinds have codes.

    `HOME` has edges where several persons live, though no event of the log is one.
    """

    log_t: Ints
    """int64[n], ms UTC, of all events of the log."""
    code: Codes
    """int[n], index into `kinds`, -1 where an event is no edge."""
    kinds: tuple[tuple[str, str], ...]
    """(entity id, state), ascending."""
    starts: Ints
    """int64[kinds + 1], bounds of each kind in `by_kind`."""
    by_kind: Ints
    """int64[e], instants grouped by kind, by time within each."""
    day_by_kind: npt.NDArray[np.int32]
    """int32[e], local day of each of them."""

    @property
    def t(self) -> Ints:
        """Return the instants of the edges that are events, by time, ms UTC."""
        return self.log_t[self.code >= 0]

    def of(self, code: int) -> Ints:
        """Return the instants of one kind of edge, ms UTC."""
        return self.by_kind[self.starts[code] : self.starts[code + 1]]

    def days_of(self, code: int) -> Ints:
        """Return the local days of the instants of one kind of edge."""
        days = self.day_by_kind[self.starts[code] : self.starts[code + 1]]
        return days.astype(np.int64)

    def find(self, entity_id: str, state: str) -> int | None:
        """Return the code of a kind of edge, or None where it never occurs."""
        low = bisect_left(self.kinds, (entity_id, state))
        if low < len(self.kinds) and self.kinds[low] == (entity_id, state):
            return low
        return None

    def count(self) -> Ints:
        """Return the number of edges of each kind."""
        return np.diff(self.starts)


def edge_index(history: History) -> EdgeIndex:
    """Return the edges of all entities that may set off an automation.

    Of what is as long as the log no more is kept than has to be: it may have ten
    million events.
    """
    log = history.log
    home = _home_edges(history)
    mask = _is_edge(history)
    kinds, code = _coded(history, mask, {state for state, _ in home})
    counts = np.bincount(code[mask], minlength=len(kinds))
    for state, t in home:
        counts[kinds.index((HOME, state))] = len(t)
    starts = np.concatenate(([0], np.cumsum(counts)))
    by_kind = np.empty(int(starts[-1]), np.int64)
    order = np.argsort(code, kind="stable")[np.count_nonzero(~mask) :]
    events = [kind for kind, (name, _) in enumerate(kinds) if name != HOME]
    if home:
        place = np.repeat([starts[k] for k in events], [counts[k] for k in events])
        first = np.repeat(
            np.cumsum([0, *(counts[k] for k in events[:-1])]),
            [counts[k] for k in events],
        )
        by_kind[place + np.arange(len(order)) - first] = log.t[order]
    else:
        np.take(log.t, order, out=by_kind)
    del order
    for state, t in home:
        start = starts[kinds.index((HOME, state))]
        by_kind[start : start + len(t)] = t
    days = np.empty(len(by_kind), np.int32)
    for low, high in pairwise(starts):
        days[low:high] = history.local(by_kind[low:high]) // DAY_MS
    return EdgeIndex(log.t, code, kinds, starts.astype(np.int64), by_kind, days)


def _home_edges(history: History) -> list[tuple[str, Ints]]:
    """Return when the home, where several live, enters each of its states."""
    if not history.several_persons:
        return []
    home = history.timeline(HOME)
    return [
        (history.states[code], home.t[home.state == code])
        for code in np.unique(home.state)
    ]


def _is_edge(history: History) -> Mask:
    """Return which events count, bool[n]: no measurement, no setting, no outage."""
    log = history.log
    usable = np.array(
        [
            (domain_of(name) in TRIGGER_DOMAINS or not history.is_measured(name))
            and history.knows(name)
            and ATTRIBUTE_MARK not in name
            for name in log.entities
        ],
        bool,
    )
    n_states = max(1, len(history.states))
    # What measures is left out before its thousands of states are counted.
    kept = usable[log.entity]
    seen = np.zeros(len(log.entities) * n_states, bool)
    seen[log.entity[kept].astype(np.int64) * n_states + log.state[kept]] = True
    per_entity = seen.reshape(-1, n_states).sum(axis=1) if len(seen) else seen
    few = usable & (per_entity <= MOST_STATES)
    mask: Mask = few[log.entity]
    mask &= log.origin != Origin.SYSTEM
    mask &= ~history.unavailable[log.state]
    return mask


def _coded(
    history: History, mask: Mask, home: set[str]
) -> tuple[tuple[tuple[str, str], ...], Codes]:
    """Return the kinds in the order of their names, and each event's code, int[n]."""
    log = history.log
    n_states = max(1, len(history.states))
    packed = log.entity.astype(
        np.int32 if len(log.entities) * n_states < 2**31 else int
    )
    packed *= n_states
    packed += log.state
    seen = np.zeros(len(log.entities) * n_states, bool)
    seen[packed[mask]] = True
    distinct = np.flatnonzero(seen)
    names = [
        (log.entities[k // n_states], history.states[k % n_states]) for k in distinct
    ]
    kinds = sorted([*names, *((HOME, state) for state in home)])
    place = {kind: number for number, kind in enumerate(kinds)}
    # Sixteen bits are sorted by radix, which takes a tenth of the time.
    small = np.int16 if len(kinds) < 2**15 else np.int32
    rank = np.full(len(seen), -1, small)
    rank[distinct] = [place[name] for name in names]
    code: Codes = rank[packed]
    code[~mask] = -1
    return tuple(kinds), code
