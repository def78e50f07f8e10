"""What a set-up leaves in the process and in Home Assistant, counted."""

import asyncio
from collections import Counter
from collections.abc import Iterable
import gc
from pathlib import Path
import threading
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.helpers.dispatcher import DATA_DISPATCHER
from homeassistant.helpers.storage import Store
from homeassistant.util.async_ import get_scheduled_timer_handles
from pytest_homeassistant_custom_component.common import flush_store

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator

type Footprint = dict[str, Any]

POOLS = ("SyncWorker", "ImportExecutor", "asyncio_")
"""Threads of the pools that Home Assistant and asyncio share out, and keep."""


async def footprint(hass: HomeAssistant) -> Footprint:
    """Count everything that an integration can forget to give back."""
    await hass.async_block_till_done(wait_background_tasks=True)
    await _written(hass)
    files = await asyncio.to_thread(_open_files)
    gc.collect()
    return {
        "threads": Counter(
            type(thread).__name__
            for thread in threading.enumerate()
            if not thread.name.startswith(POOLS)
        ),
        "files": files,
        "listeners": {k: n for k, n in hass.bus.async_listeners().items() if n},
        "dispatchers": {
            signal: len(targets)
            for signal, targets in hass.data.get(DATA_DISPATCHER, {}).items()
            if targets
        },
        "timers": Counter(
            repr(handle._callback).partition(" at 0x")[0]  # type: ignore[attr-defined]
            for handle in get_scheduled_timer_handles(hass.loop)
            if not handle.cancelled()
        ),
        "tasks": Counter(
            task.get_name()
            for task in asyncio.all_tasks()
            if task is not asyncio.current_task()
        ),
        "data": sorted(map(str, hass.data)),
        "coordinators": _alive(hass),
        "actions": sorted(hass.services.async_services().get(DOMAIN, {})),
        **registered(hass),
    }


async def _written(hass: HomeAssistant) -> None:
    """Let the registries write that wait for it; when is Home Assistant's affair."""
    waiting = [
        getattr(handle._callback, "__self__", None)  # type: ignore[attr-defined]
        for handle in get_scheduled_timer_handles(hass.loop)
        if not handle.cancelled()
    ]
    for store in waiting:
        if isinstance(store, Store):
            await flush_store(store)


def registered(hass: HomeAssistant) -> Footprint:
    """Return what is known of the integration where people can see it."""
    entities = er.async_get(hass).entities.values()
    return {
        "states": sorted(hass.states.async_entity_ids()),
        "entities": sorted(item.entity_id for item in entities),
        "devices": len(list(_devices(hass))),
        "issues": sorted(map(str, ir.async_get(hass).issues)),
    }


def _devices(hass: HomeAssistant) -> Iterable[object]:
    registry = dr.async_get(hass)
    for entry in hass.config_entries.async_entries():
        yield from dr.async_entries_for_config_entry(registry, entry.entry_id)


def _open_files() -> Counter[str]:
    """Return what the process has open; what is no file is counted by its kind."""
    found: Counter[str] = Counter()
    for number in Path("/proc/self/fd").iterdir():
        try:
            found[str(number.readlink()).partition(":[")[0]] += 1
        except FileNotFoundError:  # that of the listing itself
            continue
    return found


def _alive(hass: HomeAssistant) -> int:
    """Count the coordinators that something still holds."""
    return sum(
        isinstance(item, ScoutCoordinator) and item.hass is hass
        for item in gc.get_objects()
    )
