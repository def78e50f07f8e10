"""What the ids in an action stand for: targets, groups, scripts and scenes.

Laid down once as plain values, of the whole home: an action also reaches what a person
has excluded from the analysis.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

ALL: Final = "all"
INDIRECT: Final = ("area_id", "device_id", "floor_id", "label_id")
"""Kinds of targets that stand for entities."""
LISTS: Final = ("entity_id", "group_entities")
"""Attributes in which a group lists its members; the second is newer than 2026.3."""

type SceneStates = Mapping[str, Mapping[str, Any]]
"""Entity id to its attributes in a scene, with the state as `state`."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The home, as actions name it."""

    entity_ids: frozenset[str] = frozenset()
    """Every entity that has a state."""
    indirect: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    """Kind of target (`INDIRECT`) to its id to the entities that it stands for."""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Group to its members; these may be groups."""
    aliases: Mapping[str, str] = field(default_factory=dict)
    """The registry's own id of an entity to its entity id."""
    scripts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Entity id of a script, and `script.` with its key, to its configuration."""
    scenes: Mapping[str, SceneStates] = field(default_factory=dict)
    """Scenes whose states are known."""
    automations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Entity id of an automation to its configuration."""

    def entities_of(self, kind: str, target_id: str) -> frozenset[str]:
        """Return what an area, device, floor or label stands for."""
        return self.indirect.get(kind, {}).get(target_id, frozenset())

    def with_members(self, entity_ids: Iterable[str]) -> frozenset[str]:
        """Return entities with the members of groups among them, nested ones too."""
        known = frozenset(entity_ids)
        groups = known & self.groups.keys()
        return known | nested(groups, lambda group: self.groups.get(group, ()))


def nested(
    entity_ids: Iterable[str], members: Callable[[str], Iterable[str]]
) -> frozenset[str]:
    """Return entities with the members of groups among them, and of groups in those."""
    found: set[str] = set()
    todo = list(entity_ids)
    while todo:
        entity_id = todo.pop()
        if entity_id not in found:
            found.add(entity_id)
            todo.extend(members(entity_id))
    return frozenset(found)


def members_in(entity_id: str, attributes: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the members that an entity's attributes list, none where it is no group.

    Scenes list what they set in the same place; they are no groups.
    """
    if entity_id.startswith("scene."):
        return ()
    for name in LISTS:
        members = attributes.get(name)
        if isinstance(members, list | tuple | set | frozenset):
            return tuple(_others(entity_id, members))
    return ()


def _others(entity_id: str, members: Iterable[object]) -> Iterator[str]:
    for member in members:
        if isinstance(member, str) and member != entity_id:
            yield member
