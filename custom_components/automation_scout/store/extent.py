"""How much the archive holds, told without reading it, and without numpy."""

from dataclasses import dataclass

from .database import Database
from .query import fetch


@dataclass(frozen=True, slots=True)
class ArchiveStats:
    """How much the archive holds."""

    events: int = 0
    days: int = 0
    first_day: int | None = None
    """Local day number since 1970-01-01; None where there is nothing."""
    last_day: int | None = None
    bytes: int = 0
    """Size of the chunks, without SQLite's own share."""


async def archive_stats(database: Database) -> ArchiveStats:
    """Return how much there is, without reading the chunks."""
    async with database.reading() as conn:
        (row,) = await fetch(
            conn,
            "SELECT COALESCE(SUM(events), 0), COUNT(*), MIN(day), MAX(day),"
            " COALESCE(SUM(LENGTH(data)), 0) FROM day_chunk",
        )
    return ArchiveStats(*row)
