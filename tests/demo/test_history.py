"""The database is one that the recorder could have written itself."""

from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
import sqlite3

from homeassistant.components.recorder import history
from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.db_schema import SCHEMA_VERSION
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
import pytest

from demo.history import write_history
from demo.past import restorable
from demo.rows import Trail

from .past import CONTROLLED, NOW, changes


@pytest.fixture(scope="module")
def database(trail: Trail, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "home-assistant_v2.db"
    write_history(path, trail)
    return path


@pytest.fixture
def connection(database: Path) -> Generator[sqlite3.Connection]:
    opened = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    yield opened
    opened.close()


def test_the_database_is_that_of_a_recorder_of_today(
    connection: sqlite3.Connection, trail: Trail
) -> None:
    def rows(query: str) -> list[tuple[object, ...]]:
        return connection.execute(query).fetchall()

    assert rows("select schema_version from schema_changes") == [(SCHEMA_VERSION,)]
    assert rows("select count(*) from states") == [(len(trail.states),)]
    assert rows("select count(*) from events") == [(len(trail.events),)]
    assert rows("pragma foreign_key_check") == []
    assert rows("select closed_incorrect from recorder_runs") == [(0,), (0,)]
    assert rows("select count(*) from recorder_runs where end is null") == [(0,)]
    assert rows("select count(*) from states where last_changed_ts > 0") != [(0,)]
    assert rows(
        "select count(*) from states where last_changed_ts >= last_updated_ts"
        " or length(context_id_bin) != 16 or last_reported_ts is not null"
    ) == [(0,)]
    assert rows(
        "select distinct hex(context_user_id_bin) from states"
        " where context_user_id_bin is not null order by 1"
    ) == [("A" * 32,), ("B" * 32,)]


@pytest.fixture
def recorder_db_url(hass_fixture_setup: list[bool], database: Path) -> str:
    """Give the recorder of a test the database of the demo."""
    assert not hass_fixture_setup
    return f"sqlite:///{database}"


async def test_the_recorder_takes_the_database_as_its_own(
    recorder_mock: Recorder, hass: HomeAssistant, trail: Trail
) -> None:
    assert recorder_mock.schema_version == SCHEMA_VERSION
    assert not recorder_mock.migration_in_progress
    assert recorder_mock.states_manager.oldest_ts == trail.states[0].at
    rows = changes(trail, "light.kitchen_light")
    found = await get_instance(hass).async_add_executor_job(
        history.state_changes_during_period,
        hass,
        datetime.fromtimestamp(trail.states[0].at - 1, UTC),
        NOW,
        "light.kitchen_light",
    )
    states = found["light.kitchen_light"]
    assert [state.state for state in states] == [row.state for row in rows]
    assert states[-1].attributes == rows[-1].attributes


def test_the_entities_come_up_as_the_past_left_them(trail: Trail) -> None:
    states = {state["entity_id"]: state for state in restorable(trail)}
    assert states.keys() > CONTROLLED
    for entity_id, state in states.items():
        assert state["state"] == changes(trail, entity_id)[-1].state
