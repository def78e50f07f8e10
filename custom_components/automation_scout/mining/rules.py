"""Rules: what the automation of a habit would watch, and what it would do.

Closed sets of triggers and conditions; consumers `match` on them. Minutes count from
local midnight, Monday is weekday 0. `rule_json` turns rules into plain values.
"""

from dataclasses import dataclass
from enum import StrEnum
import hashlib
from typing import Final

ALL_DAYS: Final = (0, 1, 2, 3, 4, 5, 6)
WEEKDAYS: Final = (0, 1, 2, 3, 4)
WEEKEND: Final = (5, 6)
DAY_NAMES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""As Home Assistant writes them."""

ATTRIBUTE_MARK: Final = "#"
"""Parts an entity id from the name of one of its settings: `light.desk#brightness`."""
HOME: Final = "zone.home"
"""Stands for everybody: `0` when the last person has left, else `occupied`."""
SUN: Final = "sun.sun"
"""`above_horizon` or `below_horizon`, whether or not the home records it."""
DERIVED: Final = frozenset({HOME, SUN})
"""Entities that every home has, in scope or not."""


class Kind(StrEnum):
    """Kind of a habit, named after the automation that it becomes."""

    TIME = "time"
    SUN = "sun"
    STATE = "state"
    NUMERIC = "numeric"
    ABSENCE = "absence"
    ROUTINE = "routine"
    OPPORTUNITY = "opportunity"
    ADJUST = "adjust"
    TIDY = "tidy"


KINDS: Final = tuple(kind.value for kind in Kind)


class SunEvent(StrEnum):
    """What the sun does at the horizon."""

    SUNRISE = "sunrise"
    SUNSET = "sunset"


class Side(StrEnum):
    """On which side of a threshold a number is."""

    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True, order=True)
class Action:
    """A person brings an entity into a state, or one of its settings to a value."""

    entity_id: str
    """With `#name` behind it where a setting is meant (`attributes`)."""
    state: str

    @property
    def target(self) -> str:
        """Entity id alone."""
        return self.entity_id.partition(ATTRIBUTE_MARK)[0]

    @property
    def attribute(self) -> str:
        """Name of the setting, "" where the state itself is meant."""
        return self.entity_id.partition(ATTRIBUTE_MARK)[2]


def minutes_apart(one: int, two: int) -> int:
    """Return how far two minutes of the day are apart, over midnight if nearer."""
    apart = abs(one - two)
    return min(apart, 1440 - apart)


def clock(minute: int) -> str:
    """Return a minute of the day as Home Assistant writes it: `07:00`."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def _check_weekdays(weekdays: tuple[int, ...]) -> None:
    ascending = tuple(day for day in ALL_DAYS if day in weekdays)
    if not weekdays or ascending != weekdays:
        raise ValueError(f"weekdays {weekdays} are not an ascending set")


@dataclass(frozen=True, slots=True, order=True)
class TimeTrigger:
    """A time of the local day, on some days of the week."""

    minute: int
    weekdays: tuple[int, ...] = ALL_DAYS

    def __post_init__(self) -> None:
        """Refuse what is no time of a day."""
        if not 0 <= self.minute < 1440:
            raise ValueError(f"minute {self.minute} is outside the day")
        _check_weekdays(self.weekdays)


@dataclass(frozen=True, slots=True, order=True)
class SunTrigger:
    """So long after the sun rises or sets (before it if negative), on some days."""

    event: SunEvent
    offset_min: int = 0
    weekdays: tuple[int, ...] = ALL_DAYS

    def __post_init__(self) -> None:
        """Refuse what is nearer to the next event than to this one."""
        if abs(self.offset_min) > 360:
            raise ValueError(f"{self.offset_min} minutes are far from the event")
        _check_weekdays(self.weekdays)


@dataclass(frozen=True, slots=True, order=True)
class StateTrigger:
    """Another entity enters a state."""

    entity_id: str
    state: str
    for_s: int = 0
    """It stays there for so long before the rule fires."""
    quiet_s: int = 0
    """It was somewhere else for at least so long before."""

    def __post_init__(self) -> None:
        """Refuse times that lie the wrong way."""
        if self.for_s < 0 or self.quiet_s < 0:
            raise ValueError("a stay cannot be shorter than nothing")


@dataclass(frozen=True, slots=True, order=True)
class NumericTrigger:
    """A sensor's number crosses a threshold."""

    entity_id: str
    side: Side
    """Where the number is afterwards."""
    threshold: float
    for_s: int = 0


type Trigger = TimeTrigger | SunTrigger | StateTrigger | NumericTrigger


@dataclass(frozen=True, slots=True, order=True)
class WeekdayCondition:
    """On some days of the week."""

    weekdays: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse what is no set of weekdays."""
        _check_weekdays(self.weekdays)


@dataclass(frozen=True, slots=True, order=True)
class WindowCondition:
    """From a minute of the day up to, not including, another; over midnight too."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, order=True)
class StateCondition:
    """An entity is in a state; `HOME` and `SUN` are entities here."""

    entity_id: str
    state: str


@dataclass(frozen=True, slots=True, order=True)
class NumericCondition:
    """A sensor's number is on one side of a threshold."""

    entity_id: str
    side: Side
    threshold: float


type Condition = WeekdayCondition | WindowCondition | StateCondition | NumericCondition

type Values = tuple[tuple[str, float | str], ...]
"""Settings of an action by name (`attributes`), ascending: (("brightness", 40.0),)."""


@dataclass(frozen=True, slots=True, order=True)
class Step:
    """A further action of a routine."""

    action: Action
    values: Values = ()
    delay_s: int = 0
    """Pause before it, kept only where the order or the gap matters."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One trigger, at most two conditions, an action with its values, more of them."""

    trigger: Trigger
    action: Action
    window_s: int
    """Time and sun: half width around the instant in which a person's act agrees.
    State and numeric: how long after the trigger a person's act agrees."""
    conditions: tuple[Condition, ...] = ()
    values: Values = ()
    more: tuple[Step, ...] = ()
    """Further actions, where several belong together."""
    special: Kind | None = None
    """`OPPORTUNITY`, `ADJUST` or `TIDY`, where the rule is no habit by itself."""
    replaces: str = ""
    """Entity id of the automation that `ADJUST` and `TIDY` are about."""
    since: int = 0
    """Local day from which on the rule is judged: before it, it was not yet done so."""

    def __post_init__(self) -> None:
        """Refuse a window without length."""
        if self.window_s <= 0:
            raise ValueError(f"a window of {self.window_s} s holds nothing")

    @property
    def kind(self) -> Kind:
        """Kind of the habit."""
        if self.special is not None:
            return self.special
        if self.more:
            return Kind.ROUTINE
        return self.trigger_kind

    @property
    def trigger_kind(self) -> Kind:
        """Kind of the trigger alone: that of the detector which finds it."""
        match self.trigger:
            case TimeTrigger():
                return Kind.TIME
            case SunTrigger():
                return Kind.SUN
            case NumericTrigger():
                return Kind.NUMERIC
            case StateTrigger() as trigger:
                return Kind.ABSENCE if _is_absence(trigger, self.action) else Kind.STATE

    @property
    def steps(self) -> tuple[Step, ...]:
        """All that it does, each action with its values."""
        return (Step(self.action, self.values), *self.more)

    @property
    def actions(self) -> tuple[Action, ...]:
        """All that it does, without the values."""
        return (self.action, *(step.action for step in self.more))

    @property
    def entities(self) -> tuple[str, ...]:
        """Ids of the entities that it watches or acts on, each once."""
        watched = [
            part.entity_id
            for part in (self.trigger, *self.conditions)
            if isinstance(
                part, StateTrigger | NumericTrigger | StateCondition | NumericCondition
            )
        ]
        targets = [action.target for action in self.actions]
        return tuple(dict.fromkeys((*watched, *targets)))

    @property
    def key(self) -> str:
        """Fingerprint of what the rule does, not of how well it is supported.

        Times are kept in steps of 15 minutes; `window_s`, `since`, values, the order of
        a routine and the length of stays are left out, so that another day of history
        rarely changes the key; `identity.adopt` carries it over the step where it does.
        """
        actions = "|".join(f"{a.entity_id}|{a.state}" for a in sorted(self.actions))
        parts = [_source(self.trigger), *map(_bound, sorted(self.conditions, key=repr))]
        if self.special is not None:
            parts += [self.special, self.replaces]
        text = "|".join((*parts, actions))
        return "s1-" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _is_absence(trigger: StateTrigger, action: Action) -> bool:
    """Return whether something goes off because nobody or nothing needs it any more."""
    left = trigger.state == "0" and trigger.entity_id == HOME
    ceased = trigger.for_s > 0 and trigger.state in ("off", "not_home", "0")
    forgotten = trigger.for_s > 0 and trigger.entity_id == action.target
    return action.state in ("off", "closed") and (left or ceased or forgotten)


def _source(trigger: Trigger) -> str:
    match trigger:
        case TimeTrigger(minute, weekdays):
            return f"time|{minute // 15 * 15}|{weekdays}"
        case SunTrigger(event, offset, weekdays):
            return f"sun|{event}|{offset // 15 * 15}|{weekdays}"
        case StateTrigger(entity_id, state, for_s, quiet_s):
            held = ("|for" if for_s else "") + ("|quiet" if quiet_s else "")
            return f"state|{entity_id}|{state}{held}"
        case NumericTrigger(entity_id, side, threshold):
            return f"numeric|{entity_id}|{side}|{threshold:g}"


def _bound(condition: Condition) -> str:
    match condition:
        case WeekdayCondition(weekdays):
            return f"on|{weekdays}"
        case WindowCondition(start, end):
            return f"between|{start // 60}|{end // 60}"
        case StateCondition(entity_id, state):
            return f"while|{entity_id}|{state}"
        case NumericCondition(entity_id, side):
            return f"while|{entity_id}|{side}"
