"""The event log: a home's changes of state as parallel numpy columns.

Sorted by time. Instants are int64 milliseconds UTC, intervals half-open, weekday 0 is
Monday, a day is a local civil day. A row is a change: an entity enters a state that
differs from its state before. Codes index the vocabularies; actor 0 is nobody.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Ints = npt.NDArray[np.int64]
type Floats = npt.NDArray[np.float64]
type Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class EventLog:
    """Parallel columns of equal length n; slices share memory, nothing mutates."""

    t: Ints
    """int64[n], ms UTC, ascending."""
    entity: npt.NDArray[np.uint16]
    """uint16[n], index into `entities`."""
    state: npt.NDArray[np.int32]
    """int32[n], index into `states`."""
    origin: npt.NDArray[np.int8]
    """int8[n], `Origin`."""
    actor: npt.NDArray[np.uint16]
    """uint16[n], index into `actors`: who or what did it."""
    entities: tuple[str, ...]
    states: tuple[str, ...]
    actors: tuple[str, ...] = ("",)

    def __post_init__(self) -> None:
        """Check the columns and make them read-only."""
        columns = (self.t, self.entity, self.state, self.origin, self.actor)
        if len({len(column) for column in columns}) != 1:
            raise ValueError("columns differ in length")
        if len(self.t) and np.any(self.t[1:] < self.t[:-1]):
            raise ValueError("events are not sorted by time")
        for column in columns:
            column.flags.writeable = False

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.t)

    def where(self, mask: Mask) -> EventLog:
        """Return the events that the mask (bool[n]) selects."""
        return EventLog(
            self.t[mask],
            self.entity[mask],
            self.state[mask],
            self.origin[mask],
            self.actor[mask],
            self.entities,
            self.states,
            self.actors,
        )

    def of(self, names: Collection[str]) -> EventLog:
        """Return the events of the named entities."""
        wanted = np.array([name in names for name in self.entities], np.bool_)
        return self.where(wanted[self.entity])

    def between(self, start_ms: int, end_ms: int) -> EventLog:
        """Return the events in [start_ms, end_ms)."""
        low, high = np.searchsorted(self.t, (start_ms, end_ms))
        part = slice(low, high)
        return EventLog(
            self.t[part],
            self.entity[part],
            self.state[part],
            self.origin[part],
            self.actor[part],
            self.entities,
            self.states,
            self.actors,
        )


type Row = tuple[int, str, str, int, str]
"""One change: ms UTC, entity id, state, origin, actor."""


def log_of_rows(rows: Sequence[Row]) -> EventLog:
    """Build a log from rows in any order; vocabularies come out sorted."""
    ordered = sorted(rows)
    entities = sorted({row[1] for row in ordered})
    states = sorted({row[2] for row in ordered})
    actors = sorted({row[4] for row in ordered} | {""})
    entity_code = {name: code for code, name in enumerate(entities)}
    state_code = {name: code for code, name in enumerate(states)}
    actor_code = {name: code for code, name in enumerate(actors)}
    return EventLog(
        np.array([row[0] for row in ordered], np.int64),
        np.array([entity_code[row[1]] for row in ordered], np.uint16),
        np.array([state_code[row[2]] for row in ordered], np.int32),
        np.array([row[3] for row in ordered], np.int8),
        np.array([actor_code[row[4]] for row in ordered], np.uint16),
        tuple(entities),
        tuple(states),
        tuple(actors),
    )
