"""Doors, windows, movement: what the demo home senses."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import DemoEntity, add_devices


class DemoBinarySensor(DemoEntity, BinarySensorEntity):
    """A sensor that knows two states."""

    @override
    def recall(self, state: str, attributes: Mapping[str, Any]) -> None:
        self._attr_is_on = state == "on"


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[None],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors."""
    add_devices(async_add_entities, "binary_sensor", DemoBinarySensor)
