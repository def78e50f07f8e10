"""Vocabularies: names that the archive stores as small numbers.

A table of (code, name) each for entities, states and actors. Codes run from 0 without
a hole and do not change while they are in use, so that chunks stay valid for as long as
they are kept. A code that is in use no more loses its name and waits for a new one.
"""

import asyncio
from collections.abc import Iterable
from itertools import batched, chain, count
from typing import Final

import aiosqlite
import numpy as np
import numpy.typing as npt

from .chunks import decode
from .errors import StoreDamaged
from .query import Row, fetch

# Below the 999 parameters of a statement that SQLite builds before 3.32 allow.
_NAMES_AT_ONCE: Final = 900
_DAYS_AT_ONCE: Final = 32

FREE: Final = "\x1a"
"""SUBSTITUTE stands before the code that takes the place of a name."""


async def codes(
    conn: aiosqlite.Connection,
    table: str,
    names: tuple[str, ...],
    used: npt.NDArray[np.integer],
) -> npt.NDArray[np.int64]:
    """Return the store's code for each used name of a log, inside a transaction.

    Names that are new get the next codes, in the order of the log's vocabulary.

    Args:
        conn: The writer.
        table: `entity`, `state` or `actor`.
        names: The log's vocabulary.
        used: Indices into it, in any order and number; others are not looked up.

    Returns:
        int64[len(names)]; -1 for a name that is not used.
    """
    wanted = [int(index) for index in np.unique(used)]
    known = await _lookup(conn, table, [names[index] for index in wanted])
    unknown = dict.fromkeys(
        names[index] for index in wanted if names[index] not in known
    )
    if unknown:
        largest = f"SELECT COALESCE(MAX(code), -1) FROM {table}"  # noqa: S608
        ((last,),) = await fetch(conn, largest)
        free = await _free(conn, table, len(unknown))
        new = dict(zip(unknown, chain(free, count(last + 1)), strict=False))
        await conn.executemany(
            f"INSERT INTO {table} (name, code) VALUES (?, ?)"  # noqa: S608
            " ON CONFLICT (code) DO UPDATE SET name = excluded.name",
            new.items(),
        )
        known |= new
    translation = np.full(len(names), -1, np.int64)
    for index in wanted:
        translation[index] = known[names[index]]
    return translation


async def names(conn: aiosqlite.Connection, table: str) -> tuple[str, ...]:
    """Return all names; a code is an index into them. No two are the same.

    A code that waits for its next name has one that begins with `FREE`.

    Raises:
        StoreDamaged: A code has no name.
    """
    rows = await fetch(conn, f"SELECT code, name FROM {table} ORDER BY code")  # noqa: S608
    if rows and rows[-1][0] != len(rows) - 1:
        raise StoreDamaged(f"vocabulary {table} has holes")
    return tuple(row[1] for row in rows)


async def free_unused(conn: aiosqlite.Connection) -> None:
    """Take the names from all codes that are in use no more, inside a transaction."""
    used = await _used(conn)
    for table, codes_ in used.items():
        rows = await fetch(conn, f"SELECT code, name FROM {table}")  # noqa: S608
        unused = [
            (f"{FREE}{code}", code)
            for code, name in rows
            if code not in codes_ and name and not name.startswith(FREE)
        ]
        await conn.executemany(f"UPDATE {table} SET name = ? WHERE code = ?", unused)  # noqa: S608


async def _used(conn: aiosqlite.Connection) -> dict[str, set[int]]:
    """Return the codes in use, by table."""
    used: dict[str, set[int]] = {"entity": set(), "state": set(), "actor": set()}
    for entity, state in await fetch(conn, "SELECT entity, state FROM last_state"):
        used["entity"].add(entity)
        used["state"].add(state)
    days = [row[0] for row in await fetch(conn, "SELECT day FROM day_chunk")]
    for part in batched(sorted(days), _DAYS_AT_ONCE, strict=False):
        rows = await fetch(
            conn,
            "SELECT day, data FROM day_chunk WHERE day BETWEEN ? AND ?",
            part[0],
            part[-1],
        )
        for table, found in (await asyncio.to_thread(_codes_of, rows)).items():
            used[table] |= found
    return used


def _codes_of(rows: list[Row]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {"entity": set(), "state": set(), "actor": set()}
    for day, chunk in rows:
        try:
            columns = decode(chunk)
        except ValueError as error:
            raise StoreDamaged(f"day {day} of the archive: {error}") from error
        for table, column in (
            ("entity", columns.entity),
            ("state", columns.state),
            ("actor", columns.actor),
        ):
            found[table].update(np.flatnonzero(np.bincount(column)).tolist())
    return found


async def _free(conn: aiosqlite.Connection, table: str, most: int) -> list[int]:
    """Return codes that wait for a name."""
    rows = await fetch(
        conn,
        f"SELECT code FROM {table} WHERE substr(name, 1, 1) = ?"  # noqa: S608
        " ORDER BY code LIMIT ?",
        FREE,
        most,
    )
    return [row[0] for row in rows]


async def _lookup(
    conn: aiosqlite.Connection, table: str, names: Iterable[str]
) -> dict[str, int]:
    """Return the codes of those names that have one."""
    known: dict[str, int] = {}
    for part in batched(names, _NAMES_AT_ONCE, strict=False):
        marks = ", ".join("?" * len(part))
        select = f"SELECT name, code FROM {table} WHERE name IN ({marks})"  # noqa: S608
        known |= dict(await fetch(conn, select, *part))
    return known
