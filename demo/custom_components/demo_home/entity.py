"""What all entities of the demo home have in common."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, override

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import RestoreEntity

from .const import DOMAIN
from .devices import Device, of_domain


class DemoEntity(RestoreEntity):
    """An entity that keeps its state in memory and finds it again after a restart."""

    _attr_has_entity_name = True
    _attr_name = None
    _attr_should_poll = False
    _attr_device_info: DeviceInfo | None = None

    def __init__(self, device: Device) -> None:
        """Take its name, area and class from the device."""
        self.device = device
        self.entity_id = device.entity_id
        self._attr_unique_id = device.object_id
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, device.object_id)},
            manufacturer="Demo Home",
            model=device.domain.replace("_", " ").capitalize(),
            name=device.name,
            suggested_area=device.area or None,
        )
        if device.device_class is not None:
            self._attr_device_class = device.device_class
        self.recall(device.idle, {})

    @override
    async def async_added_to_hass(self) -> None:
        """Take up the state from before the restart."""
        await super().async_added_to_hass()
        last = await self.async_get_last_state()
        if last is not None and last.state not in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            self.recall(last.state, last.attributes)

    @abstractmethod
    def recall(self, state: str, attributes: Mapping[str, Any]) -> None:
        """Enter a recorded state, without writing it."""


def add_devices(
    add: AddConfigEntryEntitiesCallback, domain: str, kind: type[DemoEntity]
) -> None:
    """Add the entities of one domain."""
    add(kind(device) for device in of_domain(domain))
