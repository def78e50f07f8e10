"""Rules on trial: since when, until when, and what they would have done so far."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
import sqlite3
from typing import Any, Final

import aiosqlite

from .database import BadRow, Database
from .errors import StoreDamaged
from .query import fetch

RUNNING: Final = "running"
FINISHED: Final = "finished"

_COLUMNS: Final = "suggestion_id, rule, started_at, ends_at, status, report"
_PUT: Final = f"INSERT OR REPLACE INTO trial ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"  # noqa: S608


@dataclass(frozen=True, slots=True)
class TrialRow:
    """The last trial of a suggestion. Instants are ISO 8601 in UTC."""

    suggestion_id: str
    rule: dict[str, Any]
    started_at: str
    ends_at: str
    status: str = RUNNING
    report: dict[str, Any] | None = None
    """What it would have done until the last analysis, None before the first."""


class TrialStore:
    """The trials in a database."""

    def __init__(self, database: Database) -> None:
        """Keep the database; nothing is read yet."""
        self._database = database

    async def put(self, row: TrialRow) -> None:
        """Write a trial down (`put_trial`)."""
        async with self._database.transaction() as conn:
            await put_trial(conn, row)

    async def stop(self, suggestion_id: str) -> None:
        """Forget the trial of a suggestion, if one is under way."""
        async with self._database.transaction() as conn:
            await conn.execute(
                "DELETE FROM trial WHERE suggestion_id = ? AND status = ?",
                (suggestion_id, RUNNING),
            )

    async def all(self) -> Mapping[str, TrialRow]:
        """Return the trials by the id of their suggestion."""
        async with self._database.reading() as conn:
            rows = await fetch(conn, f"SELECT {_COLUMNS} FROM trial")  # noqa: S608
        found = {}
        for key, rule, started_at, ends_at, status, report in rows:
            try:
                read = json.loads(rule), json.loads(report)
            except ValueError as error:
                raise StoreDamaged(f"trial {key}: {error}") from error
            found[key] = TrialRow(
                key, read[0], started_at, ends_at, status, read[1] or None
            )
        return found


async def put_trial(conn: aiosqlite.Connection, row: TrialRow) -> None:
    """Write a trial down in the place of an earlier one, inside a transaction.

    Raises:
        BadRow: It is not JSON, or there is no such suggestion.
    """
    try:
        await conn.execute(_PUT, _values(row))
    except (sqlite3.IntegrityError, TypeError, ValueError) as error:
        raise BadRow(f"{type(error).__name__}: {error}") from error


def _values(row: TrialRow) -> tuple[str, ...]:
    return (
        row.suggestion_id,
        json.dumps(row.rule, ensure_ascii=False, allow_nan=False),
        row.started_at,
        row.ends_at,
        row.status,
        json.dumps(row.report or {}, ensure_ascii=False, allow_nan=False),
    )
