"""The key of this installation, from which the tokens for names are made."""

from secrets import token_bytes
from typing import Final

from .database import Database
from .query import fetch

_NAME: Final = "name_key"
_BYTES: Final = 32


async def name_key(database: Database) -> bytes:
    """Return the key; the first call makes it."""
    async with database.transaction() as conn:
        await conn.execute(
            "INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)",
            (_NAME, token_bytes(_BYTES).hex()),
        )
        ((value,),) = await fetch(conn, "SELECT value FROM meta WHERE key = ?", _NAME)
    return bytes.fromhex(value)
