"""The home as plain values: entities, areas, and the automations there are."""

import asyncio
from collections.abc import Generator
from time import monotonic
from typing import Final

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import area_registry as ar

from ..mining.facts import EntityFacts, HomeFacts
from .abilities import abilities
from .automations import existing_automations
from .reach import lay_down
from .scope import Place, Scope, elsewhere, in_scope, is_numeric, unit_of
from .view import View

__all__ = ["Scope", "abilities", "collect"]

SLICE_S: Final = 0.005
"""Time after which others have the event loop: a quarter of the longest stall that is
allowed, as one piece more may be begun, on a slower machine."""


async def collect(hass: HomeAssistant, scope: Scope) -> HomeFacts:
    """Return what the registries, the states and the automations say now.

    Only entities that can matter are in it: those that people act on or that may set
    off an automation, within the scope; `others` has the rest of what can be acted on.
    Lets others have the event loop every few milliseconds.
    """
    pieces = _pieces(hass, scope)
    begun = monotonic()
    while True:
        try:
            next(pieces)
        except StopIteration as done:
            facts: HomeFacts = done.value
            return facts
        if monotonic() - begun >= SLICE_S:
            await asyncio.sleep(0)
            begun = monotonic()


def _pieces(hass: HomeAssistant, scope: Scope) -> Generator[None, None, HomeFacts]:
    reach = yield from lay_down(hass)
    entities: dict[str, EntityFacts] = {}
    for state, place in in_scope(hass, scope):
        entities[state.entity_id] = _facts_of(
            state, place, reach.groups.get(state.entity_id, ())
        )
        yield
    others: dict[str, EntityFacts] = {}
    for state, place in elsewhere(hass, entities):
        others[state.entity_id] = _facts_of(
            state, place, reach.groups.get(state.entity_id, ())
        )
        yield
    automations = yield from existing_automations(View.of(hass, reach))
    return HomeFacts(
        hass.config.time_zone,
        entities,
        {area.id: area.name for area in ar.async_get(hass).async_list_areas()},
        automations,
        scope.exclude_users,
        hass.config.latitude,
        hass.config.longitude,
        hass.config.elevation,
        reach,
        others,
        hass.config.units.temperature_unit,
        scope.people,
    )


def _facts_of(state: State, place: Place, members: tuple[str, ...]) -> EntityFacts:
    return EntityFacts(
        state.entity_id,
        state.name,
        place.area_id,
        place.device_id,
        place.device_class,
        members,
        unit_of(state),
        is_numeric(state),
    )
