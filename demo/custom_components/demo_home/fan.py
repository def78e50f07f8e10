"""Fans of the demo home."""

from collections.abc import Mapping
from typing import Any, override

# The one module that has both in every version.
from homeassistant.components.fan import (  # type: ignore[attr-defined]
    FanEntity,
    FanEntityFeature,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import DemoEntity, add_devices


class DemoFan(DemoEntity, FanEntity):
    """A fan that is on or off."""

    _attr_supported_features = FanEntityFeature.TURN_ON | FanEntityFeature.TURN_OFF

    @override
    def recall(self, state: str, attributes: Mapping[str, Any]) -> None:
        self._on = state == "on"

    @property
    @override
    def is_on(self) -> bool:
        return self._on

    @override
    async def async_turn_on(
        self,
        percentage: int | None = None,
        preset_mode: str | None = None,
        **kwargs: Any,
    ) -> None:
        self._on = True
        self.async_write_ha_state()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self._on = False
        self.async_write_ha_state()


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[None],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the fans."""
    add_devices(async_add_entities, "fan", DemoFan)
