"""Automations that were set up for suggestions: what was written, what became of it.

A row is one setting up. There is one before each writing of the file, so that what a
killed process left can be finished or forgotten. Rows stay after an undo: the past acts
of the automation stay those of the integration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import json
import sqlite3
from typing import Any, Final

from .database import BadRow, Database
from .errors import StoreDamaged
from .query import Row, fetch

INSTALLING: Final = "installing"
INSTALLED: Final = "installed"
UNDONE: Final = "undone"

_COLUMNS: Final = (
    "suggestion_id, automation_id, entity_id, state, config, inserted, removed,"
    " turned_off, runs, undone, installed_at, undone_at"
)
_MARKS: Final = ", ".join("?" * 12)
_SELECT: Final = f"SELECT {_COLUMNS}, seq FROM installed"  # noqa: S608
_INSERT: Final = f"INSERT INTO installed ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608
_LATEST: Final = "seq = (SELECT max(seq) FROM installed WHERE suggestion_id = ?)"


@dataclass(frozen=True, slots=True)
class InstalledRow:
    """An automation that was set up. Instants are ISO 8601 in UTC."""

    suggestion_id: str
    automation_id: str
    """The `id` in the file, which is the unique id of its entity."""
    entity_id: str
    """Empty until Home Assistant has given one."""
    state: str
    """`installing`, `installed` or `undone`."""
    config: dict[str, Any]
    """The automation as it was written."""
    inserted: str
    """The text that was put into the file."""
    removed: str
    """The text that gave way to it."""
    installed_at: str
    turned_off: str | None = None
    """Entity id of the automation that it replaces, where that was on."""
    runs: int = 0
    undone: int = 0
    """Runs that people took back."""
    undone_at: str | None = None
    seq: int = 0
    """Number of the row; the store gives it."""


type InstalledRows = list[InstalledRow]


class InstalledStore:
    """The automations that were set up, in a database."""

    def __init__(self, database: Database) -> None:
        """Keep the database; nothing is read yet."""
        self._database = database

    async def begin(self, row: InstalledRow) -> int:
        """Write down what is about to be written; return its number.

        Raises:
            BadRow: It is not JSON or breaks a constraint.
        """
        async with self._database.transaction() as conn:
            try:
                cursor = await conn.execute(_INSERT, _values(row))
            except (
                sqlite3.IntegrityError,
                sqlite3.ProgrammingError,
                TypeError,
                ValueError,
            ) as error:
                raise BadRow(f"{type(error).__name__}: {error}") from error
        return cursor.lastrowid or 0

    async def finish(
        self, seq: int, entity_id: str, turned_off: str | None = None
    ) -> None:
        """Write down that what was begun is there, and forget what else was begun."""
        async with self._database.transaction() as conn:
            await conn.execute(
                "UPDATE installed SET state = ?, entity_id = ?, turned_off = ?"
                " WHERE seq = ?",
                (INSTALLED, entity_id, turned_off, seq),
            )
            await conn.execute(
                "DELETE FROM installed WHERE state = ? AND suggestion_id ="
                " (SELECT suggestion_id FROM installed WHERE seq = ?)",
                (INSTALLING, seq),
            )

    async def undo(self, suggestion_id: str, at: str) -> None:
        """Write down that the automation was taken back."""
        await self._change("state = ?, undone_at = ?", (UNDONE, at), suggestion_id)

    async def count(self, suggestion_id: str, runs: int, undone: int) -> None:
        """Write down how often it ran, and how often people took that back."""
        await self._change("runs = ?, undone = ?", (runs, undone), suggestion_id)

    async def turned_off(self, suggestion_id: str, entity_id: str | None) -> None:
        """Write down which automation its undo turns on again."""
        await self._change("turned_off = ?", (entity_id,), suggestion_id)

    async def forget(self, suggestion_id: str) -> None:
        """Forget what was begun and came to nothing."""
        async with self._database.transaction() as conn:
            await conn.execute(
                "DELETE FROM installed WHERE suggestion_id = ? AND state = ?",
                (suggestion_id, INSTALLING),
            )

    async def list(self) -> InstalledRows:
        """Return every setting up there was, oldest first."""
        async with self._database.reading() as conn:
            return [_row(row) for row in await fetch(conn, f"{_SELECT} ORDER BY seq")]

    async def latest(self) -> Mapping[str, InstalledRow]:
        """Return the last setting up of each suggestion, by its id."""
        return {row.suggestion_id: row for row in await self.list()}

    async def _change(
        self, changes: str, values: tuple[object, ...], suggestion_id: str
    ) -> None:
        async with self._database.transaction() as conn:
            await conn.execute(
                f"UPDATE installed SET {changes} WHERE {_LATEST}",  # noqa: S608
                (*values, suggestion_id),
            )


def _values(row: InstalledRow) -> tuple[object, ...]:
    return (
        row.suggestion_id,
        row.automation_id,
        row.entity_id,
        row.state,
        json.dumps(row.config, ensure_ascii=False, allow_nan=False),
        row.inserted,
        row.removed,
        row.turned_off,
        row.runs,
        row.undone,
        row.installed_at,
        row.undone_at,
    )


def _row(row: Row) -> InstalledRow:
    suggestion_id, automation_id, entity_id, state, config, inserted, removed, *rest = (
        row
    )
    turned_off, runs, undone, installed_at, undone_at, seq = rest
    try:
        read = json.loads(config)
    except ValueError as error:
        raise StoreDamaged(f"installed {suggestion_id}: {error}") from error
    return InstalledRow(
        suggestion_id,
        automation_id,
        entity_id,
        state,
        read,
        inserted,
        removed,
        installed_at,
        turned_off,
        runs,
        undone,
        undone_at,
        seq,
    )
