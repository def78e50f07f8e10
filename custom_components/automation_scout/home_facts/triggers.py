"""What starts an automation: times of the day, the sun, states, and thresholds."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any, Final

from ..mining.facts import domain_of
from ..mining.rules import (
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
from ..mining.written.pieces import items, seconds_of, words
from .conditions import asked_of, heights, is_height
from .view import View
from .weekdays import weekdays_of

ANY: Final = ""

CLOCK: Final = "sensor.time"
"""Sensor whose state is the time of the day."""
AWAY: Final = frozenset({"unavailable", "unknown"})
OPPOSITES: Final = {
    "closed": "open",
    "home": "not_home",
    "locked": "unlocked",
    "not_home": "home",
    "off": "on",
    "on": "off",
    "open": "closed",
    "unlocked": "locked",
}
SOMEBODY: Final = {"1": "occupied"}
PRESENCE: Final = {"home": "occupied", "not_home": "0", "off": "0", "on": "occupied"}
"""State of a group of everybody to the presence that it means."""
FIRST_OF_ALL: Final = frozenset({"home", "on", "open"})
"""States that a group enters with the first of its members."""
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


def starts(view: View, trigger: dict[str, Any]) -> Iterator[Trigger]:
    """Yield what a trigger waits for; nothing where that cannot be told."""
    options = trigger.get("options")
    options = options if isinstance(options, dict) else {}
    match _platform(trigger):
        case "time" | "time_pattern":
            days = weekdays_of(trigger.get("weekday"))
            yield from (TimeTrigger(minute, days) for minute in _minutes(view, trigger))
        case "sun" | "sun.sunrise" | "sun.sunset":
            yield from _sun(trigger, options)
        case "template":
            yield from asked_of(view, str(trigger.get("value_template", ""))).starts
        case "numeric_state":
            yield from _numeric(view, trigger)
        case platform if platform.endswith(".crossed_threshold"):
            yield from _crossings(view, trigger, options)
        case _ if (timers := _ended(trigger)) is not None:
            yield from _ends(view, timers)
        case _:
            for_s = seconds_of(trigger.get("for", options.get("for")))
            for entity_id, state in edges(view, trigger):
                yield from _edge(view, entity_id, state, max(0, for_s))


def _numeric(view: View, trigger: dict[str, Any]) -> Iterator[Trigger]:
    if is_height(trigger):
        yield from heights(view, trigger)
    for side in Side:
        yield from _levels(view, trigger, side, trigger.get(side.value))


def _ended(trigger: Mapping[str, Any]) -> object:
    """Return the timers until whose end a trigger waits, None where it does not."""
    if trigger.get("event_type") == "timer.finished":
        data = trigger.get("event_data")
        return data.get("entity_id") if isinstance(data, dict) else None
    timers = words(trigger.get("entity_id"))
    is_end = words(trigger.get("to")) == ["idle"] and timers
    if is_end and all(domain_of(timer) == "timer" for timer in timers):
        return timers
    return None


def _ends(view: View, timers: object) -> Iterator[StateTrigger]:
    """Yield the ends of timers: so long after their start."""
    for timer in view.entity_ids(timers):
        state = view.hass.states.get(timer)
        length_s = seconds_of(state.attributes.get("duration")) if state else 0
        if length_s:
            yield StateTrigger(timer, "active", length_s)


def is_polled(trigger: Mapping[str, Any]) -> bool:
    """Return whether a trigger fires again and again, so that conditions decide."""
    return _platform(trigger) == "time_pattern" and _fixed(trigger) is None


def _fixed(trigger: Mapping[str, Any]) -> int | None:
    """Return the minute of the day of a pattern that fires once a day."""
    parts = [str(trigger.get(part, 0)) for part in ("hours", "minutes")]
    if trigger.get("hours") is None or not all(part.isdigit() for part in parts):
        return None
    hours, minutes = map(int, parts)
    return hours * 60 + minutes if hours < 24 and minutes < 60 else None


def _edge(view: View, entity_id: str, state: str, for_s: int) -> Iterator[Trigger]:
    if entity_id == SUN and not for_s and state in HORIZON:
        yield SunTrigger(HORIZON[state])
    elif entity_id == CLOCK:
        minute = view.minute(state)
        yield from () if minute is None else (TimeTrigger(minute),)
    else:
        yield StateTrigger(entity_id, state, for_s)


def _sun(trigger: dict[str, Any], options: dict[str, Any]) -> Iterator[SunTrigger]:
    _, _, event = _platform(trigger).partition(".")
    event = event or str(trigger.get("event"))
    seconds = seconds_of(trigger.get("offset", options.get("offset")))
    if options and options.get("offset_type", "before") == "before":
        seconds = -seconds
    if event in tuple(SunEvent) and abs(seconds) <= FARTHEST_S:
        yield SunTrigger(SunEvent(event), round(seconds / 60))


def _levels(
    view: View, trigger: dict[str, Any], side: Side, bound: object
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
    for entity_id in view.entity_ids(trigger.get("entity_id")):
        if entity_id == HOME:
            state = "occupied" if side is Side.ABOVE else "0"
            yield StateTrigger(HOME, state, for_s)
        else:
            yield NumericTrigger(entity_id, side, threshold, for_s)


def _crossings(
    view: View, trigger: dict[str, Any], options: dict[str, Any]
) -> Iterator[Trigger]:
    """Yield the threshold of a purpose-specific trigger."""
    threshold = options.get("threshold")
    if not isinstance(threshold, dict) or threshold.get("type") not in tuple(Side):
        return
    value = threshold.get("value")
    bound = value.get("number") if isinstance(value, dict) else value
    purpose = _platform(trigger).partition(".")[0]
    named, reached = view.targets(trigger.get("target"))
    serving = named | {other for other in reached if _serves(view, other, purpose)}
    crossed = {"entity_id": sorted(serving), "for": options.get("for")}
    yield from _levels(view, crossed, Side(threshold["type"]), bound)


def _minutes(view: View, trigger: dict[str, Any]) -> Iterator[int]:
    """Yield the minutes of the local day at which a trigger of the clock fires."""
    if (fixed := _fixed(trigger)) is not None:
        yield fixed
    for at in items(trigger.get("at")):
        minute = view.shifted(at) if isinstance(at, dict) else view.minute(at)
        if minute is not None:
            yield minute


def edges(view: View, trigger: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the entities and the states entered for which a trigger waits."""
    platform = _platform(trigger)
    match platform:
        case "state" if "attribute" not in trigger:
            for entity_id in view.entity_ids(trigger.get("entity_id")):
                for state in _entered(trigger, entity_id):
                    yield entity_id, state
                    yield from _likewise(view, entity_id, state)
        case "zone":
            yield from _zone_edges(view, trigger)
        case "device":
            yield from _device_edges(view, trigger)
        case _ if "." in platform:
            yield from _purpose_edges(view, platform, trigger)


def _entered(trigger: Mapping[str, Any], entity_id: str) -> Iterator[str]:
    """Yield the states whose entering fires a `state` trigger; `ANY` for every one.

    Of two states the one is entered where the other is left. What only fires at the
    return of a device is nobody's occasion.
    """
    left = {*words(trigger.get("from"))}
    if left and left <= AWAY:
        return
    if to := words(trigger.get("to")):
        yield from (
            (SOMEBODY.get(state, state) for state in to) if (entity_id == HOME) else to
        )
        return
    left = (left | {*words(trigger.get("not_to"))}) - AWAY
    if entity_id == HOME and left == {"0"}:
        yield "occupied"
    else:
        yield OPPOSITES.get(next(iter(left)), ANY) if len(left) == 1 else ANY


def _likewise(view: View, entity_id: str, state: str) -> Iterator[tuple[str, str]]:
    """Yield what happens with it: a tracker is a person, a group its members.

    A group of everybody is the home, and it is on when its first member is.
    """
    if entity_id in view.persons:
        yield view.persons[entity_id], state
    members = view.reach.with_members((entity_id,)) - {entity_id}
    people = {view.persons.get(member, member) for member in members}
    if people and view.everybody <= people and state in PRESENCE:
        yield HOME, PRESENCE[state]
    if state in FIRST_OF_ALL:
        yield from ((member, state) for member in sorted(members | people))


def _platform(trigger: Mapping[str, Any]) -> str:
    return str(trigger.get("trigger", trigger.get("platform", "")))


def _zone_edges(view: View, trigger: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A person's state is the name of the zone, `home` in the home's own."""
    state = ANY
    if trigger.get("zone") == "zone.home":
        state = "home" if trigger.get("event", "enter") == "enter" else "not_home"
    for entity_id in view.entity_ids(trigger.get("entity_id")):
        yield entity_id, state
        yield from _likewise(view, entity_id, state)


def _device_edges(view: View, trigger: dict[str, Any]) -> Iterator[tuple[str, str]]:
    kind = str(trigger.get("type", ""))
    if kind in ("enters", "leaves"):
        event = "enter" if kind == "enters" else "leave"
        yield from _zone_edges(view, {**trigger, "event": event})
        return
    for entity_id in view.entity_ids(trigger.get("entity_id")):
        state = DEVICE_STATES.get(kind, ANY)
        if kind in ("opened", "closed"):
            state = _opening(entity_id, kind)
        yield entity_id, state


def _purpose_edges(
    view: View, platform: str, trigger: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """A purpose is a domain, or a class of binary sensors and covers."""
    purpose, _, verb = platform.partition(".")
    named, reached = view.targets(trigger.get("target"))
    for entity_id in sorted(
        named | {other for other in reached if _serves(view, other, purpose)}
    ):
        state = PURPOSE_STATES.get(verb, ANY)
        if (end := verb.rpartition("_")[2]) in ("opened", "closed"):
            state = _opening(entity_id, end)
        yield entity_id, state


def _serves(view: View, entity_id: str, purpose: str) -> bool:
    state = view.hass.states.get(entity_id)
    return domain_of(entity_id) == purpose or (
        state is not None and state.attributes.get("device_class") == purpose
    )


def _opening(entity_id: str, verb: str) -> str:
    """Return the state of something opened or closed: a binary sensor is on or off."""
    if domain_of(entity_id) == "binary_sensor":
        return "on" if verb == "opened" else "off"
    return "open" if verb == "opened" else "closed"
