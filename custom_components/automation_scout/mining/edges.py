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

CHUNK: Final = 1 << 18
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

    Of what is as long as the log no more is made than is kept: it may have ten million
    events. So the entities are gone through one by one.
    """
    log = history.log
    names, code = _coded(history)
    home = _home_edges(history)
    kinds = (*names, *((HOME, state) for state, _ in home))
    counts = np.bincount(code[code >= 0], minlength=len(names))
    starts = np.cumsum([0, *counts, *(len(t) for _, t in home)])
    by_kind = np.empty(int(starts[-1]), np.int64)
    end = 0
    for entity_id in dict.fromkeys(entity_id for entity_id, _ in names):
        rows = history.rows_of(entity_id)
        rows = rows[code[rows] >= 0]
        start, end = end, end + len(rows)
        by_kind[start:end] = log.t[rows[np.argsort(code[rows], kind="stable")]]
    if home:
        by_kind[end:] = np.concatenate([t for _, t in home])
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
    names: list[tuple[str, str]] = []
    usable = [
        entity_id
        for entity_id, is_usable in zip(log.entities, _usable(history), strict=True)
        if is_usable
    ]
    # A sixteenth bit more costs ten million events twenty megabytes.
    small = MOST_STATES * len(usable) < 2**15
    code: Codes = np.full(len(log), -1, np.int16 if small else np.int32)
    for entity_id in sorted(usable):
        rows = history.rows_of(entity_id)
        state = log.state[rows]
        if len(np.unique(state)) > MOST_STATES:
            continue
        kept = (log.origin[rows] != Origin.SYSTEM) & ~history.unavailable[state]
        rows, state = rows[kept], state[kept]
        seen = np.unique(state)
        texts = [history.states[number] for number in seen]
        rank = np.argsort(np.argsort(texts)) + len(names)
        code[rows] = rank[np.searchsorted(seen, state)]
        names += [(entity_id, text) for text in sorted(texts)]
    return names, code


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
