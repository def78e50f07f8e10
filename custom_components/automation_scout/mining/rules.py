"""Rules: what the automation of a habit would watch, and what it would do.

A closed set of trigger types; consumers `match` on them. Minutes count from local
midnight, Monday is weekday 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
import hashlib
from typing import Any, Final

ALL_DAYS: Final = (0, 1, 2, 3, 4, 5, 6)
WEEKDAYS: Final = (0, 1, 2, 3, 4)
WEEKEND: Final = (5, 6)


class Kind(StrEnum):
    """Kind of a habit, named after the automation that it becomes."""

    TIME = "time"
    STATE = "state"


@dataclass(frozen=True, slots=True, order=True)
class Action:
    """A person brings an entity into a state."""

    entity_id: str
    state: str


@dataclass(frozen=True, slots=True, order=True)
class TimeTrigger:
    """A time of the local day, on some days of the week."""

    minute: int
    weekdays: tuple[int, ...] = ALL_DAYS

    def __post_init__(self) -> None:
        """Refuse what is no time of a day."""
        if not 0 <= self.minute < 1440:
            raise ValueError(f"minute {self.minute} is outside the day")
        ascending = tuple(day for day in ALL_DAYS if day in self.weekdays)
        if not self.weekdays or ascending != self.weekdays:
            raise ValueError(f"weekdays {self.weekdays} are not an ascending set")


def minutes_apart(one: int, two: int) -> int:
    """Return how far two minutes of the day are apart, over midnight if nearer."""
    apart = abs(one - two)
    return min(apart, 1440 - apart)


@dataclass(frozen=True, slots=True, order=True)
class StateTrigger:
    """Another entity enters a state."""

    entity_id: str
    state: str


type Trigger = TimeTrigger | StateTrigger


@dataclass(frozen=True, slots=True)
class Rule:
    """One trigger, one action, and how near in time the two belong together."""

    trigger: Trigger
    action: Action
    window_s: int
    """Time: half width around the minute in which a person's act agrees.
    State: how long after the trigger a person's act agrees."""

    def __post_init__(self) -> None:
        """Refuse a window without length."""
        if self.window_s <= 0:
            raise ValueError(f"a window of {self.window_s} s holds nothing")

    @property
    def kind(self) -> Kind:
        """Kind of the habit."""
        match self.trigger:
            case TimeTrigger():
                return Kind.TIME
            case StateTrigger():
                return Kind.STATE

    @property
    def key(self) -> str:
        """Fingerprint of what the rule does, not of how well it is supported.

        Times are kept in steps of 15 minutes, and `window_s` is left out, so that
        another day of history rarely changes the key; `identity.adopt` carries it
        over the step where it does.
        """
        match self.trigger:
            case TimeTrigger(minute, weekdays):
                source = f"time|{minute // 15 * 15}|{weekdays}"
            case StateTrigger(entity_id, state):
                source = f"state|{entity_id}|{state}"
        text = f"{source}|{self.action.entity_id}|{self.action.state}"
        return "s1-" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def rule_to_dict(rule: Rule) -> dict[str, object]:
    """Return a rule as plain JSON values."""
    match rule.trigger:
        case TimeTrigger(minute, weekdays):
            trigger: dict[str, object] = {"minute": minute, "weekdays": list(weekdays)}
        case StateTrigger(entity_id, state):
            trigger = {"entity_id": entity_id, "state": state}
    return {
        "kind": rule.kind.value,
        "trigger": trigger,
        "action": {"entity_id": rule.action.entity_id, "state": rule.action.state},
        "window_s": rule.window_s,
    }


def rule_from_dict(data: Mapping[str, Any]) -> Rule:
    """Return the rule of `rule_to_dict`.

    Raises:
        ValueError: the values are no rule.
    """
    try:
        source, action = data["trigger"], data["action"]
        trigger: Trigger
        match Kind(data["kind"]):
            case Kind.TIME:
                trigger = TimeTrigger(
                    int(source["minute"]), tuple(map(int, source["weekdays"]))
                )
            case Kind.STATE:
                trigger = StateTrigger(
                    _text(source["entity_id"]), _text(source["state"])
                )
        return Rule(
            trigger,
            Action(_text(action["entity_id"]), _text(action["state"])),
            int(data["window_s"]),
        )
    except (KeyError, OverflowError, TypeError, ValueError) as err:
        raise ValueError(f"no rule: {err}") from err


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
