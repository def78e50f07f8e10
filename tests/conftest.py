"""Fixtures of all tests.

The package is imported before any `hass` fixture can put another `custom_components`
in its place.
"""

import asyncio
from collections.abc import Generator, Iterator
import logging
from pathlib import Path
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.automation_scout
from custom_components.automation_scout.const import DATABASE_NAME, DOMAIN, NAME
from custom_components.automation_scout.coordinator import ScoutCoordinator

from .scripted import Script

assert custom_components.automation_scout

# The test plugin has every statement of the recorder written to the terminal.
for chatty in ("aiosqlite", "homeassistant.components.recorder", "sqlalchemy.engine"):
    logging.getLogger(chatty).setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
async def enable_event_loop_debug() -> None:
    """Take the place of the plugin's, which on the floor needs a loop set beforehand.

    A test that ran `asyncio.run` leaves none.
    """
    asyncio.get_running_loop().set_debug(True)


@pytest.fixture(autouse=True)
def no_deprecated_use(
    caplog: pytest.LogCaptureFixture,
) -> Generator[None]:
    """Fail a test in which Home Assistant complains about what we call."""
    yield
    complaints = [
        record.getMessage()
        for when in ("setup", "call", "teardown")
        for record in caplog.get_records(when)
        if "Detected that custom integration" in record.getMessage()
        or "Detected blocking call" in record.getMessage()
    ]
    assert not complaints


@pytest.fixture
def database_file(
    hass: HomeAssistant, enable_custom_integrations: None, tmp_path: Path
) -> Iterator[Path]:
    """Keep the store of a test in a folder of its own."""
    path = tmp_path / DATABASE_NAME
    with (
        patch(
            "custom_components.automation_scout.stores.database_path",
            return_value=path,
        ),
        patch("custom_components.automation_scout.database_path", return_value=path),
    ):
        yield path


@pytest.fixture
def entry(hass: HomeAssistant, database_file: Path) -> MockConfigEntry:
    """Return the config entry, known to Home Assistant but not set up."""
    config_entry = MockConfigEntry(
        domain=DOMAIN, title=NAME, entry_id="0123456789abcdef"
    )
    config_entry.add_to_hass(hass)
    return config_entry


@pytest.fixture
def script() -> Iterator[Script]:
    """Replace the steps of a run by scripted ones."""
    steps = Script()
    with patch(
        "custom_components.automation_scout.coordinator.load_parts",
        side_effect=steps.parts,
    ):
        yield steps


@pytest.fixture
async def scout(
    hass: HomeAssistant, script: Script, entry: MockConfigEntry
) -> ScoutCoordinator:
    """Set up the integration with scripted runs."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    coordinator: ScoutCoordinator = entry.runtime_data
    return coordinator
