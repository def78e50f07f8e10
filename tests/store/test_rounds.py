"""What people asked for in words, and what came of it: kept, counted, forgotten."""

from pathlib import Path
from typing import Final

import pytest

from custom_components.automation_scout.store.database import (
    Database,
    StoreDamaged,
    StoreError,
)
from custom_components.automation_scout.store.forget import forget
from custom_components.automation_scout.store.forgotten import (
    BEFORE,
    ENTITY,
    USER,
    Wish,
)
from custom_components.automation_scout.store.rounds import (
    CHANGED,
    REFUSED,
    UNCHANGED,
    Round,
    RoundStore,
)
from custom_components.automation_scout.store.suggestions import SuggestionStore

from .samples import suggestion

FIRST: Final = Round(
    "only when Rumpelstilzchen is in",
    {"conditions": {"add": [{"entity_id": "person.ben", "state": "home"}]}},
    ("Nö.", "{}"),
    CHANGED,
    "2026-05-04T12:00:00+00:00",
    (("Person", "Rumpelstilzchen", "person.ben"), ("Area", "Ödland", "")),
)
SECOND: Final = Round("in pink", {}, (), UNCHANGED, "2026-05-06T12:00:00+00:00")
MAY_5: Final = 1_777_939_200_000


@pytest.fixture
async def rounds(database: Database) -> RoundStore:
    """Return the rounds of two suggestions."""
    for name in ("one", "two"):
        payload = {"title": name, "evidence": {"first_seen": SECOND.at}}
        row = suggestion(name, payload=payload)
        await SuggestionStore(database).store_suggestion(row)
    store = RoundStore(database)
    await store.add("one", FIRST)
    await store.add("two", SECOND)
    await store.add("one", SECOND)
    return store


async def test_rounds_are_kept_in_their_order(rounds: RoundStore) -> None:
    assert await rounds.of("one") == [FIRST, SECOND]
    assert await rounds.of("two") == [SECOND]
    assert await rounds.of("three") == []


async def test_numbers_go_on(rounds: RoundStore, database: Database) -> None:
    async with database.reading() as conn:
        found = await conn.execute_fetchall(
            "SELECT suggestion_id, round FROM refinement_round ORDER BY 1, 2"
        )
    assert [tuple(row) for row in found] == [("one", 1), ("one", 2), ("two", 1)]


async def test_a_round_of_nothing(rounds: RoundStore) -> None:
    with pytest.raises(StoreError):
        await rounds.add("three", FIRST)
    odd = Round("x", {}, (), "odd", FIRST.at)
    with pytest.raises(StoreError):
        await rounds.add("one", odd)
    assert await rounds.of("one") == [FIRST, SECOND]
    await rounds.add("one", Round("x", {}, (), REFUSED, FIRST.at))


async def test_rounds_go_with_their_suggestion(
    rounds: RoundStore, database: Database
) -> None:
    async with database.transaction() as conn:
        await conn.execute("DELETE FROM suggestion WHERE id = 'one'")
    assert await rounds.of("one") == []
    assert await rounds.of("two") == [SECOND]


@pytest.mark.parametrize(
    ("wish", "left"),
    [
        (Wish(ENTITY, MAY_5, "light.other"), []),
        (Wish(USER, MAY_5, "ben"), []),
        (Wish(BEFORE, MAY_5), [SECOND]),
    ],
    ids=lambda item: getattr(item, "kind", ""),
)
async def test_rounds_are_forgotten_whatever_they_name(
    rounds: RoundStore, database: Database, path: Path, wish: Wish, left: list[Round]
) -> None:
    await forget(database, wish)
    found = [*await rounds.of("one"), *await rounds.of("two")]
    assert [item for item in found if item.instruction == FIRST.instruction] == []
    assert all(item in left for item in found)
    assert bool(found) is bool(left)
    for file in path.parent.glob(f"{path.name}*"):
        assert b"Rumpelstilzchen" not in file.read_bytes()


async def test_a_round_that_cannot_be_read(
    rounds: RoundStore, database: Database
) -> None:
    async with database.transaction() as conn:
        await conn.execute("UPDATE refinement_round SET changes = '{'")
    with pytest.raises(StoreDamaged, match="round 1 of one"):
        await rounds.of("one")
    async with database.transaction() as conn:
        await conn.execute("UPDATE refinement_round SET changes = '{}', names = '[1]'")
    with pytest.raises(StoreDamaged, match="round 1 of one"):
        await rounds.of("one")
