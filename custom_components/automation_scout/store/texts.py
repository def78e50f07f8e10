"""What a language model wrote, checked or refused, under a key that says of what.

A text is about entities, and is forgotten with any of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
import json
import re
import sqlite3
from typing import Final

import aiosqlite

from .database import BadRow, Database
from .query import fetch

_PUT: Final = "INSERT OR REPLACE INTO model_text VALUES (?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class TextRow:
    """One answer that passed all checks, or how often none did."""

    key: str
    text: str
    """JSON."""
    entities: tuple[str, ...]
    """Ids of the entities that it is about."""


class TextStore:
    """The texts in a database."""

    def __init__(self, database: Database) -> None:
        """Keep the database; nothing is read yet."""
        self._database = database

    async def known(self, keys: Sequence[str]) -> Mapping[str, str]:
        """Return the texts that are kept under some keys."""
        async with self._database.reading() as conn:
            rows = await fetch(
                conn,
                "SELECT key, text FROM model_text"
                " WHERE key IN (SELECT value FROM json_each(?))",
                json.dumps(list(keys)),
            )
        return dict(rows)

    async def prune(self, before: str) -> None:
        """Forget the texts that nobody used since an instant, ISO 8601 in UTC."""
        async with self._database.transaction() as conn:
            await conn.execute("DELETE FROM model_text WHERE last_used < ?", (before,))


async def insert(
    conn: aiosqlite.Connection, rows: Iterable[TextRow], used: Iterable[str], at: str
) -> None:
    """Keep new texts, and note which older ones were used, inside a transaction.

    Args:
        conn: with an open transaction.
        rows: new texts.
        used: keys of older ones.
        at: ISO 8601 in UTC.

    Raises:
        BadRow: One of them cannot be kept.
    """
    try:
        await conn.executemany(
            _PUT,
            [
                (
                    row.key,
                    row.text,
                    json.dumps(row.entities, ensure_ascii=False),
                    at,
                    at,
                )
                for row in rows
            ],
        )
    except (sqlite3.IntegrityError, UnicodeEncodeError) as error:
        raise BadRow(f"{type(error).__name__}: {error}") from error
    await conn.executemany(
        "UPDATE model_text SET last_used = ? WHERE key = ?",
        [(at, key) for key in used],
    )


async def drop_about(conn: aiosqlite.Connection, names: re.Pattern[str]) -> None:
    """Forget the texts about an entity, inside a transaction.

    Args:
        conn: with an open transaction.
        names: finds the id of the entity.
    """
    rows = await fetch(conn, "SELECT key, entities, text FROM model_text")
    gone = [(key,) for key, *said in rows if names.search(" ".join(said))]
    await conn.executemany("DELETE FROM model_text WHERE key = ?", gone)
