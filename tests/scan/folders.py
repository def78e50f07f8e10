"""Configuration folders, as Home Assistant leaves them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
import hashlib
from pathlib import Path

from homeassistant.config_entries import ConfigEntries
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    category_registry as cr,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    issue_registry as ir,
    label_registry as lr,
)
from pytest_homeassistant_custom_component.common import MockConfigEntry

from demo import folder as configuration
from demo.custom_components.demo_home.devices import DEVICES
from demo.history import DATABASE, write_history
from demo.home import AUTOMATIONS, PEOPLE, PORCH_AUTOMATION
from demo.past import make_past
from demo.rows import Context, StateRow, Trail

NOW = datetime(2026, 5, 10, 18, 30, tzinfo=UTC)
"""End of the history: long ago for whoever runs the tests."""


def make_demo(folder: Path) -> None:
    """Make the folder of the demo home, with 45 days of history, as after a stop."""
    configuration.write_files(folder, link=False)
    users = configuration.make_users(
        folder, {one.key: (one.name, one.key) for one in PEOPLE}
    )
    asyncio.run(_register(folder))
    persons = [
        {
            "id": one.key,
            "name": one.name,
            "user_id": users[one.key],
            "device_trackers": [one.tracker],
        }
        for one in PEOPLE
    ]
    configuration.write_storage(folder, "person", {"items": persons}, version=2)
    write_history(folder / DATABASE, make_past(NOW, users))


async def _register(folder: Path) -> None:
    """Write the registries that a running Home Assistant would have written."""
    hass = HomeAssistant(str(folder))
    try:
        hass.config_entries = ConfigEntries(hass, {})
        await hass.config_entries.async_initialize()
        # Older versions set it up where it is loaded.
        if hasattr(dr, "async_setup"):
            dr.async_setup(hass)
        for registry in (fr, lr, cr, ar, dr, er, ir):
            await registry.async_load(hass)
        owner = MockConfigEntry(domain="demo_home", entry_id="demo_home")
        owner.add_to_hass(hass)
        for each in DEVICES:
            device = dr.async_get(hass).async_get_or_create(
                config_entry_id=owner.entry_id,
                identifiers={("demo_home", each.object_id)},
                name=each.name,
            )
            if each.area:
                area = ar.async_get(hass).async_get_or_create(each.area)
                dr.async_get(hass).async_update_device(device.id, area_id=area.id)
            _entity(hass, each.entity_id, "demo_home", each.object_id, device.id, owner)
        for person in PEOPLE:
            _entity(hass, person.entity_id, "person", person.key)
        _entity(hass, PORCH_AUTOMATION, "automation", str(AUTOMATIONS[0]["id"]))
    finally:
        await hass.async_stop(force=True)


def _entity(
    hass: HomeAssistant,
    entity_id: str,
    platform: str,
    unique_id: str,
    device_id: str | None = None,
    owner: MockConfigEntry | None = None,
) -> None:
    registry = er.async_get(hass)
    entry = registry.async_get_or_create(
        entity_id.partition(".")[0],
        platform,
        unique_id,
        device_id=device_id,
        config_entry=owner,
    )
    if entry.entity_id != entity_id:
        registry.async_update_entity(entry.entity_id, new_entity_id=entity_id)


def make_small(folder: Path, rows: Sequence[tuple[float, str, str]]) -> Path:
    """Make a folder with a database and nothing else.

    Args:
        folder: Made where it is not there.
        rows: Seconds before `NOW`, entity id and state; the recorder ran for a day.
    """
    folder.mkdir(exist_ok=True)
    end = NOW.timestamp()
    states = [
        StateRow(
            end - ago,
            entity_id,
            state,
            {"friendly_name": entity_id.partition(".")[2].capitalize()},
            Context(number.to_bytes(16)),
            end - ago,
            None,
        )
        for number, (ago, entity_id, state) in enumerate(sorted(rows, reverse=True), 1)
    ]
    day = 86_400.0
    write_history(folder / DATABASE, Trail(states, [], [(end - day, end)]))
    return folder


def state_of(folder: Path) -> dict[str, tuple[int, int, str]]:
    """Return mtime, size and content of every file and the mtime of every folder."""
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mtime_ns,
            path.stat().st_size,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
        for path in sorted([folder, *folder.rglob("*")])
    }
