"""The queries: SQLAlchemy Core on mapped columns, so that every backend serves.

Every function runs to the end of its result before it returns: a server-side cursor
allows no second statement beside it.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from itertools import batched, product
from typing import Any, Final

from homeassistant.components.recorder.db_schema import (
    EventData,
    Events,
    RecorderRuns,
    StateAttributes,
    States,
    StatesMeta,
)
from homeassistant.components.recorder.models import process_timestamp
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.session import Session

IDS_PER_QUERY: Final = 900
"""MySQL's optimizer changes its mind at 999 values in one IN."""
ROWS_PER_FETCH: Final = 1024
"""Rows that live at once. Four times as many cost a third more time: the collector of
cyclic garbage walks over those that it finds alive."""

type Columns = Sequence[InstrumentedAttribute[Any]]
type Span = tuple[float, float]
"""[start, end) in seconds since the epoch."""

REPORT: Final[Columns] = (
    States.metadata_id,
    States.state,
    States.last_updated_ts,
    States.state_id,
    States.old_state_id,
)
ACT: Final[Columns] = (
    *REPORT,
    States.context_id_bin,
    States.context_user_id_bin,
    States.context_parent_id_bin,
)
SET: Final[Columns] = (*ACT, States.attributes_id, States.last_changed_ts)
"""Of entities whose settings matter: also rows in which only attributes changed."""
TRACE: Final[Columns] = (
    States.context_id_bin,
    States.context_user_id_bin,
    States.context_parent_id_bin,
    States.metadata_id,
    States.state,
    States.last_changed_ts,
    States.last_updated_ts,
)
EVENT: Final[Columns] = (
    Events.time_fired_ts,
    Events.event_id,
    Events.event_type_id,
    Events.context_id_bin,
    Events.context_user_id_bin,
    Events.context_parent_id_bin,
    EventData.shared_data,
)


def _rows(session: Session, query: Select[Any]) -> Iterator[Sequence[Any]]:
    result = session.connection().execute(query)
    for part in result.yield_per(ROWS_PER_FETCH).partitions():
        yield from map(tuple, part)


def changes(
    session: Session, columns: Columns, metadata_ids: Collection[int], span: Span
) -> list[list[Any]]:
    """Return one list a column of the rows in which a state really changed.

    With `SET`, of all rows.
    """
    table: list[list[Any]] = [[] for _ in columns]
    for ids in _parts(metadata_ids):
        query = select(*columns).where(
            States.metadata_id.in_(ids), *_within(States.last_updated_ts, span)
        )
        if columns is not SET:
            query = query.where(
                or_(
                    States.last_changed_ts.is_(None),
                    States.last_changed_ts == States.last_updated_ts,
                )
            )
        result = session.connection().execute(query)
        for part in result.yield_per(ROWS_PER_FETCH).partitions():
            for values, column in zip(table, zip(*part, strict=True), strict=True):
                values.extend(column)
    return table


def attributes(session: Session, ids: Collection[int]) -> list[Sequence[Any]]:
    """Return id and JSON text of attributes."""
    found: list[Sequence[Any]] = []
    for some in _parts(ids):
        query = select(
            StateAttributes.attributes_id, StateAttributes.shared_attrs
        ).where(StateAttributes.attributes_id.in_(some))
        found.extend(_rows(session, query))
    return found


def starts(session: Session, span: Span) -> list[float]:
    """Return when the recorder was started within a span."""
    first, last = (datetime.fromtimestamp(moment, UTC) for moment in span)
    query = select(RecorderRuns.start).where(
        RecorderRuns.start >= first, RecorderRuns.start < last
    )
    return [process_timestamp(row[0]).timestamp() for row in _rows(session, query)]


def traces(
    session: Session, metadata_ids: Collection[int], span: Span
) -> list[Sequence[Any]]:
    """Return all rows (`TRACE`) of the entities."""
    found: list[Sequence[Any]] = []
    for ids in _parts(metadata_ids):
        query = select(*TRACE).where(
            States.metadata_id.in_(ids), *_within(States.last_updated_ts, span)
        )
        found.extend(_rows(session, query))
    return found


def traces_of(
    session: Session, metadata_ids: Collection[int], contexts: Collection[bytes]
) -> list[Sequence[Any]]:
    """Return the rows (`TRACE`) of the entities that carry one of the contexts."""
    found: list[Sequence[Any]] = []
    for own, ids in product(_parts(contexts), _parts(metadata_ids)):
        query = select(*TRACE).where(
            States.context_id_bin.in_(own), States.metadata_id.in_(ids)
        )
        found.extend(_rows(session, query))
    return found


def links_of(session: Session, contexts: Collection[bytes]) -> list[Sequence[Any]]:
    """Return context, user and parent of the changes that carry the contexts."""
    found: list[Sequence[Any]] = []
    for own in _parts(contexts):
        query = select(*TRACE[:3]).where(States.context_id_bin.in_(own)).distinct()
        found.extend(_rows(session, query))
    return found


def events(
    session: Session, type_ids: Collection[int], span: Span
) -> list[Sequence[Any]]:
    """Return the events (`EVENT`) of the types, in the order in which they fired."""
    if not type_ids:
        return []
    query = _events(type_ids).where(*_within(Events.time_fired_ts, span))
    return sorted(_rows(session, query), key=_order_of_event)


def events_of(
    session: Session, type_ids: Collection[int], contexts: Collection[bytes]
) -> list[Sequence[Any]]:
    """Return the events (`EVENT`) of the types that carry one of the contexts."""
    found: list[Sequence[Any]] = []
    if type_ids:
        for ids in _parts(contexts):
            query = _events(type_ids).where(Events.context_id_bin.in_(ids))
            found.extend(_rows(session, query))
    return sorted(found, key=_order_of_event)


def runners(session: Session) -> dict[int, str]:
    """Return metadata id to entity id of every automation and script there ever was."""
    query = select(StatesMeta.metadata_id, StatesMeta.entity_id).where(
        or_(
            StatesMeta.entity_id.like("automation.%"),
            StatesMeta.entity_id.like("script.%"),
        )
    )
    return {row[0]: row[1] for row in _rows(session, query)}


def edge(
    session: Session, since_ts: float, *, before: float | None = None
) -> float | None:
    """Return the time of the oldest change since an instant, of whatever entity.

    With `before`, of the newest change in [since_ts, before) instead.
    """
    moment = States.last_updated_ts
    query = select(moment).where(moment >= since_ts).limit(1)
    if before is None:
        query = query.order_by(moment)
    else:
        query = query.where(moment < before).order_by(moment.desc())
    found = session.connection().execute(query).scalar()
    return None if found is None else float(found)


def _parts[T: (int, bytes)](values: Collection[T]) -> Iterator[tuple[T, ...]]:
    return batched(sorted(values), IDS_PER_QUERY, strict=False)


def _within(
    moment: InstrumentedAttribute[float | None], span: Span
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return moment >= span[0], moment < span[1]


def _events(type_ids: Collection[int]) -> Select[Any]:
    return (
        select(*EVENT)
        .outerjoin(EventData, Events.data_id == EventData.data_id)
        .where(Events.event_type_id.in_(sorted(type_ids)))
    )


def _order_of_event(row: Sequence[Any]) -> tuple[float, int]:
    return row[0] or 0.0, row[1]
