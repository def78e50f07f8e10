"""Whether automations do what a rule would, or the opposite, by their configuration."""

from collections.abc import Callable, Iterator, Mapping
from math import nan
from typing import Final, NamedTuple

from .attributes import attribute_of
from .facts import Branch, ExistingAutomation, HomeFacts
from .rules import (
    ALL_DAYS,
    Action,
    NumericTrigger,
    Rule,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
    minutes_apart,
)

NEAR_MIN: Final = 30
"""Minutes between two times that still are the same automation."""
NEAR_SUN_MIN: Final = 20
"""Minutes between two offsets from the same event of the sun."""
NEAR_SHARE: Final = 0.25
"""Share of the larger threshold within which two are the same."""
AT_ONCE_MIN: Final = 10
"""Minutes between two times at which one takes back what the other has just done."""
AT_ONCE_S: Final = 60
ANY: Final = ""
_SIDES: Final = (
    (("on",), ("off",)),
    (("playing", "on"), ("off", "idle", "paused")),
    (("open",), ("closed",)),
    (("locked",), ("unlocked", "open")),
    (("cleaning",), ("docked",)),
    (("auto", "cool", "heat", "heat_cool"), ("off",)),
    (("armed_away", "armed_home", "armed_night", "armed_vacation"), ("disarmed",)),
)


def _opposites() -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for one, two in _SIDES:
        for states, others in ((one, two), (two, one)):
            for state in states:
                found[state] = found.get(state, frozenset()) | set(others)
    return found


OPPOSITES: Final = _opposites()
"""State to those that undo it."""


class _Near(NamedTuple):
    """How far apart two occasions may be."""

    minutes: int
    sun_minutes: int
    stay_s: int
    """Time that one may wait longer after the same change."""


type SunMinutes = Mapping[SunEvent, int]
"""Minute of the local day at which the sun rises or sets at this time of the year."""
type Met = Callable[[Branch], bool]
"""Whether what a branch requires is usually met when a rule fires."""


def for_sure(branch: Branch) -> bool:
    """Return whether a branch asks for nothing: for where there is no past to ask."""
    return not branch.requirements


def does(
    automation: ExistingAutomation,
    rule: Rule,
    sun: SunMinutes | None = None,
    met: Met | None = None,
) -> bool:
    """Return whether an automation has the rule's trigger and all of its effects.

    `sun` lets times be compared with the sun; without it they have nothing in common.
    `met` judges conditions; without it all are taken to hold.
    """
    if automation.entity_id == rule.replaces:
        return False
    near = _Near(NEAR_MIN, NEAR_SUN_MIN, rule.window_s)
    brought = _brought(automation, rule, near, sun or {}, met)
    return all(_brings(brought, action) for action in rule.actions)


def undoes(
    automation: ExistingAutomation,
    rule: Rule,
    sun: SunMinutes | None = None,
    met: Met | None = None,
) -> bool:
    """Return whether an automation does the opposite of a rule when that fires.

    What turns a lamp off some minutes after it came on is no opposite.
    """
    if automation.entity_id == rule.replaces:
        return False
    near = _Near(AT_ONCE_MIN, AT_ONCE_MIN, min(rule.window_s, AT_ONCE_S))
    brought = _brought(automation, rule, near, sun or {}, met)
    return any(
        not _brings(brought, action)
        and any(
            (action.entity_id, state) in brought
            for state in OPPOSITES.get(action.state, ())
        )
        for action in rule.actions
    )


def conflicting(
    facts: HomeFacts, rule: Rule, sun: SunMinutes, met: Met
) -> tuple[str, ...]:
    """Return the automations that would take back what a rule does, by entity id."""
    return tuple(
        automation.entity_id
        for automation in facts.automations
        if automation.enabled and undoes(automation, rule, sun, met)
    )


def _brought(
    automation: ExistingAutomation,
    rule: Rule,
    near: _Near,
    sun: SunMinutes,
    met: Met | None,
) -> frozenset[tuple[str, str]]:
    """Return what an automation brings about at the rule's trigger."""
    return frozenset().union(
        *(
            branch.targets
            for branch in automation.ways
            if any(_starts(one, rule, near, sun) for one in _on_days(branch, rule))
            and (met is None or met(branch))
        )
    )


def _brings(brought: frozenset[tuple[str, str]], action: Action) -> bool:
    if (action.entity_id, action.state) in brought:
        return True
    attribute = attribute_of(action.entity_id)
    if attribute is None or not attribute.is_number:
        return False
    return any(
        entity_id == action.entity_id
        and abs(_number(state) - _number(action.state)) <= attribute.grain
        for entity_id, state in brought
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return nan


def _starts(trigger: Trigger, rule: Rule, near: _Near, sun: SunMinutes) -> bool:
    """Return whether a trigger fires about when the rule's does."""
    match trigger, rule.trigger:
        case SunTrigger(event, offset), SunTrigger(wanted, other):
            return event is wanted and abs(offset - other) <= near.sun_minutes
        case (TimeTrigger() | SunTrigger()) as one, (
            TimeTrigger() | SunTrigger()
        ) as two:
            first, second = _minute(one, sun), _minute(two, sun)
            if first is None or second is None:
                return False
            return minutes_apart(first, second) <= near.minutes
        case StateTrigger(entity_id, state, for_s), StateTrigger() as wanted_edge:
            return (
                entity_id == wanted_edge.entity_id
                and state in (wanted_edge.state, ANY)
                and for_s <= 2 * wanted_edge.for_s + near.stay_s
            )
        case NumericTrigger(entity_id, side, bound), NumericTrigger() as level:
            nearest = NEAR_SHARE * max(abs(bound), abs(level.threshold))
            return (entity_id, side) == (level.entity_id, level.side) and (
                abs(bound - level.threshold) <= nearest
            )
        case _:
            return False


def _minute(trigger: TimeTrigger | SunTrigger, sun: SunMinutes) -> int | None:
    match trigger:
        case TimeTrigger(minute):
            return minute
        case SunTrigger(event, offset):
            return (sun[event] + offset) % 1440 if event in sun else None


def _on_days(branch: Branch, rule: Rule) -> Iterator[Trigger]:
    """Yield the triggers that act on at least half of the rule's days of the week."""
    wanted = _days(rule.trigger)
    for condition in rule.conditions:
        if isinstance(condition, WeekdayCondition):
            wanted &= set(condition.weekdays)
    for trigger in branch.triggers:
        common = wanted & _days(trigger) & set(branch.weekdays)
        if 2 * len(common) >= len(wanted):
            yield trigger


def _days(trigger: Trigger) -> set[int]:
    if isinstance(trigger, TimeTrigger | SunTrigger):
        return set(trigger.weekdays)
    return set(ALL_DAYS)
