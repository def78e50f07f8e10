"""Automation Scout: learns habits, and proposes the automations for them."""

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant
from homeassistant.helpers import config_validation as cv, issue_registry as ir
from homeassistant.helpers.typing import ConfigType

from .answers import async_listen_for_answers
from .assist import async_setup_assist
from .card import async_setup_card
from .const import (
    DOMAIN,
    ISSUE_AUTOMATIONS_LEFT,
    ISSUE_NOTIFY_FAILED,
    ISSUE_RECORDER_MISSING,
    ISSUE_STORE_SET_ASIDE,
    PLATFORMS,
)
from .coordinator import ScoutConfigEntry, ScoutCoordinator
from .installer.trouble import async_clear_all, async_tell_what_stays
from .notices import async_setup_notices
from .notifications import async_take_back_all
from .services import async_setup_services
from .store.database import remove_files
from .stores import StoreKeeper, database_path
from .troubles import async_clear_troubles

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Register the actions."""
    async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: ScoutConfigEntry) -> bool:
    """Open the store, make the entities and start the schedule."""
    coordinator = ScoutCoordinator(hass, entry, await StoreKeeper.open(hass))
    entry.runtime_data = coordinator
    try:
        await coordinator.async_config_entry_first_refresh()
        await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    except BaseException:
        await coordinator.async_close()
        raise

    async def close(_event: Event) -> None:
        await coordinator.async_close()

    # Not once: what was heard already could not be taken back by an unload after it.
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, close))
    coordinator.async_begin()
    async_setup_assist(hass, entry)
    async_setup_card(hass, entry)
    async_setup_notices(hass, entry, coordinator)
    async_listen_for_answers(hass, entry)
    ir.async_delete_issue(hass, DOMAIN, ISSUE_AUTOMATIONS_LEFT)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: ScoutConfigEntry) -> bool:
    """Remove the entities, end what runs and close the store."""
    unloaded = await hass.config_entries.async_unload_platforms(entry, PLATFORMS)
    if unloaded:
        await entry.runtime_data.async_close()
    return unloaded


async def async_remove_entry(hass: HomeAssistant, entry: ScoutConfigEntry) -> None:
    """Delete the store and what was said about it, and take back what is shown."""
    await hass.async_add_executor_job(remove_files, database_path(hass))
    for issue in (ISSUE_NOTIFY_FAILED, ISSUE_RECORDER_MISSING, ISSUE_STORE_SET_ASIDE):
        ir.async_delete_issue(hass, DOMAIN, issue)
    async_clear_all(hass)
    async_clear_troubles(hass)
    async_take_back_all(hass)
    async_tell_what_stays(hass)
