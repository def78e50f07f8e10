"""Reading rows."""

from typing import Any, cast

import aiosqlite

type Row = tuple[Any, ...]


async def fetch(conn: aiosqlite.Connection, sql: str, *parameters: object) -> list[Row]:
    """Return all rows; the statement is done with when this returns.

    A cursor that is left open keeps its snapshot, and the log from being moved into
    the file.
    """
    return cast("list[Row]", await conn.execute_fetchall(sql, parameters))
