"""Rows of a recorder as plain values, before they get numbers.

Instants are seconds since the epoch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Context:
    """Who or what caused something, as Home Assistant keeps it."""

    id: bytes
    """ULID, 16 bytes: milliseconds, then chance."""
    user: str | None = None
    """User id, 32 hexadecimal digits."""
    parent: bytes | None = None


@dataclass(frozen=True, slots=True)
class StateRow:
    """One row of the recorder's table of states."""

    at: float
    entity_id: str
    state: str
    attributes: Mapping[str, Any]
    context: Context
    changed_at: float
    """When the state was last another one; `at` where it just changed."""
    previous: int | None
    """Index of the row before it of the same entity; none at a start."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One row of the recorder's table of events."""

    at: float
    event_type: str
    data: Mapping[str, Any]
    context: Context


@dataclass(slots=True)
class Trail:
    """Everything that the recorder wrote; sorted by time."""

    states: list[StateRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    runs: list[tuple[float, float]] = field(default_factory=list)
    """Start and end of each run of the recorder."""

    def last_states(self) -> list[StateRow]:
        """Return the last row of each entity."""
        return list({row.entity_id: row for row in self.states}.values())
