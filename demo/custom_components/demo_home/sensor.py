"""Thermometers and the like of the demo home."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.sensor import SensorEntity, SensorStateClass
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .devices import Device
from .entity import DemoEntity, add_devices


class DemoSensor(DemoEntity, SensorEntity):
    """Something that measures."""

    _attr_state_class = SensorStateClass.MEASUREMENT

    def __init__(self, device: Device) -> None:
        """Say what it measures in."""
        super().__init__(device)
        self._attr_native_unit_of_measurement = device.unit

    @override
    def recall(self, state: str, attributes: Mapping[str, Any]) -> None:
        self._attr_native_value = float(state)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[None],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add what measures."""
    add_devices(async_add_entities, "sensor", DemoSensor)
