"""What all entities have in common: the service device, and the coordinator."""

from homeassistant.const import Platform
from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN, NAME
from .coordinator import ScoutCoordinator


class ScoutEntity(CoordinatorEntity[ScoutCoordinator]):
    """An entity of the service device, with an id that no language changes."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: ScoutCoordinator, key: str, platform: Platform, slug: str
    ) -> None:
        """Tie the entity to the service device.

        Args:
            coordinator: where its data comes from.
            key: what tells it from the others of the config entry.
            platform: domain of the entity.
            slug: what its entity id ends with.
        """
        super().__init__(coordinator)
        entry_id = coordinator.config_entry.entry_id
        self.entity_id = f"{platform}.{DOMAIN}_{slug}"
        self._attr_unique_id = f"{entry_id}_{key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, entry_id)},
            entry_type=DeviceEntryType.SERVICE,
            name=NAME,
            manufacturer=NAME,
        )


class DescribedEntity(ScoutEntity):
    """An entity that is always there, as a description tells."""

    def __init__(
        self,
        coordinator: ScoutCoordinator,
        description: EntityDescription,
        platform: Platform,
    ) -> None:
        """Take key and entity id from the description."""
        super().__init__(coordinator, description.key, platform, description.key)
        self.entity_description = description
