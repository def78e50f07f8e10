"""The archive: every change that matters, one compressed chunk a local day.

It outlives the recorder's purge. What is appended twice is there once: windows may
overlap, and a window that was lost half-way can be read again. A change is identified
by its instant, entity and state; the first report of its origin stays.
"""

import asyncio
from collections.abc import Collection
from itertools import pairwise
import json
from typing import Final

import aiosqlite
import numpy as np
import numpy.typing as npt

from ..mining.events import EventLog
from . import forgotten, vocabulary
from .chunks import Columns, decode_into, encode, length_of
from .database import Database, StoreDamaged
from .extent import ArchiveStats, archive_stats
from .forgotten import Forgotten
from .query import fetch

type Days = npt.NDArray[np.int64]
type Chunks = dict[int, bytes]
"""Local day number to chunk."""

# About a month: a thread hand-over costs 0.1 ms, a month of a large home 1 MB.
_DAYS_AT_ONCE: Final = 32

DAY_MS: Final = 86_400_000
_FIRST_DAY: Final = -(2**63)
_LAST_DAY: Final = 2**63 - 1

_WATERMARK: Final = "watermark_ms"
_COVERED: Final = "covered"

_REMEMBER: Final = """INSERT INTO last_state (entity, t, state) VALUES (?, ?, ?)
    ON CONFLICT (entity) DO UPDATE SET t = excluded.t, state = excluded.state
    WHERE excluded.t >= t OR t >= ?"""

_SET_META: Final = """INSERT INTO meta (key, value) VALUES (?, ?)
    ON CONFLICT (key) DO UPDATE SET value = excluded.value"""

_SET_CHUNK: Final = """INSERT INTO day_chunk (day, events, data) VALUES (?, ?, ?)
    ON CONFLICT (day) DO UPDATE SET events = excluded.events, data = excluded.data"""


class Archive:
    """The changes in a database."""

    def __init__(self, database: Database) -> None:
        """Keep the database; nothing is read yet."""
        self._database = database

    async def append(
        self, log: EventLog, days: Days, until_ms: int, *, advance: bool = True
    ) -> int:
        """Merge a window into the archive and set the watermark, in one transaction.

        What was forgotten is left out.

        Args:
            log: The changes of the window.
            days: int64[n], local day number of each change, since 1970-01-01.
            until_ms: Everything before it has been read, in ms UTC.
            advance: Whether it becomes the watermark; not where a window is read
                again for what was left out of it.

        Returns:
            The number of changes that were not there yet.

        Raises:
            ValueError: A change has no day.
            StoreDamaged: A day that has to be added to cannot be read.
            StoreError: Anything else; nothing of the window was stored.
        """
        if len(days) != len(log):
            raise ValueError(f"{len(log)} changes have {len(days)} days")
        added = 0
        async with self._database.transaction() as conn:
            log, days = _admitted(await forgotten.read(conn), log, days)
            if len(log):
                columns = await _translated(conn, log)
                present = [int(day) for day in np.unique(days)]
                old = await chunks_between(conn, present[0], present[-1])
                rows, added = await asyncio.to_thread(_merged_days, columns, days, old)
                await conn.executemany(_SET_CHUNK, rows)
                await conn.executemany(
                    _REMEMBER, [(*last, until_ms) for last in _last_of_each(columns)]
                )
            if advance:
                await conn.execute(_SET_META, (_WATERMARK, str(until_ms)))
        return added

    async def watermark_ms(self) -> int | None:
        """Return the instant before which everything has been read, in ms UTC."""
        async with self._database.reading() as conn:
            rows = await fetch(conn, "SELECT value FROM meta WHERE key = ?", _WATERMARK)
        return next((int(row[0]) for row in rows), None)

    async def uncovered(self, names: Collection[str]) -> frozenset[str]:
        """Return those of the names whose past has yet to be read.

        The past of the others has been read up to the watermark, or was forgotten.
        Where none were noted as read, they are those of which there are any changes.
        """
        async with self._database.reading() as conn:
            rows = await fetch(conn, "SELECT value FROM meta WHERE key = ?", _COVERED)
            known = (
                json.loads(rows[0][0])
                if rows
                else await vocabulary.names(conn, "entity")
            )
            gone = (await forgotten.read(conn)).entities(names)
        return frozenset(names).difference(known, gone)

    async def cover(self, names: Collection[str]) -> None:
        """Note of which names everything up to the watermark has been read."""
        async with self._database.transaction() as conn:
            gone = (await forgotten.read(conn)).entities(names)
            text = json.dumps(sorted(set(names).difference(gone)))
            await conn.execute(_SET_META, (_COVERED, text))

    async def last_states(self) -> dict[str, str]:
        """Return the state that each entity entered last, before the watermark.

        A window behind the watermark takes it back: what is remembered from after its
        end was written while the clock was ahead, or will be read again.
        """
        async with self._database.reading() as conn:
            rows = await fetch(
                conn,
                "SELECT entity.name, state.name FROM last_state"
                " JOIN entity ON entity.code = last_state.entity"
                " JOIN state ON state.code = last_state.state",
            )
        return dict(rows)

    async def load(self, since_day: int | None = None) -> EventLog:
        """Return all changes, or those of a local day and all after it.

        Raises:
            StoreDamaged: A day cannot be read.
        """
        async with self._database.reading() as conn:
            names = [
                await vocabulary.names(conn, table)
                for table in ("entity", "state", "actor")
            ]
            rows = await fetch(
                conn,
                "SELECT day, events FROM day_chunk WHERE day >= ? ORDER BY day",
                _FIRST_DAY if since_day is None else since_day,
            )
            columns = Columns.empty(sum(row[1] for row in rows))
            at = 0
            for start in range(0, len(rows), _DAYS_AT_ONCE):
                part = rows[start : start + _DAYS_AT_ONCE]
                end = at + sum(row[1] for row in part)
                chunks = await chunks_between(conn, part[0][0], part[-1][0])
                target = columns.at(slice(at, end))
                await asyncio.to_thread(_decode_days, chunks, target)
                at = end
        starts = np.cumsum([row[1] for row in rows[:-1]], dtype=np.int64)
        return await asyncio.to_thread(_log, columns, starts, names)

    async def prune(self, before_day: int, after_day: int | None = None) -> int:
        """Forget all days before one, and those after another, which are yet to come.

        The latter were written while the clock was ahead. Where they are most of all
        days it is the clock that is behind now, and they stay. Nothing of what is
        forgotten stays in the file.

        Returns:
            The number of changes that were forgotten.
        """
        async with self._database.transaction() as conn:
            last = _LAST_DAY if after_day is None else after_day
            ((ahead, days),) = await fetch(
                conn,
                "SELECT COALESCE(SUM(day > ?), 0), COUNT(*) FROM day_chunk",
                last,
            )
            if 2 * ahead > days:
                last = _LAST_DAY
            outside = "FROM day_chunk WHERE day < ? OR day > ?"
            ((events,),) = await fetch(
                conn, f"SELECT COALESCE(SUM(events), 0) {outside}", before_day, last
            )
            # A day less, as the home may be far to the east of Greenwich.
            before_ms = (before_day - 1) * DAY_MS
            await forgotten.outlive(conn, before_ms)
            if events:
                await conn.execute(f"DELETE {outside}", (before_day, last))
                await conn.execute("DELETE FROM last_state WHERE t < ?", (before_ms,))
                await vocabulary.free_unused(conn)
        if events:
            async with self._database.held():
                pass
        return int(events)

    async def stats(self) -> ArchiveStats:
        """Return how much there is, without reading the chunks."""
        return await archive_stats(self._database)


def _admitted(gone: Forgotten, log: EventLog, days: Days) -> tuple[EventLog, Days]:
    """Return what of a window was not forgotten."""
    kept = log.t >= (_FIRST_DAY if gone.before_ms is None else gone.before_ms)
    for found, names, column in (
        (gone.entities(log.entities), log.entities, log.entity),
        (gone.users(log.actors), log.actors, log.actor),
    ):
        if found:
            until = np.array([found.get(name, _FIRST_DAY) for name in names], np.int64)
            kept &= log.t >= until[column]
    return (log, days) if kept.all() else (log.where(kept), days[kept])


async def _translated(conn: aiosqlite.Connection, log: EventLog) -> Columns:
    """Return the log's columns in the codes of the store."""
    entity = await vocabulary.codes(conn, "entity", log.entities, log.entity)
    state = await vocabulary.codes(conn, "state", log.states, log.state)
    actor = await vocabulary.codes(conn, "actor", log.actors, log.actor)
    return Columns(
        log.t,
        entity[log.entity].astype(np.uint16),
        state[log.state].astype(np.int32),
        log.origin,
        actor[log.actor].astype(np.uint16),
    )


async def chunks_between(conn: aiosqlite.Connection, first: int, last: int) -> Chunks:
    """Return the chunks from one day to another, both included."""
    select = "SELECT day, data FROM day_chunk WHERE day BETWEEN ? AND ? ORDER BY day"
    return dict(await fetch(conn, select, first, last))


def _merged_days(
    columns: Columns, days: Days, old: Chunks
) -> tuple[list[tuple[int, int, bytes]], int]:
    """Return rows (day, changes, chunk) of the days that grew, and by how many."""
    order = np.argsort(days, kind="stable")
    present, starts = np.unique(days[order], return_index=True)
    rows: list[tuple[int, int, bytes]] = []
    added = 0
    for day, (start, end) in zip(
        present.tolist(), pairwise([*starts.tolist(), len(days)]), strict=True
    ):
        before = decoded(day, old[day]) if day in old else Columns.empty(0)
        merged = merge(before, columns.at(order[start:end]))
        if len(merged.t) > len(before.t):
            added += len(merged.t) - len(before.t)
            rows.append((day, len(merged.t), encode(merged)))
    return rows, added


def merge(before: Columns, after: Columns) -> Columns:
    """Return both in order of time, each (instant, entity, state) once.

    Of changes at the same instant, those of `before` come first, and otherwise their
    order stays.
    """
    both = Columns(
        np.concatenate((before.t, after.t)),
        np.concatenate((before.entity, after.entity)),
        np.concatenate((before.state, after.state)),
        np.concatenate((before.origin, after.origin)),
        np.concatenate((before.actor, after.actor)),
    )
    # lexsort is stable, so the first of equal changes is the one that came first.
    order = np.lexsort((both.state, both.entity, both.t))
    sorted_ = both.at(order)
    again = (
        (sorted_.t[1:] == sorted_.t[:-1])
        & (sorted_.entity[1:] == sorted_.entity[:-1])
        & (sorted_.state[1:] == sorted_.state[:-1])
    )
    once = np.ones(len(order), np.bool_)
    once[order[1:][again]] = False
    kept = both.at(once)
    return kept.at(np.argsort(kept.t, kind="stable"))


def _last_of_each(columns: Columns) -> list[tuple[int, int, int]]:
    """Return entity, instant and state of the last change of each entity."""
    entities, from_end = np.unique(columns.entity[::-1], return_index=True)
    last = len(columns.t) - 1 - from_end
    return list(
        zip(
            entities.tolist(),
            columns.t[last].tolist(),
            columns.state[last].tolist(),
            strict=True,
        )
    )


def decoded(day: int, chunk: bytes) -> Columns:
    """Return the columns of a day.

    Raises:
        StoreDamaged: It cannot be read.
    """
    columns = Columns.empty(_length(day, chunk))
    _decode_days({day: chunk}, columns)
    return columns


def _length(day: int, chunk: bytes) -> int:
    try:
        return length_of(chunk)
    except ValueError as error:
        raise StoreDamaged(f"day {day} of the archive: {error}") from error


def _decode_days(chunks: Chunks, target: Columns) -> None:
    """Write the chunks one behind the other.

    Raises:
        StoreDamaged: One cannot be read, or they are longer or shorter than recorded.
    """
    at = 0
    for day, chunk in chunks.items():
        end = at + _length(day, chunk)
        try:
            decode_into(chunk, target.at(slice(at, end)))
        except ValueError as error:
            raise StoreDamaged(f"day {day} of the archive: {error}") from error
        at = end
    if at != len(target.t):
        raise StoreDamaged("the archive has fewer changes than it records")


def _log(columns: Columns, starts: Days, names: list[tuple[str, ...]]) -> EventLog:
    """Return the log of decoded columns, `starts` being where a day follows another.

    Days follow each other in time unless the home's time zone was changed. Then their
    chunks overlap, and may hold a change twice.
    """
    entities, states, actors = names
    for column, size in (
        (columns.entity, len(entities)),
        (columns.state, len(states)),
        (columns.actor, len(actors)),
    ):
        if len(column) and int(column.max()) >= size:
            raise StoreDamaged("the archive has changes without a name")
    if np.any(columns.t[starts] <= columns.t[starts - 1]):
        columns = merge(columns, Columns.empty(0))
    return EventLog(*columns, entities, states, actors)
