"""`scripts/bench store`: a batch against singles, the archive, reads during a write."""

from argparse import ArgumentParser, Namespace
import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from custom_components.automation_scout.mining.events import EventLog
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.store.archive import Archive
from custom_components.automation_scout.store.database import Database
from custom_components.automation_scout.store.query import fetch
from custom_components.automation_scout.store.suggestions import (
    SuggestionRow,
    SuggestionStore,
)

from .report import Row, table

EVENTS = 1_000_000
ENTITIES = 500
DAYS = 90
DAY_MS = 86_400_000
FIRST_DAY = 20_000
ROWS = 100
ROUNDS = 7
READS = 500
NOW = "2026-03-01T03:00:00+00:00"


def year_quarter(seed: int = 1) -> EventLog:
    """Return a million changes: few busy entities, many quiet ones, little at night."""
    rng = np.random.default_rng(seed)
    activity = rng.pareto(1.2, ENTITIES) + 0.05
    entity = rng.choice(ENTITIES, EVENTS, p=activity / activity.sum())
    hour = np.clip(rng.normal(15, 5, EVENTS), 0, 22.99) + rng.random(EVENTS)
    day = FIRST_DAY + rng.integers(0, DAYS, EVENTS)
    t = np.sort(day * DAY_MS + (hour * 3_600_000).astype(np.int64))
    order = np.argsort(entity, kind="stable")
    by_entity = entity[order]
    state = np.empty(EVENTS, np.int32)
    state[order] = (np.arange(EVENTS) - np.searchsorted(by_entity, by_entity)) % 2
    origin = np.where(
        rng.random(EVENTS) < 0.9, Origin.REPORT, rng.integers(1, 9, EVENTS)
    )
    actor = np.where(
        origin == Origin.AUTOMATION, rng.integers(1, 30, EVENTS), np.int64(0)
    )
    return EventLog(
        t,
        entity.astype(np.uint16),
        state,
        origin.astype(np.int8),
        actor.astype(np.uint16),
        tuple(f"light.{number}" for number in range(ENTITIES)),
        ("off", "on"),
        ("", *(f"automation.{number}" for number in range(1, 30))),
    )


def suggestion(number: int) -> SuggestionRow:
    """Return a suggestion of ordinary size, about 2 kB."""
    text = "In the last 28 days it would have run 21 times. " * 8
    return SuggestionRow(
        id=f"r{number}",
        status="open",
        kind="time",
        confidence=0.9,
        score=float(number),
        rule={"kind": "time", "minute": number},
        payload={"title": f"Light {number}", "description": text, "rationale": text},
        version=1,
        created_at=NOW,
        updated_at=NOW,
    )


async def seconds(work: Callable[[], Awaitable[object]]) -> float:
    """Return how long it takes."""
    start = perf_counter()
    await work()
    return perf_counter() - start


async def batch_and_singles(database: Database) -> list[Row]:
    """Measure one transaction against one for each row."""
    store = SuggestionStore(database)

    async def singles(first: int) -> None:
        for number in range(first, first + ROWS):
            await store.store_suggestion(suggestion(number))

    async def batch(first: int) -> None:
        rows = (suggestion(number) for number in range(first, first + ROWS))
        assert (await store.store_batch(rows)).stored == ROWS

    firsts = range(0, 2 * ROWS * ROUNDS, 2 * ROWS)
    times = [
        (
            await seconds(partial(singles, first)),
            await seconds(partial(batch, first + ROWS)),
        )
        for first in firsts
    ]
    single_s, batch_s = (median(column) for column in zip(*times, strict=True))
    return [
        measured(f"{ROWS} suggestions one by one, median", single_s * 1e3, "ms"),
        measured(f"{ROWS} suggestions in a batch, median", batch_s * 1e3, "ms"),
        measured("batch faster than singles", single_s / batch_s, "times", "> 1"),
    ]


async def archive(database: Database, log: EventLog) -> list[Row]:
    """Measure writing the whole past, loading it, and its size."""
    store = Archive(database)
    days = log.t // DAY_MS
    until_ms = (FIRST_DAY + DAYS) * DAY_MS
    write_s = await seconds(lambda: store.append(log, days, until_ms))
    async with database.held():
        size = database.path.stat().st_size
    load_s = [await seconds(store.load) for _ in range(5)]
    loaded = await store.load()
    assert np.array_equal(loaded.t, log.t)
    last = log.t >= (FIRST_DAY + DAYS - 1) * DAY_MS
    night_s = await seconds(lambda: store.append(log.where(last), days[last], until_ms))
    return [
        measured(f"archive {EVENTS:,} changes of {DAYS} days", write_s, "s"),
        measured("the same night once more", night_s * 1e3, "ms"),
        measured(f"load {EVENTS:,} changes, median", median(load_s), "s", "<= 0.2"),
        measured("on disk, whole file", size / EVENTS, "bytes/change", "<= 8"),
    ]


async def reads_during_a_write(database: Database) -> list[Row]:
    """Measure readers beside an open transaction that keeps writing."""
    store = SuggestionStore(database)
    writing = True

    async def write() -> None:
        async with database.transaction() as conn:
            number = 0
            while writing:
                number += 1
                await conn.execute(
                    "INSERT INTO meta (key, value) VALUES (?, ?)",
                    (str(number), "x" * 10_000),
                )

    quiet = [await seconds(lambda: store.get("r7")) for _ in range(READS)]
    writer = asyncio.create_task(write())
    await asyncio.sleep(0.1)
    busy = [await seconds(lambda: store.get("r7")) for _ in range(READS)]
    async with database.reading() as conn:
        assert not await fetch(conn, "SELECT 1 FROM meta WHERE key = '1'")
    writing = False
    await writer
    return [
        measured("read, nobody writes, median", median(quiet) * 1e3, "ms"),
        measured("read during a write, median", median(busy) * 1e3, "ms"),
        measured("read during a write, longest", max(busy) * 1e3, "ms"),
    ]


async def opening(path: Path) -> list[Row]:
    """Measure opening and closing a store that is there."""
    opened: list[Database] = []

    async def start() -> None:
        opened.append(await Database.open(path))

    open_s = await seconds(start)
    close_s = await seconds(opened[0].close)
    return [
        measured("open", open_s * 1e3, "ms"),
        measured("close", close_s * 1e3, "ms"),
    ]


def measured(what: str, value: float, unit: str, bound: str = "") -> Row:
    """Return a row of the table."""
    return {"what": what, "value": round(value, 3), "unit": unit, "bound": bound}


async def _run() -> list[Row]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "automation_scout.db"
        database = await Database.open(path)
        try:
            rows = await archive(database, year_quarter())
            rows += await batch_and_singles(database)
            rows += await reads_during_a_write(database)
        finally:
            await database.close()
        return rows + await opening(path)


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench: none."""
    del parser


def run(options: Namespace) -> list[Row]:
    """Measure, print a table and return its rows."""
    del options
    rows = asyncio.run(_run())
    print(table(rows))
    return rows
