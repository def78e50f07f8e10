"""Lights of the demo home."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.light import LightEntity
from homeassistant.components.light.const import ColorMode
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .devices import Device
from .entity import DemoEntity, add_devices


class DemoLight(DemoEntity, LightEntity):
    """A light; some can be dimmed."""

    def __init__(self, device: Device) -> None:
        """Say what the light can do."""
        super().__init__(device)
        mode = ColorMode.BRIGHTNESS if device.dimmable else ColorMode.ONOFF
        self._attr_color_mode = mode
        self._attr_supported_color_modes = {mode}

    @override
    def recall(self, state: str, attributes: Mapping[str, Any]) -> None:
        self._attr_is_on = state == "on"
        self._attr_brightness = attributes.get("brightness") or 255

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self._attr_is_on = True
        self._attr_brightness = kwargs.get("brightness", self._attr_brightness)
        self.async_write_ha_state()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self._attr_is_on = False
        self.async_write_ha_state()


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[None],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the lights."""
    add_devices(async_add_entities, "light", DemoLight)
