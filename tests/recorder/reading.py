"""A home of a few entities, and its past as it is read."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant

from custom_components.automation_scout.home_facts import Scope, collect
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.recorder_source import Window, async_windows

from ..recorder_history import History, user_id

ZONE = ZoneInfo("Europe/Amsterdam")
START = datetime(2026, 3, 2, 8, tzinfo=ZONE)
ANNA = user_id("anna")

type Seen = tuple[str, str, str, str]
"""Entity, state, name of the origin, actor."""


def home(*entity_ids: str, **members: Iterable[str]) -> HomeFacts:
    """Return a home in which each entity has a device, except the groups."""
    entities = {
        name: EntityFacts(name, name, device_id=f"device of {name}")
        for name in entity_ids
    }
    for name, of in members.items():
        entity_id = name.replace("__", ".")
        entities[entity_id] = EntityFacts(entity_id, entity_id, members=tuple(of))
    return HomeFacts(ZONE.key, entities)


HOME = home(
    "binary_sensor.door",
    "cover.blind",
    "light.hall",
    "light.stairs",
    "person.anna",
    "switch.fan",
    light__pair=("light.hall", "light.stairs"),
)


async def windows(
    hass: HomeAssistant,
    until: datetime,
    facts: HomeFacts = HOME,
    since_ms: int | None = None,
    last_states: Mapping[str, str] = MappingProxyType({}),
    own: frozenset[str] = frozenset(),
) -> list[Window]:
    known = replace(facts, reach=(await collect(hass, Scope())).reach)
    until_ms = round(until.timestamp() * 1000)
    return [
        window
        async for window in async_windows(
            hass, known, since_ms, until_ms, last_states, own
        )
    ]


def seen(found: Iterable[Window]) -> list[Seen]:
    return [
        (
            window.log.entities[entity],
            window.log.states[state],
            Origin(origin).name,
            window.log.actors[actor],
        )
        for window in found
        for entity, state, origin, actor in zip(
            window.log.entity,
            window.log.state,
            window.log.origin,
            window.log.actor,
            strict=True,
        )
    ]


async def read(past: History, **options: Any) -> list[Seen]:
    """Return everything up to a minute from where the pen stands."""
    return seen(await windows(past.hass, past.now + timedelta(minutes=1), **options))


def quiet(past: History) -> History:
    """Let the entities of `HOME` appear, a minute before anything else happens."""
    past.appear(
        binary_sensor__door="off",
        cover__blind="closed",
        light__hall="off",
        light__stairs="off",
        light__pair="off",
        person__anna="home",
        switch__fan="off",
    )
    return past.later(60)


async def after_appearance(past: History, **options: Any) -> list[Seen]:
    return (await read(past, **options))[len(HOME.entities) :]


def joined(found: Iterable[Window]) -> list[tuple[int, str, str]]:
    return [
        (int(t), window.log.entities[entity], window.log.states[state])
        for window in found
        for t, entity, state in zip(
            window.log.t, window.log.entity, window.log.state, strict=True
        )
    ]
