"""What is known about the things that a text is about, fetched once in a run.

All questions of a run share the answers: whoever asks first fetches, and the others
wait for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ..mining.facts import HomeFacts
from ..mining.rules import HOME, SUN
from ..words.names import clean


@dataclass(frozen=True, slots=True)
class DeviceContext:
    """One thing of the home, as far as a text needs to know it."""

    entity_id: str
    name: str
    area: str | None = None
    """Name of the area."""
    device: str | None = None
    """Name of the device."""
    device_class: str | None = None
    unit: str | None = None

    def plain(self) -> dict[str, object]:
        """Return what is known as JSON values."""
        known = {
            "entity_id": self.entity_id,
            "name": clean(self.name, self.entity_id),
            "area": self.area and clean(self.area, ""),
            "device": self.device and clean(self.device, ""),
            "device_class": self.device_class and clean(self.device_class, ""),
            "unit": self.unit and clean(self.unit, ""),
        }
        return {key: value for key, value in known.items() if value}


EVERYBODY: Final[Mapping[str, DeviceContext]] = {
    HOME: DeviceContext(HOME, "home"),
    SUN: DeviceContext(SUN, "sun"),
}
"""What every home has; no name of it is the home's own."""

type Fetch = Callable[[str], Awaitable[DeviceContext | None]]
"""Returns what is known of an entity, None where it is not there."""


def context_of(entity_id: str, facts: HomeFacts) -> DeviceContext | None:
    """Return what the facts of a home say of an entity or an automation.

    None where they do not know it.
    """
    if entity_id in EVERYBODY:
        return EVERYBODY[entity_id]
    known = facts.others.get(entity_id) or facts.entities.get(entity_id)
    if known is not None:
        return DeviceContext(
            entity_id,
            known.name,
            area=facts.areas.get(known.area_id) if known.area_id else None,
            device_class=known.device_class,
            unit=known.unit,
        )
    for automation in facts.automations:
        if automation.entity_id == entity_id:
            return DeviceContext(entity_id, automation.name)
    return None


class Contexts:
    """The contexts of one run."""

    def __init__(self, fetch: Fetch) -> None:
        """Take what fetches the context of one entity."""
        self._fetch = fetch
        self._known: dict[str, DeviceContext | None] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def of(self, entity_id: str) -> DeviceContext | None:
        """Return the context of an entity, None where there is none."""
        if entity_id not in self._known:
            async with self._locks.setdefault(entity_id, asyncio.Lock()):
                if entity_id not in self._known:
                    self._known[entity_id] = await self._fetched(entity_id)
        return self._known[entity_id]

    async def all(self, entity_ids: Iterable[str]) -> dict[str, DeviceContext]:
        """Return the contexts of entities, of those that have one."""
        ids = list(dict.fromkeys(entity_ids))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self.of(entity_id)) for entity_id in ids]
        found = (task.result() for task in tasks)
        return {item.entity_id: item for item in found if item is not None}

    async def _fetched(self, entity_id: str) -> DeviceContext | None:
        if entity_id in EVERYBODY:
            return EVERYBODY[entity_id]
        try:
            return await self._fetch(entity_id)
        except Exception:  # noqa: BLE001 - its text stays the template's, others go on
            return None
