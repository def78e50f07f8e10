"""What starts an automation: times of the day, and entities that enter a state."""

from collections.abc import Iterator
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..mining.facts import domain_of
from .config import entity_ids, items, targets, words

ANY: Final = ""

DEVICE_STATES: Final = {
    "closed": "closed",
    "locked": "locked",
    "motion": "on",
    "no_motion": "off",
    "not_occupied": "off",
    "not_opened": "off",
    "occupied": "on",
    "turned_off": "off",
    "turned_on": "on",
    "unlocked": "unlocked",
}
"""Type of a device trigger to the state that it waits for."""

PURPOSE_STATES: Final = {
    "cleared": "off",
    "detected": "on",
    "paused_playing": "paused",
    "returned_to_dock": "docked",
    "started_cleaning": "cleaning",
    "started_playing": "playing",
    "stopped_playing": "idle",
    "turned_off": "off",
    "turned_on": "on",
    "armed_away": "armed_away",
    "armed_home": "armed_home",
    "armed_night": "armed_night",
    "armed_vacation": "armed_vacation",
    "disarmed": "disarmed",
    "locked": "locked",
    "triggered": "triggered",
    "unlocked": "unlocked",
}
"""Verb of a purpose-specific trigger (`light.turned_on`) to the state."""


def minutes(hass: HomeAssistant, trigger: dict[str, Any]) -> Iterator[int]:
    """Yield the minutes of the local day at which a `time` trigger fires."""
    if _platform(trigger) != "time":
        return
    for at in items(trigger.get("at")):
        entity_id = at.get("entity_id") if isinstance(at, dict) else at
        offset = isinstance(at, dict) and bool(at.get("offset"))
        if not isinstance(entity_id, str) or offset:
            continue
        if entity_id.startswith("input_datetime."):
            helper = hass.states.get(entity_id)
            moment = dt_util.parse_time(helper.state) if helper else None
        else:
            moment = dt_util.parse_time(entity_id)
        if moment is not None:
            yield moment.hour * 60 + moment.minute


def edges(hass: HomeAssistant, trigger: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the entities and the states entered for which a trigger waits."""
    platform = _platform(trigger)
    match platform:
        case "state":
            states = words(trigger.get("to")) or [ANY]
            for entity_id in entity_ids(hass, trigger.get("entity_id")):
                yield from ((entity_id, state) for state in states)
        case "zone":
            yield from _zone_edges(hass, trigger)
        case "device":
            yield from _device_edges(hass, trigger)
        case _ if "." in platform:
            yield from _purpose_edges(hass, platform, trigger)


def _platform(trigger: dict[str, Any]) -> str:
    return str(trigger.get("trigger", trigger.get("platform", "")))


def _zone_edges(
    hass: HomeAssistant, trigger: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """A person's state is the name of the zone, `home` in the home's own."""
    state = ANY
    if trigger.get("zone") == "zone.home":
        state = "home" if trigger.get("event", "enter") == "enter" else "not_home"
    for entity_id in entity_ids(hass, trigger.get("entity_id")):
        yield entity_id, state


def _device_edges(
    hass: HomeAssistant, trigger: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    kind = str(trigger.get("type", ""))
    for entity_id in entity_ids(hass, trigger.get("entity_id")):
        state = DEVICE_STATES.get(kind, ANY)
        if kind in ("opened", "closed"):
            state = _opening(entity_id, kind)
        yield entity_id, state


def _purpose_edges(
    hass: HomeAssistant, platform: str, trigger: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """A purpose is a domain, or a class of binary sensors and covers."""
    purpose, _, verb = platform.partition(".")
    named, reached = targets(hass, trigger.get("target"))
    for entity_id in sorted(
        named | {other for other in reached if _serves(hass, other, purpose)}
    ):
        state = PURPOSE_STATES.get(verb, ANY)
        if (end := verb.rpartition("_")[2]) in ("opened", "closed"):
            state = _opening(entity_id, end)
        yield entity_id, state


def _serves(hass: HomeAssistant, entity_id: str, purpose: str) -> bool:
    state = hass.states.get(entity_id)
    return domain_of(entity_id) == purpose or (
        state is not None and state.attributes.get("device_class") == purpose
    )


def _opening(entity_id: str, verb: str) -> str:
    """Return the state of something opened or closed: a binary sensor is on or off."""
    if domain_of(entity_id) == "binary_sensor":
        return "on" if verb == "opened" else "off"
    return "open" if verb == "opened" else "closed"
