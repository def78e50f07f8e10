"""Reading an automation for a replay: what could not be read is noted, with its place.

Places are written as in Home Assistant's traces: `triggers/0`, `conditions/1/or/0`.
Lengths of time and times of the day are what Home Assistant takes them for.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from homeassistant.const import WEEKDAYS
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.template import is_template_string
from homeassistant.util import dt as dt_util
import voluptuous as vol

from ...mining.rules import ALL_DAYS, DERIVED, SUN
from ...mining.written.pieces import items, words
from ..scope import is_numeric
from ..view import View

MOST_PARTS: Final = 500
"""Triggers, conditions and actions of one automation that are read."""
DEEPEST: Final = 20
"""Levels of conditions within conditions and actions within actions."""


KINDS: Final[Mapping[str, str]] = {
    "calendar": "event",
    "conversation": "event",
    "device": "device",
    "event": "event",
    "geo_location": "event",
    "homeassistant": "start",
    "mqtt": "event",
    "persistent_notification": "event",
    "tag": "event",
    "template": "template",
    "webhook": "event",
}
"""Kinds of triggers and conditions that cannot be replayed, and why."""


class TooLargeError(Exception):
    """An automation has more parts than anybody writes."""


class Reason(StrEnum):
    """Why a part is left out, or counted though not exactly as it was."""

    ATTRIBUTE = "attribute"
    ATTRIBUTES_TOO = "attributes_too"
    DEVICE = "device"
    EVENT = "event"
    HELPER_NOW = "helper_now"
    KIND = "kind"
    MEASURED = "measured"
    NESTED_ZONES = "nested_zones"
    NO_EFFECT = "no_effect"
    NOT_RECORDED = "not_recorded"
    PURPOSE = "purpose"
    REPEAT = "repeat"
    SHORTER_HISTORY = "shorter_history"
    START = "start"
    SUN_STATE = "sun_state"
    TEMPLATE = "template"
    THRESHOLD_ENTITY = "threshold_entity"
    TOO_OFTEN = "too_often"
    UNKNOWN_ENTITY = "unknown_entity"
    UNREADABLE = "unreadable"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something about a part of an automation."""

    place: str
    reason: Reason
    subject: str = ""
    """What it is about: an entity, a kind of trigger."""


@dataclass(slots=True)
class Reading:
    """The automation that is being read."""

    view: View
    recorded: frozenset[str]
    """Entities whose changes the archive holds."""
    unsupported: list[Remark] = field(default_factory=list)
    approximate: list[Remark] = field(default_factory=list)
    _parts: int = 0

    @property
    def hass(self) -> HomeAssistant:
        """The home."""
        return self.view.hass

    def count(self) -> None:
        """Count a part.

        Raises:
            TooLargeError: there are too many.
        """
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise TooLargeError

    def leave_out(self, place: str, reason: Reason, subject: str = "") -> None:
        """Note that a part is left out."""
        self._note(self.unsupported, Remark(place, reason, subject))

    def take_roughly(self, place: str, reason: Reason, subject: str = "") -> None:
        """Note that a part counts though it was not exactly so."""
        self._note(self.approximate, Remark(place, reason, subject))

    def _note(self, remarks: list[Remark], remark: Remark) -> None:
        if remark not in remarks:
            remarks.append(remark)

    def entities(self, place: str, value: object) -> tuple[str, ...]:
        """Return the entities whose past is known; the others are left out."""
        if any(has_template(item) for item in items(value)):
            self.leave_out(place, Reason.TEMPLATE)
        known: list[str] = []
        for entity_id in dict.fromkeys(self.view.entity_ids(value)):
            if entity_id in self.recorded or entity_id in DERIVED:
                known.append(entity_id)
                if entity_id == SUN:
                    self.take_roughly(place, Reason.SUN_STATE)
            elif self._exists(entity_id):
                self.leave_out(place, Reason.NOT_RECORDED, entity_id)
            else:
                self.leave_out(place, Reason.UNKNOWN_ENTITY, entity_id)
        if not self.view.entity_ids(value):
            self.leave_out(place, Reason.UNREADABLE)
        return tuple(known)

    def measured(self, place: str, entities: Iterable[str]) -> None:
        """Note which entities are sensors, of which the log keeps what matters."""
        for entity_id in entities:
            state = self.hass.states.get(entity_id)
            if state is not None and is_numeric(state):
                self.take_roughly(place, Reason.MEASURED, entity_id)

    def _exists(self, entity_id: str) -> bool:
        registry = er.async_get(self.hass)
        return bool(self.hass.states.get(entity_id) or registry.async_get(entity_id))

    def seconds(self, place: str, value: object) -> int | None:
        """Return a length of time, None where it is left out."""
        if has_template(value):
            self.leave_out(place, Reason.TEMPLATE)
            return None
        try:
            length: timedelta = cv.time_period(value)
            return round(length.total_seconds())
        except vol.Invalid, OverflowError, ValueError:
            self.leave_out(place, Reason.UNREADABLE, short(value))
            return None

    def stay(self, place: str, config: Mapping[str, Any]) -> int | None:
        """Return the seconds under `for`, 0 where there is none, None if left out."""
        return self.seconds(place, config["for"]) if "for" in config else 0

    def moment(self, place: str, value: object) -> int | None:
        """Return a second of the local day, None where it is left out.

        That of a helper is what it is set to now: the log does not hold what it was.
        """
        if has_template(value):
            self.leave_out(place, Reason.TEMPLATE)
            return None
        if isinstance(value, str) and value.startswith(("input_datetime.", "time.")):
            state = self.hass.states.get(value)
            moment = dt_util.parse_time(state.state) if state else None
            if moment is None:
                reason = Reason.KIND if state else Reason.UNKNOWN_ENTITY
                self.leave_out(place, reason, value)
                return None
            self.take_roughly(place, Reason.HELPER_NOW, value)
        else:
            try:
                moment = cv.time(value)
            except vol.Invalid:
                self.leave_out(place, Reason.UNREADABLE, short(value))
                return None
        return moment.hour * 3600 + moment.minute * 60 + moment.second

    def bounds(
        self, place: str, config: Mapping[str, Any]
    ) -> tuple[float | None, float | None] | None:
        """Return what a number is to lie above and below; None if that is left out."""
        if "attribute" in config:
            self.leave_out(place, Reason.ATTRIBUTE, short(config["attribute"]))
            return None
        if "value_template" in config:
            self.leave_out(place, Reason.TEMPLATE)
            return None
        found: list[float | None] = []
        for side in ("above", "below"):
            bound = config.get(side)
            try:
                number = None if bound is None else float(bound)
            except TypeError, ValueError:
                named = isinstance(bound, str) and "." in bound
                reason = Reason.THRESHOLD_ENTITY if named else Reason.UNREADABLE
                self.leave_out(place, reason, short(bound))
                return None
            found.append(number)
        above, below = found
        if above is None and below is None:
            self.leave_out(place, Reason.UNREADABLE)
            return None
        return above, below

    def weekdays(self, place: str, value: object) -> tuple[int, ...] | None:
        """Return days of the week, Monday is 0, all where none are named."""
        named = words(value)
        if value is None:
            return ALL_DAYS
        if not named or not set(named) <= set(WEEKDAYS):
            self.leave_out(place, Reason.UNREADABLE, short(value))
            return None
        return tuple(day for day in ALL_DAYS if WEEKDAYS[day] in named)

    def zones(self, place: str, value: object) -> frozenset[str]:
        """Return the states of people who are in zones: their names."""
        names: set[str] = set()
        if not words(value):
            self.leave_out(place, reason_of(value if has_template(value) else None))
        for zone in words(value):
            state = self.hass.states.get(zone)
            if zone == "zone.home":
                names.add("home")
            elif state is None:
                self.leave_out(place, Reason.UNKNOWN_ENTITY, zone)
            else:
                self.take_roughly(place, Reason.NESTED_ZONES, zone)
                names.add(state.name)
        return frozenset(names)


def reason_of(kind: object) -> Reason:
    """Return why a trigger or condition of a kind is left out."""
    if not isinstance(kind, str):
        return Reason.UNREADABLE
    if has_template(kind):
        return Reason.TEMPLATE
    return Reason(KINDS.get(kind, "purpose" if "." in kind else "kind"))


def has_template(value: object) -> bool:
    """Return whether a value is a template, or a collection with one in it."""
    match value:
        case str():
            return is_template_string(value)
        case dict():
            return any(map(has_template, value.values()))
        case list():
            return any(map(has_template, value))
    return False


def short(value: object) -> str:
    """Return a value as text that fits into a sentence."""
    return str(value)[:80]


def flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a trigger or condition with its `options`, if any, beside the others."""
    options = config.get("options")
    rest = {key: value for key, value in config.items() if key != "options"}
    return {**options, **rest} if isinstance(options, dict) else rest
