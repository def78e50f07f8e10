"""Whether an analysis is under way."""

from typing import Final, override

from homeassistant.components.binary_sensor import (  # type: ignore[attr-defined]
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import ScoutConfigEntry
from .entity import DescribedEntity

PARALLEL_UPDATES = 0

ANALYZING: Final = BinarySensorEntityDescription(
    key="analyzing",
    translation_key="analyzing",
    device_class=BinarySensorDeviceClass.RUNNING,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ScoutConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the entity."""
    async_add_entities(
        [ScoutAnalyzing(entry.runtime_data, ANALYZING, Platform.BINARY_SENSOR)]
    )


class ScoutAnalyzing(DescribedEntity, BinarySensorEntity):
    """On while an analysis is under way."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether an analysis is under way."""
        return self.coordinator.analyzing
