"""What a service call of the past names: its targets, expanded to entities.

The registries belong to the event loop and the calls are read in a worker, so that
the expansion of every area, device, label and floor is laid down beforehand.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    label_registry as lr,
)
from homeassistant.helpers.target import (
    TargetSelection,
    async_extract_referenced_entity_ids,
)

from ..mining.facts import ACTUATOR_DOMAINS, HomeFacts, domain_of

ALL: Final = "all"
ANY_DOMAIN: Final = "homeassistant"
"""Services of this domain act on entities of every domain."""
INDIRECT: Final = ("area_id", "device_id", "floor_id", "label_id")


@dataclass(frozen=True, slots=True)
class TargetIndex:
    """Plain values that expand targets without Home Assistant."""

    watched: frozenset[str]
    """Actuators whose changes are read."""
    indirect: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    """Kind of target (`area_id` and so on) to its id to watched entities."""
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Members of groups that are not watched themselves."""

    def named(self, service: str, data: object) -> frozenset[str]:
        """Return the entities that a call of the service (`light.turn_on`) names.

        Junk names nothing. A group that is not watched stands for its members.
        """
        if not isinstance(data, Mapping):
            return frozenset()
        domain = domain_of(service)
        found: set[str] = set()
        for source in (data, data.get("target")):
            if not isinstance(source, Mapping):
                continue
            for entity_id in _ids(source.get("entity_id")):
                if entity_id == ALL:
                    found |= self._of_domain(domain, self.watched)
                else:
                    found |= self.groups.get(entity_id, frozenset((entity_id,)))
            for kind in INDIRECT:
                known = self.indirect.get(kind, {})
                for target_id in _ids(source.get(kind)):
                    found |= self._of_domain(domain, known.get(target_id, ()))
        return frozenset(found)

    def _of_domain(self, domain: str, entity_ids: Iterable[str]) -> set[str]:
        return {
            entity_id
            for entity_id in entity_ids
            if domain in (ANY_DOMAIN, domain_of(entity_id))
        }


def _ids(value: object) -> Iterator[str]:
    """Yield the ids in a string, a list in a string, or a list."""
    if isinstance(value, str):
        for part in value.split(","):
            if stripped := part.strip():
                yield stripped.lower()
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, str):
                yield from _ids(item)


@callback
def async_target_index(hass: HomeAssistant, facts: HomeFacts) -> TargetIndex:
    """Lay down what every area, device, label, floor and group stands for now."""
    watched = frozenset(
        entity_id
        for entity_id, entity in facts.entities.items()
        if entity.domain in ACTUATOR_DOMAINS
    )
    targets = {
        "area_id": [area.id for area in ar.async_get(hass).async_list_areas()],
        "device_id": _device_ids(hass, watched),
        "floor_id": [
            floor.floor_id for floor in fr.async_get(hass).async_list_floors()
        ],
        "label_id": [
            label.label_id for label in lr.async_get(hass).async_list_labels()
        ],
    }
    return TargetIndex(
        watched,
        {
            kind: {
                target_id: frozenset(
                    async_extract_referenced_entity_ids(
                        hass, TargetSelection({kind: target_id})
                    ).indirectly_referenced
                    & watched
                )
                for target_id in ids
            }
            for kind, ids in targets.items()
        },
        _unwatched_groups(hass, watched),
    )


def _device_ids(hass: HomeAssistant, entity_ids: Iterable[str]) -> set[str]:
    """Return the devices of the entities, their parents and what they were split from.

    Parents and splits exist since 2026.8; older devices lack the attributes.
    """
    entities, devices = er.async_get(hass), dr.async_get(hass)
    found: set[str] = set()
    for entity_id in entity_ids:
        entry = entities.async_get(entity_id)
        if entry is None or entry.device_id is None:
            continue
        found.add(entry.device_id)
        device = devices.async_get(entry.device_id)
        for attribute in ("parent_device_id", "composite_device_id"):
            if other := getattr(device, attribute, None):
                found.add(other)
    return found


def _unwatched_groups(
    hass: HomeAssistant, watched: frozenset[str]
) -> dict[str, frozenset[str]]:
    direct = {
        state.entity_id: members
        for state in hass.states.async_all((*ACTUATOR_DOMAINS, "group"))
        if state.entity_id not in watched and (members := _listed(state.attributes))
    }
    return {group: frozenset(_members(group, direct, set())) for group in direct}


def _listed(attributes: Mapping[str, object]) -> tuple[str, ...]:
    """Return the members of a group; 2026.3 knows the first attribute only."""
    for name in ("entity_id", "group_entities"):
        if isinstance(members := attributes.get(name), list | tuple):
            return tuple(member for member in members if isinstance(member, str))
    return ()


def _members(
    group: str, direct: Mapping[str, Iterable[str]], seen: set[str]
) -> Iterator[str]:
    """Yield the members of a group, groups among them resolved where not watched."""
    seen.add(group)
    for member in direct[group]:
        if member not in direct:
            yield member
        elif member not in seen:
            yield from _members(member, direct, seen)
