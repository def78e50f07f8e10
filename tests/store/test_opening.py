"""Opening and closing: locks, threads, folders that cannot be written, a kill."""

import asyncio
from collections.abc import Callable
from pathlib import Path
import sqlite3
import subprocess

import aiosqlite
import pytest

from custom_components.automation_scout.store import database as module
from custom_components.automation_scout.store.database import (
    Database,
    StoreClosed,
    StoreDamaged,
    StoreError,
    StoreLocked,
    open_or_set_aside,
    remove_files,
)
from custom_components.automation_scout.store.query import fetch

from .samples import INSERT, interpreter, keys, output_of, put, worker_threads


async def test_close_is_idempotent_and_ends_the_threads(path: Path) -> None:
    before = worker_threads()
    database = await Database.open(path)
    assert worker_threads() == before + 2
    await asyncio.gather(database.close(), database.close())
    await database.close()
    assert worker_threads() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


async def test_no_thread_is_left_when_close_returns(path: Path) -> None:
    before = worker_threads()
    for _ in range(40):
        await (await Database.open(path)).close()
        assert worker_threads() == before


async def test_closed_store_says_so(path: Path) -> None:
    database = await Database.open(path)
    await database.close()
    with pytest.raises(StoreClosed):
        await put(database, "key")
    with pytest.raises(StoreClosed):
        await keys(database)
    with pytest.raises(StoreClosed):
        async with database.held():
            pass


async def test_close_waits_for_the_write_that_is_under_way(path: Path) -> None:
    database = await Database.open(path)
    async with database.transaction() as conn:
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0.02)
        await conn.execute(INSERT, ("key", ""))
    await closing
    again = await Database.open(path)
    try:
        assert await keys(again) == {"key"}
    finally:
        await again.close()


async def test_close_does_not_wait_for_ever(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_CLOSE_PATIENCE_S", 0.02)
    before = worker_threads()
    database = await Database.open(path)
    await put(database, "before")

    async def write() -> None:
        async with database.transaction() as conn:
            await conn.execute(INSERT, ("lost", ""))
            await asyncio.create_task(database.close())
            assert worker_threads() == before
            await conn.execute(INSERT, ("never", ""))

    with pytest.raises(StoreClosed):
        await write()
    again = await Database.open(path)
    try:
        assert await keys(again) == {"before"}
    finally:
        await again.close()


async def test_cancelled_close_still_ends_the_threads(path: Path) -> None:
    before = worker_threads()
    database = await Database.open(path)
    async with database.held():
        closing = asyncio.create_task(database.close())
        await asyncio.sleep(0.02)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
    assert worker_threads() == before


def missing_folder(path: Path) -> Path:
    return path.parent / "missing" / path.name


def file_as_folder(path: Path) -> Path:
    path.write_text("a file")
    return path / "store.db"


def folder_as_file(path: Path) -> Path:
    path.mkdir()
    return path


def unwritable_folder(_: Path) -> Path:
    # Not even the superuser, as whom tests in containers run, may create files there.
    return Path("/proc/self/automation_scout.db")


@pytest.mark.parametrize(
    "place", [missing_folder, file_as_folder, folder_as_file, unwritable_folder]
)
async def test_where_no_file_can_be_made_nothing_is_set_aside(
    path: Path, place: Callable[[Path], Path]
) -> None:
    before = worker_threads()
    target = place(path)
    there = sorted(path.parent.rglob("*"))
    with pytest.raises(StoreError, match="unable to open") as caught:
        await open_or_set_aside(target, "stamp")
    assert not isinstance(caught.value, StoreDamaged | StoreLocked)
    assert sorted(path.parent.rglob("*")) == there
    assert worker_threads() == before


async def test_locked_for_writing(database: Database, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    try:
        entered = False
        other.execute("BEGIN IMMEDIATE")
        other.execute(INSERT, ("other", ""))
        with pytest.raises(StoreLocked):
            await put(database, "mine")
        with pytest.raises(StoreLocked):
            # Already at the beginning, before any work was done in vain.
            async with database.transaction():
                entered = True
        assert not entered
        assert await keys(database) == set()
        other.execute("COMMIT")
    finally:
        other.close()
    await put(database, "mine")
    assert await keys(database) == {"other", "mine"}


@pytest.mark.parametrize("new", [True, False])
async def test_locked_at_the_opening(path: Path, new: bool) -> None:
    if not new:
        await (await Database.open(path)).close()
    before = worker_threads()
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreLocked):
            await open_or_set_aside(path, "stamp", busy_timeout_ms=20)
    finally:
        other.close()
    assert worker_threads() == before
    opened = await open_or_set_aside(path, "stamp")
    await opened.database.close()
    assert opened.set_aside is None


async def test_open_that_fails_midway_closes_what_it_opened(path: Path) -> None:
    before = worker_threads()

    async def broken(conn: aiosqlite.Connection) -> None:
        await conn.execute("nonsense")

    with pytest.raises(StoreError, match="syntax"):
        await Database.open(path, migrations=(broken,))
    assert worker_threads() == before


@pytest.mark.parametrize("spill", [False, True])
async def test_killed_in_the_middle_of_a_transaction(path: Path, spill: bool) -> None:
    database = await Database.open(path)
    await put(database, "old")
    await database.close()
    script = """
import asyncio, pathlib, sys
from custom_components.automation_scout.store.database import Database

async def main(path, spill):
    database = await Database.open(pathlib.Path(path))
    async with database.transaction() as conn:
        if spill:
            await conn.execute("PRAGMA cache_size = 1")
        await conn.execute("DELETE FROM meta")
        for day in range(50):
            await conn.execute(
                "INSERT INTO day_chunk (day, events, data) VALUES (?, 1, ?)",
                (day, bytes(100_000)),
            )
        print("ready", flush=True)
        await asyncio.sleep(60)

asyncio.run(main(sys.argv[1], sys.argv[2] == "True"))
"""

    def kill() -> int:
        command = interpreter(script, str(path), str(spill))
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            log_size = path.with_name(f"{path.name}-wal").stat().st_size
            process.kill()
        return log_size

    log_size = await asyncio.to_thread(kill)
    # With a small cache the unfinished transaction is in the log already.
    assert (log_size > 1_000_000) is spill
    opened = await open_or_set_aside(path, "stamp")
    try:
        assert opened.set_aside is None
        assert await keys(opened.database) == {"old"}
        async with opened.database.reading() as conn:
            assert await fetch(conn, "SELECT * FROM day_chunk") == []
        await put(opened.database, "new")
    finally:
        await opened.database.close()


async def test_remove_files_leaves_nothing_and_may_be_repeated(path: Path) -> None:
    for name in ("", "-wal", "-shm", ".damaged-a", ".damaged-a-wal"):
        path.with_name(path.name + name).touch()
    other = path.with_name("automation_scout.yaml")
    other.touch()
    remove_files(path)
    remove_files(path)
    assert list(path.parent.iterdir()) == [other]


def test_opening_the_store_does_not_import_numpy_or_home_assistant() -> None:
    script = """
import sys
import custom_components.automation_scout.store.database
import custom_components.automation_scout.store.runs
import custom_components.automation_scout.store.suggestions
print({"numpy", "homeassistant"} & set(sys.modules))
import custom_components.automation_scout.store.archive
print({"numpy", "homeassistant"} & set(sys.modules))
"""
    assert output_of(script) == "set()\n{'numpy'}\n"
