"""What models wrote and what it took."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from custom_components.automation_scout.llm.budget import Usage
from custom_components.automation_scout.llm.calling import Call
from custom_components.automation_scout.store import model_calls, texts
from custom_components.automation_scout.store.database import BadRow, Database
from custom_components.automation_scout.store.forget import forget
from custom_components.automation_scout.store.forgotten import ENTITY, USER, Wish
from custom_components.automation_scout.store.keys import name_key
from custom_components.automation_scout.store.model_calls import (
    ModelCallRow,
    ModelCallStore,
    MonthTotals,
)
from custom_components.automation_scout.store.stores import Stores
from custom_components.automation_scout.store.texts import TextRow

from .samples import NIGHT_1, NIGHT_2, NIGHT_3

CALL = ModelCallRow(
    "2026-11", "text", "m", "openai", NIGHT_1, 900, 700, 90, False, 0.002, "ok", 1
)


def bytes_of(path: Path) -> bytes:
    return path.read_bytes()


async def add(database: Database, rows: Iterable[ModelCallRow]) -> None:
    """Write calls down, as a run does."""
    async with database.transaction() as conn:
        await model_calls.insert(conn, rows)


async def keep(
    database: Database, rows: Iterable[TextRow], used: Iterable[str], at: str
) -> None:
    """Keep texts, as a run does."""
    async with database.transaction() as conn:
        await texts.insert(conn, rows, used, at)


@pytest.fixture
def stores(database: Database) -> Stores:
    return Stores.of(database)


async def test_totals_of_a_month(stores: Stores) -> None:
    calls = stores.model_calls
    assert await calls.totals("2026-11") == MonthTotals()
    await add(
        stores.database,
        [
            CALL,
            replace(CALL, outcome="failed", tokens_in=0, tokens_out=0, cost=0.0),
            replace(CALL, outcome="timeout", is_estimated=True, tries=2),
            replace(CALL, outcome="cancelled", ms=0),
            replace(CALL, outcome="rejected:markup"),
            replace(CALL, outcome="cached", tries=0, ms=0, tokens_in=0, cost=0.0),
            replace(CALL, outcome="budget", tries=0, ms=0, tokens_in=0, cost=0.0),
            replace(CALL, month="2026-10"),
        ],
    )
    assert await calls.totals("2026-11") == MonthTotals(
        calls=5,
        failed=3,
        rejected=1,
        saved_by_cache=1,
        skipped_by_budget=1,
        tokens_in=2800,
        tokens_out=540,
        cost=0.008,
        ms=3600,
        is_estimated=True,
    )
    assert (await calls.totals("2026-10")).calls == 1
    assert not (await calls.totals("2026-10")).is_estimated


async def test_a_call_is_written_down_as_it_was_made(stores: Stores) -> None:
    usage = Usage(10, 20, 0.5, is_estimated=True)
    call = Call("text", "m", "openai", "2026-11", NIGHT_1, 7, usage, "ok", 2)
    row = ModelCallRow(**call.plain())
    await add(stores.database, [row])
    totals = await stores.model_calls.totals("2026-11")
    assert (totals.tokens_in, totals.tokens_out, totals.cost) == (10, 20, 0.5)
    assert (totals.ms, totals.is_estimated) == (7, True)


@pytest.mark.parametrize(
    "bad",
    [
        {"month": "November"},
        {"ms": -1},
        {"cost": -0.1},
        {"tokens_in": 2**70},
        {"outcome": ""},
        {"model": None},
    ],
)
async def test_one_bad_call_leaves_none(stores: Stores, bad: dict[str, object]) -> None:
    with pytest.raises(BadRow):
        await add(stores.database, [CALL, replace(CALL, **bad)])  # type: ignore[arg-type]
    assert await stores.model_calls.totals("2026-11") == MonthTotals()


async def test_old_calls_go(stores: Stores) -> None:
    await add(stores.database, [CALL, replace(CALL, started_at=NIGHT_3)])
    await stores.model_calls.prune(NIGHT_2)
    assert (await stores.model_calls.totals("2026-11")).calls == 1


async def test_texts_are_kept_as_long_as_they_are_used(stores: Stores) -> None:
    kept = stores.texts
    assert await kept.known(["a"]) == {}
    await keep(
        stores.database, [TextRow("a", "A", ()), TextRow("b", "ß", ())], (), NIGHT_1
    )
    assert await kept.known(["a", "b", "c", "a"]) == {"a": "A", "b": "ß"}
    assert await kept.known([f"k{n}" for n in range(40_000)]) == {}
    await keep(stores.database, [], ["b", "unknown"], NIGHT_3)
    await kept.prune(NIGHT_2)
    assert await kept.known(["a", "b"]) == {"b": "ß"}
    await keep(stores.database, [TextRow("b", "new", ())], (), NIGHT_3)
    assert await kept.known(["b"]) == {"b": "new"}


async def test_one_bad_text_leaves_none(stores: Stores) -> None:
    for bad in (TextRow("", "x", ()), TextRow("x", "\ud800", ())):
        with pytest.raises(BadRow):
            await keep(stores.database, [TextRow("a", "A", ()), bad], (), NIGHT_1)
    assert await stores.texts.known(["a"]) == {}


async def test_forgetting_an_entity_forgets_what_was_written_about_it(
    stores: Stores, path: Path
) -> None:
    rows = [
        TextRow("a", "Zwieback on", ("light.zwieback", "sun.sun")),
        TextRow("b", "Zwieback two", ("light.zwieback_2",)),
        TextRow("c", "see light.zwieback", ()),
    ]
    await keep(stores.database, rows, (), NIGHT_1)
    await forget(stores.database, Wish(USER, 1, "anna"))
    assert len(await stores.texts.known("abc")) == 3
    await forget(stores.database, Wish(ENTITY, 1, "light.zwieback"))
    assert list(await stores.texts.known("abc")) == ["b"]
    await stores.database.close()
    left = bytes_of(path)
    assert b"Zwieback on" not in left
    assert b"Zwieback two" in left


async def test_the_key_is_made_once(database: Database, path: Path) -> None:
    key = await name_key(database)
    assert len(key) == 32
    assert await name_key(database) == key
    await database.close()
    again = await Database.open(path)
    try:
        assert await name_key(again) == key
    finally:
        await again.close()


async def test_time_of_writes_is_counted(database: Database) -> None:
    before = replace(database.writes)
    await add(database, [CALL] * 100)
    assert database.writes.count == before.count + 1
    assert 0 < database.writes.seconds - before.seconds < 10
    with pytest.raises(BadRow):
        await add(database, [replace(CALL, ms=-1)])
    # What failed took its time as well.
    assert database.writes.count == before.count + 2
    await ModelCallStore(database).totals("2026-11")
    assert database.writes.count == before.count + 2
