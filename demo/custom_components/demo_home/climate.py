"""Thermostats of the demo home."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.climate import ClimateEntity
from homeassistant.components.climate.const import (
    ATTR_CURRENT_TEMPERATURE,
    ClimateEntityFeature,
    HVACMode,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_TEMPERATURE, UnitOfTemperature
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import DemoEntity, add_devices

_OWN: Final = (
    "_attr_native_"
    if hasattr(ClimateEntity, "native_target_temperature")
    else "_attr_"  # before Home Assistant 2026.11
)
"""How the names of temperatures begin that are in the unit of the device."""


class DemoClimate(DemoEntity, ClimateEntity):
    """A radiator thermostat."""

    _attr_hvac_modes = [HVACMode.OFF, HVACMode.HEAT]  # noqa: RUF012
    _attr_supported_features = (
        ClimateEntityFeature.TARGET_TEMPERATURE
        | ClimateEntityFeature.TURN_ON
        | ClimateEntityFeature.TURN_OFF
    )

    @override
    def recall(self, state: str, attributes: Mapping[str, Any]) -> None:
        self._attr_hvac_mode = HVACMode(state)
        measured = attributes.get(ATTR_CURRENT_TEMPERATURE, 20.5)
        self._keep("temperature_unit", UnitOfTemperature.CELSIUS)
        self._keep("target_temperature", attributes.get(ATTR_TEMPERATURE, 20.0))
        self._keep("current_temperature", measured)

    def _keep(self, name: str, value: str | float) -> None:
        setattr(self, f"{_OWN}{name}", value)

    @override
    async def async_set_hvac_mode(self, hvac_mode: HVACMode) -> None:
        self._attr_hvac_mode = hvac_mode
        self.async_write_ha_state()

    @override
    async def async_turn_on(self) -> None:
        await self.async_set_hvac_mode(HVACMode.HEAT)

    @override
    async def async_turn_off(self) -> None:
        await self.async_set_hvac_mode(HVACMode.OFF)

    @override
    async def async_set_temperature(self, **kwargs: Any) -> None:
        self._keep("target_temperature", kwargs[ATTR_TEMPERATURE])
        self.async_write_ha_state()


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[None],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the thermostats."""
    add_devices(async_add_entities, "climate", DemoClimate)
