"""Whether the recorder can be read, and how far its writing has come."""

import asyncio
from typing import Final

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import (
    DATA_INSTANCE,
    async_migration_in_progress,
)

FLUSH_TIMEOUT_S: Final = 30.0
"""The recorder commits every 5 s; it takes longer only while it is held by a backup."""


class RecorderUnavailable(Exception):  # noqa: N818
    """The history cannot be read now."""


class RecorderMissing(RecorderUnavailable):
    """The recorder is not set up, or its database could not be opened."""


class RecorderMigrating(RecorderUnavailable):
    """The recorder is still changing its database to a new schema."""


async def async_ready(hass: HomeAssistant) -> None:
    """Return where the recorder can be read.

    Raises:
        RecorderMissing: There is none, or it gave up.
        RecorderMigrating: It is busy with its own database.
    """
    instance: Recorder | None = hass.data.get(DATA_INSTANCE)
    if instance is None or not instance.is_alive():
        raise RecorderMissing
    # `async_migration_is_live` tells of what kind a migration is, and goes on saying so
    # when it is over, until the next start.
    if async_migration_in_progress(hass):
        raise RecorderMigrating
    if not instance.async_recorder_ready.is_set():
        raise RecorderMissing


async def async_flush(instance: Recorder) -> bool:
    """Wait until what has happened so far is in the database; tell whether it is."""
    try:
        async with asyncio.timeout(FLUSH_TIMEOUT_S):
            await instance.async_block_till_done()
    except TimeoutError:
        return False
    return True
