"""Which suggestions people have been told of, when a digest last went out and where."""

from collections.abc import Iterable
from typing import Final

from .database import Database
from .query import fetch

_LAST: Final = "last_digest"
_STANDS: Final = "digest_stands"
_UNTOLD: Final = """SELECT id FROM suggestion AS s LEFT JOIN told AS t
    ON t.suggestion_id = s.id
    LEFT JOIN verdict AS v ON v.seq = (
        SELECT MAX(seq) FROM verdict WHERE suggestion_id = s.id)
    WHERE s.status = 'open' AND (
        (t.at IS NULL AND coalesce(v.verdict, '') NOT IN ('restored', 'trial_ended'))
        OR (v.verdict = 'snoozed' AND v.at >= t.at))
    ORDER BY score DESC, id"""
"""What a person restored they know of, and the end of a trial is told by itself; what
was put off for later is a question again."""

_NAMED: Final = """SELECT suggestion_id FROM told
    WHERE at = (SELECT value FROM meta WHERE key = ?)"""


class NoticeStore:
    """What was told, in a database. Instants are ISO 8601 in UTC."""

    def __init__(self, database: Database) -> None:
        """Keep the database; nothing is read yet."""
        self._database = database

    async def untold(self) -> list[str]:
        """Return the ids of open suggestions that nobody was told of, best first."""
        async with self._database.reading() as conn:
            return [row[0] for row in await fetch(conn, _UNTOLD)]

    async def last(self) -> str | None:
        """Return when the last digest went out."""
        async with self._database.reading() as conn:
            rows = await fetch(conn, "SELECT value FROM meta WHERE key = ?", _LAST)
        return next((row[0] for row in rows), None) or None

    async def standing(self) -> tuple[str, frozenset[str]]:
        """Return where the last digest can be taken back, and what it names.

        Nothing of the kind is "".
        """
        async with self._database.reading() as conn:
            where = await fetch(conn, "SELECT value FROM meta WHERE key = ?", _STANDS)
            named = await fetch(conn, _NAMED, _LAST)
        return next((row[0] for row in where), ""), frozenset(row[0] for row in named)

    async def stands(self, where: str) -> None:
        """Write down where the last digest can be taken back, "" for nowhere."""
        async with self._database.transaction() as conn:
            await conn.execute(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)",
                (_STANDS, where),
            )

    async def tell(self, suggestion_ids: Iterable[str], at: str) -> None:
        """Write down that a digest with these suggestions goes out."""
        async with self._database.transaction() as conn:
            await conn.executemany(
                "INSERT OR REPLACE INTO told (suggestion_id, at) VALUES (?, ?)",
                [(suggestion_id, at) for suggestion_id in suggestion_ids],
            )
            await conn.execute(
                "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (_LAST, at)
            )

    async def untell(self, suggestion_ids: Iterable[str], last: str | None) -> None:
        """Write down that a digest with these suggestions has not arrived.

        Args:
            suggestion_ids: what it was to tell of.
            last: when the one before it went out.
        """
        async with self._database.transaction() as conn:
            await conn.executemany(
                "DELETE FROM told WHERE suggestion_id = ?",
                [(suggestion_id,) for suggestion_id in suggestion_ids],
            )
            await conn.execute(
                "UPDATE meta SET value = ? WHERE key = ?", (last or "", _LAST)
            )
