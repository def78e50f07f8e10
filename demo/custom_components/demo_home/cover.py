"""Blinds and the garage door of the demo home; they take their time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, override

from homeassistant.components.cover import (
    ATTR_CURRENT_POSITION,
    ATTR_POSITION,
    CoverEntity,
    CoverEntityFeature,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_call_later

from .devices import COVER_TRAVEL_S
from .entity import DemoEntity, add_devices


class DemoCover(DemoEntity, CoverEntity):
    """A cover with a position."""

    _attr_supported_features = (
        CoverEntityFeature.OPEN
        | CoverEntityFeature.CLOSE
        | CoverEntityFeature.STOP
        | CoverEntityFeature.SET_POSITION
    )
    _arrival: CALLBACK_TYPE | None = None

    @override
    def recall(self, state: str, attributes: Mapping[str, Any]) -> None:
        resting = 0 if state in ("closed", "closing") else 100
        self._stand_at(attributes.get(ATTR_CURRENT_POSITION, resting))

    def _stand_at(self, position: int) -> None:
        self._attr_current_cover_position = position
        self._attr_is_closed = position == 0
        self._attr_is_opening = False
        self._attr_is_closing = False

    def _move_to(self, position: int) -> None:
        self._halt()
        distance = position - (self._attr_current_cover_position or 0)
        if distance == 0:
            return
        self._attr_is_opening = distance > 0
        self._attr_is_closing = distance < 0

        @callback
        def arrive(_now: datetime) -> None:
            self._arrival = None
            self._stand_at(position)
            self.async_write_ha_state()

        travel_s = COVER_TRAVEL_S * abs(distance) / 100
        self._arrival = async_call_later(self.hass, travel_s, arrive)
        self.async_write_ha_state()

    def _halt(self) -> None:
        if self._arrival is not None:
            self._arrival()
            self._arrival = None

    @override
    async def async_open_cover(self, **kwargs: Any) -> None:
        self._move_to(100)

    @override
    async def async_close_cover(self, **kwargs: Any) -> None:
        self._move_to(0)

    @override
    async def async_set_cover_position(self, **kwargs: Any) -> None:
        self._move_to(kwargs[ATTR_POSITION])

    @override
    async def async_stop_cover(self, **kwargs: Any) -> None:
        self._halt()
        self._stand_at(self._attr_current_cover_position or 0)
        self.async_write_ha_state()

    @override
    async def async_will_remove_from_hass(self) -> None:
        self._halt()


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[None],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the covers."""
    add_devices(async_add_entities, "cover", DemoCover)
