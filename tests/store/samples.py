"""Rows, logs and faults for the tests of the store."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
import subprocess
import sys
import threading
from typing import Any

import numpy as np

from custom_components.automation_scout.mining.events import (
    EventLog,
    Ints,
    Row,
    log_of_rows,
)
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.store.database import Database
from custom_components.automation_scout.store.query import fetch
from custom_components.automation_scout.store.runs import RunRow
from custom_components.automation_scout.store.suggestions import SuggestionRow

DAY_MS = 86_400_000
NIGHT_1 = "2026-03-01T03:00:00+00:00"
NIGHT_2 = "2026-03-02T03:00:00+00:00"
NIGHT_3 = "2026-03-03T03:00:00+00:00"

INSERT = "INSERT INTO meta (key, value) VALUES (?, ?)"

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "custom_components" / "automation_scout"


def suggestion(id_: str = "r1", **changes: Any) -> SuggestionRow:
    """Return an open suggestion."""
    row = SuggestionRow(
        id=id_,
        status="open",
        kind="time",
        confidence=0.9,
        score=1.5,
        rule={"kind": "time", "minute": 450, "weekdays": [0, 1, 2, 3, 4]},
        payload={"automation": "Küche an um 07:30", "evidence": {"hits": 19}},
        version=1,
        created_at=NIGHT_1,
        updated_at=NIGHT_1,
        last_supported=NIGHT_1,
    )
    return replace(row, **changes)


def run(run_id: str = "run-1", **changes: Any) -> RunRow:
    """Return a run that has just begun."""
    row = RunRow(run_id, NIGHT_1, None, "running", {}, [], [], [])
    return replace(row, **changes)


def change(t: int, entity: str = "light.a", state: str = "on", by: str = "") -> Row:
    """Return one change; somebody did it where `by` names who."""
    return (t, entity, state, int(Origin.USER if by else Origin.REPORT), by)


def log_of(*rows: Row) -> EventLog:
    """Return the log of these changes."""
    return log_of_rows(rows)


def utc_days(log: EventLog) -> Ints:
    """Return the day of each change in a home that lives by UTC."""
    return np.asarray(log.t // DAY_MS, np.int64)


def rows_of(log: EventLog) -> list[Row]:
    """Return the changes of a log by name, in its order."""
    return [
        (
            int(log.t[i]),
            log.entities[log.entity[i]],
            log.states[log.state[i]],
            int(log.origin[i]),
            log.actors[log.actor[i]],
        )
        for i in range(len(log))
    ]


def interpreter(script: str, *arguments: str) -> Sequence[str]:
    """Return the command that runs a script with the store importable.

    The integration's own `__init__` is left out, so that Home Assistant is not loaded.
    """
    bare = (
        "import sys, types\n"
        "name = 'custom_components.automation_scout'\n"
        "package = types.ModuleType(name)\n"
        f"package.__path__ = [{str(PACKAGE)!r}]\n"
        "sys.modules[name] = package\n"
    )
    return [sys.executable, "-c", bare + script, *arguments]


def output_of(script: str, *arguments: str) -> str:
    """Run a script with the store importable, and return what it prints."""
    return subprocess.run(
        interpreter(script, *arguments),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    ).stdout


async def keys(database: Database) -> set[str]:
    """Return the keys in the table `meta`."""
    async with database.reading() as conn:
        return {row[0] for row in await fetch(conn, "SELECT key FROM meta")}


async def put(database: Database, key: str) -> None:
    """Commit a key in the table `meta`."""
    async with database.transaction() as conn:
        await conn.execute(INSERT, (key, ""))


def worker_threads() -> int:
    """Return how many connections have a thread."""
    return sum("_connection_worker" in thread.name for thread in threading.enumerate())
