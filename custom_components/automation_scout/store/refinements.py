"""Suggestions that a person changed, with the rule as it had been found.

The suggestion itself holds the rule as the person wants it. The one that was found says
which habit it is: a later analysis finds that one again, and not what was made of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from typing import Any, Final

import aiosqlite

from .database import Database
from .errors import StoreDamaged
from .query import fetch

_KEEP: Final = """INSERT INTO refinement (suggestion_id, found, changed_at)
    VALUES (?, ?, ?) ON CONFLICT (suggestion_id) DO UPDATE SET
    changed_at = excluded.changed_at"""


@dataclass(frozen=True, slots=True)
class Refinement:
    """What a suggestion was before anybody changed it, and when they last did."""

    found: dict[str, Any]
    """The rule, as JSON values."""
    changed_at: str
    """ISO 8601 in UTC."""


class RefinementStore:
    """The refinements in a database."""

    def __init__(self, database: Database) -> None:
        """Keep the database; nothing is read yet."""
        self._database = database

    async def all(self) -> Mapping[str, Refinement]:
        """Return the refinements by the id of their suggestion."""
        async with self._database.reading() as conn:
            rows = await fetch(
                conn, "SELECT suggestion_id, found, changed_at FROM refinement"
            )
        return {
            key: Refinement(_object(key, found), changed_at)
            for key, found, changed_at in rows
        }


async def keep_found(
    conn: aiosqlite.Connection, suggestion_id: str, found: Mapping[str, Any], at: str
) -> None:
    """Note, inside a transaction, that a suggestion is a person's from now on.

    The rule that was found first stays: it is the habit's.
    """
    await conn.execute(
        _KEEP, (suggestion_id, json.dumps(found, ensure_ascii=False), at)
    )


def _object(key: str, text: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise StoreDamaged(f"refinement {key}: {error}") from error
    return found
