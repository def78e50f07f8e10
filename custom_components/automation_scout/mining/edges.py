"""Edges: every instant at which something enters a state, for whole homes at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from .events import Ints, Mask
from .facts import TRIGGER_DOMAINS, domain_of
from .localtime import DAY_MS
from .origin import Origin
from .rules import ATTRIBUTE_MARK, DERIVED, HOME

if TYPE_CHECKING:
    from .history import History

type Codes = npt.NDArray[np.signedinteger]

CHUNK: Final = 1 << 20
"""Events that are looked at at once; bounds the memory."""
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
    """(entity id, state), ascending, those of `HOME` last."""
    place: Mapping[tuple[str, str], int]
    """Kind to code."""
    starts: Ints
    """int64[kinds + 1], bounds of each kind in `by_kind`."""
    by_kind: Ints
    """int64[e], instants grouped by kind, by time within each."""
    day_by_kind: npt.NDArray[np.int32]
    """int32[e], local day of each of them."""

    def first_of_each(self, width_ms: int) -> Ints:
        """Return the first edge in each stretch of time, of those that are events.

        Stretches of `width_ms` that begin with the epoch; int64[n], ms UTC, ascending.
        """
        found = [np.zeros(0, np.int64)]
        for start in range(0, len(self.log_t), CHUNK):
            part = slice(start, start + CHUNK)
            t = self.log_t[part][self.code[part] >= 0]
            new = np.diff(t // width_ms, prepend=-1) != 0
            found.append(t[new])
        t = np.concatenate(found)
        first: Ints = t[np.diff(t // width_ms, prepend=-1) != 0]
        return first

    def of(self, code: int) -> Ints:
        """Return the instants of one kind of edge, ms UTC."""
        return self.by_kind[self.starts[code] : self.starts[code + 1]]

    def days_of(self, code: int) -> Ints:
        """Return the local days of the instants of one kind of edge."""
        days = self.day_by_kind[self.starts[code] : self.starts[code + 1]]
        return days.astype(np.int64)

    def find(self, entity_id: str, state: str) -> int | None:
        """Return the code of a kind of edge, or None where it never occurs."""
        return self.place.get((entity_id, state))

    def count(self) -> Ints:
        """Return the number of edges of each kind."""
        return np.diff(self.starts)


def edge_index(history: History) -> EdgeIndex:
    """Return the edges of all entities that may set off an automation.

    Of what is as long as the log no more is kept than has to be: it may have ten
    million events.
    """
    log = history.log
    names, code = _coded(history)
    home = _home_edges(history)
    kinds = (*names, *((HOME, state) for state, _ in home))
    # None of the codes sorts before the others, and is left out.
    order = np.argsort(code, kind="stable")[np.count_nonzero(code < 0) :]
    by_kind = np.empty(len(order) + sum(len(t) for _, t in home), np.int64)
    np.take(log.t, order, out=by_kind[: len(order)])
    if home:
        by_kind[len(order) :] = np.concatenate([t for _, t in home])
    del order
    counts = np.bincount(code[code >= 0], minlength=len(names))
    starts = np.cumsum([0, *counts, *(len(t) for _, t in home)])
    days = np.empty(len(by_kind), np.int32)
    for low, high in pairwise(starts):
        days[low:high] = history.local(by_kind[low:high]) // DAY_MS
    place = {kind: number for number, kind in enumerate(kinds)}
    return EdgeIndex(log.t, code, kinds, place, starts, by_kind, days)


def _home_edges(history: History) -> list[tuple[str, Ints]]:
    """Return when the home, where several live, enters each of its states."""
    if not history.several_persons:
        return []
    home = history.timeline(HOME)
    return [
        (history.states[code], home.t[home.state == code])
        for code in np.unique(home.state)
    ]


def _coded(history: History) -> tuple[list[tuple[str, str]], Codes]:
    """Return the kinds of the log in the order of their names, and codes, int[n].

    The code of an event is the place of its kind, -1 where it is no edge: of a
    measurement, a setting, an outage, or of what nobody did.
    """
    log = history.log
    n_states = max(1, len(history.states))
    wide = len(log.entities) * n_states >= 2**31
    packed: Codes = np.multiply(
        log.entity, n_states, dtype=np.int64 if wide else np.int32
    )
    packed += log.state
    usable = _usable(history)
    kept = usable[log.entity]
    seen = np.zeros((len(log.entities), n_states), bool)
    # What measures is left out before its thousands of states are counted.
    seen.reshape(-1)[packed[kept]] = True
    kept &= (seen.sum(axis=1) <= MOST_STATES)[log.entity]
    kept &= log.origin != Origin.SYSTEM
    kept &= ~history.unavailable[log.state]
    seen[:] = False
    seen.reshape(-1)[packed[kept]] = True
    distinct = np.argwhere(seen).tolist()
    names = [(log.entities[entity], history.states[s]) for entity, s in distinct]
    ranked = sorted(range(len(names)), key=names.__getitem__)
    # Sixteen bits are sorted by radix, which takes a tenth of the time.
    small = len(names) < 2**15
    rank: Codes = np.full(seen.size, -1, dtype=np.int16 if small else np.int32)
    rank[np.flatnonzero(seen)[ranked]] = np.arange(len(names))
    code = rank[packed]
    code[~kept] = -1
    return [names[number] for number in ranked], code


def _usable(history: History) -> Mask:
    """Return which entities may set something off, bool[entities].

    None that is derived, though the log may hold it too: its timeline is another.
    """
    return np.array(
        [
            (domain_of(name) in TRIGGER_DOMAINS or not history.is_measured(name))
            and history.knows(name)
            and ATTRIBUTE_MARK not in name
            and name not in DERIVED
            for name in history.log.entities
        ],
        bool,
    )
