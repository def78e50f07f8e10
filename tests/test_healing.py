"""A store that turns out to be damaged is replaced: at set-up, and only once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
import sqlite3

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.stores import StoreKeeper

from .scripted import DOOR, MORNING, Script, result


async def test_junk_in_a_row_is_healed_at_set_up(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    database_file: Path,
    issue_registry: ir.IssueRegistry,
) -> None:
    script.result = result(MORNING, DOOR)
    await scout.async_analyze()
    entry = scout.config_entry
    assert await hass.config_entries.async_unload(entry.entry_id)
    with closing(sqlite3.connect(database_file)) as raw:
        raw.execute(
            "UPDATE suggestion SET payload = '{' WHERE id = ?", (MORNING.rule.key,)
        )
        raw.commit()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    assert issue_registry.async_get_issue(DOMAIN, "store_set_aside")
    healed: ScoutCoordinator = entry.runtime_data
    assert [item["id"] for item in await healed.async_list()] == [DOOR.rule.key]


@pytest.fixture
async def keeper(
    hass: HomeAssistant, entry: MockConfigEntry, database_file: Path
) -> AsyncIterator[StoreKeeper]:
    del entry
    opened = await StoreKeeper.open(hass)
    yield opened
    await opened.close()


async def test_two_who_find_the_same_damage_replace_the_store_once(
    keeper: StoreKeeper, database_file: Path
) -> None:
    damaged = keeper.stores
    assert await asyncio.gather(*(keeper.replace(damaged) for _ in range(3))) == [
        True,
        True,
        True,
    ]
    assert len(list(database_file.parent.glob("*.damaged-*[0-9Z]"))) == 1


async def test_a_closed_store_is_not_replaced(keeper: StoreKeeper) -> None:
    await keeper.close()
    assert not await keeper.replace(keeper.stores)
