"""Migrations: appended, each in one transaction with its record."""

import asyncio
from pathlib import Path
import sqlite3

import aiosqlite
import pytest

from custom_components.automation_scout.store import migrations as module
from custom_components.automation_scout.store.database import (
    Database,
    StoreDamaged,
    StoreError,
    StoreTooNew,
    open_or_set_aside,
)
from custom_components.automation_scout.store.migrations import (
    MIGRATIONS,
    TABLES,
    name_of,
)
from custom_components.automation_scout.store.query import fetch
from custom_components.automation_scout.store.runs import RunStore

RELEASED = [name_of(migration) for migration in MIGRATIONS]


async def add_colour(conn: aiosqlite.Connection) -> None:
    """Add a table."""
    await conn.execute("CREATE TABLE colour (name TEXT) STRICT")
    await conn.execute("INSERT INTO colour VALUES ('red')")


async def add_shape_badly(conn: aiosqlite.Connection) -> None:
    """Add a table, then fail."""
    await conn.execute("CREATE TABLE shape (name TEXT) STRICT")
    await conn.execute("INSERT INTO colour VALUES ('blue')")
    await conn.execute("INSERT INTO nowhere VALUES (1)")


async def add_shape(conn: aiosqlite.Connection) -> None:
    """Do the same without the mistake."""
    await conn.execute("CREATE TABLE shape (name TEXT) STRICT")


def query(path: Path, sql: str) -> list[tuple[object, ...]]:
    conn = sqlite3.connect(path)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


def tables(path: Path) -> set[object]:
    return {row[0] for row in query(path, "SELECT name FROM sqlite_master")}


def recorded(path: Path) -> list[object]:
    return [row[0] for row in query(path, "SELECT name FROM migration ORDER BY rowid")]


def test_what_was_released_stays_first() -> None:
    assert RELEASED == [
        "first_tables",
        "misses_of_runs",
        "places_of_suggestions",
        "what_was_forgotten",
        "installed_automations",
        "refinements_trials_and_watch",
        "calls_and_texts_of_models",
        "rounds_of_refinements",
        "told_of_suggestions",
        "beside_suggestions",
        "names_in_rounds",
    ]


async def test_new_file_gets_all_tables(path: Path) -> None:
    await (await Database.open(path)).close()
    assert {*TABLES, "migration"} <= tables(path)
    assert recorded(path) == RELEASED


async def at_first(path: Path) -> None:
    """Make the file that the first version would have left."""
    async with aiosqlite.connect(path, isolation_level=None) as conn:
        await module.migrate(conn, MIGRATIONS[:1])


async def test_runs_of_the_first_version_have_no_misses(path: Path) -> None:
    await at_first(path)
    conn = sqlite3.connect(path)
    conn.execute(
        "INSERT INTO run (run_id, started_at, status, counters, funnel, phases, errors)"
        " VALUES ('old', '2026-01-01', 'finished', '{}', '[]', '[]', '[]')"
    )
    conn.commit()
    conn.close()
    database = await Database.open(path)
    try:
        (row,) = await RunStore(database).list(9)
        assert (row.run_id, row.misses) == ("old", [])
    finally:
        await database.close()


async def test_each_migration_runs_once(path: Path) -> None:
    for chain in (MIGRATIONS, (*MIGRATIONS, add_colour), (*MIGRATIONS, add_colour)):
        await (await Database.open(path, migrations=chain)).close()
    assert recorded(path) == [*RELEASED, "add_colour"]
    assert query(path, "SELECT name FROM colour") == [("red",)]


async def test_failing_migration_leaves_the_version_before(path: Path) -> None:
    broken = (*MIGRATIONS, add_colour, add_shape_badly)
    with pytest.raises(StoreError, match="nowhere"):
        await Database.open(path, migrations=broken)
    assert recorded(path) == [*RELEASED, "add_colour"]
    assert "shape" not in tables(path)
    assert query(path, "SELECT name FROM colour") == [("red",)]

    def mended(name: str) -> module.Migration:
        async def migration(conn: aiosqlite.Connection) -> None:
            await add_shape(conn)

        migration.__name__ = name
        return migration

    chain = (*MIGRATIONS, add_colour, mended("add_shape_badly"))
    await (await Database.open(path, migrations=chain)).close()
    assert recorded(path) == [*RELEASED, "add_colour", "add_shape_badly"]


async def test_failing_record_takes_the_migration_with_it(path: Path) -> None:
    await (await Database.open(path)).close()
    conn = sqlite3.connect(path)
    conn.execute(
        "CREATE TRIGGER full BEFORE INSERT ON migration"
        " BEGIN SELECT RAISE(ABORT, 'no record'); END"
    )
    conn.close()
    with pytest.raises(StoreError, match="no record"):
        await Database.open(path, migrations=(*MIGRATIONS, add_colour))
    assert recorded(path) == RELEASED
    assert "colour" not in tables(path)


@pytest.mark.parametrize("chain", [(add_colour,), (*MIGRATIONS, add_shape)])
async def test_file_of_a_newer_version_is_not_touched(
    path: Path, chain: tuple[module.Migration, ...]
) -> None:
    newer = (*MIGRATIONS, add_colour)
    await (await Database.open(path, migrations=newer)).close()
    before = await asyncio.to_thread(path.read_bytes)
    with pytest.raises(StoreTooNew, match="another version"):
        await Database.open(path, migrations=chain)
    with pytest.raises(StoreTooNew, match="add_colour"):
        await open_or_set_aside(path, "stamp")
    assert await asyncio.to_thread(path.read_bytes) == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


async def test_two_that_open_a_new_file_at_once(path: Path) -> None:
    first, second = await asyncio.gather(Database.open(path), Database.open(path))
    try:
        async with second.reading() as conn:
            rows = await fetch(conn, "SELECT name FROM migration ORDER BY rowid")
            assert [row[0] for row in rows] == RELEASED
    finally:
        await first.close()
        await second.close()


async def test_a_table_that_is_gone_is_damage(path: Path) -> None:
    await (await Database.open(path)).close()
    conn = sqlite3.connect(path)
    conn.execute("DROP TABLE verdict")
    conn.close()
    with pytest.raises(StoreDamaged, match="verdict"):
        await Database.open(path)
