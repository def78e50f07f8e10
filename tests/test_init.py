"""Set-up, unload and removal, and what goes wrong in them."""

from logging import ERROR
from pathlib import Path
import sqlite3
import subprocess
import sys
from unittest.mock import patch

from homeassistant.components.repairs import ConfirmRepairFlow
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.repairs import async_create_fix_flow
from custom_components.automation_scout.store.errors import (
    StoreError,
    StoreLocked,
    StoreTooNew,
)

from .scripted import MORNING, Script, result

ROOT = Path(__file__).parent.parent


def files_of(path: Path) -> set[str]:
    return {item.name for item in path.parent.iterdir()}


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


async def test_unload_closes_the_store_and_set_up_opens_it_again(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script, entry: MockConfigEntry
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED

    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    state = hass.states.get("sensor.automation_scout_suggestions")
    assert state
    assert state.state == "1"


async def test_stop_closes_the_store_during_a_run(
    hass: HomeAssistant, scout: ScoutCoordinator, database_file: Path
) -> None:
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert files_of(database_file) == {database_file.name}
    with pytest.raises(Exception, match="closed"):
        await scout.async_list()


async def test_an_unload_after_the_stop_is_no_error(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Options that were changed just before are still being loaded."""
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await hass.async_block_till_done()
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert [item.message for item in caplog.records if item.levelno >= ERROR] == []


async def test_removal_deletes_the_files(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    database_file: Path,
    issue_registry: ir.IssueRegistry,
) -> None:
    write(database_file.with_name(f"{database_file.name}.damaged-1"), b"old")
    assert database_file.name in files_of(database_file)
    assert await hass.config_entries.async_remove(entry.entry_id)
    assert files_of(database_file) == set()
    assert not [key for key in issue_registry.issues if key[0] == DOMAIN]


@pytest.mark.parametrize("error", [StoreLocked("busy"), StoreTooNew("newer")])
async def test_store_that_cannot_be_opened_is_tried_again_later(
    hass: HomeAssistant, entry: MockConfigEntry, script: Script, error: Exception
) -> None:
    with patch(
        "custom_components.automation_scout.stores.open_or_set_aside",
        side_effect=error,
    ):
        assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    expected = "store_locked" if isinstance(error, StoreLocked) else "store_failed"
    assert entry.error_reason_translation_key == expected


async def test_damaged_store_is_set_aside_with_a_repair_issue(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    script: Script,
    database_file: Path,
    issue_registry: ir.IssueRegistry,
) -> None:
    write(database_file, b"no database at all" * 400)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    issue = issue_registry.async_get_issue(DOMAIN, "store_set_aside")
    assert issue
    assert issue.is_fixable
    assert issue.translation_placeholders
    assert issue.translation_placeholders["file"] in files_of(database_file)

    script.result = result(MORNING)
    response = await entry.runtime_data.async_analyze()
    assert response["open"] == 1


def test_set_up_imports_no_numpy() -> None:
    """In an interpreter of its own: all modules that set-up needs, but not numpy."""
    program = """
import sys
import custom_components.automation_scout
from custom_components.automation_scout import (
    binary_sensor, button, config_flow, diagnostics, repairs, sensor, services)
assert "numpy" not in sys.modules, "numpy was imported"
from custom_components.automation_scout.parts import load_parts
load_parts()
assert "numpy" in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


async def test_interrupted_runs_are_marked_at_the_next_start(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    database_file: Path,
) -> None:
    await scout.async_analyze()
    await hass.config_entries.async_unload(entry.entry_id)
    with sqlite3.connect(database_file) as conn:
        conn.execute("UPDATE run SET status = 'running', finished_at = NULL")
    conn.close()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    runs = await entry.runtime_data.async_runs(5)
    assert [run.status for run in runs] == ["interrupted"]


async def test_second_entry_is_refused(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    flow = await hass.config_entries.flow.async_init(DOMAIN, context={"source": "user"})
    assert flow["type"] == "abort"
    assert flow["reason"] == "single_instance_allowed"


async def test_yaml_is_refused_with_a_message(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, DOMAIN, {})
    assert hass.services.has_service(DOMAIN, "analyze")


async def test_set_up_that_fails_closes_the_store(
    hass: HomeAssistant, entry: MockConfigEntry, script: Script, database_file: Path
) -> None:
    with patch(
        "custom_components.automation_scout.store.suggestions.SuggestionStore.list",
        side_effect=StoreError("unreadable"),
    ):
        assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert files_of(database_file) == {database_file.name}


async def test_issue_of_a_set_aside_store_is_closed_by_reading_it(
    hass: HomeAssistant,
) -> None:
    flow = await async_create_fix_flow(hass, "store_set_aside", None)
    assert isinstance(flow, ConfirmRepairFlow)
    flow.hass, flow.handler, flow.issue_id = hass, DOMAIN, "store_set_aside"
    flow.flow_id = "1"
    form = await flow.async_step_init()
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "confirm"
    done = await flow.async_step_confirm({})
    assert done["type"] is FlowResultType.CREATE_ENTRY
