"""How far two rules are apart, for those that may be one habit on two days.

Distances are in minutes of a clock habit; everything else is put on that scale: what
the next day's history rarely changes is far.
"""

from collections.abc import Iterable, Mapping
from math import log2
from typing import Final

from .doing import SunMinutes
from .rules import (
    ALL_DAYS,
    Condition,
    Kind,
    NumericCondition,
    NumericTrigger,
    Rule,
    StateCondition,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
    WindowCondition,
    minutes_apart,
)

NEAR_MIN: Final = 30
"""Minutes within which two times of one action are the same habit."""
FAR: Final = 60.0
"""A time and the sun at that time: only where nothing nearer is known."""
NEAR_STEP: Final = 2.0
NEAR_SHARE: Final = 0.5
"""Thresholds are one habit's within either: so much, or that share of the larger."""
PER_DAY: Final = 10.0
"""For each day of the week that only one of them has."""
PER_CONDITION: Final = 15.0
"""For each condition that only one of them has, and at most for one that both have."""
PER_ACTION: Final = 20.0
"""Times the share of actions that only one of them has."""
PER_DOUBLING: Final = 5.0
"""For a stay that is twice as long, from a minute on."""


def distance(one: Rule, two: Rule, sun: SunMinutes | None = None) -> float | None:
    """Return how far two rules are apart, 0 the same, None where they are no relatives.

    `sun` lets times be compared with the sun; without it they have nothing in common.
    """
    if _standing(one) != _standing(two):
        return None
    actions = _actions(one, two)
    trigger = _trigger(one.trigger, two.trigger, sun or {})
    days = _days(one), _days(two)
    if actions is None or trigger is None or not days[0] & days[1]:
        return None
    weekdays = PER_DAY * len(days[0] ^ days[1])
    return actions + trigger + weekdays + _conditions(one.conditions, two.conditions)


def _standing(rule: Rule) -> tuple[Kind | None, str]:
    """Return what a rule rests on: an adjustment is a habit like any other."""
    if rule.special is None or rule.special is Kind.ADJUST:
        return None, ""
    return rule.special, rule.replaces


def _actions(one: Rule, two: Rule) -> float | None:
    """Return how much of what they do differs, None where they do nothing alike."""
    mine, theirs = set(one.actions), set(two.actions)
    if not mine & theirs:
        return None
    return PER_ACTION * len(mine ^ theirs) / len(mine | theirs)


def _days(rule: Rule) -> set[int]:
    """Return the days of the week on which a rule acts."""
    days = set(ALL_DAYS)
    if isinstance(rule.trigger, TimeTrigger | SunTrigger):
        days &= set(rule.trigger.weekdays)
    for condition in rule.conditions:
        if isinstance(condition, WeekdayCondition):
            days &= set(condition.weekdays)
    return days


def _trigger(one: Trigger, two: Trigger, sun: SunMinutes) -> float | None:
    match one, two:
        case (TimeTrigger() | SunTrigger()) as a, (TimeTrigger() | SunTrigger()) as b:
            return _due(a, b, sun)
        case StateTrigger(), StateTrigger():
            if (one.entity_id, one.state) != (two.entity_id, two.state):
                return None
            return _stays(one.for_s, two.for_s) + _stays(one.quiet_s, two.quiet_s)
        case NumericTrigger(), NumericTrigger():
            if (one.entity_id, one.side) != (two.entity_id, two.side):
                return None
            apart = _thresholds(one.threshold, two.threshold)
            return None if apart is None else apart + _stays(one.for_s, two.for_s)
        case _:
            return None


def _due(
    one: TimeTrigger | SunTrigger, two: TimeTrigger | SunTrigger, sun: SunMinutes
) -> float | None:
    """Return how far two instants of the day are apart, None beyond `NEAR_MIN`."""
    far = 0.0
    match one, two:
        case TimeTrigger(a), TimeTrigger(b):
            apart = minutes_apart(a, b)
        case SunTrigger(event, a), SunTrigger(other, b) if event is other:
            apart = abs(a - b)
        case (TimeTrigger(a), SunTrigger(event, b)) | (
            SunTrigger(event, b),
            TimeTrigger(a),
        ) if event in sun:
            apart, far = minutes_apart(a, (sun[event] + b) % 1440), FAR
        case _:
            return None
    return far + apart if apart <= NEAR_MIN else None


def _stays(one: int, two: int) -> float:
    """Return how far two lengths of time (s) are apart, by their ratio."""
    return PER_DOUBLING * log2((max(one, two) + 60) / (min(one, two) + 60))


def _thresholds(one: float, two: float) -> float | None:
    """Return how far two thresholds are apart, None where they are no neighbours."""
    apart = abs(one - two)
    largest = max(NEAR_STEP, NEAR_SHARE * max(abs(one), abs(two)))
    return NEAR_MIN * apart / largest if apart <= largest else None


def _conditions(one: Iterable[Condition], two: Iterable[Condition]) -> float:
    """Return how much differs in what has to hold, days of the week aside."""
    mine, theirs = _by_subject(one), _by_subject(two)
    return sum(
        _condition(mine[name], theirs[name])
        if name in mine and name in theirs
        else PER_CONDITION
        for name in sorted(mine.keys() | theirs.keys())
    )


def _by_subject(conditions: Iterable[Condition]) -> Mapping[str, Condition]:
    """Return conditions by what they are about."""
    found: dict[str, Condition] = {}
    for condition in conditions:
        match condition:
            case WindowCondition():
                found["window"] = condition
            case StateCondition(entity_id):
                found[f"state {entity_id}"] = condition
            case NumericCondition(entity_id, side):
                found[f"number {entity_id} {side}"] = condition
            case WeekdayCondition():
                pass
    return found


def _condition(one: Condition, two: Condition) -> float:
    """Return how far two conditions on the same are apart."""
    match one, two:
        case WindowCondition(start, end), WindowCondition(begin, finish):
            moved = minutes_apart(start, begin) + minutes_apart(end, finish)
            return min(PER_CONDITION, moved / 8)
        case NumericCondition(_, _, a), NumericCondition(_, _, b):
            apart = _thresholds(a, b)
            return PER_CONDITION if apart is None else apart / 2
        case _:
            return 0.0 if one == two else PER_CONDITION
