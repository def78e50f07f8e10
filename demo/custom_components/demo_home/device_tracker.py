"""Phones of the people who live in the demo home."""

from collections.abc import Mapping
from typing import Any, override

# The one module that has both in every version.
from homeassistant.components.device_tracker import (  # type: ignore[attr-defined]
    SourceType,
    TrackerEntity,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import STATE_HOME
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import DemoEntity, add_devices


# The base class of trackers declares that they have no device; phones are one.
class DemoTracker(DemoEntity, TrackerEntity):  # type: ignore[misc]
    """A phone that is at home or not."""

    _attr_source_type = SourceType.GPS

    @override
    def recall(self, state: str, attributes: Mapping[str, Any]) -> None:
        if hasattr(self, "in_zones"):
            self._attr_in_zones = ["zone.home"] if state == STATE_HOME else []
        else:  # before Home Assistant 2026.6
            self._attr_location_name = state


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ConfigEntry[None],
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the phones."""
    add_devices(async_add_entities, "device_tracker", DemoTracker)
