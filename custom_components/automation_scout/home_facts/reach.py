"""Lays down what the ids in actions stand for, in pieces."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from typing import Any, Final

from homeassistant.components.automation import DATA_COMPONENT
from homeassistant.core import HomeAssistant
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

from ..mining.reach import Reach, SceneStates, members_in

SCRIPT: Final = "script"
SCENES: Final = "homeassistant_scene"
"""Key under which Home Assistant keeps the platform of the scenes it has itself."""


def lay_down(hass: HomeAssistant) -> Generator[None, None, Reach]:
    """Return what every target, group, script and scene stands for now.

    Yields between the pieces, so that whoever drives it can let others have the loop.
    """
    states = hass.states.async_all()
    yield
    groups = {
        state.entity_id: members
        for state in states
        if (members := members_in(state.entity_id, state.attributes))
    }
    yield
    indirect: dict[str, dict[str, frozenset[str]]] = {}
    for kind, ids in _targets(hass).items():
        known = indirect.setdefault(kind, {})
        for target_id in ids:
            found = async_extract_referenced_entity_ids(
                hass, TargetSelection({kind: target_id})
            ).indirectly_referenced
            if found:
                known[target_id] = frozenset(found)
            yield
    entries = er.async_get(hass).entities.values()
    aliases = {entry.id: entry.entity_id for entry in entries}
    yield
    return Reach(
        frozenset(state.entity_id for state in states),
        indirect,
        groups,
        aliases,
        dict(_scripts(hass)),
        dict(_scenes(hass)),
        {
            entity.entity_id: entity.raw_config
            for entity in _entities(hass, DATA_COMPONENT)
            if entity.raw_config
        },
    )


def _targets(hass: HomeAssistant) -> Mapping[str, Iterable[str]]:
    return {
        "area_id": [area.id for area in ar.async_get(hass).async_list_areas()],
        "device_id": _device_ids(hass),
        "floor_id": [
            floor.floor_id for floor in fr.async_get(hass).async_list_floors()
        ],
        "label_id": [
            label.label_id for label in lr.async_get(hass).async_list_labels()
        ],
    }


def _device_ids(hass: HomeAssistant) -> set[str]:
    """Return the devices that have entities, their parents, what they were split from.

    Parents and splits exist since 2026.8; older devices lack the attributes.
    """
    devices = dr.async_get(hass)
    found: set[str] = set()
    for entry in er.async_get(hass).entities.values():
        if entry.device_id is None or entry.device_id in found:
            continue
        found.add(entry.device_id)
        device = devices.async_get(entry.device_id)
        for attribute in ("parent_device_id", "composite_device_id"):
            if other := getattr(device, attribute, None):
                found.add(other)
    return found


def _entities(hass: HomeAssistant, key: Any) -> Iterable[Any]:  # noqa: ANN401
    return getattr(hass.data.get(key), "entities", ())


def _scripts(hass: HomeAssistant) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield scripts by entity id, and by the name of their action."""
    for entity in _entities(hass, SCRIPT):
        config = getattr(entity, "raw_config", None)
        if not isinstance(config, Mapping):
            continue
        yield entity.entity_id, config
        if key := getattr(entity, "unique_id", None):
            yield f"{SCRIPT}.{key}", config


def _scenes(hass: HomeAssistant) -> Iterator[tuple[str, SceneStates]]:
    """Yield the scenes that Home Assistant has itself; others keep theirs elsewhere."""
    platform = hass.data.get(SCENES)
    for entity_id, scene in getattr(platform, "entities", {}).items():
        states = getattr(getattr(scene, "scene_config", None), "states", {})
        yield (
            entity_id,
            {
                state.entity_id: {**state.attributes, "state": state.state}
                for state in states.values()
            },
        )
