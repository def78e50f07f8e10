"""Vocabularies: names that the archive stores as small numbers.

A table of (code, name) each for entities, states and actors. Codes run from 0 without
a hole and never change, so that chunks stay valid for as long as they are kept.
"""

from collections.abc import Iterable
from itertools import batched
from typing import Final

import aiosqlite
import numpy as np
import numpy.typing as npt

from .errors import StoreDamaged
from .query import fetch

# Below the 999 parameters of a statement that SQLite builds before 3.32 allow.
_NAMES_AT_ONCE: Final = 900


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
        new = {name: code for code, name in enumerate(unknown, last + 1)}
        await conn.executemany(
            f"INSERT INTO {table} (name, code) VALUES (?, ?)",  # noqa: S608
            new.items(),
        )
        known |= new
    translation = np.full(len(names), -1, np.int64)
    for index in wanted:
        translation[index] = known[names[index]]
    return translation


async def names(conn: aiosqlite.Connection, table: str) -> tuple[str, ...]:
    """Return all names; a code is an index into them.

    Raises:
        StoreDamaged: A code has no name.
    """
    rows = await fetch(conn, f"SELECT code, name FROM {table} ORDER BY code")  # noqa: S608
    if rows and rows[-1][0] != len(rows) - 1:
        raise StoreDamaged(f"vocabulary {table} has holes")
    return tuple(row[1] for row in rows)


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
