"""Edges: every instant at which something enters a state, for whole homes at once."""

from bisect import bisect_left
from dataclasses import dataclass
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

MOST_STATES: Final = 12
"""An entity with more states than this is a measurement, not a switch."""


@dataclass(frozen=True, slots=True, eq=False)
class EdgeIndex:
    """Edges (an entity enters a state), e of them by time, each kind with a code."""

    t: Ints
    """int64[e], ms UTC."""
    code: npt.NDArray[np.signedinteger]
    """int[e], index into `kinds`."""
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


def edge_index(history: History) -> EdgeIndex:
    """Return the edges of all entities that may set off an automation."""
    log = history.log
    n_states = max(1, len(history.states))
    rows = np.flatnonzero(_is_edge(history))
    t, packed = log.t[rows], log.entity[rows].astype(np.int64) * n_states
    packed += log.state[rows]
    days = history.local_of_rows(rows) // DAY_MS
    del rows
    home = history.timeline(HOME)
    if len(home.t) and history.several_persons:
        # Entity number `len(entities)` is the home.
        at = np.searchsorted(t, home.t, side="right")
        t = np.insert(t, at, home.t)
        days = np.insert(days, at, history.local(home.t) // DAY_MS)
        place = len(log.entities) * n_states
        packed = np.insert(packed, at, place + home.state)
    kinds, code = _sorted_kinds(packed, history)
    order = np.argsort(code, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(code, minlength=len(kinds)))))
    return EdgeIndex(t, code, kinds, starts.astype(np.int64), t[order], days[order])


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


def _sorted_kinds(
    packed: Ints, history: History
) -> tuple[tuple[tuple[str, str], ...], npt.NDArray[np.signedinteger]]:
    """Return the distinct edges in the order of their names, and each one's code."""
    n_states = max(1, len(history.states))
    entities = (*history.log.entities, HOME)
    seen = np.zeros(len(entities) * n_states, bool)
    seen[packed] = True
    distinct = np.flatnonzero(seen)
    names = [(entities[k // n_states], history.states[k % n_states]) for k in distinct]
    ranked = sorted(range(len(names)), key=names.__getitem__)
    rank: npt.NDArray[np.signedinteger] = np.zeros(len(seen), np.int64)
    rank[distinct[ranked]] = np.arange(len(names))
    # Sixteen bits are sorted by radix, which takes a tenth of the time.
    if len(names) < 2**15:
        rank = rank.astype(np.int16)
    return tuple(names[k] for k in ranked), rank[packed]
