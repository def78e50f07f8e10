"""Opening, closing, pragmas, transactions, readers beside a writer."""

import asyncio
from pathlib import Path
import shutil

import aiosqlite
import pytest

from custom_components.automation_scout.store import database as module
from custom_components.automation_scout.store.database import (
    Database,
    StoreError,
)
from custom_components.automation_scout.store.query import fetch

from .samples import INSERT, keys, put

DANGLING = (
    "INSERT INTO verdict (suggestion_id, version, verdict, at)"
    " VALUES ('nobody', 1, 'dismissed', '2026-03-01T03:00:00+00:00')"
)


async def execute(database: Database, *statements: str) -> None:
    async with database.transaction() as conn:
        for statement in statements:
            await conn.execute(statement)


async def put_and_fail(database: Database, key: str, error: Exception) -> None:
    async with database.transaction() as conn:
        await conn.execute(INSERT, (key, ""))
        raise error


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 1),
        ("temp_store", 2),
        ("foreign_keys", 1),
        ("secure_delete", 1),
        ("busy_timeout", 30_000),
    ],
)
async def test_pragmas_hold_for_writer_and_reader(
    path: Path, pragma: str, value: str | int
) -> None:
    database = await Database.open(path)
    try:
        async with database.reading() as conn:
            assert await fetch(conn, f"PRAGMA {pragma}") == [(value,)]
        async with database.transaction() as conn:
            assert await fetch(conn, f"PRAGMA {pragma}") == [(value,)]
    finally:
        await database.close()


@pytest.mark.parametrize(
    ("memory_kib", "cache_kib"),
    [(16 * 1024**2, 64_000), (1024**2, 32_768), (512 * 1024, 16_384)],
)
async def test_cache_is_64_mb_or_less_where_memory_is_short(
    path: Path, monkeypatch: pytest.MonkeyPatch, memory_kib: int, cache_kib: int
) -> None:
    sizes = {"SC_PHYS_PAGES": memory_kib // 4, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr("os.sysconf", sizes.__getitem__)
    database = await Database.open(path)
    try:
        async with database.reading() as conn:
            assert await fetch(conn, "PRAGMA cache_size") == [(-cache_kib,)]
        async with database.transaction() as conn:
            assert await fetch(conn, "PRAGMA cache_size") == [(-cache_kib,)]
    finally:
        await database.close()


@pytest.mark.parametrize("error", [AttributeError, OSError, ValueError])
def test_cache_where_the_memory_is_not_known(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def unknown(name: str) -> int:
        raise error(name)

    monkeypatch.setattr("os.sysconf", unknown)
    assert module.cache_kib() == 64_000


async def test_reader_refuses_to_write(database: Database) -> None:
    with pytest.raises(StoreError, match="readonly"):
        async with database.reading() as conn:
            await conn.execute(INSERT, ("key", ""))


async def test_transaction_commits(database: Database) -> None:
    await put(database, "kept")
    assert await keys(database) == {"kept"}


async def test_transaction_leaves_no_trace_of_what_failed(database: Database) -> None:
    insert = "INSERT INTO meta (key, value) VALUES ('key', '')"
    with pytest.raises(StoreError, match="UNIQUE"):
        await execute(database, insert, insert)
    with pytest.raises(ZeroDivisionError):
        await put_and_fail(database, "key", ZeroDivisionError())
    assert await keys(database) == set()
    await put(database, "afterwards")
    assert await keys(database) == {"afterwards"}


async def test_errors_of_the_caller_pass_as_they_are(database: Database) -> None:
    with pytest.raises(ValueError, match="mine"):
        await put_and_fail(database, "key", ValueError("mine"))


async def test_failed_commit_rolls_back_and_says_so(database: Database) -> None:
    await put(database, "before")
    with pytest.raises(StoreError, match=r"as it was before.*FOREIGN KEY"):
        await execute(
            database,
            "INSERT INTO meta (key, value) VALUES ('during', '')",
            "PRAGMA defer_foreign_keys = ON",
            DANGLING,
        )
    assert await keys(database) == {"before"}
    await put(database, "after")
    assert await keys(database) == {"before", "after"}


async def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(StoreError, match="FOREIGN KEY"):
        await execute(database, DANGLING)


async def test_cancelled_transaction_leaves_no_trace(database: Database) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with database.transaction() as conn:
            await conn.execute(INSERT, ("key", ""))
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await put(database, "next")
    assert await keys(database) == {"next"}


async def test_cancelled_at_any_step_the_store_goes_on(database: Database) -> None:
    for step in range(12):
        task = asyncio.create_task(put(database, f"cancelled-{step}"))
        for _ in range(step):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await put(database, f"kept-{step}")
    kept = {f"kept-{step}" for step in range(12)}
    assert kept <= await keys(database)


async def test_transactions_wait_for_each_other(database: Database) -> None:
    order: list[str] = []

    async def write(name: str) -> None:
        async with database.transaction() as conn:
            order.append(name)
            await conn.execute(INSERT, (name, ""))
            await asyncio.sleep(0)
            order.append(name)

    await asyncio.gather(*(write(name) for name in "abc"))
    assert order == ["a", "a", "b", "b", "c", "c"]
    assert await keys(database) == {"a", "b", "c"}


async def test_transactions_do_not_nest(database: Database) -> None:
    async with database.transaction():
        with pytest.raises(StoreError, match="open already"):
            async with database.transaction():
                pass


async def test_joined_is_for_the_task_that_has_a_transaction(
    database: Database,
) -> None:
    async def join() -> aiosqlite.Connection:
        return database.joined()

    with pytest.raises(StoreError, match="no transaction"):
        database.joined()
    async with database.transaction() as conn:
        assert database.joined() is conn
        with pytest.raises(StoreError, match="no transaction"):
            await asyncio.create_task(join())
    with pytest.raises(StoreError, match="no transaction"):
        database.joined()


async def test_reads_during_a_write_see_the_state_before_it(path: Path) -> None:
    database = await Database.open(path, busy_timeout_ms=60_000)
    try:
        await put(database, "old")
        async with database.transaction() as conn:
            await conn.execute(INSERT, ("new", ""))
            # A reader that waited for the writer would wait for the busy timeout.
            async with asyncio.timeout(5):
                assert await keys(database) == {"old"}
        assert await keys(database) == {"old", "new"}
    finally:
        await database.close()


async def test_a_reading_keeps_to_one_state(database: Database) -> None:
    async with database.reading() as conn:
        assert await fetch(conn, "SELECT key FROM meta") == []
        await put(database, "new")
        assert await fetch(conn, "SELECT key FROM meta") == []
    assert await keys(database) == {"new"}


async def test_held_keeps_writers_out_and_empties_the_log(
    database: Database, path: Path
) -> None:
    await put(database, "before")
    async with database.held():
        assert path.with_name(f"{path.name}-wal").stat().st_size == 0
        waiting = asyncio.create_task(put(database, "after"))
        await asyncio.sleep(0.02)
        assert not waiting.done()
        assert await keys(database) == {"before"}
        copy = path.with_name("copy.db")
        await asyncio.to_thread(shutil.copy, path, copy)
    await waiting
    restored = await Database.open(copy)
    try:
        assert await keys(restored) == {"before"}
    finally:
        await restored.close()
