"""Suggestions, their earlier versions, and what people decided about them.

The id is the fingerprint of the rule, so the same habit is the same row on every night.
A change of its rule, or of what is proposed, makes a new version and keeps the old one;
numbers that moved, and other words for the same, do not.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
import json
import sqlite3
from typing import Any, Final

import aiosqlite

from .database import BadRow, Database, UnknownSuggestion
from .errors import StoreDamaged
from .query import Row, fetch

DECIDED: Final = frozenset({"accepted", "dismissed", "snoozed"})
"""Statuses that a person gave. Only `set_status`, and a batch for those whose answer
has run out, lead out of them."""

_EVIDENCE: Final = frozenset({"confidence", "evidence", "priority", "rationale"})
"""Keys of a payload that move with every night of history."""
_WORDS: Final = frozenset({"title", "description", "category", "text"})
"""Keys that say in words what `automation` does: another text is the same proposal."""

_COLUMNS: Final = (
    "id, status, kind, confidence, score, rule, payload, version, created_at,"
    " updated_at, snoozed_until, last_supported, places, beside"
)
_MARKS: Final = ", ".join("?" * 14)
_SELECT: Final = f"SELECT {_COLUMNS} FROM suggestion"  # noqa: S608
_INSERT: Final = f"INSERT INTO suggestion ({_COLUMNS}) VALUES ({_MARKS})"  # noqa: S608

_UPDATE: Final = """UPDATE suggestion SET status = ?, kind = ?, confidence = ?,
    score = ?, rule = ?, payload = ?, version = ?, updated_at = ?, snoozed_until = ?,
    last_supported = ?, places = ?, beside = ? WHERE id = ?"""

_KEEP_VERSION: Final = """INSERT INTO suggestion_version
    (suggestion_id, version, rule, payload, updated_at)
    SELECT id, version, rule, payload, updated_at FROM suggestion WHERE id = ?"""

type Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SuggestionRow:
    """A suggestion as stored. Instants are ISO 8601 in UTC."""

    id: str
    status: str
    kind: str
    confidence: float
    """0..1"""
    score: float
    """Higher comes first."""
    rule: Json
    payload: Json
    """The public shape without status, version and dates."""
    version: int
    """From 1; the store counts, what is passed in is not looked at."""
    created_at: str
    updated_at: str
    snoozed_until: str | None = None
    last_supported: str | None = None
    """When an analysis last found the habit."""
    places: Json = field(default_factory=dict)
    """Entity id to device, area and device class, as they were then."""
    beside: Json = field(default_factory=dict)
    """What else it was judged beside: what opposes it, what it is in the place of."""


@dataclass(frozen=True, slots=True)
class SuggestionVersion:
    """What a suggestion was before it changed."""

    suggestion_id: str
    version: int
    rule: Json
    payload: Json
    updated_at: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody decided about a version of a suggestion, and when."""

    suggestion_id: str
    version: int
    verdict: str
    reason: str | None
    at: str


@dataclass(frozen=True, slots=True)
class BatchOutcome:
    """What became of the rows of a batch."""

    stored: int
    failed: tuple[tuple[str, str], ...]
    """Id and error of each row that was left out."""


type SuggestionRows = list[SuggestionRow]
type SuggestionVersions = list[SuggestionVersion]
type Verdicts = list[Verdict]


class SuggestionStore:
    """The suggestions in a database."""

    def __init__(self, database: Database) -> None:
        """Keep the database; nothing is read yet."""
        self._database = database

    async def store_suggestion(self, row: SuggestionRow, commit: bool = True) -> None:
        """Insert a suggestion, or bring the stored one up to date.

        What a person decided stays: the status and the end of a snooze are only taken
        over where the stored status is none of `DECIDED`. `created_at` stays too, and
        `updated_at` where nothing but `last_supported` differs.

        Args:
            row: The suggestion.
            commit: False inside a transaction that the caller has open, and ends.

        Raises:
            BadRow: It is not JSON or breaks a constraint. Nothing of it was stored; a
                transaction of the caller goes on.
            StoreError: Anything else.
        """
        if commit:
            async with self._database.transaction() as conn:
                await _store(conn, row)
        else:
            await _store(self._database.joined(), row)

    async def store_batch(
        self, rows: Iterable[SuggestionRow], released: Collection[str] = ()
    ) -> BatchOutcome:
        """Store suggestions in one transaction; leave out, and report, the bad ones.

        Args:
            rows: The suggestions.
            released: Ids of those that may leave a status that a person gave.

        Raises:
            StoreError: The transaction failed, and the store is as it was before it.
        """
        stored = 0
        failed: list[tuple[str, str]] = []
        async with self._database.transaction() as conn:
            for row in rows:
                try:
                    await _store(conn, row, released=row.id in released)
                except BadRow as error:
                    failed.append((row.id, str(error)))
                else:
                    stored += 1
        return BatchOutcome(stored, tuple(failed))

    async def list(self, statuses: Collection[str] | None = None) -> SuggestionRows:
        """Return the suggestions with one of these statuses, or all; best first."""
        async with self._database.reading() as conn:
            rows = await fetch(conn, f"{_SELECT} ORDER BY score DESC, id")
        return [_row(row) for row in rows if statuses is None or row[1] in statuses]

    async def get(self, suggestion_id: str) -> SuggestionRow | None:
        """Return a suggestion, or None where there is none with this id."""
        async with self._database.reading() as conn:
            return await _get(conn, suggestion_id)

    async def required(self, suggestion_id: str) -> SuggestionRow:
        """Return a suggestion.

        Raises:
            UnknownSuggestion: There is none with this id.
        """
        row = await self.get(suggestion_id)
        if row is None:
            raise UnknownSuggestion(suggestion_id)
        return row

    async def set_status(
        self,
        suggestion_id: str,
        status: str,
        *,
        at: str,
        snoozed_until: str | None = None,
        verdict: str | None = None,
        reason: str | None = None,
    ) -> SuggestionRow:
        """Change the status and write down the verdict, in one transaction.

        Args:
            suggestion_id: The suggestion.
            status: What it is from now on.
            at: Now, ISO 8601 in UTC.
            snoozed_until: When a snooze ends, ISO 8601 in UTC.
            verdict: What was decided, if the status does not say it.
            reason: Why.

        Returns:
            The suggestion as it is now.

        Raises:
            UnknownSuggestion: There is none with this id.
            BadRow: There is no such status.
        """
        async with self._database.transaction() as conn:
            try:
                await conn.execute(
                    "UPDATE suggestion SET status = ?, snoozed_until = ?,"
                    " updated_at = ? WHERE id = ?",
                    (status, snoozed_until, at, suggestion_id),
                )
                await conn.execute(
                    "INSERT INTO verdict (suggestion_id, version, verdict, reason, at)"
                    " SELECT id, version, ?, ?, ? FROM suggestion WHERE id = ?",
                    (verdict or status, reason, at, suggestion_id),
                )
            except sqlite3.IntegrityError as error:
                raise BadRow(str(error)) from error
            row = await _get(conn, suggestion_id)
            if row is None:
                raise UnknownSuggestion(suggestion_id)
        return row

    async def verdicts(self, suggestion_id: str) -> Verdicts:
        """Return what was decided about a suggestion, oldest first."""
        async with self._database.reading() as conn:
            rows = await fetch(
                conn,
                "SELECT suggestion_id, version, verdict, reason, at FROM verdict"
                " WHERE suggestion_id = ? ORDER BY seq",
                suggestion_id,
            )
        return [Verdict(*row) for row in rows]

    async def last_verdicts(self) -> dict[str, Verdict]:
        """Return what was decided last about each suggestion, by its id."""
        async with self._database.reading() as conn:
            rows = await fetch(
                conn,
                "SELECT suggestion_id, version, verdict, reason, at FROM verdict"
                " WHERE seq IN (SELECT MAX(seq) FROM verdict GROUP BY suggestion_id)",
            )
        return {row[0]: Verdict(*row) for row in rows}

    async def versions(self, suggestion_id: str) -> SuggestionVersions:
        """Return what a suggestion was before, oldest first, without what it is now."""
        async with self._database.reading() as conn:
            rows = await fetch(
                conn,
                "SELECT suggestion_id, version, rule, payload, updated_at"
                " FROM suggestion_version WHERE suggestion_id = ? ORDER BY version",
                suggestion_id,
            )
        return [
            SuggestionVersion(id_, version, json.loads(rule), json.loads(payload), at)
            for id_, version, rule, payload, at in rows
        ]


async def _store(
    conn: aiosqlite.Connection, row: SuggestionRow, *, released: bool = False
) -> None:
    """Store a row in a savepoint of its own, inside a transaction."""
    await conn.execute("SAVEPOINT suggestion")
    try:
        await _upsert(conn, row, released=released)
    except (
        sqlite3.IntegrityError,
        sqlite3.ProgrammingError,
        TypeError,
        ValueError,
        OverflowError,
        RecursionError,
    ) as error:
        await conn.execute("ROLLBACK TO suggestion")
        await conn.execute("RELEASE suggestion")
        raise BadRow(f"{type(error).__name__}: {error}") from error
    await conn.execute("RELEASE suggestion")


async def _upsert(
    conn: aiosqlite.Connection, row: SuggestionRow, *, released: bool
) -> None:
    rule, payload, *around = map(_json, (row.rule, row.payload, row.places, row.beside))
    old = await _get(conn, row.id)
    if old is None:
        values = (row.id, row.status, row.kind, row.confidence, row.score, rule)
        dates = (row.created_at, row.updated_at, row.snoozed_until, row.last_supported)
        await conn.execute(_INSERT, (*values, payload, 1, *dates, *around))
        return
    # Through JSON, so that a tuple equals the list as which it came back.
    read = json.loads(rule), json.loads(payload)
    changed = (old.rule, old.payload) != read
    revised = (old.rule, _proposal(old.payload)) != (read[0], _proposal(read[1]))
    if revised:
        await conn.execute(_KEEP_VERSION, (row.id,))
    decided = old.status in DECIDED and not released
    status = old.status if decided else row.status
    facts = (status, row.kind, row.confidence, row.score)
    same = not changed and facts == (old.status, old.kind, old.confidence, old.score)
    await conn.execute(
        _UPDATE,
        (
            *facts,
            rule,
            payload,
            old.version + revised,
            old.updated_at if same else row.updated_at,
            old.snoozed_until if decided else row.snoozed_until,
            row.last_supported,
            *around,
            row.id,
        ),
    )


async def _get(conn: aiosqlite.Connection, suggestion_id: str) -> SuggestionRow | None:
    rows = await fetch(conn, f"{_SELECT} WHERE id = ?", suggestion_id)
    return next((_row(row) for row in rows), None)


def _proposal(payload: Json) -> Json:
    """Return what is proposed: no numbers that move, no words that may vary."""
    return {k: value for k, value in payload.items() if k not in _EVIDENCE | _WORDS}


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _row(row: Row) -> SuggestionRow:
    id_, status, kind, confidence, score, *texts, places, beside = row
    rule, payload, version, created_at, updated_at, snoozed_until, supported = texts
    try:
        return SuggestionRow(
            id_,
            status,
            kind,
            confidence,
            score,
            json.loads(rule),
            json.loads(payload),
            version,
            created_at,
            updated_at,
            snoozed_until,
            supported,
            json.loads(places),
            json.loads(beside),
        )
    except ValueError as error:
        raise StoreDamaged(f"suggestion {id_}: {error}") from error
