"""The conditions of an automation, as a replay knows them.

What cannot be read is a test whose answer nobody knows: what hangs on it is counted,
and marked as uncertain.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ...mining.automation_triggers import CROSSED, quiet_of
from ...mining.backtest.plan import (
    DAY_S,
    ClockTest,
    Every,
    FromNumberTest,
    FromStayTest,
    LevelTest,
    Neither,
    SolarTest,
    Some,
    StartTest,
    StateTest,
    Test,
    Untold,
)
from ...mining.rules import SunEvent
from ...mining.written.pieces import items
from .purposes import purpose_test
from .reading import (
    DEEPEST,
    Reading,
    Reason,
    TooLargeError,
    flat,
    has_template,
    reason_of,
    short,
)

LOGIC: Final = {"and": Every, "or": Some, "not": Neither}


def all_of(reading: Reading, conditions: object, place: str, depth: int) -> Every:
    """Return the test that all conditions of a list hold."""
    return Every(tuple(each_of(reading, conditions, place, depth)))


def each_of(
    reading: Reading, conditions: object, place: str, depth: int
) -> Iterator[Test]:
    """Yield a test for each condition of a list that is not switched off.

    Raises:
        TooLargeError: they are nested too deeply.
    """
    if depth > DEEPEST:
        raise TooLargeError
    for number, condition in enumerate(items(conditions)):
        reading.count()
        here = f"{place}/{number}"
        if not isinstance(condition, dict):
            template = has_template(condition)
            reason = Reason.TEMPLATE if template else Reason.UNREADABLE
            reading.leave_out(here, reason, "" if template else short(condition))
            yield Untold()
        elif condition.get("enabled") is not False:
            yield _test(reading, flat(condition), here, depth)


def _test(reading: Reading, config: Mapping[str, Any], place: str, depth: int) -> Test:
    kind = config.get("condition")
    logic: type[Every | Some | Neither]
    for name, logic in LOGIC.items():
        if kind == name or (kind is None and name in config):
            inner = config.get("conditions", config.get(name))
            return logic(tuple(each_of(reading, inner, f"{place}/{name}", depth + 1)))
    if isinstance(kind, list | dict):
        return all_of(reading, kind, f"{place}/and", depth + 1)
    return _single(reading, config, place) or Untold()


def _single(reading: Reading, config: Mapping[str, Any], place: str) -> Test | None:
    """Return a test of one thing, None where it is left out."""
    kind = config.get("condition")
    if isinstance(kind, str) and kind in READERS:
        return READERS[kind](reading, config, place)
    if reason_of(kind) is Reason.PURPOSE:
        return purpose_test(reading, config, place)
    reading.leave_out(place, reason_of(kind), short(kind or ""))
    return None


def _state(reading: Reading, config: Mapping[str, Any], place: str) -> Test | None:
    if "attribute" in config:
        reading.leave_out(place, Reason.ATTRIBUTE, short(config["attribute"]))
        return None
    states = items(config.get("state"))
    if not states or not all(isinstance(state, str) for state in states):
        reading.leave_out(place, Reason.UNREADABLE, short(config.get("state")))
        return None
    helper = next((name for name in states if name.startswith("input_")), None)
    if helper and reading.hass.states.get(helper):
        reading.leave_out(place, Reason.THRESHOLD_ENTITY, helper)
        return None
    for_s = reading.stay(place, config)
    any_entity = config.get("match") == "any"
    entities = _all_known(reading, config, place)
    if for_s is None or entities is None:
        return None
    return StateTest(entities, frozenset(states), for_s, any_entity)


def _all_known(
    reading: Reading, config: Mapping[str, Any], place: str
) -> tuple[str, ...] | None:
    """Return the entities of a condition, None where the past of one is not known."""
    before = len(reading.unsupported)
    entities = reading.entities(place, config.get("entity_id"))
    return entities if len(reading.unsupported) == before else None


def _level(reading: Reading, config: Mapping[str, Any], place: str) -> Test | None:
    bounds = reading.bounds(place, config)
    entities = _all_known(reading, config, place)
    if bounds is None or entities is None:
        return None
    reading.measured(place, entities)
    return LevelTest(entities, *bounds)


def _time(reading: Reading, config: Mapping[str, Any], place: str) -> Test | None:
    weekdays = reading.weekdays(place, config.get("weekday"))
    bounds: list[int] = []
    for key, default in (("after", 0), ("before", DAY_S)):
        value = config.get(key)
        second = default if value is None else reading.moment(place, value)
        if second is None:
            return None
        bounds.append(second)
    return None if weekdays is None else ClockTest(bounds[0], bounds[1], weekdays)


def _sun(reading: Reading, config: Mapping[str, Any], place: str) -> Test | None:
    events: dict[str, SunEvent | None] = {}
    offsets: dict[str, int] = {}
    for side in ("before", "after"):
        event = config.get(side)
        if event is not None and event not in tuple(SunEvent):
            reading.leave_out(place, Reason.UNREADABLE, short(event))
            return None
        offset = reading.seconds(place, config.get(f"{side}_offset", 0))
        if offset is None:
            return None
        events[side] = None if event is None else SunEvent(event)
        offsets[side] = offset
    if events["before"] is events["after"] is None:
        reading.leave_out(place, Reason.UNREADABLE)
        return None
    return SolarTest(
        events["before"], events["after"], offsets["before"], offsets["after"]
    )


def _zone(reading: Reading, config: Mapping[str, Any], place: str) -> Test | None:
    before = len(reading.unsupported)
    zones = reading.zones(place, config.get("zone"))
    entities = reading.entities(place, config.get("entity_id"))
    if len(reading.unsupported) > before or not zones:
        return None
    return StateTest(entities, zones)


def _template(reading: Reading, config: Mapping[str, Any], place: str) -> Test | None:
    """Return what a template asks that this integration wrote itself."""
    template = str(config.get("value_template"))
    quiet_s = quiet_of(template)
    if quiet_s is not None:
        return FromStayTest(quiet_s)
    if template == CROSSED:
        return FromNumberTest()
    reading.leave_out(place, Reason.TEMPLATE)
    return None


def _started_by(
    _reading: Reading, config: Mapping[str, Any], _place: str
) -> Test | None:
    return StartTest(frozenset(map(str, items(config.get("id")))))


READERS: Final[
    Mapping[str, Callable[[Reading, Mapping[str, Any], str], Test | None]]
] = {
    "numeric_state": _level,
    "state": _state,
    "sun": _sun,
    "template": _template,
    "time": _time,
    "trigger": _started_by,
    "zone": _zone,
}
