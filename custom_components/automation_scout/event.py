"""What happens to suggestions, as an event that automations can wait for."""

from typing import Any, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import ScoutConfigEntry
from .entity import DescribedEntity
from .news import NEWS, async_listen

PARALLEL_UPDATES = 0

SUGGESTION = EventEntityDescription(
    key="suggestion", translation_key="suggestion", event_types=list(NEWS)
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ScoutConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the event."""
    async_add_entities([ScoutEvent(entry.runtime_data, SUGGESTION, Platform.EVENT)])


class ScoutEvent(DescribedEntity, EventEntity):
    """Fires whenever something happens to a suggestion."""

    _unrecorded_attributes = frozenset({"entities"})

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the news."""
        await super().async_added_to_hass()
        self.async_on_remove(async_listen(self.hass, self._tell))

    @callback
    def _tell(self, kind: str, told: dict[str, Any]) -> None:
        self._trigger_event(kind, told)
        self.async_write_ha_state()
