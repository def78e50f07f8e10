"""Starts an analysis."""

from typing import Final, override

from homeassistant.components.button import (
    ButtonEntity,
    ButtonEntityDescription,
)
from homeassistant.const import Platform
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .administrators import async_only_administrators
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
        """Run an analysis and wait for it.

        Raises:
            HomeAssistantError: who presses is no administrator, as the action demands,
                or the analysis failed; translated.
        """
        # Home Assistant sets it right before, and pauses nowhere in between.
        caller = self._context or Context()
        await async_only_administrators(self.hass, caller, self.entity_id)
        await self.coordinator.async_analyze()
