"""Forgetting: gone from every table, from the bytes, and from what is read again."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.settings import MiningSettings
from custom_components.automation_scout.store.archive import Archive
from custom_components.automation_scout.store.database import (
    Database,
    StoreError,
    StoreLocked,
    open_or_set_aside,
)
from custom_components.automation_scout.store.forget import forget
from custom_components.automation_scout.store.forgotten import (
    BEFORE,
    ENTITY,
    USER,
    Wish,
    is_known,
)
from custom_components.automation_scout.store.installed import InstalledRow
from custom_components.automation_scout.store.query import fetch
from custom_components.automation_scout.store.refinements import keep_found
from custom_components.automation_scout.store.runs import RunStore
from custom_components.automation_scout.store.stores import Stores
from custom_components.automation_scout.store.suggestions import SuggestionStore
from custom_components.automation_scout.store.trials import TrialRow, TrialStore
from custom_components.automation_scout.store.vocabulary import FREE

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

SECRET = "light.zwieback_nook"
SOURCE = "Rumpelstilzchen Radio"
BEN = "b0b5deadbeef"
NOW = 20 * DAY_MS
WISHES = (Wish(ENTITY, NOW, SECRET), Wish(USER, NOW, BEN), Wish(BEFORE, 5 * DAY_MS))


def past() -> list[Row]:
    """Return ten days of three entities and two people, the secret one among them."""
    found: list[Row] = []
    for day in range(10):
        at = day * DAY_MS
        found += [
            change(at + 1000, "light.plain", "on", "anna"),
            change(at + 2000, SECRET, "on", "anna"),
            change(at + 2001, f"{SECRET}#brightness", "40", "anna"),
            change(at + 3000, f"{SECRET}_2", "on", BEN),
            change(at + 4000, "media_player.tv", "off", "anna"),
            (at + 5000, "light.plain", "off", int(Origin.AUTOMATION), "automation.a"),
        ]
    return [*found, change(9 * DAY_MS + 9000, SECRET, SOURCE)]


def kept(rows: Iterable[Row], wish: Wish) -> list[Row]:
    """Return what a wish leaves of rows, the slow way."""
    if wish.kind == BEFORE:
        return [row for row in rows if row[0] >= wish.until_ms]
    if wish.kind == USER:
        return [row for row in rows if row[4] != wish.name]
    left = [row for row in rows if row[1].partition("#")[0] != wish.name]
    return [(*row[:4], "" if row[4] == wish.name else row[4]) for row in left]


async def fill(database: Database, rows: Iterable[Row]) -> Archive:
    archive = Archive(database)
    log = log_of(*rows)
    await archive.append(log, utc_days(log), NOW)
    await archive.cover({row[1] for row in rows})
    return archive


def bytes_of(path: Path) -> bytes:
    files = path.parent.glob(f"{path.name}*")
    return b"".join(file.read_bytes() for file in files)


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: wish.kind)
async def test_it_is_gone_from_the_archive(database: Database, wish: Wish) -> None:
    rows = past()
    archive = await fill(database, rows)
    left = kept(rows, wish)
    outcome = await forget(database, wish)
    assert outcome.removed == len(rows) - len(left) > 0
    assert rows_of(await archive.load()) == left
    assert await archive.watermark_ms() == NOW
    assert (await archive.stats()).events == len(left)
    again = await forget(database, wish)
    assert (again.removed, again.suggestions) == (0, ())


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: wish.kind)
async def test_it_is_not_read_again_and_what_follows_is(
    database: Database, wish: Wish
) -> None:
    rows = past()
    archive = await fill(database, rows)
    await forget(database, wish)
    log = log_of(*rows)
    assert await archive.append(log, utc_days(log), NOW) == 0
    later = [
        change(NOW + 1, SECRET, "on", "anna"),
        change(NOW + 2, "light.plain", "on", BEN),
    ]
    log = log_of(*later)
    assert await archive.append(log, utc_days(log), NOW + 9) == 2
    assert rows_of(await archive.load())[-2:] == later


async def test_entity_is_not_in_the_bytes_of_the_file(
    path: Path, database: Database
) -> None:
    """Not of the database, nor of its log, wherever it has been written before."""
    await fill(database, past())
    runs, suggestions = RunStore(database), SuggestionStore(database)
    about: dict[str, Any] = {"automation_yaml": f"entity_id: {SECRET}\n"}
    for n in range(60):
        plain = suggestion(f"p{n}", payload={"title": "x" * 500})
        await suggestions.store_suggestion(plain)
        row = suggestion(f"s{n}", payload={**about, "title": SOURCE * 30})
        await suggestions.store_suggestion(row)
        await suggestions.store_suggestion(
            suggestion(f"s{n}", payload={**about, "title": f"{SECRET} {n}"})
        )
        await suggestions.set_status(f"s{n}", "dismissed", at=NIGHT_2)
    was = suggestion("moved", rule={"entity": SECRET})
    await suggestions.store_suggestion(was)
    await suggestions.store_suggestion(suggestion("moved", rule={"entity": "light.x"}))
    misses = [{"entities": [SECRET]}, {"entities": [f"{SECRET}_2"]}]
    errors = [f"text: {SECRET}: KeyError", "mine: no"]
    phases = [{"name": "mine", "seconds": 1.0, "error": f"KeyError: {SECRET}"}]
    await runs.start(run(misses=misses, errors=errors, phases=phases))
    name = SECRET.encode()
    assert name in bytes_of(path)
    outcome = await forget(database, Wish(ENTITY, NOW, SECRET))
    assert set(outcome.suggestions) == {f"s{n}" for n in range(60)}
    left = bytes_of(path)
    assert left.count(name) == left.count(name + b"_2") > 0
    assert SOURCE.encode() not in left
    await database.close()
    assert SOURCE.encode() not in bytes_of(path)
    reopened = await Database.open(path)
    try:
        (done,) = await RunStore(reopened).list(9)
        assert done.misses == misses[1:]
        assert done.errors == ["mine: no"]
        assert done.phases == [{"name": "mine", "seconds": 1.0, "error": ""}]
        assert await SuggestionStore(reopened).versions("moved") == []
        assert len(await SuggestionStore(reopened).list()) == 61
        assert not await is_known(reopened, SECRET)
    finally:
        await reopened.close()


async def test_what_was_decided_about_an_entity_goes_with_it(
    path: Path, database: Database
) -> None:
    """What a person changed, tried, took back and watched names it as well."""
    stores = Stores.of(database)
    now, about = NIGHT_2, {"entity": SECRET}
    for id_ in ("changed", "tried", "undone"):
        await stores.suggestions.store_suggestion(suggestion(id_))
    await stores.suggestions.store_suggestion(suggestion("beside", beside=about))
    async with database.transaction() as conn:
        await keep_found(conn, "changed", about, now)
    await stores.trials.put(TrialRow("tried", about, now, now))
    installed = InstalledRow("undone", "a", "", "installing", about, "", "", now)
    await stores.installed.finish(await stores.installed.begin(installed), "b")
    await stores.installed.undo("undone", now)
    await stores.watched.replace({SECRET: {}, f"{SECRET}_2": {}})
    outcome = await forget(database, Wish(ENTITY, NOW, SECRET))
    assert set(outcome.suggestions) == {"changed", "tried", "beside"}
    assert list(await stores.watched.all()) == [f"{SECRET}_2"]
    left = bytes_of(path)
    assert left.count(SECRET.encode()) == left.count(f"{SECRET}_2".encode()) > 0


async def test_person_is_not_in_the_bytes_of_the_file(
    path: Path, database: Database
) -> None:
    await fill(database, past())
    assert BEN.encode() in bytes_of(path)
    await forget(database, Wish(USER, NOW, BEN))
    assert BEN.encode() not in bytes_of(path)
    assert not await is_known(database, BEN)


async def test_name_of_an_automation_goes_and_what_it_did_stays(
    database: Database,
) -> None:
    rows = past()
    archive = await fill(database, rows)
    wish = Wish(ENTITY, NOW, "automation.a")
    assert (await forget(database, wish)).removed == 0
    assert rows_of(await archive.load()) == kept(rows, wish)
    assert "automation.a" not in (await archive.load()).actors


async def test_what_is_forgotten_is_not_asked_for_again(database: Database) -> None:
    archive = await fill(database, past())
    await forget(database, Wish(ENTITY, NOW, SECRET))
    wanted = {"light.plain", SECRET, f"{SECRET}#brightness", "light.new"}
    assert await archive.uncovered(wanted) == {"light.new"}
    await archive.cover(wanted)
    assert await archive.uncovered(wanted) == frozenset()
    async with database.reading() as conn:
        ((text,),) = await fetch(conn, "SELECT value FROM meta WHERE key = 'covered'")
    assert SECRET not in text


async def test_codes_without_a_name_serve_the_next_one(database: Database) -> None:
    archive = await fill(database, past())
    before = len((await archive.load()).entities)
    await forget(database, Wish(ENTITY, NOW, SECRET))
    names = (await archive.load()).entities
    assert sum(name.startswith(FREE) for name in names) == 2
    assert len(set(names)) == len(names) == before
    new = [change(NOW + n, f"light.new_{n}", "on") for n in range(3)]
    log = log_of(*new)
    await archive.append(log, utc_days(log), NOW + 9)
    loaded = await archive.load()
    assert rows_of(loaded)[-3:] == new
    assert len(loaded.entities) == before + 1
    assert not any(name.startswith(FREE) for name in loaded.entities)


async def test_the_miner_does_not_mind_codes_without_a_name(
    database: Database,
) -> None:
    """What it finds is what it would have found had they never been there."""
    rows = [
        row
        for day in range(28)
        for minute, name in enumerate(
            ("binary_sensor.door", "light.plain", SECRET, f"{SECRET}#brightness")
        )
        for row in (
            change((day * 1440 + 1200 + day * day % 7 + minute) * 60_000, name, "on"),
            change((day * 1440 + 1400 + day * day % 7) * 60_000, name, "off", "anna"),
        )
    ]
    wish = Wish(ENTITY, 99 * DAY_MS, SECRET)
    archive = await fill(database, rows)
    await forget(database, wish)
    log = await archive.load()
    assert len(set(log.entities)) == len(log.entities) == 4
    found = mine(log, HomeFacts("UTC"), MiningSettings())
    assert found.errors == ()
    never = mine(log_of(*kept(rows, wish)), HomeFacts("UTC"), MiningSettings())
    assert found.proven == never.proven != ()


async def test_last_states_go_with_their_changes(database: Database) -> None:
    archive = await fill(database, past())
    await forget(database, Wish(ENTITY, NOW, SECRET))
    states = await archive.last_states()
    assert set(states) == {"light.plain", f"{SECRET}_2", "media_player.tv"}
    await forget(database, Wish(USER, NOW, BEN))
    assert set(await archive.last_states()) == {"light.plain", "media_player.tv"}
    await forget(database, Wish(BEFORE, NOW))
    assert await archive.last_states() == {}
    assert len(await archive.load()) == 0


def seen(first: str | None, **provenance: int) -> dict[str, Any]:
    evidence = {
        "hits": 9,
        "first_seen": first,
        "last_seen": NIGHT_2,
        "examples": [NIGHT_2],
        "provenance": provenance,
    }
    return {"title": "x", "evidence": evidence}


DAY_6 = "1970-01-07T00:00:00+00:00"


@pytest.mark.parametrize(
    ("wish", "fallen"),
    [
        (Wish(BEFORE, 5 * DAY_MS), {"early", "undated"}),
        (Wish(USER, NOW, BEN), {"early", "undated", "late"}),
        (Wish(USER, NOW, "nobody"), set()),
    ],
    ids=["before", "user", "nobody"],
)
async def test_what_rests_on_it_falls(
    database: Database, suggestions: SuggestionStore, wish: Wish, fallen: set[str]
) -> None:
    await fill(database, past())
    early = "1970-01-02T00:00:00+00:00"
    for id_, payload in (
        ("early", seen(early, user=3)),
        ("undated", seen(None)),
        ("late", seen(DAY_6, voice=1, physical=3)),
        ("by hand", seen(DAY_6, physical=3)),
    ):
        await suggestions.store_suggestion(suggestion(id_, payload=payload))
    outcome = await forget(database, wish)
    assert set(outcome.suggestions) == fallen
    assert {row.id for row in await suggestions.list()} == {
        "early", "undated", "late", "by hand"
    } - fallen  # fmt: skip


@pytest.mark.parametrize("status", ["dismissed", "accepted", "snoozed"])
@pytest.mark.parametrize("wish", WISHES[1:], ids=lambda wish: wish.kind)
async def test_decisions_stay_without_the_instants(
    database: Database, suggestions: SuggestionStore, status: str, wish: Wish
) -> None:
    await fill(database, past())
    old = "1970-01-02T00:00:00+00:00"
    await suggestions.store_suggestion(suggestion(payload={"automation": "old"}))
    await suggestions.store_suggestion(suggestion(payload=seen(old, user=3)))
    await suggestions.set_status("r1", status, at=NIGHT_2, reason="wrong")
    trials = TrialStore(database)
    await trials.put(TrialRow("r1", {}, old, old, report={"firings": [old]}))
    assert (await forget(database, wish)).suggestions == ()
    assert (await trials.all())["r1"].report is None
    (row,) = await suggestions.list()
    assert row.status == status
    assert row.payload["evidence"] == {
        "hits": 9,
        "first_seen": None,
        "last_seen": None,
        "examples": [],
        "provenance": {"user": 3},
    }
    assert row.last_supported is None
    assert await suggestions.versions("r1") == []
    assert len(await suggestions.verdicts("r1")) == 1


async def test_runs_before_a_day_go(database: Database, runs: RunStore) -> None:
    await runs.start(run("old", started_at="1970-01-02T03:00:00+00:00"))
    await runs.start(run("new", misses=[{"gate": "support"}]))
    await forget(database, WISHES[2])
    (row,) = await runs.list(9)
    assert (row.run_id, row.misses) == ("new", [])


async def test_latest_instant_counts(database: Database) -> None:
    archive = await fill(database, ())
    for until in (5 * DAY_MS, 3 * DAY_MS):
        await forget(database, Wish(BEFORE, until))
    log = log_of(change(4 * DAY_MS), change(6 * DAY_MS))
    assert await archive.append(log, utc_days(log), NOW) == 1


async def test_damaged_day_leaves_everything_as_it_was(database: Database) -> None:
    archive = await fill(database, past())
    async with database.transaction() as conn:
        await conn.execute("UPDATE day_chunk SET data = x'00' WHERE day = 9")
    with pytest.raises(StoreError, match="day 9"):
        await forget(database, WISHES[0])
    assert await is_known(database, SECRET)
    assert (await archive.stats()).days == 10


async def test_another_reader_is_told_of(path: Path, database: Database) -> None:
    """It keeps the log from being emptied: said, rather than left unsaid."""
    await fill(database, past())
    other = await Database.open(path, busy_timeout_ms=50)
    try:
        async with other.reading() as conn:
            await fetch(conn, "SELECT 1 FROM entity LIMIT 1")
            with pytest.raises(StoreLocked, match="another process"):
                await forget(database, WISHES[0])
        assert not await is_known(database, SECRET)
        await forget(database, WISHES[0])
    finally:
        await other.close()
    assert SECRET.encode() not in path.with_name(f"{path.name}-wal").read_bytes()


async def test_a_damaged_store_does_not_remember_what_was_forgotten(
    path: Path, database: Database
) -> None:
    await fill(database, past())
    await forget(database, WISHES[0])
    await database.close()
    opened = await open_or_set_aside(path, "now", damaged=True)
    try:
        archive = Archive(opened.database)
        log = log_of(*past())
        await archive.append(log, utc_days(log), NOW)
        assert rows_of(await archive.load()) == kept(past(), WISHES[0])
    finally:
        await opened.database.close()


async def test_retention_leaves_no_name_in_the_file(
    path: Path, database: Database
) -> None:
    recent, now = 5 * DAY_MS, "light.plain"
    rows = [row for row in past() if (row[0] >= recent) == (row[1] == now)]
    archive = await fill(database, rows)
    await archive.cover({now})
    assert SECRET.encode() in bytes_of(path)
    assert await archive.prune(6) == len([row for row in rows if row[0] < 6 * DAY_MS])
    left = bytes_of(path)
    assert SECRET.encode() not in left
    assert BEN.encode() not in left
    loaded = await archive.load()
    assert rows_of(loaded) == [row for row in rows if row[0] >= 6 * DAY_MS]


async def test_memory_of_it_lasts_as_long_as_the_archive(database: Database) -> None:
    archive = await fill(database, ())
    await forget(database, WISHES[0])
    await archive.prune(20)
    assert await archive.uncovered({SECRET}) == frozenset()
    await archive.prune(22)
    assert await archive.uncovered({SECRET}) == {SECRET}


names = st.sampled_from([SECRET, f"{SECRET}#brightness", f"{SECRET}_2", "light.plain"])
rows_drawn = st.lists(
    st.builds(
        change,
        st.integers(0, 8 * DAY_MS),
        names,
        st.sampled_from(["on", "off", "40", SOURCE]),
        st.sampled_from(["", "anna", BEN]),
    ),
    max_size=40,
    unique_by=lambda row: row[:3],
)


@settings(deadline=None, max_examples=40)
@given(rows_drawn, st.sampled_from(WISHES))
def test_forgetting_is_never_having_known(rows: list[Row], wish: Wish) -> None:
    async def forgotten_and_not_known() -> None:
        with TemporaryDirectory() as folder:
            one = await Database.open(Path(folder) / "one.db")
            two = await Database.open(Path(folder) / "two.db")
            try:
                archive = await fill(one, rows)
                await forget(one, wish)
                await fill(one, rows)
                never = await fill(two, kept(rows, wish))
                loaded = sorted(rows_of(await archive.load()))
                assert loaded == sorted(rows_of(await never.load()))
            finally:
                await one.close()
                await two.close()

    asyncio.run(forgotten_and_not_known())
