"""What people changed, what is on trial, and what became of automations."""

import asyncio
from dataclasses import replace
from pathlib import Path
import sqlite3
from typing import Any, Final

import pytest

from custom_components.automation_scout.store.database import (
    BadRow,
    Database,
    StoreDamaged,
    open_or_set_aside,
)
from custom_components.automation_scout.store.refinements import (
    Refinement,
    RefinementStore,
    keep_found,
)
from custom_components.automation_scout.store.suggestions import SuggestionStore
from custom_components.automation_scout.store.trials import (
    FINISHED,
    RUNNING,
    TrialRow,
    TrialStore,
)
from custom_components.automation_scout.store.watched import WatchedStore

from .samples import NIGHT_1, NIGHT_2, NIGHT_3, suggestion

FOUND: Final = {"trigger": {"type": "time", "minute": 1350}}
TRIAL: Final = TrialRow("r1", FOUND, NIGHT_1, NIGHT_3)


async def refine(database: Database, key: str, found: dict[str, Any], at: str) -> None:
    async with database.transaction() as conn:
        await keep_found(conn, key, found, at)


async def test_what_was_found_first_stays(
    database: Database, suggestions: SuggestionStore
) -> None:
    await suggestions.store_suggestion(suggestion())
    refinements = RefinementStore(database)
    assert await refinements.all() == {}
    await refine(database, "r1", FOUND, NIGHT_1)
    await refine(database, "r1", {"trigger": {"minute": 1}}, NIGHT_2)
    assert await refinements.all() == {"r1": Refinement(FOUND, NIGHT_2)}


async def test_a_change_and_its_note_are_one_transaction(
    database: Database, suggestions: SuggestionStore
) -> None:
    await suggestions.store_suggestion(suggestion())
    changed = suggestion(rule={"minute": 460})

    async def fail_late() -> None:
        async with database.transaction() as conn:
            await suggestions.store_suggestion(changed, commit=False)
            await keep_found(conn, "r1", FOUND, NIGHT_1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_late()
    stored = await suggestions.get("r1")
    assert stored is not None
    assert (stored.version, stored.rule) == (1, suggestion().rule)
    assert await RefinementStore(database).all() == {}


async def test_trials_are_put_replaced_and_stopped(
    database: Database, suggestions: SuggestionStore
) -> None:
    await suggestions.store_suggestion(suggestion())
    trials = TrialStore(database)
    await trials.put(TRIAL)
    assert await trials.all() == {"r1": TRIAL}
    assert TRIAL.status == RUNNING
    await trials.stop("r1")
    await trials.stop("r1")
    assert await trials.all() == {}
    over = replace(TRIAL, status=FINISHED, report={"hits": 3, "firings": []})
    await trials.put(TRIAL)
    await trials.put(over)
    await trials.stop("r1")
    # What it came to is still told: only what is under way is stopped.
    assert await trials.all() == {"r1": over}


@pytest.mark.parametrize(
    "row",
    [
        replace(TRIAL, suggestion_id="none"),
        replace(TRIAL, status="asleep"),
        replace(TRIAL, rule={"x": float("nan")}),
        replace(TRIAL, report={"x": object()}),
    ],
)
async def test_trials_that_are_none(
    database: Database, suggestions: SuggestionStore, row: TrialRow
) -> None:
    await suggestions.store_suggestion(suggestion())
    with pytest.raises(BadRow):
        await TrialStore(database).put(row)
    assert await TrialStore(database).all() == {}


async def test_counts_are_those_of_the_last_analysis(database: Database) -> None:
    watched = WatchedStore(database)
    assert await watched.all() == {}
    await watched.replace({"automation.a": {"runs": 1}, "automation.b": {}})
    await watched.replace({"automation.b": {"runs": 2}, "automation.c": {}})
    assert await watched.all() == {"automation.b": {"runs": 2}, "automation.c": {}}
    await watched.replace({})
    assert await watched.all() == {}


@pytest.mark.parametrize(
    ("table", "column"),
    [("refinement", "found"), ("trial", "report"), ("watched", "counts")],
)
async def test_what_is_no_json_is_damage(
    database: Database, suggestions: SuggestionStore, table: str, column: str
) -> None:
    await suggestions.store_suggestion(suggestion())
    await refine(database, "r1", FOUND, NIGHT_1)
    await TrialStore(database).put(TRIAL)
    await WatchedStore(database).replace({"automation.a": {}})
    async with database.transaction() as conn:
        await conn.execute(f"UPDATE {table} SET {column} = '{{'")
    stores: dict[str, RefinementStore | TrialStore | WatchedStore] = {
        "refinement": RefinementStore(database),
        "trial": TrialStore(database),
        "watched": WatchedStore(database),
    }
    with pytest.raises(StoreDamaged):
        await stores[table].all()


async def test_decisions_are_carried_over_from_a_damaged_file(path: Path) -> None:
    database = await Database.open(path)
    suggestions = SuggestionStore(database)
    for key in ("r1", "r2"):
        await suggestions.store_suggestion(suggestion(key))
        await refine(database, key, FOUND, NIGHT_1)
        await TrialStore(database).put(replace(TRIAL, suggestion_id=key))
    await database.close()

    def spoil() -> None:
        conn = sqlite3.connect(path)
        conn.execute("UPDATE refinement SET found = '{' WHERE suggestion_id = 'r2'")
        conn.commit()
        conn.close()

    await asyncio.to_thread(spoil)
    opened = await open_or_set_aside(path, "stamp", damaged=True)
    try:
        found = await RefinementStore(opened.database).all()
        assert found == {"r1": Refinement(FOUND, NIGHT_1)}
        assert set(await TrialStore(opened.database).all()) == {"r1", "r2"}
    finally:
        await opened.database.close()
