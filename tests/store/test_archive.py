"""The archive: appended twice is there once, and loads equal what was appended."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.events import EventLog, Ints, Row
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.store import archive as module
from custom_components.automation_scout.store.archive import Archive
from custom_components.automation_scout.store.database import (
    Database,
    StoreError,
    StoreLocked,
)
from custom_components.automation_scout.store.extent import ArchiveStats
from custom_components.automation_scout.store.query import fetch

from .naive import NaiveArchive
from .samples import DAY_MS, change, log_of, rows_of, utc_days


async def append(archive: Archive, *rows: Row, until_ms: int = 0) -> int:
    log = log_of(*rows)
    return await archive.append(log, utc_days(log), until_ms)


async def vocabulary(database: Database, table: str) -> list[str]:
    async with database.reading() as conn:
        return [
            row[0]
            for row in await fetch(conn, f"SELECT name FROM {table} ORDER BY code")
        ]


WEEK = [
    change(day * DAY_MS + hour * 3_600_000, f"light.{hour % 3}", state, by)
    for day in range(7)
    for hour, state, by in [(7, "on", ""), (8, "off", "anna"), (22, "on", "automation")]
]


async def test_new_archive_is_empty(archive: Archive) -> None:
    log = await archive.load()
    assert len(log) == 0
    assert (log.entities, log.states, log.actors) == ((), (), ("",))
    assert await archive.watermark_ms() is None
    assert await archive.last_states() == {}
    assert await archive.stats() == ArchiveStats(0, 0, None, None, 0)


async def test_loads_what_was_appended(archive: Archive) -> None:
    assert await append(archive, *WEEK, until_ms=7 * DAY_MS) == len(WEEK)
    log = await archive.load()
    assert rows_of(log) == WEEK
    assert log.t.dtype == np.int64
    assert log.entity.dtype == log.actor.dtype == np.uint16
    assert log.state.dtype == np.int32
    assert log.origin.dtype == np.int8
    assert log.actors[0] == ""
    assert await archive.watermark_ms() == 7 * DAY_MS
    stats = await archive.stats()
    assert (stats.events, stats.days) == (len(WEEK), 7)
    assert (stats.first_day, stats.last_day) == (0, 6)
    assert stats.bytes > 0


async def test_survives_closing(path: Path) -> None:
    database = await Database.open(path)
    await append(Archive(database), *WEEK, until_ms=5)
    await database.close()
    database = await Database.open(path)
    try:
        assert rows_of(await Archive(database).load()) == WEEK
        assert await Archive(database).watermark_ms() == 5
    finally:
        await database.close()


async def test_appended_twice_is_there_once(archive: Archive) -> None:
    await append(archive, *WEEK)
    stats = await archive.stats()
    assert await append(archive, *WEEK) == 0
    assert rows_of(await archive.load()) == WEEK
    assert await archive.stats() == stats


async def test_overlapping_windows(archive: Archive) -> None:
    assert await append(archive, *WEEK[:12]) == 12
    assert await append(archive, *WEEK[7:]) == len(WEEK) - 12
    assert rows_of(await archive.load()) == WEEK


async def test_windows_in_any_order(archive: Archive) -> None:
    for start in (14, 0, 7):
        assert await append(archive, *WEEK[start : start + 7]) == 7
    assert rows_of(await archive.load()) == WEEK


async def test_merging_into_an_existing_day(archive: Archive) -> None:
    morning = [change(1000, "light.a", "on"), change(5000, "light.a", "off")]
    noon = [change(3000, "light.b", "on", "bert"), change(9000, "light.a", "on")]
    await append(archive, *morning)
    assert await append(archive, *noon) == 2
    assert rows_of(await archive.load()) == sorted(morning + noon)
    assert (await archive.stats()).days == 1


async def test_same_instant_keeps_its_order(archive: Archive) -> None:
    log = EventLog(
        np.array([5, 5, 5, 5], np.int64),
        np.array([1, 1, 0, 1], np.uint16),
        np.array([1, 0, 1, 1], np.int32),
        np.array([9, 9, 9, 9], np.int8),
        np.zeros(4, np.uint16),
        ("light.a", "light.z"),
        ("off", "on"),
    )
    assert await archive.append(log, np.zeros(4, np.int64), 6) == 3
    once = rows_of(await archive.load())
    assert once == rows_of(log)[:3]
    assert await archive.append(log, np.zeros(4, np.int64), 6) == 0
    assert rows_of(await archive.load()) == once


async def test_first_report_of_the_origin_stays(archive: Archive) -> None:
    await append(archive, change(5, by="anna"))
    await append(archive, change(5))
    assert rows_of(await archive.load()) == [change(5, by="anna")]


async def test_empty_window_moves_the_watermark_only(archive: Archive) -> None:
    await append(archive, *WEEK, until_ms=10)
    assert await append(archive, until_ms=20) == 0
    assert await archive.watermark_ms() == 20
    assert rows_of(await archive.load()) == WEEK


async def test_watermark_follows_a_clock_that_was_put_back(archive: Archive) -> None:
    await append(archive, until_ms=20)
    await append(archive, until_ms=10)
    assert await archive.watermark_ms() == 10


async def test_last_states(archive: Archive) -> None:
    first = change(10, "light.a", "on"), change(20, "light.a", "off")
    await append(archive, *first, until_ms=25)
    await append(archive, change(15, "light.b", "unavailable"), until_ms=25)
    assert await archive.last_states() == {"light.a": "off", "light.b": "unavailable"}
    await append(archive, change(12, "light.a", "older"), until_ms=25)
    assert (await archive.last_states())["light.a"] == "off"
    await append(archive, change(30, "light.a", "newer"), until_ms=35)
    assert (await archive.last_states())["light.a"] == "newer"


async def test_last_states_after_a_clock_was_put_back(archive: Archive) -> None:
    await append(archive, change(9_000, "light.a", "on"), until_ms=10_000)
    await append(archive, change(50, "light.a", "off"), until_ms=60)
    assert await archive.last_states() == {"light.a": "off"}
    await append(archive, change(70, "light.a", "on"), until_ms=80)
    assert await archive.last_states() == {"light.a": "on"}


async def test_days_are_those_that_are_given(archive: Archive) -> None:
    # The night of 2026-03-29 in Amsterdam has 23 hours: local midnights are 23:00 UTC
    # before it and 22:00 UTC after it.
    saturday = 20_540
    midnights = [saturday * DAY_MS + hours * 3_600_000 for hours in (-1, 23, 46)]
    rows = [
        change(midnight + offset, "light.a", f"{number}{offset}")
        for number, midnight in enumerate(midnights)
        for offset in (-1, 0, 1)
    ]
    log = log_of(*rows)
    days = np.array([-1, 0, 0, 0, 1, 1, 1, 2, 2]) + saturday
    await archive.append(log, days, 0)
    assert rows_of(await archive.load()) == rows
    assert rows_of(await archive.load(saturday + 1)) == rows[4:]
    assert rows_of(await archive.load(saturday + 2)) == rows[7:]
    stats = await archive.stats()
    assert (stats.first_day, stats.last_day) == (saturday - 1, saturday + 2)


async def test_time_zone_that_was_changed(archive: Archive) -> None:
    hours = [change(hour * 3_600_000, "light.a", f"{hour}") for hour in range(48)]
    log = log_of(*hours)
    await archive.append(log, utc_days(log), 0)
    # The same changes again, in a home that has moved 10 hours to the west.
    west = np.asarray((log.t - 10 * 3_600_000) // DAY_MS, np.int64)
    await archive.append(log, west, 0)
    assert rows_of(await archive.load()) == hours


async def test_change_on_both_sides_of_a_moved_midnight(archive: Archive) -> None:
    log = log_of(change(5))
    await archive.append(log, np.array([0]), 0)
    await archive.append(log, np.array([1]), 0)
    assert rows_of(await archive.load()) == [change(5)]


async def test_prune(archive: Archive) -> None:
    await append(archive, *WEEK, until_ms=7 * DAY_MS)
    assert await archive.prune(0) == 0
    assert await archive.prune(3) == 9
    assert rows_of(await archive.load()) == WEEK[9:]
    assert (await archive.stats()).first_day == 3
    assert await archive.watermark_ms() == 7 * DAY_MS
    assert set(await archive.last_states()) == {entity for _, entity, *_ in WEEK}
    assert await archive.prune(100) == len(WEEK) - 9
    assert len(await archive.load()) == 0


async def test_days_that_are_yet_to_come_are_forgotten(archive: Archive) -> None:
    await append(archive, *WEEK, until_ms=7 * DAY_MS)
    assert await archive.prune(0, 4) == len([r for r in WEEK if r[0] >= 5 * DAY_MS])
    assert (await archive.stats()).last_day == 4


async def test_a_clock_that_is_behind_costs_nothing(archive: Archive) -> None:
    await append(archive, *WEEK, until_ms=7 * DAY_MS)
    assert await archive.prune(-99, 2) == 0
    assert await archive.prune(-99, -50) == 0
    assert len(await archive.load()) == len(WEEK)


async def test_what_was_left_out_is_read_again(archive: Archive) -> None:
    """An archive of an older version knows what it has; then it is told."""
    await append(archive, *WEEK, until_ms=7 * DAY_MS)
    names = {entity for _, entity, *_ in WEEK}
    level_name = "light.desk#brightness"
    assert await archive.uncovered({*names, level_name}) == {level_name}
    level = (DAY_MS + 5, "light.desk#brightness", "40", Origin.USER, "anna")
    log = log_of(level)
    await archive.append(log, np.array([1]), 7 * DAY_MS, advance=False)
    assert await archive.append(log, np.array([1]), 3 * DAY_MS, advance=False) == 0
    assert await archive.watermark_ms() == 7 * DAY_MS
    assert level in rows_of(await archive.load())
    assert (await archive.last_states())["light.desk#brightness"] == "40"
    await archive.cover({*names, "light.desk#brightness", "sensor.ü"})
    assert await archive.uncovered({*names, level_name, "sensor.ü", "x"}) == {"x"}
    await archive.cover(names)
    assert await archive.uncovered({*names, level_name}) == {level_name}


async def test_since_day(archive: Archive) -> None:
    await append(archive, *WEEK)
    for day in range(-1, 9):
        expected = [row for row in WEEK if row[0] >= day * DAY_MS]
        assert rows_of(await archive.load(day)) == expected


async def test_days_before_1970(archive: Archive) -> None:
    rows = [change(-DAY_MS - 1), change(-1, state="off"), change(0)]
    await append(archive, *rows)
    assert rows_of(await archive.load()) == rows
    assert (await archive.stats()).first_day == -2


async def test_vocabulary_grows_and_codes_stay(
    archive: Archive, database: Database
) -> None:
    await append(archive, change(1, "light.z", "on", "zoe"))
    await append(archive, change(2, "light.a", "aus", "Änne"), change(3, "light.z"))
    assert await vocabulary(database, "entity") == ["light.z", "light.a"]
    assert await vocabulary(database, "state") == ["on", "aus"]
    assert await vocabulary(database, "actor") == ["", "zoe", "Änne"]
    assert rows_of(await archive.load()) == [
        change(1, "light.z", "on", "zoe"),
        change(2, "light.a", "aus", "Änne"),
        change(3, "light.z"),
    ]


async def test_names_that_are_not_used_are_not_kept(
    archive: Archive, database: Database
) -> None:
    log = log_of(*WEEK).between(0, 8 * 3_600_000)
    await archive.append(log, utc_days(log), 0)
    assert await vocabulary(database, "entity") == ["light.1"]
    assert await vocabulary(database, "state") == ["on"]
    assert await vocabulary(database, "actor") == [""]


async def test_settings_and_numbers(archive: Archive) -> None:
    """Thousands of states, and names that are made of two."""
    settings = [
        change(t, "light.desk#brightness", str(t % 101)) for t in range(0, 9000, 3)
    ]
    numbers = [change(t, "sensor.warm", f"{t / 10 - 50:.10g}") for t in range(1, 9000)]
    rows = sorted(settings + numbers)
    await append(archive, *rows)
    assert sorted(rows_of(await archive.load())) == rows
    assert (await archive.stats()).bytes < 8 * len(rows)
    last = {name: state for _, name, state, *_ in rows}
    assert await archive.last_states() == last


async def test_names_that_are_hard_to_store(archive: Archive) -> None:
    states = ["", " ", "Ö", "ö", "O'Hara; --", "a\0b", "😀", "x" * 255]
    rows = [change(t, "light.küche", state) for t, state in enumerate(states)]
    await append(archive, *rows)
    assert rows_of(await archive.load()) == rows


async def test_70_000_distinct_states(archive: Archive) -> None:
    n = 70_000
    log = EventLog(
        np.arange(n, dtype=np.int64),
        np.zeros(n, np.uint16),
        np.arange(n, dtype=np.int32),
        np.full(n, Origin.REPORT, np.int8),
        np.zeros(n, np.uint16),
        ("sensor.power",),
        tuple(f"{number / 10}" for number in range(n)),
    )
    assert await archive.append(log, np.zeros(n, np.int64), n) == n
    assert await archive.append(log, np.zeros(n, np.int64), n) == 0
    loaded = await archive.load()
    assert [loaded.states[code] for code in loaded.state] == list(log.states)


async def test_more_entities_than_a_code_can_number(archive: Archive) -> None:
    def window(first: int, count: int) -> EventLog:
        return EventLog(
            np.arange(count, dtype=np.int64),
            np.arange(count, dtype=np.uint16),
            np.zeros(count, np.int32),
            np.zeros(count, np.int8),
            np.zeros(count, np.uint16),
            tuple(f"light.{number}" for number in range(first, first + count)),
            ("on",),
        )

    full = window(0, 65_536)
    await archive.append(full, np.zeros(len(full), np.int64), 1)
    with pytest.raises(StoreError, match="CHECK"):
        await archive.append(window(65_536, 1), np.zeros(1, np.int64), 2)
    assert await archive.watermark_ms() == 1
    assert len(await archive.load()) == 65_536


async def test_days_for_each_change(archive: Archive) -> None:
    with pytest.raises(ValueError, match="1 changes have 2 days"):
        await archive.append(log_of(change(1)), np.zeros(2, np.int64), 0)


async def test_window_that_fails_leaves_no_trace(
    archive: Archive, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await append(archive, *WEEK[:5], until_ms=1)
    before = await archive.stats(), await archive.last_states()
    monkeypatch.setattr(module, "_SET_META", "INSERT INTO nowhere VALUES (?, ?)")
    with pytest.raises(StoreError, match="nowhere"):
        await append(archive, change(1, "light.new", "new", "new"), until_ms=2)
    assert (await archive.stats(), await archive.last_states()) == before
    assert await archive.watermark_ms() == 1
    assert "light.new" not in await vocabulary(database, "entity")


async def test_locked_store(archive: Archive, database: Database) -> None:
    other = await Database.open(database.path, busy_timeout_ms=20)
    try:
        async with other.transaction() as conn:
            await conn.execute("DELETE FROM meta")
            with pytest.raises(StoreLocked):
                await append(archive, *WEEK)
            assert len(await archive.load()) == 0
    finally:
        await other.close()
    assert await append(archive, *WEEK) == len(WEEK)


async def test_loads_while_a_window_is_written(archive: Archive) -> None:
    await append(archive, *WEEK[:9], until_ms=1)
    async with archive._database.transaction() as conn:
        await conn.execute("DELETE FROM day_chunk")
        assert rows_of(await archive.load()) == WEEK[:9]


async def test_more_days_than_are_read_at_once(archive: Archive) -> None:
    rows = [change(day * DAY_MS, state=f"{day % 7}") for day in range(100)]
    await append(archive, *rows)
    assert rows_of(await archive.load()) == rows
    assert rows_of(await archive.load(50)) == rows[50:]


window = st.lists(
    st.builds(
        change,
        st.integers(0, 3 * 24).map(lambda hour: hour * 3_600_000),
        st.sampled_from(["light.a", "light.b", "switch.ü"]),
        st.sampled_from(["on", "off", "unavailable"]),
        st.sampled_from(["", "anna", "automation.x"]),
    ),
    max_size=12,
)


def in_order(rows: list[Row]) -> list[Row]:
    """Return the rows as a log has them, each change once."""
    once = {row[:3]: row for row in sorted(rows, reverse=True)}
    return sorted(once.values())


@given(st.lists(window, min_size=1, max_size=4), st.integers(-12, 12))
@settings(max_examples=30, deadline=None)
async def test_agrees_with_a_list(windows: list[list[Row]], offset_h: int) -> None:
    naive = NaiveArchive()
    with TemporaryDirectory() as folder:
        database = await Database.open(Path(folder) / "store.db")
        try:
            archive = Archive(database)
            for rows in windows:
                until_ms = max((row[0] for row in rows), default=0) + 1
                log = log_of(*in_order(rows))
                days: Ints = np.asarray((log.t + offset_h * 3_600_000) // DAY_MS)
                added = await archive.append(log, days, until_ms)
                assert added == naive.append(in_order(rows), until_ms)
            assert rows_of(await archive.load()) == naive.rows
            assert await archive.watermark_ms() == naive.watermark_ms
            assert await archive.last_states() == naive.last_states()
        finally:
            await database.close()
