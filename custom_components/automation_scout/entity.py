"""What all entities have in common: the service device, and the coordinator."""

from homeassistant.helpers.device_registry import DeviceEntryType, DeviceInfo
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .const import DOMAIN, NAME
from .coordinator import ScoutCoordinator


class ScoutEntity(CoordinatorEntity[ScoutCoordinator]):
    """An entity of the service device, with an id that no language changes."""

    _attr_has_entity_name = True

    def __init__(
        self, coordinator: ScoutCoordinator, description: EntityDescription, domain: str
    ) -> None:
        """Name the entity after its description.

        Args:
            coordinator: where its data comes from.
            description: its key is a part of the unique id and of the entity id.
            domain: domain of the entity, as in the entity id.
        """
        super().__init__(coordinator)
        entry_id = coordinator.config_entry.entry_id
        self.entity_description = description
        self.entity_id = f"{domain}.{DOMAIN}_{description.key}"
        self._attr_unique_id = f"{entry_id}_{description.key}"
        self._attr_device_info = device_info(entry_id)


def device_info(entry_id: str) -> DeviceInfo:
    """Return the service device of a config entry."""
    return DeviceInfo(
        identifiers={(DOMAIN, entry_id)},
        entry_type=DeviceEntryType.SERVICE,
        name=NAME,
        manufacturer=NAME,
    )
