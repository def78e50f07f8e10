"""What a service call of the past names: its targets, expanded to entities.

The registries belong to the event loop and the calls are read in a worker, so that
what every area, device, label, floor and group stands for comes with the facts.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from ..mining.facts import ACTUATOR_DOMAINS, HomeFacts, domain_of
from ..mining.reach import ALL, INDIRECT, nested

GROUPED: Final = ACTUATOR_DOMAINS | {"group"}
"""Domains whose groups people act on."""
ANY_DOMAIN: Final = "homeassistant"
"""Services of this domain act on entities of every domain."""


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


def target_index(facts: HomeFacts) -> TargetIndex:
    """Return what every area, device, label, floor and group stands for."""
    watched = frozenset(
        entity_id
        for entity_id, entity in facts.entities.items()
        if entity.domain in ACTUATOR_DOMAINS
    )
    return TargetIndex(
        watched,
        {
            kind: {target_id: found & watched for target_id, found in known.items()}
            for kind, known in facts.reach.indirect.items()
        },
        _unwatched_groups(facts.reach.groups, watched),
    )


def _unwatched_groups(
    groups: Mapping[str, Iterable[str]], watched: frozenset[str]
) -> dict[str, frozenset[str]]:
    """Return groups with their members, groups among them where not watched."""
    direct = {
        group: members
        for group, members in groups.items()
        if group not in watched and domain_of(group) in GROUPED
    }
    return {
        group: nested((group,), lambda one: direct.get(one, ())) - direct.keys()
        for group in direct
    }
