"""Registered entities, and automations of which only the text matters."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.automation_scout.home_facts import Scope, collect
from custom_components.automation_scout.mining.facts import (
    ExistingAutomation,
    HomeFacts,
)

type SetUp = Callable[[Mapping[str, Any]], Awaitable[ExistingAutomation]]

ACTION: Final = {"action": "light.turn_on", "target": {"entity_id": "light.hall"}}
TIMED: Final = {"trigger": "time", "at": "07:00"}


def collected(hass: HomeAssistant, scope: Scope | None = None) -> HomeFacts:
    """Return what is known of a home, without letting anybody else have the loop."""
    work = collect(hass, scope or Scope())
    while True:
        try:
            work.send(None)
        except StopIteration as done:
            facts: HomeFacts = done.value
            return facts


def register(
    hass: HomeAssistant, entity_id: str, state: str = "off", **changes: Any
) -> str:
    """Register an entity and give it a state."""
    domain, _, name = entity_id.partition(".")
    registry = er.async_get(hass)
    device_id = changes.pop("device_id", None)
    platform = changes.pop("platform", "test")
    known = registry.async_get_or_create(domain, platform, name, device_id=device_id)
    if known.entity_id != entity_id:
        changes["new_entity_id"] = entity_id
    if changes:
        registry.async_update_entity(known.entity_id, **changes)
    hass.states.async_set(entity_id, state)
    return entity_id


def written(hass: HomeAssistant, config: Mapping[str, Any]) -> ExistingAutomation:
    """Return what is known of an automation, without asking whether it is valid."""

    class Entity:
        entity_id = "automation.it"
        raw_config = config

    class Component:
        entities = (Entity(),)

    hass.data["automation"] = Component()
    (found,) = collected(hass).automations
    return found
