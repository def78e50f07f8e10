"""A sensor that is a row: what it reads from the coordinator's data."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription

from .entity import DescribedEntity
from .shown import ScoutData


@dataclass(frozen=True, kw_only=True)
class ScoutSensorDescription(SensorEntityDescription):
    """One row."""

    value_fn: Callable[[ScoutData], float | datetime | None]
    attributes_fn: Callable[[ScoutData], dict[str, Any]] | None = None


class ScoutSensor(DescribedEntity, SensorEntity):
    """A number or a time of the integration itself."""

    _unrecorded_attributes = frozenset(
        {"automations", "errors", "funnel", "suggestions"}
    )
    entity_description: ScoutSensorDescription

    @property
    @override
    def native_value(self) -> float | datetime | None:
        """Return the value."""
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any] | None:
        """Return what belongs to the value."""
        attributes_fn = self.entity_description.attributes_fn
        return attributes_fn(self.coordinator.data) if attributes_fn else None
