"""Writes a trail into a recorder's database that Home Assistant takes as its own.

Tables, columns and the marks of a fresh database come from Home Assistant's recorder
itself, so its start finds nothing to migrate. No Home Assistant may run on the file.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Any, Final

from homeassistant.components.recorder.db_schema import (
    Base,
    EventData,
    Events,
    EventTypes,
    RecorderRuns,
    StateAttributes,
    States,
    StatesMeta,
)
from homeassistant.components.recorder.migration import initialize_database
from homeassistant.components.recorder.models import uuid_hex_to_bytes_or_none
from homeassistant.helpers.json import json_bytes
from sqlalchemy import Connection, Engine, create_engine, insert
from sqlalchemy.orm import DeclarativeBase, sessionmaker

from .rows import Context, EventRow, StateRow, Trail

DATABASE: Final = "home-assistant_v2.db"
BATCH: Final = 5000


def write_history(path: Path, trail: Trail) -> None:
    """Make a new database and fill it.

    Args:
        path: File that is not there yet.
        trail: What the recorder would have written.
    """
    engine = create_engine(f"sqlite:///{path}")
    try:
        create_schema(engine)
        with engine.begin() as connection:
            insert_trail(connection, trail)
    finally:
        engine.dispose()


def create_schema(engine: Engine) -> None:
    """Make the tables of a database as a recorder that starts for the first time."""
    Base.metadata.create_all(engine)
    if not initialize_database(sessionmaker(engine)):
        raise RuntimeError("the recorder's schema could not be made")


def insert_trail(connection: Connection, trail: Trail) -> None:
    """Insert all rows into empty tables; ids follow the order of the trail."""
    entities = _numbered(row.entity_id for row in trail.states)
    attributes = _numbered(json_bytes(row.attributes) for row in trail.states)
    kinds = _numbered(row.event_type for row in trail.events)
    payloads = _numbered(json_bytes(row.data) for row in trail.events if row.data)
    _fill(
        connection,
        StatesMeta,
        ({"metadata_id": n, "entity_id": name} for name, n in entities.items()),
    )
    _fill(
        connection,
        StateAttributes,
        (
            {
                "attributes_id": n,
                "hash": StateAttributes.hash_shared_attrs_bytes(text),
                "shared_attrs": text.decode(),
            }
            for text, n in attributes.items()
        ),
    )
    _fill(
        connection,
        EventTypes,
        ({"event_type_id": n, "event_type": name} for name, n in kinds.items()),
    )
    _fill(
        connection,
        EventData,
        (
            {
                "data_id": n,
                "hash": EventData.hash_shared_data_bytes(text),
                "shared_data": text.decode(),
            }
            for text, n in payloads.items()
        ),
    )
    _fill(connection, States, _state_rows(trail.states, entities, attributes))
    _fill(connection, Events, _event_rows(trail.events, kinds, payloads))
    _fill(connection, RecorderRuns, (_run_row(*run) for run in trail.runs))


def _numbered[T](values: Iterable[T]) -> dict[T, int]:
    """Number the distinct values from 1 on, in order of their first appearance."""
    numbers: dict[T, int] = {}
    for value in values:
        numbers.setdefault(value, len(numbers) + 1)
    return numbers


def _fill(
    connection: Connection,
    table: type[DeclarativeBase],
    rows: Iterable[Mapping[str, Any]],
) -> None:
    for batch in batched(rows, BATCH, strict=False):
        connection.execute(insert(table), list(batch))


def _context(context: Context) -> dict[str, bytes | None]:
    return {
        "context_id_bin": context.id,
        "context_user_id_bin": uuid_hex_to_bytes_or_none(context.user),
        "context_parent_id_bin": context.parent,
    }


def _state_rows(
    rows: Iterable[StateRow],
    entities: Mapping[str, int],
    attributes: Mapping[bytes, int],
) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows, 1):
        yield {
            "state_id": number,
            "state": row.state,
            "last_updated_ts": row.at,
            "last_changed_ts": None if row.changed_at == row.at else row.changed_at,
            "old_state_id": None if row.previous is None else row.previous + 1,
            "attributes_id": attributes[json_bytes(row.attributes)],
            "origin_idx": 0,
            "metadata_id": entities[row.entity_id],
            **_context(row.context),
        }


def _event_rows(
    rows: Iterable[EventRow], kinds: Mapping[str, int], payloads: Mapping[bytes, int]
) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {
            "time_fired_ts": row.at,
            "event_type_id": kinds[row.event_type],
            "data_id": payloads[json_bytes(row.data)] if row.data else None,
            "origin_idx": 0,
            **_context(row.context),
        }


def _run_row(start: float, end: float) -> dict[str, Any]:
    begin = datetime.fromtimestamp(start, UTC)
    return {
        "start": begin,
        "end": datetime.fromtimestamp(end, UTC),
        "closed_incorrect": False,
        "created": begin,
    }
