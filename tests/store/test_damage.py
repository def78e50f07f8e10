"""Damaged files: set aside, and what can be read of them carried over."""

import asyncio
from collections.abc import Callable
from pathlib import Path
import shutil
import sqlite3
import threading

import pytest

from custom_components.automation_scout.store import database as module
from custom_components.automation_scout.store.archive import Archive
from custom_components.automation_scout.store.database import (
    Database,
    Opened,
    StoreDamaged,
    StoreError,
    open_or_set_aside,
)
from custom_components.automation_scout.store.runs import RunStore
from custom_components.automation_scout.store.salvage import salvage
from custom_components.automation_scout.store.suggestions import SuggestionStore

from .samples import (
    DAY_MS,
    NIGHT_2,
    change,
    log_of,
    rows_of,
    run,
    suggestion,
    utc_days,
)

IDS = [f"r{number:03}" for number in range(60)]


async def fill(path: Path) -> None:
    """Make a store with suggestions, a verdict, a version, a run and three days."""
    database = await Database.open(path)
    store = SuggestionStore(database)
    outcome = await store.store_batch(
        suggestion(id_, payload={"title": id_, "text": "x" * 500}) for id_ in IDS
    )
    assert outcome.stored == len(IDS)
    await store.set_status("r007", "dismissed", at=NIGHT_2, reason="wrong")
    await store.store_suggestion(suggestion("r008", payload={"automation": "changed"}))
    await RunStore(database).start(run())
    log = log_of(*(change(day * DAY_MS + 5, "light.é", f"{day}") for day in range(3)))
    await Archive(database).append(log, utc_days(log), 3 * DAY_MS)
    await database.close()


def root_page(path: Path, name: str) -> int:
    conn = sqlite3.connect(path)
    try:
        select = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        return int(conn.execute(select, (name,)).fetchone()[0])
    finally:
        conn.close()


def leaf_pages(path: Path, table: str) -> list[int]:
    """Return the pages that hold the rows of a table, in order."""
    conn = sqlite3.connect(path)
    try:
        size = conn.execute("PRAGMA page_size").fetchone()[0]
    finally:
        conn.close()
    pages = path.read_bytes()
    root = pages[(root_page(path, table) - 1) * size :][:size]
    assert root[0] == 5, "the table fills one page only"
    cells = [root[12 + 2 * i : 14 + 2 * i] for i in range(int.from_bytes(root[3:5]))]
    left = [root[int.from_bytes(cell) :][:4] for cell in cells]
    return [int.from_bytes(page) for page in (*left, root[8:12])]


def overwrite(path: Path, page: int, size: int = 4096) -> None:
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xee" * size)


def garbage(path: Path) -> None:
    path.write_bytes(b"no database at all, and long enough to be one\n" * 500)


def short_garbage(path: Path) -> None:
    path.write_bytes(b"?")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def truncated_within_a_page(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def header_gone(path: Path) -> None:
    overwrite(path, 1)


def archive_root_gone(path: Path) -> None:
    overwrite(path, root_page(path, "day_chunk"))


def migrations_gone(path: Path) -> None:
    overwrite(path, root_page(path, "migration"))


async def reopened(path: Path, **options: bool) -> Opened:
    opened = await open_or_set_aside(path, "20260301T030000", **options)
    # Whatever happened, the store can be written now.
    await SuggestionStore(opened.database).store_suggestion(suggestion("new"))
    await Archive(opened.database).append(
        log_of(change(1)), utc_days(log_of(change(1))), 2
    )
    return opened


@pytest.mark.parametrize(
    "damage",
    [
        garbage,
        short_garbage,
        truncated,
        truncated_within_a_page,
        header_gone,
        archive_root_gone,
        migrations_gone,
    ],
)
async def test_damaged_file_is_set_aside_as_it_was(
    path: Path, damage: Callable[[Path], None]
) -> None:
    await fill(path)
    await asyncio.to_thread(damage, path)
    content = await asyncio.to_thread(path.read_bytes)
    with pytest.raises(StoreDamaged):
        await Database.open(path)
    opened = await reopened(path)
    await opened.database.close()
    aside = path.with_name(f"{path.name}.damaged-20260301T030000")
    assert opened.set_aside == aside
    assert await asyncio.to_thread(aside.read_bytes) == content
    again = await open_or_set_aside(path, "later")
    await again.database.close()
    assert again.set_aside is None


async def test_suggestions_and_verdicts_are_carried_over(path: Path) -> None:
    await fill(path)
    await asyncio.to_thread(archive_root_gone, path)
    opened = await reopened(path)
    try:
        assert opened.salvaged == len(IDS)
        store = SuggestionStore(opened.database)
        assert {row.id for row in await store.list()} == {*IDS, "new"}
        dismissed = await store.get("r007")
        assert dismissed is not None
        assert dismissed.status == "dismissed"
        assert [verdict.reason for verdict in await store.verdicts("r007")] == ["wrong"]
        assert [version.version for version in await store.versions("r008")] == [1]
        changed = await store.get("r008")
        assert changed is not None
        assert (changed.version, changed.payload) == (2, {"automation": "changed"})
    finally:
        await opened.database.close()


async def test_what_lies_on_both_sides_of_the_damage_is_carried_over(
    path: Path,
) -> None:
    await fill(path)
    pages = await asyncio.to_thread(leaf_pages, path, "suggestion")
    assert len(pages) > 4
    await asyncio.to_thread(overwrite, path, pages[len(pages) // 2])
    opened = await reopened(path, damaged=True)
    try:
        kept = {row.id for row in await SuggestionStore(opened.database).list()}
    finally:
        await opened.database.close()
    assert opened.salvaged == len(kept) - 1
    assert {IDS[0], IDS[1], IDS[-1]} <= kept
    lost = sorted(set(IDS) - kept)
    assert 0 < len(lost) < 20


async def test_days_are_carried_over_and_the_watermark_is_not(path: Path) -> None:
    await fill(path)
    await asyncio.to_thread(overwrite, path, await asyncio.to_thread(run_page, path))
    opened = await open_or_set_aside(path, "stamp", damaged=True)
    try:
        archive = Archive(opened.database)
        assert rows_of(await archive.load()) == [
            change(day * DAY_MS + 5, "light.é", f"{day}") for day in range(3)
        ]
        assert await archive.watermark_ms() is None
        assert await archive.last_states() == {}
    finally:
        await opened.database.close()


def run_page(path: Path) -> int:
    return root_page(path, "run")


@pytest.mark.parametrize(
    ("spoil", "left"),
    [
        ("UPDATE day_chunk SET data = zeroblob(40) WHERE day = 1", [0, 2]),
        ("UPDATE day_chunk SET data = substr(data, 1, 30) WHERE day = 1", [0, 2]),
        ("UPDATE day_chunk SET events = 7 WHERE day = 1", [0, 2]),
        ("DELETE FROM state WHERE code = (SELECT MAX(code) FROM state)", [0, 1]),
        ("DELETE FROM state WHERE code = 0", []),
        ("DELETE FROM entity", []),
    ],
)
async def test_days_that_cannot_be_read_are_reported_and_left_out(
    path: Path, spoil: str, left: list[int]
) -> None:
    await fill(path)
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute(spoil)
    conn.close()
    database = await Database.open(path)
    try:
        with pytest.raises(StoreDamaged):
            await Archive(database).load()
    finally:
        await database.close()
    opened = await open_or_set_aside(path, "stamp", damaged=True)
    try:
        rows = rows_of(await Archive(opened.database).load())
        assert rows == [change(day * DAY_MS + 5, "light.é", f"{day}") for day in left]
        assert opened.salvaged == len(IDS)
    finally:
        await opened.database.close()


async def test_adding_to_a_damaged_day_says_so_and_stores_nothing(path: Path) -> None:
    await fill(path)
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("UPDATE day_chunk SET data = x'00' WHERE day = 1")
    conn.close()
    database = await Database.open(path)
    try:
        archive = Archive(database)
        log = log_of(change(DAY_MS + 9), change(5 * DAY_MS))
        with pytest.raises(StoreDamaged, match="day 1"):
            await archive.append(log, utc_days(log), 6 * DAY_MS)
        assert await archive.watermark_ms() == 3 * DAY_MS
        assert (await archive.stats()).days == 3
    finally:
        await database.close()


async def test_rows_that_are_no_json_are_not_carried_over(path: Path) -> None:
    await fill(path)
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("UPDATE suggestion SET payload = '{\"cut' WHERE id = 'r001'")
    conn.execute("UPDATE suggestion SET rule = '[]' WHERE id = 'r002'")
    conn.execute(
        "UPDATE suggestion SET payload = CAST(x'7b2261223a22ff227d' AS TEXT)"
        " WHERE id = 'r003'"
    )
    conn.close()
    opened = await reopened(path, damaged=True)
    try:
        store = SuggestionStore(opened.database)
        assert opened.salvaged == len(IDS) - 2
        assert await store.get("r001") is None
        assert await store.get("r002") is None
        row = await store.get("r003")
        assert row is not None
        assert row.payload == {"a": "\ufffd"}
    finally:
        await opened.database.close()


async def test_log_goes_with_the_file_and_is_read_but_not_changed(
    path: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source.db"
    database = await Database.open(source)
    await SuggestionStore(database).store_suggestion(suggestion("in the log"))
    for suffix in ("", "-wal"):
        await asyncio.to_thread(shutil.copy, f"{source}{suffix}", f"{path}{suffix}")
    await database.close()
    opened = await reopened(path, damaged=True)
    await opened.database.close()
    assert opened.salvaged == 1
    log = path.with_name(f"{path.name}.damaged-20260301T030000-wal")
    assert log.stat().st_size > 0


async def test_file_set_aside_before_is_kept(path: Path) -> None:
    names = []
    for content in (b"first" * 1000, b"second" * 1000):
        await asyncio.to_thread(path.write_bytes, content)
        opened = await open_or_set_aside(path, "stamp")
        await opened.database.close()
        assert opened.set_aside is not None
        assert await asyncio.to_thread(opened.set_aside.read_bytes) == content
        assert opened.salvaged == 0
        names.append(opened.set_aside.name)
    assert len(set(names)) == 2


async def test_file_of_no_bytes_is_a_new_store(path: Path) -> None:
    await asyncio.to_thread(path.touch)
    opened = await reopened(path)
    await opened.database.close()
    assert opened.set_aside is None


async def test_carrying_over_that_fails_still_gives_a_store(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> int:
        raise sqlite3.OperationalError("database or disk is full")

    await fill(path)
    monkeypatch.setattr(module, "restore", full)
    opened = await reopened(path, damaged=True)
    try:
        assert opened.set_aside is not None
        assert opened.salvaged == 0
        assert [row.id for row in await SuggestionStore(opened.database).list()] == [
            "new"
        ]
    finally:
        await opened.database.close()


async def test_carrying_over_that_is_cancelled_closes_the_store(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cancelled(*_: object) -> int:
        raise asyncio.CancelledError

    await fill(path)
    before = threading.active_count()
    monkeypatch.setattr(module, "restore", cancelled)
    monkeypatch.setattr(asyncio, "to_thread", at_once)
    with pytest.raises(asyncio.CancelledError):
        await open_or_set_aside(path, "stamp", damaged=True)
    assert threading.active_count() == before


async def at_once[T, **P](
    function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    return function(*args, **kwargs)


def test_nothing_to_read(path: Path) -> None:
    assert salvage(path) == {}


async def test_damaged_file_that_is_not_there(path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be set aside"):
        await open_or_set_aside(path, "stamp", damaged=True)
