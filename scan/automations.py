"""Automations, scripts and scenes as they are written; none of them ever runs."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from homeassistant.components.homeassistant.scene import (
    DATA_PLATFORM as SCENES,
    STATES_SCHEMA,
    HomeAssistantScene,
    SceneConfig,
)
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant, callback, valid_entity_id
from homeassistant.helpers import entity_registry as er
from homeassistant.util import slugify
import voluptuous as vol

from .configuration import Configuration

AUTOMATION: Final = "automation"
SCRIPT: Final = "script"
SCENE: Final = "scene"
NAMING: Final = frozenset({"entity_id", "scene", "zone"})
"""Keys under which automations name entities."""


@dataclass(frozen=True, slots=True)
class Written:
    """One automation or script, with what its entity would say of itself."""

    entity_id: str
    name: str
    unique_id: str | None
    raw_config: Mapping[str, Any]
    referenced_entities: frozenset[str] = frozenset()
    """Entities that it names, as far as it can be told whether they are there."""


@dataclass(slots=True)
class Component:
    """Stands where Home Assistant keeps the entities of a domain."""

    by_id: dict[str, Written] = field(default_factory=dict)

    @property
    def entities(self) -> list[Written]:
        """All of them."""
        return list(self.by_id.values())

    def get_entity(self, entity_id: str) -> Written | None:
        """Return one of them."""
        return self.by_id.get(entity_id)


@dataclass(frozen=True, slots=True)
class Scenes:
    """Stands where Home Assistant keeps the scenes that it has itself."""

    entities: Mapping[str, HomeAssistantScene]


@callback
def place(
    hass: HomeAssistant, configuration: Configuration, recorded: Container[str]
) -> None:
    """Lay down what is written, and the states of what has none.

    Args:
        hass: A home with the states of its entities.
        configuration: What is written.
        recorded: Entities that were ever recorded. Where the recorder leaves some out,
            nothing is known of others.
    """
    automations, scripts = Component(), Component()
    for number, config in enumerate(configuration.automations):
        unique_id = None if config.get("id") is None else str(config["id"])
        name = str(config.get("alias") or f"{AUTOMATION} {number}")
        named = frozenset(
            entity_id
            for entity_id in named_in(config)
            if not configuration.is_filtered or entity_id in recorded
        )
        written = Written("", name, unique_id, config, named)
        _add(hass, automations, AUTOMATION, written)
    for object_id, config in configuration.scripts.items():
        name = str(config.get("alias") or object_id)
        _add(hass, scripts, SCRIPT, Written("", name, object_id, config))
    hass.data[AUTOMATION] = automations
    hass.data[SCRIPT] = scripts
    hass.data[SCENES] = Scenes(dict(_scenes(hass, configuration.scenes)))


def _scenes(
    hass: HomeAssistant, written: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, HomeAssistantScene]]:
    """Yield the scenes that are valid, by entity id."""
    registry = er.async_get(hass)
    for config in written:
        name = str(config.get("name") or "")
        key = None if config.get("id") is None else str(config["id"])
        known = key and registry.async_get_entity_id(SCENE, "homeassistant", key)
        try:
            states = STATES_SCHEMA(config["entities"])
        except vol.Invalid:
            continue
        scene = HomeAssistantScene(hass, SceneConfig(key, name, None, states))
        yield known or f"{SCENE}.{slugify(name)}", scene


def named_in(config: object) -> Iterator[str]:
    """Yield the entity ids under the keys that hold such, at any depth."""
    if isinstance(config, Mapping):
        for key, value in config.items():
            if key in NAMING:
                for text in value if isinstance(value, list) else [value]:
                    if isinstance(text, str):
                        yield from filter(
                            valid_entity_id, map(str.strip, text.split(","))
                        )
            yield from named_in(value)
    elif isinstance(config, list):
        for item in config:
            yield from named_in(item)


def _add(
    hass: HomeAssistant, component: Component, domain: str, written: Written
) -> None:
    """Find the entity id, as Home Assistant would, and set a state if there is none."""
    registry = er.async_get(hass)
    entity_id = None
    if written.unique_id is not None:
        entity_id = registry.async_get_entity_id(domain, domain, written.unique_id)
    if entity_id is None:
        stem = written.unique_id if domain == SCRIPT else slugify(written.name)
        entity_id = f"{domain}.{stem}"
        count = 2
        while entity_id in component.by_id:
            entity_id = f"{domain}.{stem}_{count}"
            count += 1
    entry = registry.async_get(entity_id)
    if entry is not None and entry.disabled:
        return
    component.by_id[entity_id] = replace(written, entity_id=entity_id)
    state = hass.states.get(entity_id)
    if state is None or "restored" in state.attributes:
        starts = domain == AUTOMATION and written.raw_config.get("initial_state", True)
        hass.states.async_set(
            entity_id,
            STATE_ON if starts else STATE_OFF,
            {"friendly_name": written.name},
        )
