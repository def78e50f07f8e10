"""What was forgotten, so that it is not read again from where it is still kept.

Of an entity or a person a fingerprint is kept and until when their past is forgotten,
not the name. What happens after that instant is learnt like anything else.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

import aiosqlite

from ..mining.rules import ATTRIBUTE_MARK
from .database import Database
from .query import fetch

ENTITY: Final = "entity"
USER: Final = "user"
BEFORE: Final = "before"

_NOTE: Final = """INSERT INTO forgotten (kind, fingerprint, until_ms) VALUES (?, ?, ?)
    ON CONFLICT (kind, fingerprint) DO UPDATE
    SET until_ms = MAX(until_ms, excluded.until_ms)"""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be forgotten."""

    kind: str
    """`ENTITY`, `USER` or `BEFORE`."""
    until_ms: int
    """The past up to here, ms UTC: now, or of `BEFORE` the instant itself."""
    name: str = ""
    """Entity id or user id."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Everything that was forgotten so far."""

    until_ms: dict[tuple[str, str], int] = field(default_factory=dict)
    """Kind and fingerprint to the instant."""

    @property
    def before_ms(self) -> int | None:
        """The instant before which everything is forgotten."""
        return self.until_ms.get((BEFORE, ""))

    def entities(self, names: Iterable[str]) -> dict[str, int]:
        """Return until when each of these names of a log is forgotten, if it is."""
        return self._among(ENTITY, ((name, base_of(name)) for name in names))

    def users(self, names: Iterable[str]) -> dict[str, int]:
        """Return until when each of these actors is forgotten, if they are."""
        return self._among(USER, ((name, name) for name in names))

    def _among(self, kind: str, names: Iterable[tuple[str, str]]) -> dict[str, int]:
        if not any(key[0] == kind for key in self.until_ms):
            return {}
        found = {
            name: self.until_ms.get((kind, fingerprint(known))) for name, known in names
        }
        return {name: until for name, until in found.items() if until is not None}


def base_of(name: str) -> str:
    """Return the entity of a name in the log."""
    return name.partition(ATTRIBUTE_MARK)[0]


def fingerprint(name: str) -> str:
    """Return what is kept of a name."""
    return blake2b(name.encode(), digest_size=16).hexdigest()


async def note(conn: aiosqlite.Connection, wish: Wish) -> None:
    """Note a wish, inside a transaction."""
    known = "" if wish.kind == BEFORE else fingerprint(wish.name)
    await conn.execute(_NOTE, (wish.kind, known, wish.until_ms))


async def outlive(conn: aiosqlite.Connection, before_ms: int) -> None:
    """Let go of what reaches less far than the archive does, inside a transaction."""
    await conn.execute("DELETE FROM forgotten WHERE until_ms < ?", (before_ms,))


async def is_known(database: Database, name: str) -> bool:
    """Return whether the archive has heard of an entity or a user."""
    async with database.reading() as conn:
        return bool(
            await fetch(
                conn,
                "SELECT 1 FROM entity WHERE name = ? OR substr(name, 1, ?) = ?"
                " UNION ALL SELECT 1 FROM actor WHERE name = ? LIMIT 1",
                name,
                len(name) + 1,
                f"{name}{ATTRIBUTE_MARK}",
                name,
            )
        )


async def read(conn: aiosqlite.Connection) -> Forgotten:
    """Return what was forgotten."""
    rows = await fetch(conn, "SELECT kind, fingerprint, until_ms FROM forgotten")
    return Forgotten({(kind, known): until_ms for kind, known, until_ms in rows})
