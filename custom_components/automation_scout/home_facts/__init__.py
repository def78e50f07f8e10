"""The home as plain values: entities, areas, and the automations there are."""

from collections.abc import Mapping
from typing import Final

from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import area_registry as ar

from ..mining.facts import EntityFacts, HomeFacts
from .abilities import abilities
from .automations import existing_automations
from .scope import Scope, in_scope, is_numeric, unit_of

__all__ = ["Scope", "abilities", "collect"]

GROUP_ATTRIBUTES: Final = ("entity_id", "group_entities")
"""Attributes in which a group lists its members; the second is newer than
2026.3."""


@callback
def collect(hass: HomeAssistant, scope: Scope) -> HomeFacts:
    """Return what the registries, the states and the automations say now.

    Only entities that can matter are in it: those that people act on or that may
    set off an automation, within the scope. To be run in the event loop.
    """
    entities = {
        state.entity_id: EntityFacts(
            state.entity_id,
            state.name,
            place.area_id,
            place.device_id,
            place.device_class,
            members_of(state),
            unit_of(state),
            is_numeric(state),
        )
        for state, place in in_scope(hass, scope)
    }
    return HomeFacts(
        hass.config.time_zone,
        entities,
        {area.id: area.name for area in ar.async_get(hass).async_list_areas()},
        existing_automations(hass),
        scope.exclude_users,
        hass.config.latitude,
        hass.config.longitude,
        hass.config.elevation,
    )


def members_of(state: State) -> tuple[str, ...]:
    """Return the entities that an entity stands for, none where it is no group."""
    attributes: Mapping[str, object] = state.attributes
    for name in GROUP_ATTRIBUTES:
        members = attributes.get(name)
        if isinstance(members, list | tuple | set | frozenset):
            return tuple(
                member
                for member in members
                if isinstance(member, str) and member != state.entity_id
            )
    return ()
