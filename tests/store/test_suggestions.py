"""Suggestions: one row a habit, versions, verdicts, batches with bad rows."""

from dataclasses import replace
import math
from typing import Any

import pytest

from custom_components.automation_scout.store.database import (
    BadRow,
    Database,
    StoreError,
    UnknownSuggestion,
)
from custom_components.automation_scout.store.suggestions import (
    SuggestionRow,
    SuggestionStore,
)

from .samples import NIGHT_1, NIGHT_2, NIGHT_3, suggestion


async def stored(store: SuggestionStore, id_: str = "r1") -> SuggestionRow:
    row = await store.get(id_)
    assert row is not None
    return row


async def ids(store: SuggestionStore) -> list[str]:
    return [row.id for row in await store.list()]


def circular() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["self"] = value
    return value


def deep() -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(100_000):
        value = {"in": value}
    return value


BAD = {
    "not JSON": suggestion("bad", payload={"when": {1, 2}}),
    "bytes": suggestion("bad", rule={"raw": b"x"}),
    "infinite": suggestion("bad", payload={"lift": math.inf}),
    "circular": suggestion("bad", payload=circular()),
    "deep": suggestion("bad", payload=deep()),
    "surrogate": suggestion("bad", payload={"title": "\ud800"}),
    "status": suggestion("bad", status="maybe"),
    "confidence": suggestion("bad", confidence=1.5),
    "not a number": suggestion("bad", confidence=math.nan),
    "no kind": suggestion("bad", kind=""),
    "no date": suggestion("bad", created_at=None),
    "type": suggestion("bad", score="high"),
    "not a value": suggestion("bad", score=object()),
    "too large": suggestion("bad", last_supported=2**70),
}


async def test_store_and_get(suggestions: SuggestionStore) -> None:
    await suggestions.store_suggestion(suggestion())
    assert await stored(suggestions) == suggestion()
    assert await suggestions.get("nobody") is None


async def test_same_row_twice_is_one_row_of_version_1(
    suggestions: SuggestionStore,
) -> None:
    await suggestions.store_suggestion(suggestion())
    later = suggestion(updated_at=NIGHT_2, created_at=NIGHT_2, last_supported=NIGHT_2)
    await suggestions.store_suggestion(later)
    assert await suggestions.list() == [suggestion(last_supported=NIGHT_2)]
    assert await suggestions.versions("r1") == []


async def test_changed_payload_is_version_2_and_the_old_one_is_kept(
    suggestions: SuggestionStore,
) -> None:
    await suggestions.store_suggestion(suggestion())
    payload = {"automation": "Küche an um 07:40"}
    await suggestions.store_suggestion(
        suggestion(payload=payload, updated_at=NIGHT_2, created_at=NIGHT_2)
    )
    expected = suggestion(payload=payload, version=2, updated_at=NIGHT_2)
    assert await suggestions.list() == [expected]
    (old,) = await suggestions.versions("r1")
    assert (old.suggestion_id, old.version, old.updated_at) == ("r1", 1, NIGHT_1)
    assert (old.rule, old.payload) == (suggestion().rule, suggestion().payload)


async def test_changed_rule_makes_a_version_each_time(
    suggestions: SuggestionStore,
) -> None:
    for minute in (450, 455, 450):
        await suggestions.store_suggestion(suggestion(rule={"minute": minute}))
    assert (await stored(suggestions)).version == 3
    versions = await suggestions.versions("r1")
    assert [(old.version, old.rule["minute"]) for old in versions] == [
        (1, 450),
        (2, 455),
    ]


async def test_version_that_is_passed_in_does_not_count(
    suggestions: SuggestionStore,
) -> None:
    await suggestions.store_suggestion(suggestion(version=40))
    assert (await stored(suggestions)).version == 1


@pytest.mark.parametrize("key", ["title", "description", "category", "text"])
async def test_other_words_for_the_same_are_no_version(
    suggestions: SuggestionStore, key: str
) -> None:
    payload = suggestion().payload
    for words in ("plain", "warm"):
        row = suggestion(payload={**payload, key: words}, updated_at=NIGHT_2)
        await suggestions.store_suggestion(row)
    kept = await stored(suggestions)
    assert (kept.version, kept.payload[key]) == (1, "warm")
    assert await suggestions.versions("r1") == []


async def test_order_of_keys_and_tuples_are_no_change(
    suggestions: SuggestionStore,
) -> None:
    await suggestions.store_suggestion(suggestion(payload={"a": [1, 2], "b": 2}))
    await suggestions.store_suggestion(suggestion(payload={"b": 2, "a": (1, 2)}))
    row = await stored(suggestions)
    assert (row.version, row.payload) == (1, {"a": [1, 2], "b": 2})
    assert row.updated_at == NIGHT_1


async def test_order_of_keys_comes_back_as_it_was_given(
    suggestions: SuggestionStore,
) -> None:
    payload = {"triggers": [], "actions": [], "alias": "x"}
    await suggestions.store_suggestion(suggestion(payload=payload))
    assert list((await stored(suggestions)).payload) == list(payload)


async def test_new_evidence_without_a_new_rule_updates_the_row(
    suggestions: SuggestionStore,
) -> None:
    await suggestions.store_suggestion(suggestion())
    await suggestions.store_suggestion(suggestion(confidence=0.95, updated_at=NIGHT_2))
    assert await stored(suggestions) == suggestion(confidence=0.95, updated_at=NIGHT_2)


@pytest.mark.parametrize("decision", ["dismissed", "accepted", "snoozed"])
async def test_what_a_person_decided_stays(
    suggestions: SuggestionStore, decision: str
) -> None:
    await suggestions.store_suggestion(suggestion())
    await suggestions.set_status("r1", decision, at=NIGHT_2, snoozed_until=NIGHT_3)
    await suggestions.store_batch([suggestion(payload={"automation": "new"})])
    row = await stored(suggestions)
    assert (row.status, row.snoozed_until) == (decision, NIGHT_3)
    assert (row.version, row.payload) == (2, {"automation": "new"})
    await suggestions.set_status("r1", "open", at=NIGHT_3)
    row = await stored(suggestions)
    assert (row.status, row.snoozed_until) == ("open", None)


@pytest.mark.parametrize("status", ["expired", "superseded"])
async def test_what_an_analysis_decided_an_analysis_changes(
    suggestions: SuggestionStore, status: str
) -> None:
    await suggestions.store_suggestion(suggestion())
    await suggestions.store_suggestion(suggestion(status=status, updated_at=NIGHT_2))
    assert await stored(suggestions) == suggestion(status=status, updated_at=NIGHT_2)
    await suggestions.store_suggestion(suggestion(updated_at=NIGHT_3))
    assert await stored(suggestions) == suggestion(updated_at=NIGHT_3)


async def test_list_is_best_first_and_by_status(suggestions: SuggestionStore) -> None:
    await suggestions.store_batch(
        [
            suggestion("b", score=1.0),
            suggestion("c", score=3.0, status="expired"),
            suggestion("a", score=1.0),
        ]
    )
    assert await ids(suggestions) == ["c", "a", "b"]
    assert [row.id for row in await suggestions.list(["open"])] == ["a", "b"]
    assert [row.id for row in await suggestions.list({"expired"})] == ["c"]
    assert await suggestions.list(["dismissed"]) == []
    assert await suggestions.list([]) == []


async def test_set_status_writes_a_verdict(suggestions: SuggestionStore) -> None:
    await suggestions.store_suggestion(suggestion())
    row = await suggestions.set_status("r1", "dismissed", at=NIGHT_2, reason="wrong")
    assert row == await stored(suggestions)
    assert (row.status, row.updated_at) == ("dismissed", NIGHT_2)
    await suggestions.set_status("r1", "open", at=NIGHT_3, verdict="restored")
    verdicts = await suggestions.verdicts("r1")
    assert [(v.verdict, v.reason, v.at, v.version) for v in verdicts] == [
        ("dismissed", "wrong", NIGHT_2, 1),
        ("restored", None, NIGHT_3, 1),
    ]
    assert await suggestions.verdicts("nobody") == []


async def test_set_status_of_nothing_and_to_nothing(
    suggestions: SuggestionStore,
) -> None:
    with pytest.raises(UnknownSuggestion):
        await suggestions.set_status("nobody", "dismissed", at=NIGHT_2)
    await suggestions.store_suggestion(suggestion())
    with pytest.raises(BadRow):
        await suggestions.set_status("r1", "maybe", at=NIGHT_2)
    assert await stored(suggestions) == suggestion()
    assert await suggestions.verdicts("r1") == []


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_one_bad_row_among_good_ones(
    suggestions: SuggestionStore, bad: SuggestionRow
) -> None:
    outcome = await suggestions.store_batch([suggestion("a"), bad, suggestion("b")])
    assert outcome.stored == 2
    ((id_, error),) = outcome.failed
    assert id_ == "bad"
    assert error
    assert await ids(suggestions) == ["a", "b"]


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_bad_row_alone(suggestions: SuggestionStore, bad: SuggestionRow) -> None:
    with pytest.raises(BadRow):
        await suggestions.store_suggestion(bad)
    assert await suggestions.list() == []


async def test_bad_change_leaves_the_row_and_its_versions(
    suggestions: SuggestionStore,
) -> None:
    await suggestions.store_suggestion(suggestion())
    # The old version is written down before the constraint is broken.
    bad = suggestion(payload={"automation": "new"}, confidence=7.0)
    outcome = await suggestions.store_batch([bad, suggestion("r2")])
    assert outcome.stored == 1
    assert await stored(suggestions) == suggestion()
    assert await suggestions.versions("r1") == []


async def test_batch_is_one_transaction(
    suggestions: SuggestionStore, database: Database
) -> None:
    statements: list[str] = []
    async with database.transaction() as conn:
        await conn.set_trace_callback(statements.append)
    await suggestions.store_batch(suggestion(f"r{number}") for number in range(20))
    heads = [statement.split()[0] for statement in statements]
    heads = heads[heads.index("BEGIN") :]
    assert heads.count("BEGIN") == heads.count("COMMIT") == 1
    assert heads.count("SAVEPOINT") == heads.count("RELEASE") == 20
    assert "ROLLBACK" not in heads


async def test_failed_commit_of_a_batch_leaves_what_was_before(
    suggestions: SuggestionStore, database: Database
) -> None:
    await suggestions.store_suggestion(suggestion("old"))
    async with database.transaction() as conn:
        await conn.execute(
            "CREATE TABLE audit (id TEXT REFERENCES run (run_id)"
            " DEFERRABLE INITIALLY DEFERRED)"
        )
        await conn.execute(
            "CREATE TRIGGER audited AFTER INSERT ON suggestion"
            " BEGIN INSERT INTO audit VALUES (NEW.id); END"
        )
    changed = suggestion("old", payload={"automation": "changed"})
    with pytest.raises(StoreError, match="the store is as it was before"):
        await suggestions.store_batch([changed, suggestion("a"), suggestion("b")])
    assert await suggestions.list() == [suggestion("old")]
    assert await suggestions.versions("old") == []
    async with database.transaction() as conn:
        await conn.execute("DROP TRIGGER audited")
    assert (await suggestions.store_batch([changed])).stored == 1


async def test_fault_that_is_not_of_a_row_fails_the_batch(
    suggestions: SuggestionStore, database: Database
) -> None:
    await suggestions.store_suggestion(suggestion("old"))
    async with database.transaction() as conn:
        await conn.execute("PRAGMA max_page_count = 1")
    big = suggestion("big", payload={"text": "x" * 1_000_000})
    with pytest.raises(StoreError, match="full") as caught:
        await suggestions.store_batch([suggestion("a"), big, suggestion("b")])
    assert not isinstance(caught.value, BadRow)
    assert await ids(suggestions) == ["old"]


async def test_transaction_that_sqlite_itself_ends(
    suggestions: SuggestionStore, database: Database
) -> None:
    async with database.transaction() as conn:
        await conn.execute(
            "CREATE TRIGGER ended BEFORE INSERT ON suggestion WHEN NEW.id = 'end'"
            " BEGIN SELECT RAISE(ROLLBACK, 'ended'); END"
        )
    batch = [suggestion("a"), suggestion("end"), suggestion("b")]
    with pytest.raises(StoreError) as caught:
        await suggestions.store_batch(batch)
    assert not isinstance(caught.value, BadRow)
    assert await ids(suggestions) == []
    assert (await suggestions.store_batch([suggestion("a")])).stored == 1


async def test_empty_batch(suggestions: SuggestionStore) -> None:
    outcome = await suggestions.store_batch([])
    assert (outcome.stored, outcome.failed) == (0, ())


async def test_without_commit_the_caller_ends_the_transaction(
    suggestions: SuggestionStore, database: Database
) -> None:
    with pytest.raises(StoreError, match="no transaction"):
        await suggestions.store_suggestion(suggestion(), commit=False)
    async with database.transaction():
        await suggestions.store_suggestion(suggestion("a"), commit=False)
        with pytest.raises(BadRow):
            await suggestions.store_suggestion(BAD["status"], commit=False)
        await suggestions.store_suggestion(suggestion("b"), commit=False)
        assert await ids(suggestions) == []
    assert await ids(suggestions) == ["a", "b"]

    async def store_and_fail() -> None:
        async with database.transaction():
            await suggestions.store_suggestion(suggestion("c"), commit=False)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store_and_fail()
    assert await ids(suggestions) == ["a", "b"]


async def test_rows_do_not_change_what_was_passed_in(
    suggestions: SuggestionStore,
) -> None:
    row = suggestion()
    copy = replace(row, rule=dict(row.rule), payload=dict(row.payload))
    await suggestions.store_suggestion(row)
    assert row == copy
