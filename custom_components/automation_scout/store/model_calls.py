"""Calls of a language model: what each took, and what a month came to."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields, replace
import sqlite3
from typing import Final

import aiosqlite

from .database import BadRow, Database
from .query import fetch


@dataclass(frozen=True, slots=True)
class ModelCallRow:
    """One try of a call, or a call that was not needed or not allowed."""

    month: str
    """Local month, `YYYY-MM`."""
    task: str
    model: str
    source: str
    started_at: str
    """ISO 8601 in UTC."""
    ms: int
    tokens_in: int
    tokens_out: int
    is_estimated: bool
    """Whether the provider did not say how many tokens it took."""
    cost: float
    outcome: str
    tries: int
    """Which try it was; 0 where nothing was sent."""


_NAMES: Final = tuple(field.name for field in fields(ModelCallRow))
_INSERT: Final = (
    f"INSERT INTO model_call ({', '.join(_NAMES)})"  # noqa: S608
    f" VALUES ({', '.join('?' * len(_NAMES))})"
)
_TOTALS: Final = """SELECT
    coalesce(sum(tries > 0), 0),
    coalesce(sum(tries > 0 AND outcome IN ('failed', 'timeout', 'cancelled')), 0),
    coalesce(sum(tries > 0 AND outcome GLOB 'rejected:*'), 0),
    coalesce(sum(outcome = 'cached'), 0),
    coalesce(sum(outcome = 'budget'), 0),
    coalesce(sum(tokens_in), 0), coalesce(sum(tokens_out), 0),
    coalesce(sum(cost), 0.0), coalesce(sum(ms), 0), coalesce(max(is_estimated), 0)
    FROM model_call WHERE month = ?"""


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """What the calls of a month came to."""

    calls: int = 0
    """Tries that were sent."""
    failed: int = 0
    """Of these, without an answer."""
    rejected: int = 0
    """Of these, with an answer that was not taken."""
    saved_by_cache: int = 0
    skipped_by_budget: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    ms: int = 0
    is_estimated: bool = False
    """Whether some of the tokens are estimated."""


class ModelCallStore:
    """The calls in a database."""

    def __init__(self, database: Database) -> None:
        """Keep the database; nothing is read yet."""
        self._database = database

    async def totals(self, month: str) -> MonthTotals:
        """Return what the calls of a local month came to, `YYYY-MM`."""
        async with self._database.reading() as conn:
            ((*numbers, estimated),) = await fetch(conn, _TOTALS, month)
        return replace(MonthTotals(*numbers), is_estimated=bool(estimated))

    async def prune(self, before: str) -> None:
        """Forget the calls that were made before an instant, ISO 8601 in UTC."""
        async with self._database.transaction() as conn:
            await conn.execute("DELETE FROM model_call WHERE started_at < ?", (before,))


async def insert(conn: aiosqlite.Connection, rows: Iterable[ModelCallRow]) -> None:
    """Write calls down, inside a transaction.

    Raises:
        BadRow: One of them breaks a constraint.
    """
    try:
        await conn.executemany(_INSERT, [astuple(row) for row in rows])
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, OverflowError) as error:
        raise BadRow(f"{type(error).__name__}: {error}") from error
