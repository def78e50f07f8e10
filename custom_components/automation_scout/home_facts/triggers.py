"""What starts an automation: times of the day, the sun, states, and thresholds."""

from collections.abc import Iterator
from math import isfinite
from typing import Any, Final

from homeassistant.const import WEEKDAYS
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..mining.facts import domain_of
from ..mining.rules import (
    ALL_DAYS,
    HOME,
    SUN,
    NumericTrigger,
    Side,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
)
from .config import entity_ids, items, seconds_of, targets, words

ANY: Final = ""

FARTHEST_S: Final = 6 * 3600
"""An offset beyond this is nearer to another event of the sun."""
HORIZON: Final = {
    "above_horizon": SunEvent.SUNRISE,
    "below_horizon": SunEvent.SUNSET,
}
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


def starts(hass: HomeAssistant, trigger: dict[str, Any]) -> Iterator[Trigger]:
    """Yield what a trigger waits for; nothing where that cannot be told."""
    options = trigger.get("options")
    options = options if isinstance(options, dict) else {}
    match _platform(trigger):
        case "time":
            days = weekdays_of(trigger.get("weekday"))
            yield from (TimeTrigger(minute, days) for minute in _minutes(hass, trigger))
        case "sun" | "sun.sunrise" | "sun.sunset":
            yield from _sun(trigger, options)
        case "numeric_state":
            for side in Side:
                yield from _levels(hass, trigger, side, trigger.get(side.value))
        case platform if platform.endswith(".crossed_threshold"):
            yield from _crossings(hass, trigger, options)
        case _:
            for_s = seconds_of(trigger.get("for", options.get("for")))
            for entity_id, state in edges(hass, trigger):
                yield _edge(entity_id, state, max(0, for_s))


def weekdays_of(value: object) -> tuple[int, ...]:
    """Return the days of the week (Monday is 0) that a list names; all for none."""
    named = set(words(value))
    return tuple(day for day in ALL_DAYS if WEEKDAYS[day] in named) or ALL_DAYS


def _edge(entity_id: str, state: str, for_s: int) -> Trigger:
    if entity_id == SUN and not for_s and state in HORIZON:
        return SunTrigger(HORIZON[state])
    return StateTrigger(entity_id, state, for_s)


def _sun(trigger: dict[str, Any], options: dict[str, Any]) -> Iterator[SunTrigger]:
    _, _, event = _platform(trigger).partition(".")
    event = event or str(trigger.get("event"))
    seconds = seconds_of(trigger.get("offset", options.get("offset")))
    if options and options.get("offset_type", "before") == "before":
        seconds = -seconds
    if event in tuple(SunEvent) and abs(seconds) <= FARTHEST_S:
        yield SunTrigger(SunEvent(event), round(seconds / 60))


def _levels(
    hass: HomeAssistant, trigger: dict[str, Any], side: Side, bound: object
) -> Iterator[Trigger]:
    """Yield the thresholds that are numbers and are crossed by states."""
    if isinstance(bound, bool) or not isinstance(bound, int | float | str):
        return
    try:
        threshold = float(bound)
    except ValueError:
        return
    if "attribute" in trigger or not isfinite(threshold):
        return
    for_s = max(0, seconds_of(trigger.get("for")))
    for entity_id in entity_ids(hass, trigger.get("entity_id")):
        if entity_id == HOME:
            state = "occupied" if side is Side.ABOVE else "0"
            yield StateTrigger(HOME, state, for_s)
        else:
            yield NumericTrigger(entity_id, side, threshold, for_s)


def _crossings(
    hass: HomeAssistant, trigger: dict[str, Any], options: dict[str, Any]
) -> Iterator[Trigger]:
    """Yield the threshold of a purpose-specific trigger."""
    threshold = options.get("threshold")
    if not isinstance(threshold, dict) or threshold.get("type") not in tuple(Side):
        return
    value = threshold.get("value")
    bound = value.get("number") if isinstance(value, dict) else value
    purpose = _platform(trigger).partition(".")[0]
    named, reached = targets(hass, trigger.get("target"))
    serving = named | {other for other in reached if _serves(hass, other, purpose)}
    crossed = {"entity_id": sorted(serving), "for": options.get("for")}
    yield from _levels(hass, crossed, Side(threshold["type"]), bound)


def _minutes(hass: HomeAssistant, trigger: dict[str, Any]) -> Iterator[int]:
    """Yield the minutes of the local day at which a `time` trigger fires."""
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
        case "state" if "attribute" not in trigger:
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
