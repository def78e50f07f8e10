"""What became of automations, as the last analysis counted it."""

from collections.abc import Mapping
import json
from typing import Any

from .database import Database
from .errors import StoreDamaged
from .query import fetch


class WatchedStore:
    """The counts in a database."""

    def __init__(self, database: Database) -> None:
        """Keep the database; nothing is read yet."""
        self._database = database

    async def replace(self, counts: Mapping[str, Mapping[str, Any]]) -> None:
        """Put counts by automation entity id in the place of all that were there."""
        rows = [(key, json.dumps(value)) for key, value in counts.items()]
        async with self._database.transaction() as conn:
            await conn.execute("DELETE FROM watched")
            await conn.executemany(
                "INSERT INTO watched (entity_id, counts) VALUES (?, ?)", rows
            )

    async def all(self) -> Mapping[str, dict[str, Any]]:
        """Return the counts by automation entity id."""
        async with self._database.reading() as conn:
            rows = await fetch(conn, "SELECT entity_id, counts FROM watched")
        found: dict[str, dict[str, Any]] = {}
        for key, text in rows:
            try:
                found[key] = json.loads(text)
            except ValueError as error:
                raise StoreDamaged(f"counts of {key}: {error}") from error
        return found
