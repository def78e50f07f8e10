"""What conditions ask for, as far as it can be compared with a habit's history.

What is not understood asks for nothing: it is taken to hold.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any, Final

from ..mining.facts import Requirement
from ..mining.rules import (
    ALL_DAYS,
    HOME,
    SUN,
    NumericCondition,
    NumericTrigger,
    Side,
    StateCondition,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WindowCondition,
)
from ..mining.written.outcomes import number
from ..mining.written.pieces import is_template, items, seconds_of, words
from ..mining.written.templates import conditions_of
from .view import View
from .weekdays import weekdays_of

_DAY_MIN: Final = 1440
_FARTHEST_MIN: Final = 360
"""An offset beyond this is nearer to another event of the sun."""
_LOGIC: Final = ("and", "or", "not")
_DEVICE_STATES: Final[Mapping[str, str]] = {
    "is_closed": "closed",
    "is_home": "home",
    "is_locked": "locked",
    "is_no_motion": "off",
    "is_not_home": "not_home",
    "is_not_occupied": "off",
    "is_motion": "on",
    "is_occupied": "on",
    "is_off": "off",
    "is_on": "on",
    "is_open": "open",
    "is_unlocked": "unlocked",
}
"""Type of a device condition, and verb of a purpose-specific one, to the state."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What has to hold, all of it; what is not understood is taken to hold."""

    requirements: tuple[Requirement, ...] = ()
    weekdays: frozenset[int] = frozenset(ALL_DAYS)
    ids: frozenset[str] | None = None
    """Ids of the triggers that are let through, None for all."""
    not_ids: frozenset[str] = frozenset()
    entered: frozenset[str] | None = None
    """States of the trigger's entity that are let through, None for all."""
    not_entered: frozenset[str] = frozenset()
    starts: tuple[Trigger, ...] = ()
    """When it begins to hold; of use where it is asked again and again."""
    is_whole: bool = True
    """Whether nothing else is asked for that is not understood."""

    def __and__(self, other: Asked) -> Asked:
        """Return both together."""
        return Asked(
            self.requirements + other.requirements,
            self.weekdays & other.weekdays,
            _both(self.ids, other.ids),
            self.not_ids | other.not_ids,
            _both(self.entered, other.entered),
            self.not_entered | other.not_entered,
            self.starts + other.starts,
            self.is_whole and other.is_whole,
        )

    @classmethod
    def any_of(cls, asked: Sequence[Asked]) -> Asked:
        """Return that one of them holds, where all ask for one thing of one kind."""
        starts = tuple(start for one in asked for start in one.starts)
        bare = [replace(one, starts=()) for one in asked]
        ids = [one.ids for one in bare if one.ids and one == cls(ids=one.ids)]
        if len(ids) == len(bare):
            return cls(ids=frozenset().union(*ids), starts=starts)
        days = [one.weekdays for one in bare if one == cls(weekdays=one.weekdays)]
        if len(days) == len(bare):
            return cls(weekdays=frozenset().union(*days))
        parts = [
            one.requirements[0].any_of
            for one in bare
            if one == cls(one.requirements[:1])
            and one.requirements
            and one.requirements[0].holds
        ]
        if len(parts) == len(bare):
            either = Requirement(tuple(part for any_of in parts for part in any_of))
            return cls((either,), starts=starts)
        return replace(UNKNOWN, starts=starts)

    def opposite(self) -> Asked:
        """Return that it does not hold, as far as that is one thing."""
        bare = replace(self, starts=())
        if bare == Asked(weekdays=bare.weekdays) != Asked():
            return Asked(weekdays=frozenset(ALL_DAYS) - bare.weekdays)
        if bare.ids and bare == Asked(ids=bare.ids):
            return Asked(not_ids=bare.ids)
        if bare.entered and bare == Asked(entered=bare.entered):
            return Asked(not_entered=bare.entered)
        if bare == Asked(bare.requirements) and len(bare.requirements) == 1:
            (one,) = bare.requirements
            return Asked((Requirement(one.any_of, not one.holds),))
        return UNKNOWN


UNKNOWN: Final = Asked(is_whole=False)
"""What is not understood."""


def _both(
    one: frozenset[str] | None, two: frozenset[str] | None
) -> frozenset[str] | None:
    return two if one is None else one if two is None else one & two


def asked_of(view: View, conditions: object) -> Asked:
    """Return what conditions ask for together: a list, or one that stands for it."""
    parts = (_one(view, condition) for condition in items(conditions))
    return reduce(Asked.__and__, parts, Asked())


def _one(view: View, condition: object) -> Asked:
    if isinstance(condition, str):
        return asked_of(view, list(conditions_of(condition)))
    if not isinstance(condition, Mapping) or condition.get("enabled") is False:
        return Asked(is_whole=isinstance(condition, Mapping))
    kind = condition.get("condition", "")
    if isinstance(kind, list) or is_template(kind):
        return asked_of(view, kind)
    for logic in _LOGIC:
        if kind == logic or (not kind and logic in condition):
            return _logic(view, logic, condition)
    reader = _READERS.get(str(kind))
    if reader is not None:
        return reader(view, condition)
    return _of_purpose(view, str(kind), condition) if "." in str(kind) else UNKNOWN


def _logic(view: View, logic: str, condition: Mapping[str, Any]) -> Asked:
    inner = items(condition.get("conditions", condition.get(logic)))
    inner = [
        part
        for part in inner
        if not (isinstance(part, Mapping) and part.get("enabled") is False)
    ]
    if logic == "and":
        return asked_of(view, inner)
    parts = [_one(view, part) for part in inner]
    if logic == "or":
        return Asked.any_of(parts) if parts else UNKNOWN
    return reduce(Asked.__and__, (part.opposite() for part in parts), Asked())


def _states(view: View, condition: Mapping[str, Any], states: frozenset[str]) -> Asked:
    """Return that entities are in one of some states: all of them, or any."""
    if not states or is_template(condition.get("state")):
        return UNKNOWN
    each = [
        Asked(
            (
                Requirement(
                    tuple(StateCondition(entity_id, state) for state in sorted(states))
                ),
            ),
            starts=tuple(_entering(entity_id, state) for state in sorted(states)),
        )
        for entity_id in view.entity_ids(condition.get("entity_id"))
    ]
    if condition.get("match") == "any":
        return Asked.any_of(each)
    return reduce(Asked.__and__, each, Asked())


def _entering(entity_id: str, state: str) -> Trigger:
    if entity_id == SUN and state in ("above_horizon", "below_horizon"):
        is_rising = state == "above_horizon"
        return SunTrigger(SunEvent.SUNRISE if is_rising else SunEvent.SUNSET)
    return StateTrigger(entity_id, state)


def is_height(config: Mapping[str, Any]) -> bool:
    """Return whether a trigger or a condition asks how high the sun stands."""
    named = words(config.get("entity_id")) == [SUN]
    return named and config.get("attribute") == "elevation"


def heights(view: View, config: Mapping[str, Any]) -> Iterator[SunTrigger]:
    """Yield when the sun passes the heights that are asked for."""
    for side in Side:
        degrees = number(config.get(side.value))
        at = None if degrees is None else view.sun_at(side, degrees)
        if at is not None:
            yield at


def _numeric(view: View, condition: Mapping[str, Any]) -> Asked:
    if is_height(condition):
        return replace(UNKNOWN, starts=tuple(heights(view, condition)))
    asked = Asked()
    if "attribute" in condition or "value_template" in condition:
        return UNKNOWN
    for entity_id in view.entity_ids(condition.get("entity_id")):
        for side in Side:
            bound = number(condition.get(side.value))
            if bound is None:
                asked &= Asked() if condition.get(side.value) is None else UNKNOWN
                continue
            if entity_id == HOME:
                state = "occupied" if side is Side.ABOVE else "0"
                there = StateCondition(HOME, state)
                asked &= Asked((Requirement((there,)),))
                continue
            level = NumericCondition(entity_id, side, bound)
            start = NumericTrigger(entity_id, side, bound)
            asked &= Asked((Requirement((level,)),), starts=(start,))
    return asked


def _time(view: View, condition: Mapping[str, Any]) -> Asked:
    days = frozenset(weekdays_of(condition.get("weekday")))
    after = view.minute(condition.get("after"))
    before = view.minute(condition.get("before"))
    if "weekday" in condition and not items(condition["weekday"]):
        days = frozenset()
    read = {"after": after, "before": before}
    whole = all(
        condition.get(key) is None or value is not None for key, value in read.items()
    )
    if after is None and before is None:
        return Asked(weekdays=days, is_whole=whole)
    start = after or 0
    window = WindowCondition(start, _DAY_MIN if before is None else before)
    starts = () if after is None else (TimeTrigger(start),)
    return Asked((Requirement((window,)),), days, starts=starts, is_whole=whole)


def _sun(_view: View, condition: Mapping[str, Any]) -> Asked:
    """Return daylight or darkness; both ends of a day's light are asked for alike."""
    ends = {side: condition.get(side) for side in ("after", "before")}
    starts = tuple(
        SunTrigger(SunEvent(event), offset)
        for event in [ends["after"]]
        if event in tuple(SunEvent)
        and abs(offset := round(seconds_of(condition.get("after_offset")) / 60))
        <= _FARTHEST_MIN
    )
    match ends["after"], ends["before"]:
        case ("sunset", "sunrise" | None) | (None, "sunrise"):
            state = "below_horizon"
        case "sunrise", "sunset":
            state = "above_horizon"
        case _:
            return replace(UNKNOWN, starts=starts)
    # With an offset it says more than that, and its opposite less.
    whole = not any(condition.get(f"{side}_offset") for side in ends)
    light = Requirement((StateCondition(SUN, state),))
    return Asked((light,), starts=starts, is_whole=whole)


def _state(view: View, condition: Mapping[str, Any]) -> Asked:
    if "attribute" in condition:
        return UNKNOWN
    return _states(view, condition, frozenset(words(condition.get("state"))))


def _zone(view: View, condition: Mapping[str, Any]) -> Asked:
    at_home = "zone.home" in items(condition.get("zone"))
    return _states(view, condition, frozenset({"home"} if at_home else ()))


def _trigger(_view: View, condition: Mapping[str, Any]) -> Asked:
    return Asked(ids=frozenset(map(str, items(condition.get("id")))))


def _its_state(_view: View, condition: Mapping[str, Any]) -> Asked:
    return Asked(entered=frozenset(words(condition.get("state"))))


def _template(view: View, condition: Mapping[str, Any]) -> Asked:
    return _one(view, str(condition.get("value_template", "")))


def _of_device(view: View, condition: Mapping[str, Any]) -> Asked:
    kind = str(condition.get("type", ""))
    domain = str(condition.get("domain", ""))
    state = _state_of(domain, kind)
    return _states(view, condition, frozenset({state} if state else ()))


_READERS: Final[Mapping[str, Callable[[View, Mapping[str, Any]], Asked]]] = {
    "device": _of_device,
    "entered": _its_state,
    "numeric_state": _numeric,
    "state": _state,
    "sun": _sun,
    "template": _template,
    "time": _time,
    "trigger": _trigger,
    "zone": _zone,
}
"""Kind of a condition to what reads it."""


def _of_purpose(view: View, kind: str, condition: Mapping[str, Any]) -> Asked:
    """Return what a condition like `light.is_on` asks for; of several entities, any."""
    domain, _, verb = kind.partition(".")
    state = _state_of(domain, verb)
    named, _ = view.targets(condition.get("target"))
    if state is None or len(named) != 1:
        return UNKNOWN
    return _states(view, {"entity_id": sorted(named)}, frozenset({state}))


def _state_of(domain: str, kind: str) -> str | None:
    """Return the state of a kind of condition; a binary sensor is on when open."""
    if domain == "binary_sensor" and kind in ("is_open", "is_not_open"):
        return "on" if kind == "is_open" else "off"
    return _DEVICE_STATES.get(kind)
