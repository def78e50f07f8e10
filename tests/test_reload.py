"""Set up, reloaded and removed again and again, it leaves nothing behind."""

import asyncio
from logging import ERROR, WARNING
import sys
import threading

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.const import DOMAIN, LOGGER, NAME

from .footprint import Footprint, footprint, registered
from .scripted import DOOR, MORNING, Script, result

TIMES = 20

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="open files are counted in /proc"
)


async def test_reloaded_twenty_times(
    hass: HomeAssistant, entry: MockConfigEntry, script: Script
) -> None:
    script.result = result(MORNING, DOOR)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await entry.runtime_data.async_analyze()
    counted: list[Footprint] = []
    for _ in range(TIMES + 1):
        assert await hass.config_entries.async_reload(entry.entry_id)
        counted.append(await footprint(hass))
    first, last = counted[0], counted[-1]
    assert first["coordinators"] == 1
    assert len(first["entities"]) >= 8
    assert last == first


async def test_reloaded_twenty_times_while_it_looks(
    hass: HomeAssistant, entry: MockConfigEntry, script: Script
) -> None:
    """A run that is under way ends with what it ran on."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    counted: list[Footprint] = []
    for _ in range(TIMES + 1):
        script.hold, script.mining = threading.Event(), threading.Event()
        entry.runtime_data._start_quietly()
        await script.until_mining()
        reloaded = hass.async_create_task(
            hass.config_entries.async_reload(entry.entry_id)
        )
        script.hold.set()
        assert await reloaded
        counted.append(await footprint(hass))
    assert counted[0]["coordinators"] == 1
    assert counted[-1] == counted[0]


async def test_nothing_is_said_of_what_was_closed_meanwhile(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    script: Script,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Reloaded at every point of a refresh, and of what begins with the set-up."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    for steps in range(2 * TIMES):
        assert await hass.config_entries.async_reload(entry.entry_id)
        refreshed = hass.async_create_task(entry.runtime_data.async_refresh())
        for _ in range(steps):
            await asyncio.sleep(0.0005)
        assert await hass.config_entries.async_unload(entry.entry_id)
        await refreshed
        assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    said = [
        item.getMessage()
        for item in caplog.records
        if item.levelno >= ERROR
        or (item.levelno >= WARNING and item.name.startswith(LOGGER.name))
    ]
    assert said == []


async def test_removed_twenty_times(
    hass: HomeAssistant, entry: MockConfigEntry, script: Script
) -> None:
    script.result = result(MORNING, DOOR)
    await hass.config_entries.async_remove(entry.entry_id)
    before = registered(hass)
    counted: list[Footprint] = []
    for number in range(TIMES + 1):
        again = MockConfigEntry(domain=DOMAIN, title=NAME, entry_id=f"entry{number}")
        again.add_to_hass(hass)
        assert await hass.config_entries.async_setup(again.entry_id)
        await again.runtime_data.async_analyze()
        await hass.async_block_till_done()
        assert len(hass.states.async_entity_ids("sensor")) >= 5
        assert await hass.config_entries.async_remove(again.entry_id)
        assert again.state is ConfigEntryState.NOT_LOADED
        del again
        counted.append(await footprint(hass))
        assert registered(hass) == before
    assert counted[0]["coordinators"] == 0
    assert counted[-1] == counted[0]
