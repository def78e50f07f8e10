"""The automations that were set up for suggestions, as others want to know of them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant

from .installer.places import entity_id_of
from .mining.watched import Watched, counts_of
from .store.installed import INSTALLED, UNDONE

if TYPE_CHECKING:
    from .store.installed import InstalledRow, InstalledStore


def entity_of(hass: HomeAssistant, row: InstalledRow) -> str:
    """Return the entity id of an automation now, or the one that it had."""
    return entity_id_of(hass, row.automation_id) or row.entity_id


async def async_own_automations(
    hass: HomeAssistant, installed: InstalledStore
) -> frozenset[str]:
    """Return the entity ids that the automations have, and those that they had.

    What was taken back is among them: what it did was not done by anybody else.
    """
    own: set[str] = set()
    for row in await installed.list():
        own.add(row.entity_id)
        if row.state != UNDONE:
            own.add(entity_id_of(hass, row.automation_id) or "")
    return frozenset(own - {""})


async def async_set_up(
    hass: HomeAssistant, installed: InstalledStore
) -> dict[str, str]:
    """Return the entity ids of the automations that are set up, by suggestion id."""
    return {
        suggestion_id: entity_of(hass, row)
        for suggestion_id, row in (await installed.latest()).items()
        if row.state == INSTALLED
    }


async def async_count(
    hass: HomeAssistant, installed: InstalledStore, watched: Iterable[Watched]
) -> None:
    """Write down how often each of them ran, and how often people took that back."""
    by_entity = {item.entity_id: item for item in watched}
    for suggestion_id, entity_id in (await async_set_up(hass, installed)).items():
        counts = counts_of(by_entity, entity_id)
        await installed.count(suggestion_id, counts.runs, counts.undone)


def installed_of(
    hass: HomeAssistant, row: InstalledRow | None
) -> dict[str, Any] | None:
    """Return what the contract says of a suggestion that was set up, else None."""
    if row is None or row.state != INSTALLED:
        return None
    return {
        "automation_id": row.automation_id,
        "entity_id": entity_of(hass, row),
        "installed_at": row.installed_at,
        "runs": row.runs,
        "undone": row.undone,
    }
