"""Sensors of what the words of a language model took, and what the store takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, Platform, UnitOfTime

from .coordinator import ScoutCoordinator
from .described_sensor import ScoutSensor, ScoutSensorDescription
from .shown import ScoutData


@dataclass(frozen=True, kw_only=True)
class ModelSensorDescription(ScoutSensorDescription):
    """A row, of the month unless it says otherwise."""

    entity_category: EntityCategory | None = EntityCategory.DIAGNOSTIC
    state_class: SensorStateClass | None = SensorStateClass.TOTAL
    is_monthly: bool = True


def _tokens(data: ScoutData) -> dict[str, Any]:
    return {
        "tokens_in": data.month.tokens_in,
        "tokens_out": data.month.tokens_out,
        "is_estimated": data.month.is_estimated,
    }


def _calls(data: ScoutData) -> dict[str, Any]:
    return {
        "calls": data.month.calls,
        "rejected": data.month.rejected,
        "skipped_by_budget": data.month.skipped_by_budget,
    }


MODEL_SENSORS: Final = (
    ModelSensorDescription(
        key="tokens_this_month",
        translation_key="tokens_this_month",
        value_fn=lambda data: data.month.tokens_in + data.month.tokens_out,
        attributes_fn=_tokens,
    ),
    ModelSensorDescription(
        key="cost_this_month",
        translation_key="cost_this_month",
        device_class=SensorDeviceClass.MONETARY,
        suggested_display_precision=2,
        value_fn=lambda data: round(data.month.cost, 6),
    ),
    ModelSensorDescription(
        key="failed_calls_this_month",
        translation_key="failed_calls_this_month",
        entity_registry_enabled_default=False,
        value_fn=lambda data: data.month.failed,
        attributes_fn=_calls,
    ),
    ModelSensorDescription(
        key="saved_calls_this_month",
        translation_key="saved_calls_this_month",
        entity_registry_enabled_default=False,
        value_fn=lambda data: data.month.saved_by_cache,
    ),
    ModelSensorDescription(
        key="model_time_this_month",
        translation_key="model_time_this_month",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=1,
        entity_registry_enabled_default=False,
        value_fn=lambda data: data.month.ms / 1000,
    ),
    ModelSensorDescription(
        key="store_write_time",
        translation_key="store_write_time",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=3,
        state_class=SensorStateClass.TOTAL_INCREASING,
        is_monthly=False,
        entity_registry_enabled_default=False,
        value_fn=lambda data: round(data.writes.seconds, 6),
        attributes_fn=lambda data: {"writes": data.writes.count},
    ),
)


def model_sensors(coordinator: ScoutCoordinator) -> Iterator[ModelSensor]:
    """Yield the sensors."""
    for description in MODEL_SENSORS:
        yield ModelSensor(coordinator, description, Platform.SENSOR)


class ModelSensor(ScoutSensor):
    """A number of the month, or since the start."""

    entity_description: ModelSensorDescription

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        """Return the unit; costs are in the currency of Home Assistant."""
        if self.entity_description.device_class is SensorDeviceClass.MONETARY:
            return self.hass.config.currency
        return super().native_unit_of_measurement

    @property
    @override
    def last_reset(self) -> datetime | None:
        """Return when the month began."""
        is_monthly = self.entity_description.is_monthly
        return self.coordinator.data.month_began if is_monthly else None
