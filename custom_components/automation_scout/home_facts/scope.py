"""Which entities count: the defaults, and what a person set."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)

from ..const import DOMAIN
from ..mining.facts import TRIGGER_DOMAINS
from ..mining.measures import BANDS
from ..mining.written.calls import ENTITY_DOMAINS

IGNORE_LABEL: Final = f"{DOMAIN}_ignore"
"""Label, by id or by name, that always excludes an entity, a device or an area."""

DIAGNOSTIC_CLASSES: Final = frozenset(
    {
        "battery",
        "battery_charging",
        "connectivity",
        "power",
        "problem",
        "safety",
        "tamper",
        "update",
    }
)
"""Classes of binary sensors that tell of a device's health, not of life in the home."""

SENSOR: Final = "sensor"
MOST_OPTIONS: Final = 12
"""A sensor of more states than this tells more than people react to."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person included and excluded, by id."""

    include_entities: frozenset[str] = frozenset()
    """Where there are any, no other entities count; these count even if hidden."""
    exclude_entities: frozenset[str] = frozenset()
    exclude_areas: frozenset[str] = frozenset()
    exclude_labels: frozenset[str] = frozenset()
    exclude_users: frozenset[str] = frozenset()
    """Users that are machines."""
    people: frozenset[str] = frozenset()
    """Users that are none, however exact they are."""

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Self:
        """Read the lists that the options flow stores; a missing one is empty."""
        return cls(
            **{name: frozenset(options.get(name) or ()) for name in cls.__slots__}
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entity belongs, by its registry entries."""

    area_id: str | None = None
    device_id: str | None = None
    device_class: str | None = None
    of_service: bool = False
    """Whether its device is no thing but a service, as that of the backups is."""


def in_scope(hass: HomeAssistant, scope: Scope) -> Iterator[tuple[State, Place]]:
    """Yield the entities that count, in the order of their ids."""
    entities, devices = er.async_get(hass), dr.async_get(hass)
    ignored = scope.exclude_labels | _ignore_labels(hass)
    areas = scope.exclude_areas | _areas_with(hass, ignored)
    owned = _owned_trackers(hass)
    for state in sorted(
        hass.states.async_all((*TRIGGER_DOMAINS, SENSOR)),
        key=lambda state: state.entity_id,
    ):
        entity_id = state.entity_id
        entry = entities.async_get(entity_id)
        place, labels = _locate(hass, devices, state, entry)
        if (
            entity_id not in scope.exclude_entities
            and place.area_id not in areas
            and ignored.isdisjoint(labels)
            and (entry is None or entry.platform != DOMAIN)
            and _says_something(state, place)
            and not (place.of_service and place.device_class == "enum")
            and (
                entity_id in scope.include_entities
                if scope.include_entities
                else entity_id not in owned and _matters(entry, state, place)
            )
        ):
            yield state, place


def elsewhere(
    hass: HomeAssistant, within: Container[str]
) -> Iterator[tuple[State, Place]]:
    """Yield the entities beside those within the scope that can be acted on."""
    entities, devices = er.async_get(hass), dr.async_get(hass)
    for state in hass.states.async_all(tuple(ENTITY_DOMAINS)):
        if state.entity_id not in within:
            entry = entities.async_get(state.entity_id)
            yield state, _locate(hass, devices, state, entry)[0]


def _matters(entry: er.RegistryEntry | None, state: State, place: Place) -> bool:
    """Tell whether an entity is one that people live with."""
    if entry is not None and (entry.entity_category or entry.hidden_by):
        return False
    match state.domain:
        case "binary_sensor":
            return place.device_class not in DIAGNOSTIC_CLASSES
        case "sensor":
            return place.device_class in (*BANDS, "enum")
        case _:
            return True


def is_numeric(state: State) -> bool:
    """Tell whether an entity is a sensor that measures something that goes up and down.

    A counter only grows, and a number without a unit is a code or a count.
    """
    attributes = state.attributes
    return (
        state.domain == SENSOR
        and bool(unit_of(state))
        and attributes.get("state_class") == "measurement"
    )


def unit_of(state: State) -> str | None:
    """Return the unit of a sensor, None where it has none."""
    unit = state.attributes.get("unit_of_measurement")
    return unit if state.domain == SENSOR and isinstance(unit, str) and unit else None


def _says_something(state: State, place: Place) -> bool:
    """Tell whether a sensor measures, or is in one of few states; others always do."""
    if state.domain != SENSOR or is_numeric(state):
        return True
    options = state.attributes.get("options")
    few = not isinstance(options, list | tuple) or len(options) <= MOST_OPTIONS
    return place.device_class == "enum" and few


def _locate(
    hass: HomeAssistant,
    devices: dr.DeviceRegistry,
    state: State,
    entry: er.RegistryEntry | None,
) -> tuple[Place, Iterable[str]]:
    """Return the place of an entity and the labels of it and its device."""
    device_class = state.attributes.get("device_class")
    if entry is None:
        return Place(device_class=device_class), ()
    device = devices.async_get(entry.device_id) if entry.device_id else None
    area_id = entry.area_id
    if area_id is None and device is not None:
        area_id = _area_of_device(hass, device)
    place = Place(
        area_id,
        entry.device_id,
        device_class or entry.device_class or entry.original_device_class,
        isinstance(device, dr.DeviceEntry)
        and device.entry_type is dr.DeviceEntryType.SERVICE,
    )
    return place, entry.labels | device.labels if device else entry.labels


def _area_of_device(hass: HomeAssistant, device: object) -> str | None:
    """Return the area of a device, or that of its parent.

    Devices have parents since 2026.9; before, the function of the registry that
    knows them does not exist.
    """
    effective = getattr(dr, "async_get_effective_area_id", None)
    area_id: str | None = (
        effective(hass, device) if effective else getattr(device, "area_id", None)
    )
    return area_id


def _ignore_labels(hass: HomeAssistant) -> frozenset[str]:
    return frozenset(
        label.label_id
        for label in lr.async_get(hass).async_list_labels()
        if IGNORE_LABEL in (label.label_id, label.name.strip().lower())
    ) | {IGNORE_LABEL}


def _areas_with(hass: HomeAssistant, labels: frozenset[str]) -> frozenset[str]:
    return frozenset(
        area.id
        for area in ar.async_get(hass).async_list_areas()
        if not labels.isdisjoint(area.labels)
    )


def _owned_trackers(hass: HomeAssistant) -> frozenset[str]:
    """Return the device trackers that a person stands for."""
    return frozenset(
        tracker
        for person in hass.states.async_all("person")
        for tracker in person.attributes.get("device_trackers", ())
    )
