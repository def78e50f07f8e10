"""Backups: whole files in the copy, and never a backup that fails because of us."""

from typing import Final

from homeassistant.core import HomeAssistant

from .const import DOMAIN, LOGGER
from .coordinator import ScoutConfigEntry

PATIENCE_S: Final = 30.0
"""How long to wait for what is being written. A transaction takes a second at most."""
MOST_S: Final = 600.0
"""How long writers wait. A backup that takes longer copies the database together with
its log, which is whole unless the one is moved into the other just then."""


async def async_pre_backup(hass: HomeAssistant) -> None:
    """Move the log into the database, and keep writers out of it."""
    entries: list[ScoutConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    for entry in entries:
        try:
            await entry.runtime_data.keeper.hold(PATIENCE_S, MOST_S)
        except Exception as err:  # noqa: BLE001 - whatever it is, the backup goes on
            LOGGER.warning("The database goes into the backup as it is: %r", err)


async def async_post_backup(hass: HomeAssistant) -> None:
    """Let writers in again."""
    entries: list[ScoutConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    for entry in entries:
        try:
            await entry.runtime_data.keeper.release()
        except Exception as err:  # noqa: BLE001 - the backup is there
            LOGGER.warning("After the backup: %r", err)
