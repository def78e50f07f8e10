"""A bare Home Assistant object: registries, users, settings, recorder; nothing else.

It is told that it runs, but nobody hears of its start, so that no clean-up of the
registries begins. It listens on no port and calls nobody.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from homeassistant import loader
from homeassistant.auth import auth_manager_from_config
from homeassistant.config_entries import ConfigEntries
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import UnsupportedStorageVersionError
from homeassistant.helpers import (
    area_registry as ar,
    category_registry as cr,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    frame,
    issue_registry as ir,
    label_registry as lr,
    translation,
)
from homeassistant.helpers.recorder import async_initialize_recorder, get_instance
from homeassistant.setup import async_setup_component

from .database import damaged
from .errors import BadInput
from .storage import FOLDER

type Load = Callable[[HomeAssistant], Awaitable[None]]

PLACE: Final = ("latitude", "longitude")
LOOK_S: Final = 0.5
"""How often the recorder's thread is looked after while it opens the database."""


class _Damaged(Exception):  # noqa: N818
    """A file of the storage cannot be read; the message is its name."""


@asynccontextmanager
async def bare(
    folder: Path, core: Mapping[str, Any], warnings: list[str]
) -> AsyncIterator[HomeAssistant]:
    """Yield a home made of the storage in a folder of its own, and stop it at the end.

    Args:
        folder: Configuration folder that may be written.
        core: Settings of `homeassistant:` in the YAML; they have the last word.
        warnings: What had to be left out is added to it.

    Raises:
        BadInput: The storage is of a newer Home Assistant.
    """
    hass = await _made(folder, warnings)
    try:
        await _overlay(hass, core, warnings)
        hass.set_state(CoreState.running)
        yield hass
    finally:
        await hass.async_stop(force=True)
        await hass.async_block_till_done()


async def _made(folder: Path, warnings: list[str]) -> HomeAssistant:
    """Load the storage, without those of its files that are damaged."""
    while True:
        hass = HomeAssistant(str(folder))
        try:
            await _load(hass, warnings)
        except _Damaged as err:
            # No registry can be loaded twice into the same home.
            await hass.async_stop(force=True)
            path = folder / FOLDER / str(err)
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except BaseException:
            await hass.async_stop(force=True)
            raise
        else:
            return hass


async def _load(hass: HomeAssistant, warnings: list[str]) -> None:
    hass.config.skip_pip = True
    frame.async_setup(hass)
    loader.async_setup(hass)
    translation.async_setup(hass)
    hass.config_entries = ConfigEntries(hass, {})
    await hass.config_entries.async_initialize()
    # Older versions set it up where it is loaded.
    if hasattr(dr, "async_setup"):
        dr.async_setup(hass)
    for name, load in LOADS.items():
        path = Path(hass.config.path(FOLDER, name))
        there = await asyncio.to_thread(path.exists)
        told = f"{FOLDER}/{name} is damaged and left out"
        try:
            await load(hass)
        except UnsupportedStorageVersionError as err:
            raise BadInput(
                f"{FOLDER}/{name} is of a newer Home Assistant than the one that reads "
                "it here. Update this project, or its Home Assistant with "
                "scripts/update."
            ) from err
        except Exception as err:
            if not there:
                raise
            warnings.append(told)
            raise _Damaged(name) from err
        if there and not await asyncio.to_thread(path.exists):
            # Home Assistant has put it aside.
            warnings.append(told)


async def _load_settings(hass: HomeAssistant) -> None:
    await hass.config.async_load()


async def _load_users(hass: HomeAssistant) -> None:
    hass.auth = await auth_manager_from_config(hass, [], [])


LOADS: Final[Mapping[str, Load]] = {
    "core.floor_registry": fr.async_load,
    "core.label_registry": lr.async_load,
    "core.category_registry": cr.async_load,
    "core.area_registry": ar.async_load,
    "core.device_registry": dr.async_load,
    "core.entity_registry": er.async_load,
    "repairs.issue_registry": ir.async_load,
    "core.config": _load_settings,
    "auth": _load_users,
}
"""File of the storage to what loads it, or does without it where it is not there."""


async def _overlay(
    hass: HomeAssistant, core: Mapping[str, Any], warnings: list[str]
) -> None:
    """Apply the settings that are written in YAML."""
    for key in PLACE:
        if key in core:
            try:
                setattr(hass.config, key, float(core[key]))
            except TypeError, ValueError:
                warnings.append(f"{key} in the configuration is no number")
    if language := core.get("language"):
        hass.config.language = str(language)
    if zone := core.get("time_zone"):
        try:
            await hass.config.async_set_time_zone(str(zone))
        except ValueError:
            warnings.append(f"time_zone in the configuration is unknown: {zone}")


async def start_recorder(hass: HomeAssistant, database: Path) -> None:
    """Set up the recorder on a copy, and wait until it has brought it up to date.

    It records nothing. Rows of statistics that are due may come to be in the copy.

    Raises:
        BadInput: It does not take the database.
    """
    # A recorder that is told to stop while it starts forgets it, and runs for ever.
    start = asyncio.ensure_future(_start_recorder(hass, database))
    try:
        await asyncio.shield(start)
    except asyncio.CancelledError:
        await asyncio.wait([start])
        raise


async def _start_recorder(hass: HomeAssistant, database: Path) -> None:
    async_initialize_recorder(hass)
    settings = {
        "db_url": f"sqlite:///{database}",
        "auto_purge": False,
        "auto_repack": False,
        # How far back missing statistics are computed; nothing is purged.
        "purge_keep_days": 1,
        "db_max_retries": 1,
    }
    done = await async_setup_component(hass, "recorder", {"recorder": settings})
    if done:
        instance = get_instance(hass)
        instance.set_enable(False)
        while done and not instance.async_recorder_ready.is_set():
            try:
                async with asyncio.timeout(LOOK_S):
                    await instance.async_recorder_ready.wait()
            except TimeoutError:
                done = instance.is_alive()
        if done:
            await instance.async_block_till_done()
    if list(database.parent.glob(f"{database.name}.corrupt.*")):
        raise damaged("the recorder refuses it")
    if not done:
        raise BadInput("The recorder could not open the copy of the database.")
