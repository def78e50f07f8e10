"""Fixtures of the store."""

from collections.abc import AsyncIterator
import logging
from pathlib import Path

import pytest

from custom_components.automation_scout.store.archive import Archive
from custom_components.automation_scout.store.database import Database
from custom_components.automation_scout.store.runs import RunStore
from custom_components.automation_scout.store.suggestions import SuggestionStore


@pytest.fixture(autouse=True)
def quiet_aiosqlite(caplog: pytest.LogCaptureFixture) -> None:
    """Keep every statement with its chunks from being written out in full."""
    caplog.set_level(logging.INFO, "aiosqlite")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the store of this test lies."""
    return tmp_path / "automation_scout.db"


@pytest.fixture
async def database(path: Path) -> AsyncIterator[Database]:
    """Yield a new store that is closed afterwards."""
    opened = await Database.open(path, busy_timeout_ms=50)
    yield opened
    await opened.close()


@pytest.fixture
def suggestions(database: Database) -> SuggestionStore:
    """Return the suggestions of the new store."""
    return SuggestionStore(database)


@pytest.fixture
def archive(database: Database) -> Archive:
    """Return the archive of the new store."""
    return Archive(database)


@pytest.fixture
def runs(database: Database) -> RunStore:
    """Return the runs of the new store."""
    return RunStore(database)
