"""Sockets and switches of the demo home."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later

from .entity import DemoEntity, add_devices


class DemoSwitch(DemoEntity, SwitchEntity):
    """A switch; the kettle's goes off when the water boils."""

    _boiled: CALLBACK_TYPE | None = None

    @override
    def recall(self, state: str, attributes: Mapping[str, Any]) -> None:
        self._attr_is_on = state == "on"

    def _cancel(self) -> None:
        if self._boiled is not None:
            self._boiled()
            self._boiled = None

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self._cancel()
        self._attr_is_on = True
        if self.device.auto_off_s is not None:

            @callback
            def boiled(_now: datetime) -> None:
                self._boiled = None
                self._attr_is_on = False
                self.async_write_ha_state()

            self._boiled = async_call_later(self.hass, self.device.auto_off_s, boiled)
        self.async_write_ha_state()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self._cancel()
        self._attr_is_on = False
        self.async_write_ha_state()

    @override
    async def async_will_remove_from_hass(self) -> None:
        self._cancel()


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[None],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switches."""
    add_devices(async_add_entities, "switch", DemoSwitch)
