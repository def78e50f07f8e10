"""What to do with a damaged file: put it aside, and save what can still be read.

Everything is best effort and row by row. A row that cannot be read, or that does not
fit, is left out; the rest of its table stays.
"""

from collections.abc import Iterator
from contextlib import closing, suppress
import json
from pathlib import Path
import sqlite3
from typing import Final

import aiosqlite

from .query import Row

type Salvaged = dict[str, list[Row]]
"""Table name to rows, in the order of `_COLUMNS`."""

_VOCABULARIES: Final = ("entity", "state", "actor")

_COLUMNS: Final = {
    "entity": ("code", "name"),
    "state": ("code", "name"),
    "actor": ("code", "name"),
    "day_chunk": ("day", "events", "data"),
    "suggestion": (
        "id",
        "status",
        "kind",
        "confidence",
        "score",
        "rule",
        "payload",
        "version",
        "created_at",
        "updated_at",
        "snoozed_until",
        "last_supported",
        "places",
        "beside",
    ),
    "suggestion_version": (
        "suggestion_id",
        "version",
        "rule",
        "payload",
        "updated_at",
    ),
    "verdict": ("seq", "suggestion_id", "version", "verdict", "reason", "at"),
    "forgotten": ("kind", "fingerprint", "until_ms"),
    "installed": (
        "seq",
        "suggestion_id",
        "automation_id",
        "entity_id",
        "state",
        "config",
        "inserted",
        "removed",
        "turned_off",
        "runs",
        "undone",
        "installed_at",
        "undone_at",
    ),
    "refinement": ("suggestion_id", "found", "changed_at"),
    "trial": (
        "suggestion_id",
        "rule",
        "started_at",
        "ends_at",
        "status",
        "report",
    ),
    "told": ("suggestion_id", "at"),
}
"""What is worth saving; parents stand before their children."""
_JSON_COLUMNS: Final = {
    "suggestion": ("rule", "payload", "places", "beside"),
    "suggestion_version": ("rule", "payload"),
    "installed": ("config",),
    "refinement": ("found",),
    "trial": ("rule", "report"),
}


def set_aside(path: Path, stamp: str) -> Path:
    """Rename the file and its log; return where it lies now. Blocks.

    A file that was set aside before is never written over.
    """
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{stamp}-{number}")
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(
                aside.with_name(aside.name + suffix)
            )
    return aside


def remove_set_aside(path: Path) -> None:
    """Delete every damaged file that was set aside. Blocks."""
    for aside in path.parent.glob(f"{path.name}.damaged-*"):
        aside.unlink(missing_ok=True)


def salvage(path: Path) -> Salvaged:
    """Read whatever a damaged file still gives. Blocks, and never raises for damage."""
    tables: Salvaged = {}
    try:
        # Read-only, so that the file stays as it was found.
        conn = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return tables
    with closing(conn):
        conn.text_factory = _text
        for table, columns in _COLUMNS.items():
            tables[table] = _rows(conn, table, columns)
    for table, names in _JSON_COLUMNS.items():
        tables[table] = [row for row in tables[table] if _readable(table, names, row)]
    _keep_decodable(tables)
    return tables


async def restore(conn: aiosqlite.Connection, tables: Salvaged) -> int:
    """Insert what was saved, inside a transaction; return the number of suggestions."""
    counts = dict.fromkeys(_COLUMNS, 0)
    for table, columns in _COLUMNS.items():
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        insert = (
            f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
        )
        for row in tables.get(table, ()):
            with suppress(sqlite3.IntegrityError, OverflowError):
                cursor = await conn.execute(insert, row)
                counts[table] += cursor.rowcount
    return counts["suggestion"]


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")


def _rows(conn: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> list[Row]:
    """Return the rows that lie before the first damage and after the last."""
    found: dict[Row, None] = {}
    for order in ("ASC", "DESC"):
        try:
            names = ", ".join(_selected(conn, table, columns))
            query = f"SELECT {names} FROM {table} ORDER BY rowid {order}"  # noqa: S608
            for row in conn.execute(query):
                found.setdefault(row)
        except sqlite3.Error:
            continue
        break
    return list(found)


def _selected(
    conn: sqlite3.Connection, table: str, columns: tuple[str, ...]
) -> Iterator[str]:
    """Yield the columns, an empty object for those that came with a later version."""
    known = {row[1] for row in conn.execute(f"PRAGMA table_info({table})")}
    for name in columns:
        yield "'{}'" if known and name not in known else name


def _readable(table: str, names: tuple[str, ...], row: Row) -> bool:
    """Return whether the JSON columns of a row hold JSON objects."""
    columns = _COLUMNS[table]
    try:
        return all(
            isinstance(json.loads(row[columns.index(name)]), dict) for name in names
        )
    except TypeError, ValueError:
        return False


def _keep_decodable(tables: Salvaged) -> None:
    """Drop the days that cannot be decoded, and all where a vocabulary has holes.

    A code without its name would turn one entity's past into another's.
    """
    sizes: list[int] = []
    for table in _VOCABULARIES:
        codes = {row[0] for row in tables[table]}
        complete = codes == set(range(len(tables[table])))
        sizes.append(len(codes) if complete else 0)
    if not all(sizes):
        for table in (*_VOCABULARIES, "day_chunk"):
            tables[table] = []
        return
    tables["day_chunk"] = [row for row in tables["day_chunk"] if _decodes(row, sizes)]


def _decodes(row: Row, sizes: list[int]) -> bool:
    # numpy must not be loaded at set-up, where this module is imported.
    from .chunks import decode  # noqa: PLC0415

    try:
        columns = decode(row[2])
    except TypeError, ValueError:
        return False
    if not 0 < len(columns.t) == row[1]:
        return False
    largest = (columns.entity.max(), columns.state.max(), columns.actor.max())
    return all(int(code) < size for code, size in zip(largest, sizes, strict=True))
