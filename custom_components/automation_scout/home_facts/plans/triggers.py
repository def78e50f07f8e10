"""The triggers of an automation, as a replay knows them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ...mining.backtest.plan import (
    Among,
    ChangeTrigger,
    ClockTrigger,
    LevelTrigger,
    PlanTrigger,
    SolarTrigger,
    Start,
)
from ...mining.rules import SunEvent
from ...mining.written.pieces import items
from .purposes import purpose_triggers
from .reading import Reading, Reason, flat, has_template, reason_of, short

OFTEN: Final = 1440
"""Firings a day beyond which a replay says nothing of use and takes long."""
AWAY: Final = "unavailable"


def starts_of(reading: Reading, triggers: object) -> Iterator[Start]:
    """Yield the triggers that can be replayed; the others are noted.

    Their numbers count those that are switched off, as Home Assistant's do.
    """
    for number, config in enumerate(_flattened(reading, triggers)):
        place = f"triggers/{number}"
        if not isinstance(config, dict):
            reading.leave_out(place, Reason.UNREADABLE, short(config))
        elif has_template(config.get("enabled")):
            reading.leave_out(place, Reason.TEMPLATE)
        elif config.get("enabled") is not False:
            name = str(config.get("id", number))
            for trigger in _triggers(reading, flat(config), place):
                yield Start(trigger, name)


def _flattened(reading: Reading, triggers: object, depth: int = 0) -> Iterator[object]:
    for trigger in items(triggers):
        reading.count()
        if isinstance(trigger, dict) and set(trigger) == {"triggers"} and depth < 5:
            yield from _flattened(reading, trigger["triggers"], depth + 1)
        else:
            yield trigger


def _triggers(
    reading: Reading, config: Mapping[str, Any], place: str
) -> Iterator[PlanTrigger]:
    kind = config.get("trigger", config.get("platform"))
    if isinstance(kind, str) and kind in READERS:
        yield from READERS[kind](reading, config, place)
    elif reason_of(kind) is Reason.PURPOSE:
        yield from purpose_triggers(reading, config, place)
    else:
        reading.leave_out(place, reason_of(kind), short(kind or ""))


def _times(
    reading: Reading, config: Mapping[str, Any], place: str
) -> Iterator[ClockTrigger]:
    weekdays = reading.weekdays(place, config.get("weekday"))
    if weekdays is None:
        return
    if not items(config.get("at")):
        reading.leave_out(place, Reason.UNREADABLE)
    for at in items(config.get("at")):
        value, offset = at, 0
        if isinstance(at, dict):
            value = at.get("entity_id")
            found = reading.seconds(place, at.get("offset", 0))
            if found is None:
                continue
            offset = found
        if isinstance(value, str) and value.startswith("sensor."):
            reading.leave_out(place, Reason.KIND, value)
            continue
        second = reading.moment(place, value)
        if second is not None:
            yield ClockTrigger(((second + offset) % 86_400,), weekdays)


def _patterns(
    reading: Reading, config: Mapping[str, Any], place: str
) -> Iterator[ClockTrigger]:
    """Yield the readings of a pattern; what is smaller than the least named is 0."""
    named = [config.get(name) for name in ("hours", "minutes", "seconds")]
    if all(value is None for value in named):
        reading.leave_out(place, Reason.UNREADABLE)
        return
    for smaller in (1, 2):
        if named[smaller] is None and named[smaller - 1] is not None:
            named[smaller] = 0
    units = [
        _matching(value, count)
        for value, count in zip(named, (24, 60, 60), strict=True)
    ]
    if any(unit is None for unit in units):
        reading.leave_out(place, Reason.UNREADABLE)
        return
    hours, minutes, seconds = (unit or () for unit in units)
    if len(hours) * len(minutes) * len(seconds) > OFTEN:
        reading.leave_out(place, Reason.TOO_OFTEN)
        return
    yield ClockTrigger(
        tuple(
            hour * 3600 + minute * 60 + second
            for hour in hours
            for minute in minutes
            for second in seconds
        )
    )


def _matching(value: object, count: int) -> tuple[int, ...] | None:
    """Return the readings of one unit: `*`, every so many (`/5`), or one."""
    if value is None or value == "*":
        return tuple(range(count))
    text = str(value)
    step = text.removeprefix("/")
    if isinstance(value, bool) or not step.isdecimal() or int(step) >= count:
        return None
    if step == text:
        return (int(step),)
    return tuple(range(0, count, int(step))) if int(step) else None


def _sun(
    reading: Reading, config: Mapping[str, Any], place: str
) -> Iterator[SolarTrigger]:
    event = config.get("event")
    offset = reading.seconds(place, config.get("offset", 0))
    if event not in tuple(SunEvent):
        reading.leave_out(place, Reason.UNREADABLE, short(event))
    elif offset is not None:
        yield SolarTrigger(SunEvent(event), offset)


def _changes(
    reading: Reading, config: Mapping[str, Any], place: str
) -> Iterator[ChangeTrigger]:
    if "attribute" in config:
        reading.leave_out(place, Reason.ATTRIBUTE, short(config["attribute"]))
        return
    origin = _among(reading, config, place, "from")
    target = _among(reading, config, place, "to")
    for_s = reading.stay(place, config)
    entities = reading.entities(place, config.get("entity_id"))
    if origin is None or target is None or for_s is None or not entities:
        return
    if not {"from", "to", "not_from", "not_to"} & set(config):
        reading.take_roughly(place, Reason.ATTRIBUTES_TOO)
    reading.measured(place, entities)
    away = "from" in config and "to" not in config
    yield ChangeTrigger(entities, origin, target, for_s, away)


def _among(
    reading: Reading, config: Mapping[str, Any], place: str, key: str
) -> Among | None:
    """Return which states match a key or its opposite; None if that is left out."""
    inverted = config.get(key) is None and config.get(f"not_{key}") is not None
    value = config.get(f"not_{key}" if inverted else key)
    if value is None or (value == "*" and not inverted):
        return Among()
    states = items(value)
    if not states or not all(isinstance(state, str) for state in states):
        reading.leave_out(place, Reason.UNREADABLE, short(value))
        return None
    return Among(frozenset(states), inverted)


def _levels(
    reading: Reading, config: Mapping[str, Any], place: str
) -> Iterator[LevelTrigger]:
    bounds = reading.bounds(place, config)
    for_s = reading.stay(place, config)
    if bounds is None or for_s is None:
        return
    entities = reading.entities(place, config.get("entity_id"))
    if entities:
        reading.measured(place, entities)
        yield LevelTrigger(entities, *bounds, for_s)


def _zones(
    reading: Reading, config: Mapping[str, Any], place: str
) -> Iterator[ChangeTrigger]:
    """Yield who enters or leaves; nobody does either by becoming unavailable."""
    inside = reading.zones(place, config.get("zone"))
    entities = reading.entities(place, config.get("entity_id"))
    if not inside or not entities:
        return
    outside = Among(inside | {AWAY}, inverted=True)
    match config.get("event", "enter"):
        case "enter":
            yield ChangeTrigger(entities, outside, Among(inside))
        case "leave":
            yield ChangeTrigger(entities, Among(inside), outside)
        case event:
            reading.leave_out(place, Reason.UNREADABLE, short(event))


READERS: Final[
    Mapping[str, Callable[[Reading, Mapping[str, Any], str], Iterator[PlanTrigger]]]
] = {
    "numeric_state": _levels,
    "state": _changes,
    "sun": _sun,
    "time": _times,
    "time_pattern": _patterns,
    "zone": _zones,
}
