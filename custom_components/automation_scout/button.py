"""Starts an analysis."""

from typing import Final, override

from homeassistant.components.button import (
    ButtonEntity,
    ButtonEntityDescription,
)
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import ScoutConfigEntry
from .entity import DescribedEntity

# A second press joins the analysis that is under way.
PARALLEL_UPDATES = 0

ANALYZE: Final = ButtonEntityDescription(key="analyze", translation_key="analyze")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ScoutConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the entity."""
    async_add_entities([ScoutAnalyze(entry.runtime_data, ANALYZE, Platform.BUTTON)])


class ScoutAnalyze(DescribedEntity, ButtonEntity):
    """Analyses the home when it is pressed."""

    @override
    async def async_press(self) -> None:
        """Run an analysis and wait for it."""
        await self.coordinator.async_analyze()
