"""Forgetting: out of every table, and out of the bytes of the file.

One transaction takes it out of the archive, the suggestions and the runs. Then the file
is written anew, as a page on which SQLite has moved something may keep the old copy.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
import json
import re
from typing import Any, Final

import aiosqlite
import numpy as np
import numpy.typing as npt

from . import forgotten, vocabulary
from .archive import chunks_between, decoded
from .chunks import Columns, encode
from .database import Database
from .forgotten import BEFORE, ENTITY, USER, Wish, base_of
from .query import Row, fetch
from .suggestions import DECIDED
from .texts import drop_about

_DAYS_AT_ONCE: Final = 32
_SET_CHUNK: Final = "UPDATE day_chunk SET events = ?, data = ? WHERE day = ?"
_SUGGESTIONS: Final = """SELECT id, s.status, s.rule, payload, places, beside,
    coalesce(found, ''), coalesce(t.rule, '') FROM suggestion AS s
    LEFT JOIN refinement AS r ON r.suggestion_id = id
    LEFT JOIN trial AS t ON t.suggestion_id = id ORDER BY id"""
_BY_PEOPLE: Final = ("user", "voice")
"""Classes of provenance that name a person."""

type Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is gone."""

    removed: int
    """Changes of the archive."""
    suggestions: tuple[str, ...]
    """Ids of suggestions that rested on them."""


@dataclass(frozen=True, slots=True)
class _Matching:
    """What of a chunk is meant."""

    entities: Codes
    users: Codes
    causes: Codes
    """Actors whose name goes, though what they caused stays."""
    before_ms: int | None

    def of(self, columns: Columns) -> npt.NDArray[np.bool_]:
        gone = np.isin(columns.entity, self.entities)
        gone |= np.isin(columns.actor, self.users)
        if self.before_ms is not None:
            gone |= columns.t < self.before_ms
        return gone


async def forget(database: Database, wish: Wish) -> Outcome:
    """Forget everything about an entity, a person, or the time before an instant.

    What is noted keeps it from being read again. Suggestions that rest on it are gone,
    with their versions. Those that a person decided on stay, without the instants of
    their evidence, unless it is their entity that is forgotten.

    Raises:
        StoreDamaged: A day cannot be read; nothing was changed.
        StoreError: Anything else. If the file could not be written anew, it is gone
            from the tables all the same.
    """
    async with database.transaction() as conn:
        removed = await _archive(conn, wish)
        fallen = await _suggestions(conn, wish, removed)
        await _rounds(conn, wish)
        await _runs(conn, wish)
        if wish.kind == ENTITY:
            await drop_about(conn, _naming(wish.name))
        await forgotten.note(conn, wish)
        await vocabulary.free_unused(conn)
    await database.scrub()
    return Outcome(removed, tuple(fallen))


async def _archive(conn: aiosqlite.Connection, wish: Wish) -> int:
    """Take changes out of the days, and states out of what is remembered."""
    matching = await _matching(conn, wish)
    days = [
        row[0] for row in await fetch(conn, "SELECT day FROM day_chunk ORDER BY day")
    ]
    removed = 0
    for start in range(0, len(days), _DAYS_AT_ONCE):
        part = days[start : start + _DAYS_AT_ONCE]
        chunks = await chunks_between(conn, part[0], part[-1])
        rows, count, last = await asyncio.to_thread(_without, chunks, matching)
        removed += count
        await conn.executemany(
            "DELETE FROM day_chunk WHERE day = ?", [(r[2],) for r in rows if not r[0]]
        )
        await conn.executemany(_SET_CHUNK, [row for row in rows if row[0]])
        await conn.executemany(
            "DELETE FROM last_state WHERE entity = ? AND t = ?", last
        )
    await conn.executemany(
        "DELETE FROM last_state WHERE entity = ?",
        [(int(c),) for c in matching.entities],
    )
    if wish.kind == BEFORE:
        await conn.execute("DELETE FROM last_state WHERE t < ?", (wish.until_ms,))
    if wish.kind == ENTITY:
        await _uncover(conn, wish.name)
        await conn.execute("DELETE FROM watched WHERE entity_id = ?", (wish.name,))
    return removed


def _without(
    chunks: dict[int, bytes], matching: _Matching
) -> tuple[list[tuple[int, bytes, int]], int, list[tuple[int, int]]]:
    """Return (changes, chunk, day) of days that shrink, by how many, and whose."""
    rows: list[tuple[int, bytes, int]] = []
    last: list[tuple[int, int]] = []
    removed = 0
    for day, chunk in chunks.items():
        columns = decoded(day, chunk)
        gone = matching.of(columns)
        caused = np.isin(columns.actor, matching.causes)
        if not gone.any() and not caused.any():
            continue
        removed += int(gone.sum())
        actor = np.where(caused, 0, columns.actor).astype(np.uint16)
        left = columns._replace(actor=actor).at(~gone)
        rows.append((len(left.t), encode(left), day))
        last += zip(
            columns.entity[gone].tolist(), columns.t[gone].tolist(), strict=True
        )
    return rows, removed, last


async def _matching(conn: aiosqlite.Connection, wish: Wish) -> _Matching:
    names = await vocabulary.names(conn, "entity")
    actors = await vocabulary.names(conn, "actor")

    def codes(found: tuple[str, ...], kind: str) -> Codes:
        if wish.kind != kind:
            return np.empty(0, np.int64)
        hits = [code for code, name in enumerate(found) if base_of(name) == wish.name]
        return np.array(hits, np.int64)

    return _Matching(
        codes(names, ENTITY),
        codes(actors, USER),
        codes(actors, ENTITY),
        wish.until_ms if wish.kind == BEFORE else None,
    )


async def _uncover(conn: aiosqlite.Connection, entity_id: str) -> None:
    """Take an entity from the list of names that have been read."""
    for (text,) in await fetch(conn, "SELECT value FROM meta WHERE key = 'covered'"):
        left = [name for name in json.loads(text) if base_of(name) != entity_id]
        await conn.execute(
            "UPDATE meta SET value = ? WHERE key = 'covered'", (json.dumps(left),)
        )


async def _suggestions(
    conn: aiosqlite.Connection, wish: Wish, removed: int
) -> list[str]:
    """Remove what rests on it, and return the ids of what people could see."""
    rows = await fetch(conn, _SUGGESTIONS)
    fallen: list[str] = []
    if wish.kind == ENTITY:
        names = _naming(wish.name)
        fallen = [row[0] for row in rows if names.search(" ".join(row[2:]))]
        await _taken_back(conn, names)
        for id_, version, *texts in await fetch(
            conn, "SELECT suggestion_id, version, rule, payload FROM suggestion_version"
        ):
            if id_ not in fallen and names.search(" ".join(texts)):
                await conn.execute(
                    "DELETE FROM suggestion_version"
                    " WHERE suggestion_id = ? AND version = ?",
                    (id_, version),
                )
    else:
        for row in rows:
            payload = json.loads(row[3])
            if not _rests_on(payload, wish, removed):
                continue
            if row[1] in DECIDED:
                await _keep_without_instants(conn, row[0], payload)
            else:
                fallen.append(row[0])
    await _remove(conn, fallen)
    return fallen


async def _taken_back(conn: aiosqlite.Connection, names: re.Pattern[str]) -> None:
    """Remove automations that are no more, and named it."""
    for seq, *texts in await fetch(
        conn,
        "SELECT seq, config, coalesce(turned_off, '') FROM installed"
        " WHERE state = 'undone'",
    ):
        if names.search(" ".join(texts)):
            await conn.execute("DELETE FROM installed WHERE seq = ?", (seq,))


def _naming(entity_id: str) -> re.Pattern[str]:
    """Return what finds the id, and not one that it is a part of."""
    return re.compile(rf"(?<![\w.]){re.escape(entity_id)}(?!\w)")


def _rests_on(payload: dict[str, Any], wish: Wish, removed: int) -> bool:
    """Return whether a suggestion's evidence is, or may be, of what is forgotten."""
    evidence = payload.get("evidence", {})
    if wish.kind == USER:
        seen = evidence.get("provenance", {})
        return removed > 0 and (not seen or any(seen.get(n) for n in _BY_PEOPLE))
    first = evidence.get("first_seen")
    return first is None or _ms(first) < wish.until_ms


async def _keep_without_instants(
    conn: aiosqlite.Connection, suggestion_id: str, payload: dict[str, Any]
) -> None:
    evidence = {
        **payload.get("evidence", {}),
        "first_seen": None,
        "last_seen": None,
        "examples": [],
    }
    await conn.execute(
        "UPDATE suggestion SET payload = ?, last_supported = NULL WHERE id = ?",
        (
            json.dumps({**payload, "evidence": evidence}, ensure_ascii=False),
            suggestion_id,
        ),
    )
    await conn.execute(
        "DELETE FROM suggestion_version WHERE suggestion_id = ?", (suggestion_id,)
    )
    await conn.execute(
        "UPDATE trial SET report = '{}' WHERE suggestion_id = ?", (suggestion_id,)
    )


async def _remove(conn: aiosqlite.Connection, fallen: list[str]) -> None:
    """Remove suggestions, and whatever any table holds of them."""
    tables = await fetch(
        conn,
        "SELECT m.name FROM sqlite_master AS m, pragma_table_info(m.name) AS p"
        " WHERE m.type = 'table' AND p.name = 'suggestion_id'",
    )
    ids = [(suggestion_id,) for suggestion_id in fallen]
    for (table,) in tables:
        await conn.executemany(f"DELETE FROM {table} WHERE suggestion_id = ?", ids)  # noqa: S608
    await conn.executemany("DELETE FROM suggestion WHERE id = ?", ids)


async def _rounds(conn: aiosqlite.Connection, wish: Wish) -> None:
    """Remove what was asked for in words: it may name anything, by any name."""
    if wish.kind != BEFORE:
        await conn.execute("DELETE FROM refinement_round")
        return
    rows = await fetch(conn, "SELECT rowid, at FROM refinement_round")
    await conn.executemany(
        "DELETE FROM refinement_round WHERE rowid = ?",
        [(rowid,) for rowid, at in rows if _ms(at) < wish.until_ms],
    )


async def _runs(conn: aiosqlite.Connection, wish: Wish) -> None:
    """Take out of the runs what came near to a suggestion, and errors that name it."""
    if wish.kind == BEFORE:
        for seq, started_at in await fetch(conn, "SELECT seq, started_at FROM run"):
            if _ms(started_at) < wish.until_ms:
                await conn.execute("DELETE FROM run WHERE seq = ?", (seq,))
    if wish.kind != ENTITY:
        await conn.execute("UPDATE run SET misses = '[]'")
        return
    names = _naming(wish.name)
    for row in await fetch(conn, "SELECT phases, errors, misses, seq FROM run"):
        if names.search(" ".join(row[:3])):
            await conn.execute(
                "UPDATE run SET phases = ?, errors = ?, misses = ? WHERE seq = ?",
                (*_unnamed(row, names), row[3]),
            )


def _unnamed(row: Row, names: re.Pattern[str]) -> tuple[str, ...]:
    """Return phases, errors and misses without those that name it."""
    phases, errors, misses = (json.loads(text) for text in row[:3])
    for phase in phases:
        if names.search(str(phase.get("error"))):
            phase["error"] = ""
    errors = [line for line in errors if not names.search(line)]
    misses = [item for item in misses if not names.search(json.dumps(item))]
    return tuple(
        json.dumps(part, ensure_ascii=False) for part in (phases, errors, misses)
    )


def _ms(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp() * 1000
