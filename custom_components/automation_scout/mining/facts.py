"""What the registries say about a home, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .reach import Reach, nested
from .rules import ALL_DAYS, Condition, Trigger

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
class Requirement:
    """That one of some conditions holds, or that none of them does."""

    any_of: tuple[Condition, ...]
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Branch:
    """What an automation does at some of its triggers, or under conditions."""

    triggers: tuple[Trigger, ...]
    """What sets it off, delays on the way to the act included."""
    targets: frozenset[tuple[str, str]]
    """(entity id, state) that it brings about, settings included."""
    requirements: tuple[Requirement, ...] = ()
    """What has to hold, as far as it can be told."""
    weekdays: tuple[int, ...] = ALL_DAYS
    through: str = ""
    """Entity id of another automation that does it, set off by this one."""


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
    branches: tuple[Branch, ...] = ()
    """What of its targets comes at which of its triggers; empty where all at all."""

    @property
    def ways(self) -> tuple[Branch, ...]:
        """Everything that it does, with what sets it off."""
        whole = Branch(self.triggers, self.targets, (), self.weekdays)
        return self.branches or (whole,)


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
    reach: Reach = field(default_factory=Reach)
    """What the targets of actions stand for."""
    others: Mapping[str, EntityFacts] = field(default_factory=dict)
    """Entities that are out of scope and can be acted on all the same."""
    temperature_unit: str = "°C"
    """Of set points."""
    people: frozenset[str] = frozenset()
    """Ids of users that are no machines, however exact their acts are."""

    def of(self, entity_id: str) -> EntityFacts:
        """Return the facts of an entity, or bare ones where it is not known."""
        known = self.entities.get(entity_id)
        return known or EntityFacts(entity_id, entity_id)

    def acted_on(self, entity_id: str) -> EntityFacts:
        """Return the facts of an entity also where it is out of scope."""
        return self.others.get(entity_id) or self.of(entity_id)

    def parts_of(self, entity_id: str) -> frozenset[str]:
        """Return the entities that an act reaches: itself, or a group's members too."""
        return nested((entity_id,), self._members)

    def _members(self, entity_id: str) -> tuple[str, ...]:
        known = self.entities.get(entity_id)
        return (known and known.members) or self.reach.groups.get(entity_id, ())

    def is_group(self, entity_id: str) -> bool:
        """Return whether an entity stands for others."""
        return bool(self._members(entity_id))
