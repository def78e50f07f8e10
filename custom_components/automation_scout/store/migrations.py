"""Migrations: named functions, only ever appended, each in one transaction.

The record that a migration ran is written in the transaction of the migration itself,
so the schema and its version cannot disagree.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import aiosqlite

from .errors import StoreTooNew
from .query import fetch

type Migration = Callable[[aiosqlite.Connection], Awaitable[None]]

_RECORD: Final = """CREATE TABLE IF NOT EXISTS migration (
    name TEXT PRIMARY KEY,
    applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) STRICT"""

_FIRST_TABLES: Final = (
    """CREATE TABLE meta (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE entity (
        code INTEGER PRIMARY KEY CHECK (code BETWEEN 0 AND 65535),
        name TEXT NOT NULL UNIQUE
    ) STRICT""",
    """CREATE TABLE state (
        code INTEGER PRIMARY KEY CHECK (code BETWEEN 0 AND 2147483647),
        name TEXT NOT NULL UNIQUE
    ) STRICT""",
    """CREATE TABLE actor (
        code INTEGER PRIMARY KEY CHECK (code BETWEEN 0 AND 65535),
        name TEXT NOT NULL UNIQUE
    ) STRICT""",
    "INSERT INTO actor (code, name) VALUES (0, '')",
    """CREATE TABLE last_state (
        entity INTEGER PRIMARY KEY REFERENCES entity (code),
        t INTEGER NOT NULL,
        state INTEGER NOT NULL REFERENCES state (code)
    ) STRICT""",
    """CREATE TABLE day_chunk (
        day INTEGER PRIMARY KEY,
        events INTEGER NOT NULL CHECK (events > 0),
        data BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE suggestion (
        id TEXT PRIMARY KEY CHECK (id <> ''),
        status TEXT NOT NULL CHECK (status IN (
            'open', 'snoozed', 'dismissed', 'accepted', 'expired', 'superseded')),
        kind TEXT NOT NULL CHECK (kind <> ''),
        confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
        score REAL NOT NULL,
        rule TEXT NOT NULL,
        payload TEXT NOT NULL,
        version INTEGER NOT NULL CHECK (version >= 1),
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        snoozed_until TEXT,
        last_supported TEXT
    ) STRICT""",
    """CREATE TABLE suggestion_version (
        suggestion_id TEXT NOT NULL REFERENCES suggestion (id) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        rule TEXT NOT NULL,
        payload TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        PRIMARY KEY (suggestion_id, version)
    ) STRICT""",
    """CREATE TABLE verdict (
        seq INTEGER PRIMARY KEY,
        suggestion_id TEXT NOT NULL REFERENCES suggestion (id) ON DELETE CASCADE,
        version INTEGER NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict <> ''),
        reason TEXT,
        at TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX verdict_of_suggestion ON verdict (suggestion_id)",
    """CREATE TABLE run (
        seq INTEGER PRIMARY KEY,
        run_id TEXT NOT NULL UNIQUE CHECK (run_id <> ''),
        started_at TEXT NOT NULL,
        finished_at TEXT,
        status TEXT NOT NULL CHECK (status IN (
            'running', 'finished', 'failed', 'interrupted')),
        counters TEXT NOT NULL,
        funnel TEXT NOT NULL,
        phases TEXT NOT NULL,
        errors TEXT NOT NULL
    ) STRICT""",
)

_REFINED_TRIED_WATCHED: Final = (
    """CREATE TABLE refinement (
        suggestion_id TEXT PRIMARY KEY REFERENCES suggestion (id) ON DELETE CASCADE,
        found TEXT NOT NULL,
        changed_at TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE trial (
        suggestion_id TEXT PRIMARY KEY REFERENCES suggestion (id) ON DELETE CASCADE,
        rule TEXT NOT NULL,
        started_at TEXT NOT NULL,
        ends_at TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('running', 'finished')),
        report TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE watched (
        entity_id TEXT PRIMARY KEY CHECK (entity_id <> ''),
        counts TEXT NOT NULL
    ) STRICT""",
)

_ASKED_AND_WRITTEN: Final = (
    """CREATE TABLE model_call (
        seq INTEGER PRIMARY KEY,
        month TEXT NOT NULL CHECK (month GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]'),
        task TEXT NOT NULL CHECK (task <> ''),
        model TEXT NOT NULL,
        source TEXT NOT NULL CHECK (source <> ''),
        started_at TEXT NOT NULL,
        ms INTEGER NOT NULL CHECK (ms >= 0),
        tokens_in INTEGER NOT NULL CHECK (tokens_in >= 0),
        tokens_out INTEGER NOT NULL CHECK (tokens_out >= 0),
        is_estimated INTEGER NOT NULL CHECK (is_estimated IN (0, 1)),
        cost REAL NOT NULL CHECK (cost >= 0),
        outcome TEXT NOT NULL CHECK (outcome <> ''),
        tries INTEGER NOT NULL CHECK (tries >= 0)
    ) STRICT""",
    "CREATE INDEX model_call_of_month ON model_call (month)",
    """CREATE TABLE model_text (
        key TEXT PRIMARY KEY CHECK (key <> ''),
        text TEXT NOT NULL,
        entities TEXT NOT NULL,
        created_at TEXT NOT NULL,
        last_used TEXT NOT NULL
    ) STRICT""",
)

_ROUNDS: Final = """CREATE TABLE refinement_round (
    suggestion_id TEXT NOT NULL REFERENCES suggestion (id) ON DELETE CASCADE,
    round INTEGER NOT NULL CHECK (round >= 1),
    instruction TEXT NOT NULL,
    changes TEXT NOT NULL,
    cannot TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('changed', 'unchanged', 'refused')),
    at TEXT NOT NULL,
    PRIMARY KEY (suggestion_id, round)
) STRICT"""

TABLES: Final = (
    "meta",
    "entity",
    "state",
    "actor",
    "last_state",
    "day_chunk",
    "suggestion",
    "suggestion_version",
    "verdict",
    "run",
    "forgotten",
    "installed",
    "refinement",
    "trial",
    "watched",
    "model_call",
    "model_text",
    "refinement_round",
    "told",
)
"""Every table of the newest version; parents stand before their children."""


async def first_tables(conn: aiosqlite.Connection) -> None:
    """Create the archive, the suggestions with their verdicts, and the runs."""
    for statement in _FIRST_TABLES:
        await conn.execute(statement)


async def misses_of_runs(conn: aiosqlite.Connection) -> None:
    """Keep with each run what came nearest to a suggestion."""
    await conn.execute("ALTER TABLE run ADD COLUMN misses TEXT NOT NULL DEFAULT '[]'")


async def places_of_suggestions(conn: aiosqlite.Connection) -> None:
    """Keep with each suggestion to which devices and areas its entities belonged."""
    await conn.execute(
        "ALTER TABLE suggestion ADD COLUMN places TEXT NOT NULL DEFAULT '{}'"
    )


async def what_was_forgotten(conn: aiosqlite.Connection) -> None:
    """Remember of what is forgotten only so much that it is not read again."""
    await conn.execute("""CREATE TABLE forgotten (
        kind TEXT NOT NULL CHECK (kind IN ('entity', 'user', 'before')),
        fingerprint TEXT NOT NULL,
        until_ms INTEGER NOT NULL,
        PRIMARY KEY (kind, fingerprint)
    ) STRICT""")


async def installed_automations(conn: aiosqlite.Connection) -> None:
    """Keep what was set up in Home Assistant, so that it can be taken back."""
    await conn.execute(
        """CREATE TABLE installed (
            seq INTEGER PRIMARY KEY,
            suggestion_id TEXT NOT NULL REFERENCES suggestion (id) ON DELETE CASCADE,
            automation_id TEXT NOT NULL CHECK (automation_id <> ''),
            entity_id TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('installing', 'installed', 'undone')),
            config TEXT NOT NULL,
            inserted TEXT NOT NULL,
            removed TEXT NOT NULL,
            turned_off TEXT,
            runs INTEGER NOT NULL,
            undone INTEGER NOT NULL,
            installed_at TEXT NOT NULL,
            undone_at TEXT
        ) STRICT"""
    )
    await conn.execute(
        "CREATE INDEX installed_of_suggestion ON installed (suggestion_id)"
    )


async def refinements_trials_and_watch(conn: aiosqlite.Connection) -> None:
    """Keep what people changed, what is on trial, and what became of automations."""
    for statement in _REFINED_TRIED_WATCHED:
        await conn.execute(statement)


async def calls_and_texts_of_models(conn: aiosqlite.Connection) -> None:
    """Keep what calls of a language model took, and what it wrote."""
    for statement in _ASKED_AND_WRITTEN:
        await conn.execute(statement)


async def rounds_of_refinements(conn: aiosqlite.Connection) -> None:
    """Keep what people asked for in words, and what came of it."""
    await conn.execute(_ROUNDS)


async def told_of_suggestions(conn: aiosqlite.Connection) -> None:
    """Keep which suggestions people have been told of, as nobody is told twice."""
    await conn.execute("""CREATE TABLE told (
        suggestion_id TEXT PRIMARY KEY REFERENCES suggestion (id) ON DELETE CASCADE,
        at TEXT NOT NULL
    ) STRICT""")


async def beside_suggestions(conn: aiosqlite.Connection) -> None:
    """Keep what a rule was judged beside: the words about it say so."""
    await conn.execute(
        "ALTER TABLE suggestion ADD COLUMN beside TEXT NOT NULL DEFAULT '{}'"
    )


async def names_in_rounds(conn: aiosqlite.Connection) -> None:
    """Keep what an instruction calls things: they may be called otherwise later."""
    await conn.execute(
        "ALTER TABLE refinement_round ADD COLUMN names TEXT NOT NULL DEFAULT '[]'"
    )


MIGRATIONS: Final[tuple[Migration, ...]] = (
    first_tables,
    misses_of_runs,
    places_of_suggestions,
    what_was_forgotten,
    installed_automations,
    refinements_trials_and_watch,
    calls_and_texts_of_models,
    rounds_of_refinements,
    told_of_suggestions,
    beside_suggestions,
    names_in_rounds,
)
"""In the order in which they run."""


def name_of(migration: Migration) -> str:
    """Return the name under which a migration is recorded."""
    return str(getattr(migration, "__name__", migration))


async def applied(conn: aiosqlite.Connection) -> list[str]:
    """Return the names of the migrations that ran on this file, oldest first."""
    exists = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migration'"
    if not await fetch(conn, exists):
        return []
    rows = await fetch(conn, "SELECT name FROM migration ORDER BY rowid")
    return [row[0] for row in rows]


async def pending(
    conn: aiosqlite.Connection, migrations: Sequence[Migration] = MIGRATIONS
) -> Sequence[Migration]:
    """Return the migrations that have yet to run, without changing the file.

    Raises:
        StoreTooNew: The file records migrations that are not among these.
    """
    names = [name_of(migration) for migration in migrations]
    done = await applied(conn)
    if done != names[: len(done)]:
        unknown = [name for name in done if name not in names]
        raise StoreTooNew(f"made by another version: {', '.join(unknown or done)}")
    return migrations[len(done) :]


async def migrate(
    conn: aiosqlite.Connection, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Run what is pending; a migration that fails leaves no trace of itself.

    Raises:
        StoreTooNew: The file records migrations that are not among these.
    """
    while await pending(conn, migrations):
        await conn.execute("BEGIN IMMEDIATE")
        try:
            await _step(conn, migrations)
            await conn.commit()
        except BaseException:
            await conn.rollback()
            raise


async def _step(conn: aiosqlite.Connection, migrations: Sequence[Migration]) -> None:
    """Run the next migration, if no other process did so in the meantime."""
    for migration in (await pending(conn, migrations))[:1]:
        await conn.execute(_RECORD)
        await migration(conn)
        await conn.execute(
            "INSERT INTO migration (name) VALUES (?)", (name_of(migration),)
        )
