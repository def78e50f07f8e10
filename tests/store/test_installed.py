"""Automations that were set up."""

from dataclasses import replace
import json
from pathlib import Path
import sqlite3

import pytest

from custom_components.automation_scout.store.database import (
    BadRow,
    Database,
    StoreDamaged,
    open_or_set_aside,
)
from custom_components.automation_scout.store.installed import (
    InstalledRow,
    InstalledStore,
)
from custom_components.automation_scout.store.suggestions import SuggestionStore

from .samples import NIGHT_1, NIGHT_2, NIGHT_3, suggestion

ROW = InstalledRow(
    "r1",
    "automation_scout_r1",
    "",
    "installing",
    {"id": "automation_scout_r1", "alias": "Küche"},
    "- id: automation_scout_r1\n  alias: Küche\n",
    "[]",
    NIGHT_1,
)


@pytest.fixture
async def installed(database: Database) -> InstalledStore:
    await suggest(database)
    return InstalledStore(database)


async def suggest(database: Database) -> None:
    """Have the suggestions that are set up."""
    rows = [suggestion(f"r{number}") for number in range(3)]
    await SuggestionStore(database).store_batch(rows)


async def test_they_go_with_their_suggestion(
    installed: InstalledStore, database: Database
) -> None:
    await installed.begin(ROW)
    async with database.transaction() as conn:
        await conn.execute("DELETE FROM suggestion WHERE id = 'r1'")
    assert await installed.list() == []


async def test_from_begun_to_undone(installed: InstalledStore) -> None:
    assert await installed.list() == []
    seq = await installed.begin(ROW)
    assert await installed.list() == [replace(ROW, seq=seq)]
    await installed.finish(seq, "automation.kueche", "automation.old")
    there = replace(
        ROW,
        seq=seq,
        state="installed",
        entity_id="automation.kueche",
        turned_off="automation.old",
    )
    assert await installed.latest() == {"r1": there}
    await installed.count("r1", 5, 2)
    there = replace(there, runs=5, undone=2)
    assert await installed.list() == [there]
    await installed.undo("r1", NIGHT_2)
    gone = replace(there, state="undone", undone_at=NIGHT_2)
    assert await installed.list() == [gone]
    again = await installed.begin(replace(ROW, installed_at=NIGHT_3))
    await installed.finish(again, "automation.kueche_2")
    rows = await installed.list()
    assert rows[0] == gone
    assert (await installed.latest())["r1"] == rows[1]
    assert (rows[1].runs, rows[1].turned_off) == (0, None)


async def test_of_several_that_were_begun_one_is_finished(
    installed: InstalledStore,
) -> None:
    other = replace(ROW, suggestion_id="r2")
    for row in (ROW, other):
        await installed.begin(row)
    last = await installed.begin(replace(ROW, inserted="another"))
    await installed.finish(last, "automation.kueche")
    states = {
        (row.suggestion_id, row.inserted): row.state for row in await installed.list()
    }
    assert states == {
        ("r1", "another"): "installed",
        ("r2", ROW.inserted): "installing",
    }
    await installed.forget("r2")
    await installed.forget("r1")
    assert [row.suggestion_id for row in await installed.list()] == ["r1"]


@pytest.mark.parametrize(
    "bad",
    [
        replace(ROW, suggestion_id="nobody"),
        replace(ROW, automation_id=""),
        replace(ROW, state="perhaps"),
        replace(ROW, config={"at": {1, 2}}),
        replace(ROW, config={"at": float("nan")}),
    ],
)
async def test_what_cannot_be_stored_is_refused(
    installed: InstalledStore, bad: InstalledRow
) -> None:
    with pytest.raises(BadRow):
        await installed.begin(bad)
    assert await installed.list() == []


async def test_what_cannot_be_read_is_damage(
    installed: InstalledStore, database: Database
) -> None:
    await installed.begin(ROW)
    async with database.transaction() as conn:
        await conn.execute("UPDATE installed SET config = '{'")
    with pytest.raises(StoreDamaged, match="installed r1"):
        await installed.list()


async def test_they_are_carried_over_from_a_damaged_store(path: Path) -> None:
    database = await Database.open(path)
    await suggest(database)
    store = InstalledStore(database)
    for number in range(3):
        await store.begin(replace(ROW, suggestion_id=f"r{number}"))
    await database.close()
    conn = sqlite3.connect(path)
    conn.execute("UPDATE installed SET config = ? WHERE seq = 2", (json.dumps([1]),))
    conn.commit()
    conn.close()
    opened = await open_or_set_aside(path, "now", damaged=True)
    try:
        rows = await InstalledStore(opened.database).list()
    finally:
        await opened.database.close()
    assert [row.suggestion_id for row in rows] == ["r0", "r2"]
    assert rows[0].config == ROW.config
