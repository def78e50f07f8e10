"""Backups: a whole database in the copy, and never a failure because of it."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
import io
from pathlib import Path
import tarfile
from typing import Any
from unittest.mock import patch

from homeassistant.components.backup.const import DATA_MANAGER, DOMAIN as BACKUP
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.automation_scout import backup
from custom_components.automation_scout.const import DATABASE_NAME
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.store.errors import StoreDamaged

from .helpers import rows
from .scripted import DOOR, MORNING, Script, result


def wal_of(path: Path) -> int:
    """Return the size of the log beside a database."""
    return path.with_name(f"{path.name}-wal").stat().st_size


@pytest.fixture
def config(hass: HomeAssistant, tmp_path: Path, database_file: Path) -> Iterator[Path]:
    """Let the folder of the store be that of the configuration."""
    del database_file
    (tmp_path / "backups").mkdir()
    with patch.object(hass.config, "config_dir", str(tmp_path)):
        yield tmp_path


def unpacked(path: Path, into: Path) -> list[str]:
    """Unpack our files of a backup; return their names."""
    with tarfile.open(path) as outer:
        name = next(n for n in outer.getnames() if "homeassistant" in n)
        member = outer.extractfile(name)
        assert member
        content = io.BytesIO(member.read())
    into.mkdir()
    with tarfile.open(fileobj=content, mode="r:*") as inner:
        ours = [m for m in inner.getmembers() if DATABASE_NAME in m.name]
        for item in ours:
            data = inner.extractfile(item)
            assert data
            (into / Path(item.name).name).write_bytes(data.read())
    return sorted(Path(item.name).name for item in ours)


@pytest.mark.usefixtures("socket_enabled")
async def test_a_real_backup_holds_all_and_is_whole(
    hass: HomeAssistant,
    config: Path,
    script: Script,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """A run writes all the time while Home Assistant copies its folder."""
    assert await async_setup_component(hass, BACKUP, {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    scout: ScoutCoordinator = entry.runtime_data
    script.result = result(MORNING, DOOR)
    await scout.async_analyze()
    assert wal_of(config / DATABASE_NAME) > 0

    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {
            "type": "backup/generate",
            "agent_ids": ["backup.local"],
            "include_homeassistant": True,
            "include_database": False,
            "name": "Test",
        }
    )
    answer = await client.receive_json()
    assert answer["success"], answer
    writing = asyncio.create_task(scout.async_analyze())
    for _ in range(600):
        await asyncio.sleep(0.05)
        found = await hass.async_add_executor_job(
            lambda: list((config / "backups").glob("*.tar"))
        )
        if found and hass.data[DATA_MANAGER].state == "idle":
            break
    await writing
    [path] = found
    target = config / "unpacked"
    names = await hass.async_add_executor_job(unpacked, path, target)
    assert names[0] == DATABASE_NAME
    copy = target / DATABASE_NAME
    assert await rows(copy, "PRAGMA integrity_check") == [("ok",)]
    assert await rows(copy, "SELECT COUNT(*) FROM suggestion") == [(2,)]
    assert await rows(copy, "SELECT COUNT(*) FROM day_chunk") != [(0,)]


async def test_while_it_is_copied_nothing_is_written_and_everything_is_read(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script, database_file: Path
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    await backup.async_pre_backup(hass)
    assert wal_of(database_file) == 0
    writing = asyncio.create_task(scout.async_dismiss(MORNING.rule.key, None))
    running = asyncio.create_task(scout.async_analyze())
    async with asyncio.timeout(10):
        [suggestion] = await scout.async_list()
    assert suggestion["status"] == "open"
    await asyncio.wait([writing, running], timeout=0.3)
    assert not writing.done()
    assert not running.done()
    assert wal_of(database_file) == 0
    await backup.async_post_backup(hass)
    assert (await writing)["status"] == "dismissed"
    assert (await running)["errors"] == []


async def test_what_is_never_released_is_released_by_itself(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    await backup.async_pre_backup(hass)
    writing = asyncio.create_task(scout.async_snooze(MORNING.rule.key, 1))
    await asyncio.wait([writing], timeout=0.2)
    assert not writing.done()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=backup.MOST_S))
    assert (await writing)["status"] == "snoozed"
    await backup.async_post_backup(hass)


async def test_twice_in_a_row(hass: HomeAssistant, scout: ScoutCoordinator) -> None:
    for _ in range(3):
        await backup.async_pre_backup(hass)
    await backup.async_post_backup(hass)
    await backup.async_post_backup(hass)
    assert (await scout.async_analyze())["errors"] == []


async def test_unloading_in_the_middle(
    hass: HomeAssistant, scout: ScoutCoordinator, entry: MockConfigEntry
) -> None:
    await backup.async_pre_backup(hass)
    async with asyncio.timeout(4):
        assert await hass.config_entries.async_unload(entry.entry_id)
    await backup.async_post_backup(hass)
    await backup.async_pre_backup(hass)
    await backup.async_post_backup(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert (await entry.runtime_data.async_analyze())["errors"] == []
    assert entry.runtime_data is not scout


async def test_before_it_is_set_up(hass: HomeAssistant) -> None:
    await backup.async_pre_backup(hass)
    await backup.async_post_backup(hass)


async def test_a_long_write_is_not_waited_for_and_the_backup_goes_on(
    hass: HomeAssistant, scout: ScoutCoordinator, caplog: pytest.LogCaptureFixture
) -> None:
    database = scout.keeper.stores.database
    with patch.object(backup, "PATIENCE_S", 0.05):
        async with database.transaction():
            await backup.async_pre_backup(hass)
    assert "as it is: TimeoutError" in caplog.text
    await backup.async_post_backup(hass)
    assert (await scout.async_analyze())["errors"] == []


@pytest.mark.parametrize("how", ["closed", "damaged", "broken"])
async def test_a_store_that_cannot_be_held_breaks_no_backup(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    caplog: pytest.LogCaptureFixture,
    how: str,
) -> None:
    failure: dict[str, Any] = {
        "damaged": StoreDamaged("malformed"),
        "broken": RuntimeError("anything"),
    }
    database = scout.keeper.stores.database
    if how == "closed":
        await database.close()
        await backup.async_pre_backup(hass)
    else:
        with patch.object(type(database), "held", side_effect=failure[how]):
            await backup.async_pre_backup(hass)
    assert "goes into the backup as it is" in caplog.text
    with patch.object(scout.keeper, "release", side_effect=RuntimeError("anything")):
        await backup.async_post_backup(hass)
    await backup.async_post_backup(hass)
    assert "After the backup" in caplog.text


async def test_what_ends_is_not_held_up_by_a_backup(
    hass: HomeAssistant, scout: ScoutCoordinator, entry: MockConfigEntry
) -> None:
    """It waits for a run that is writing, and the run is ended meanwhile."""
    writes = asyncio.Event()

    async def run() -> dict[str, Any]:
        async with scout.keeper.stores.database.transaction():
            writes.set()
            await asyncio.sleep(100)
        return {}

    scout._task = asyncio.create_task(run())
    await writes.wait()
    held = asyncio.create_task(backup.async_pre_backup(hass))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(8):
        assert await hass.config_entries.async_unload(entry.entry_id)
        await held
