"""Rounds in which a person changed a suggestion in words, and what came of each."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
from typing import Any, Final

from .database import Database
from .errors import StoreDamaged
from .query import Row, fetch

CHANGED: Final = "changed"
UNCHANGED: Final = "unchanged"
REFUSED: Final = "refused"

_COLUMNS: Final = (
    "suggestion_id, round, instruction, changes, cannot, outcome, at, names"
)
_OF: Final = f"SELECT {_COLUMNS} FROM refinement_round WHERE suggestion_id = ?"  # noqa: S608
_ADD: Final = f"""INSERT INTO refinement_round ({_COLUMNS}) SELECT ?1,
    1 + coalesce(max(round), 0), ?2, ?3, ?4, ?5, ?6, ?7 FROM refinement_round
    WHERE suggestion_id = ?1"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Round:
    """One instruction in words, and what was made of it."""

    instruction: str
    changes: Mapping[str, Any]
    """As they were asked for, JSON values; empty where nothing was."""
    cannot: tuple[str, ...]
    """What could not be done, in sentences."""
    outcome: str
    """`CHANGED`, `UNCHANGED` or `REFUSED`."""
    at: str
    """ISO 8601 in UTC."""
    names: tuple[tuple[str, str, str], ...] = ()
    """Kind, text and entity id of the names in it that were to stay at home."""


class RoundStore:
    """The rounds in a database."""

    def __init__(self, database: Database) -> None:
        """Keep the database; nothing is read yet."""
        self._database = database

    async def of(self, suggestion_id: str) -> list[Round]:
        """Return the rounds of a suggestion, oldest first.

        Raises:
            StoreDamaged: one of them cannot be read.
        """
        async with self._database.reading() as conn:
            rows = await fetch(conn, f"{_OF} ORDER BY round", suggestion_id)
        return [_round(row) for row in rows]

    async def add(self, suggestion_id: str, item: Round) -> None:
        """Note a round after those that a suggestion has.

        Raises:
            StoreError: there is no such suggestion any more, or it cannot be written.
        """
        async with self._database.transaction() as conn:
            await conn.execute(
                _ADD,
                (
                    suggestion_id,
                    item.instruction,
                    json.dumps(item.changes, ensure_ascii=False),
                    json.dumps(item.cannot, ensure_ascii=False),
                    item.outcome,
                    item.at,
                    json.dumps(item.names, ensure_ascii=False),
                ),
            )


def _round(row: Row) -> Round:
    key, number, instruction, changes, cannot, outcome, at, names = row
    try:
        called = json.loads(names)
        return Round(
            instruction,
            json.loads(changes),
            tuple(json.loads(cannot)),
            outcome,
            at,
            tuple((kind, text, id_) for kind, text, id_ in called),
        )
    except (TypeError, ValueError) as error:
        raise StoreDamaged(f"round {number} of {key}: {error}") from error
