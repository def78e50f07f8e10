"""What the registries say about a home, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .rules import ALL_DAYS, Trigger

ACTUATOR_DOMAINS: Final = frozenset(
    {
        "alarm_control_panel",
        "climate",
        "cover",
        "fan",
        "humidifier",
        "input_boolean",
        "light",
        "lock",
        "media_player",
        "siren",
        "switch",
        "vacuum",
        "valve",
        "water_heater",
    }
)
"""Domains whose entities people act on."""

TRIGGER_DOMAINS: Final = ACTUATOR_DOMAINS | {
    "binary_sensor",
    "device_tracker",
    "input_select",
    "person",
    "select",
}
"""Domains whose changes may set off an automation."""


def domain_of(entity_id: str) -> str:
    """Return the part of an entity id before the dot."""
    return entity_id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class EntityFacts:
    """One entity as the registries describe it."""

    entity_id: str
    name: str
    area_id: str | None = None
    device_id: str | None = None
    device_class: str | None = None
    members: tuple[str, ...] = ()
    """Entities that it stands for, where it is a group."""
    unit: str | None = None
    is_numeric: bool = False
    """Whether it is a sensor that measures."""

    @property
    def domain(self) -> str:
        """Domain of the entity."""
        return domain_of(self.entity_id)


@dataclass(frozen=True, slots=True)
class ExistingAutomation:
    """What an automation of the home does, as far as it can be compared."""

    entity_id: str
    name: str
    enabled: bool
    triggers: tuple[Trigger, ...] = ()
    """What starts it; an empty state means any."""
    weekdays: tuple[int, ...] = ALL_DAYS
    """Days on which its conditions let it act."""
    targets: frozenset[tuple[str, str]] = frozenset()
    """(entity id, state) that it brings about, settings included."""
    created_ms: int | None = None
    """Since when the home has it, ms UTC."""
    last_triggered_ms: int | None = None
    """When it ran last, ms UTC."""
    missing: tuple[str, ...] = ()
    """Ids of entities that it names and that are not there."""
    fingerprint: str = ""
    """The same for automations that differ in their names alone."""
    is_whole: bool = True
    """Whether triggers, days of the week and targets are all that there is to it."""


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """Everything about a home that is not history."""

    time_zone: str
    """Name in the IANA time zone database."""
    entities: Mapping[str, EntityFacts] = field(default_factory=dict)
    areas: Mapping[str, str] = field(default_factory=dict)
    """Area id to name."""
    automations: tuple[ExistingAutomation, ...] = ()
    excluded_users: frozenset[str] = frozenset()
    """Ids of users whose acts are no evidence, also those in the log already."""
    latitude: float | None = None
    """Degrees north; with `longitude`, degrees east, where the home is."""
    longitude: float | None = None
    elevation: float = 0.0
    """Metres above the sea."""

    def of(self, entity_id: str) -> EntityFacts:
        """Return the facts of an entity, or bare ones where it is not known."""
        known = self.entities.get(entity_id)
        return known or EntityFacts(entity_id, entity_id)
