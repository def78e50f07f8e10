"""Runs: when an analysis ran, what it counted, how long it took and what failed."""

from dataclasses import dataclass, field
import json
import sqlite3
from typing import Any, Final

from .database import BadRow, Database
from .errors import StoreDamaged
from .query import Row, fetch

_COLUMNS: Final = (
    "run_id, started_at, finished_at, status, counters, funnel, phases, errors, misses"
)
_SELECT: Final = f"SELECT {_COLUMNS} FROM run"  # noqa: S608
_START: Final = f"INSERT INTO run ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
_FINISH: Final = f"""{_START} ON CONFLICT (run_id) DO UPDATE SET
    started_at = excluded.started_at, finished_at = excluded.finished_at,
    status = excluded.status, counters = excluded.counters, funnel = excluded.funnel,
    phases = excluded.phases, errors = excluded.errors, misses = excluded.misses"""


@dataclass(frozen=True, slots=True)
class RunRow:
    """An analysis as stored. Instants are ISO 8601 in UTC."""

    run_id: str
    started_at: str
    finished_at: str | None
    status: str
    """`running`, `finished`, `failed` or `interrupted`."""
    counters: dict[str, Any]
    funnel: list[dict[str, Any]]
    phases: list[dict[str, Any]]
    """Per phase its `name`, its `seconds`, and its `error` or None."""
    errors: list[str]
    misses: list[dict[str, Any]] = field(default_factory=list)
    """What came nearest to a suggestion, nearest first (`near.miss_to_dict`)."""


type RunRows = list[RunRow]


class RunStore:
    """The runs in a database."""

    def __init__(self, database: Database) -> None:
        """Keep the database; nothing is read yet."""
        self._database = database

    async def start(self, run: RunRow) -> None:
        """Write down that a run has begun.

        Raises:
            BadRow: It is not JSON, breaks a constraint, or the id is taken.
        """
        await self._write(_START, run)

    async def finish(self, run: RunRow) -> None:
        """Write down how a run ended, also where its beginning was lost.

        Raises:
            BadRow: It is not JSON or breaks a constraint.
        """
        await self._write(_FINISH, run)

    async def last(self) -> RunRow | None:
        """Return the run that began last."""
        return next(iter(await self.list(1)), None)

    async def list(self, limit: int) -> RunRows:
        """Return the runs that began last, newest first."""
        async with self._database.reading() as conn:
            rows = await fetch(conn, f"{_SELECT} ORDER BY seq DESC LIMIT ?", limit)
        return [_row(row) for row in rows]

    async def prune(self, before: str) -> None:
        """Forget the runs that began before an instant, ISO 8601 in UTC."""
        async with self._database.transaction() as conn:
            await conn.execute("DELETE FROM run WHERE started_at < ?", (before,))

    async def mark_interrupted(self) -> int:
        """Mark every run that never ended, at start-up; return how many."""
        async with self._database.transaction() as conn:
            cursor = await conn.execute(
                "UPDATE run SET status = 'interrupted' WHERE status = 'running'"
            )
        return cursor.rowcount

    async def _write(self, statement: str, run: RunRow) -> None:
        async with self._database.transaction() as conn:
            try:
                await conn.execute(statement, _values(run))
            except (
                sqlite3.IntegrityError,
                sqlite3.ProgrammingError,
                TypeError,
                ValueError,
            ) as error:
                raise BadRow(f"{type(error).__name__}: {error}") from error


def _values(run: RunRow) -> tuple[str | None, ...]:
    return (
        run.run_id,
        run.started_at,
        run.finished_at,
        run.status,
        *(
            json.dumps(part, ensure_ascii=False, allow_nan=False)
            for part in (run.counters, run.funnel, run.phases, run.errors, run.misses)
        ),
    )


def _row(row: Row) -> RunRow:
    run_id, started_at, finished_at, status, *parts = row
    try:
        read = [json.loads(part) for part in parts]
    except ValueError as error:
        raise StoreDamaged(f"run {run_id}: {error}") from error
    return RunRow(run_id, started_at, finished_at, status, *read)
