"""How many suggestions are open, each of them, and how the integration is doing."""

from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorStateClass,
)
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfInformation,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util, slugify

from .coordinator import ScoutConfigEntry, ScoutCoordinator
from .described_sensor import ScoutSensor, ScoutSensorDescription
from .entity import ScoutEntity
from .mining.watched import saved_this_week
from .model_sensors import model_sensors
from .shown import ScoutData
from .suggestion import Suggestion

PARALLEL_UPDATES = 0

_SUGGESTION: Final = "suggestion"
"""Translation key of the sensors that come and go."""
_LISTED: Final = ("id", "title", "confidence", "kind")
_RUN_COUNTERS: Final = (
    "duration_s",
    "events_read",
    "human_actions",
    "candidates",
    "new",
    "updated",
    "expired",
)
_MAX_SLUG: Final = 80


def _listed(data: ScoutData) -> dict[str, Any]:
    return {"suggestions": [{key: item[key] for key in _LISTED} for item in data.open]}


def _run_finished(data: ScoutData) -> datetime | None:
    row = data.last_run
    return dt_util.parse_datetime(row.finished_at or "") if row else None


def _run_counters(data: ScoutData) -> dict[str, Any]:
    if data.last_run is None:
        return {}
    row = data.last_run
    counters = {key: row.counters.get(key) for key in _RUN_COUNTERS}
    return {
        "run_id": row.run_id,
        **counters,
        "errors": row.errors,
        "funnel": row.funnel,
    }


def _counted(name: str) -> Callable[[ScoutData], float | None]:
    """Return what reads a counter of the last run."""

    def read(data: ScoutData) -> float | None:
        counters = data.last_run.counters if data.last_run else {}
        value: float | None = counters.get(name)
        return value

    return read


def _saved(data: ScoutData) -> int:
    return saved_this_week(data.watched)


def _automations(data: ScoutData) -> dict[str, Any]:
    """Return what became of each automation in four weeks, and week by week."""
    return {
        "automations": {
            key: {
                **asdict(item.recent),
                "own": item.is_own,
                "weeks": [asdict(week) for week in item.weeks],
            }
            for key, item in data.watched.items()
        }
    }


SENSORS: Final = (
    ScoutSensorDescription(
        key="saved_actions",
        translation_key="saved_actions",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_saved,
        attributes_fn=_automations,
    ),
    ScoutSensorDescription(
        key="suggestions",
        translation_key="suggestions",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: len(data.open),
        attributes_fn=_listed,
    ),
    ScoutSensorDescription(
        key="last_analysis",
        translation_key="last_analysis",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_run_finished,
        attributes_fn=_run_counters,
    ),
    ScoutSensorDescription(
        key="analysis_duration",
        translation_key="analysis_duration",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=1,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=_counted("duration_s"),
    ),
    ScoutSensorDescription(
        key="changes_read",
        translation_key="changes_read",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        value_fn=_counted("events_read"),
    ),
    ScoutSensorDescription(
        key="human_actions",
        translation_key="human_actions",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=_counted("human_actions"),
    ),
    ScoutSensorDescription(
        key="archive_size",
        translation_key="archive_size",
        device_class=SensorDeviceClass.DATA_SIZE,
        native_unit_of_measurement=UnitOfInformation.BYTES,
        suggested_unit_of_measurement=UnitOfInformation.MEGABYTES,
        suggested_display_precision=2,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda data: data.archive.bytes,
    ),
    ScoutSensorDescription(
        key="archive_days",
        translation_key="archive_days",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.DAYS,
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value_fn=lambda data: data.archive.days,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: ScoutConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors, and one for each suggestion for as long as it is open."""
    coordinator = entry.runtime_data
    async_add_entities(
        ScoutSensor(coordinator, description, Platform.SENSOR)
        for description in SENSORS
    )
    async_add_entities(model_sensors(coordinator))
    shown: set[str] = set()

    @callback
    def follow() -> None:
        open_now = {item["id"]: item for item in coordinator.data.open}
        _forget_closed(hass, entry, open_now.keys())
        fresh = [item for key, item in open_now.items() if key not in shown]
        shown.intersection_update(open_now)
        shown.update(item["id"] for item in fresh)
        async_add_entities(ScoutSuggestion(coordinator, item) for item in fresh)

    follow()
    entry.async_on_unload(coordinator.async_add_listener(follow))


@callback
def _forget_closed(
    hass: HomeAssistant, entry: ScoutConfigEntry, open_ids: Collection[str]
) -> None:
    """Remove the sensors of suggestions that are open no longer, without a trace."""
    registry = er.async_get(hass)
    wanted = {f"{entry.entry_id}_{item}" for item in open_ids}
    for item in er.async_entries_for_config_entry(registry, entry.entry_id):
        if item.translation_key == _SUGGESTION and item.domain == Platform.SENSOR:
            if item.unique_id in wanted:
                continue
            registry.async_remove(item.entity_id)
            # What the registry keeps of it would stay as long as the config entry.
            key = (item.domain, item.platform, item.unique_id)
            registry.deleted_entities.pop(key, None)


class ScoutSuggestion(ScoutEntity, SensorEntity):
    """An open suggestion: named by its title, valued by its confidence."""

    _attr_translation_key = _SUGGESTION
    _attr_native_unit_of_measurement = PERCENTAGE
    _attr_suggested_display_precision = 0
    _unrecorded_attributes = frozenset(
        {"description", "rationale", "entities", "areas"}
    )

    def __init__(self, coordinator: ScoutCoordinator, suggestion: Suggestion) -> None:
        """Show a suggestion that is open."""
        self._id: str = suggestion["id"]
        slug = slugify(suggestion["title"])[:_MAX_SLUG].strip("_")
        super().__init__(
            coordinator, self._id, Platform.SENSOR, slug or slugify(self._id)
        )
        self._take(suggestion)

    def _take(self, suggestion: Suggestion) -> None:
        self._attr_name = suggestion["title"]
        self._attr_native_value = round(100 * suggestion["confidence"])
        self._attr_extra_state_attributes = {
            "suggestion_id": self._id,
            "kind": suggestion["kind"],
            "category": suggestion["category"],
            "priority": suggestion["priority"],
            "safety": suggestion["safety"]["tier"],
            "description": suggestion["description"],
            "rationale": suggestion["rationale"],
            "entities": suggestion["entities"],
            "areas": suggestion["areas"],
        }

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        for suggestion in self.coordinator.data.open:
            if suggestion["id"] == self._id:
                self._take(suggestion)
                super()._handle_coordinator_update()
