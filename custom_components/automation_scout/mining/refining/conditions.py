"""The conditions of a rule, changed: one more, one less, another bound for the same."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from ..facts import HomeFacts
from ..rules import (
    ALL_DAYS,
    DERIVED,
    SUN,
    Condition,
    NumericCondition,
    Rule,
    StateCondition,
    SunTrigger,
    TimeTrigger,
    WeekdayCondition,
    WindowCondition,
)
from .problems import Notes
from .reading import Plain, entries, minute, section, text, weekdays
from .trigger import measured, threshold, watched

PARTS: Final = frozenset({"add", "remove"})
FIELDS: Final = {
    "weekdays": frozenset({"weekdays"}),
    "window": frozenset({"after", "before"}),
    "sun": frozenset({"sun"}),
    "state": frozenset({"entity_id", "state"}),
    "number": frozenset({"entity_id", "above", "below"}),
}
"""Kind of a condition to the fields that it is written with."""
SUN_STATES: Final = ("above_horizon", "below_horizon")
_ALL: Final = frozenset[str]().union(*FIELDS.values())


def with_conditions(rule: Rule, change: Plain, facts: HomeFacts, notes: Notes) -> Rule:
    """Return a rule with conditions removed, then added.

    What is added takes the place of a condition on the same. Days of the week of a
    trigger of the clock are part of it.
    """
    parts = section(change, PARTS, "conditions", notes)
    for name in entries(parts.get("remove", []), "conditions.remove", notes):
        rule = _without(rule, name, notes)
    for plain in entries(parts.get("add", []), "conditions.add", notes):
        condition = read_condition(plain, facts, notes)
        if condition is not None:
            rule = _with(rule, condition)
    return rule


def read_condition(plain: Plain, facts: HomeFacts, notes: Notes) -> Condition | None:
    """Return a condition from its fields, None where they are none."""
    fields = section(plain, _ALL, "conditions.add", notes)
    fitting = [kind for kind in FIELDS if fields and fields.keys() <= FIELDS[kind]]
    if fields.keys() == {"entity_id"}:
        fitting = []
    if not fitting:
        notes.add("no_condition", fields=", ".join(sorted(map(str, fields))))
        return None
    return _READERS[fitting[0]](fields, facts, notes)


def subject(condition: Condition) -> str:
    """Return what a condition is about, as `remove` names it."""
    match condition:
        case WeekdayCondition():
            return "weekdays"
        case WindowCondition():
            return "window"
        case StateCondition(entity_id) | NumericCondition(entity_id):
            return "sun" if entity_id == SUN else entity_id


def _without(rule: Rule, name: Plain, notes: Notes) -> Rule:
    rest = tuple(part for part in rule.conditions if subject(part) != name)
    found = len(rest) < len(rule.conditions)
    rule = replace(rule, conditions=rest)
    trigger = rule.trigger
    if name == "weekdays" and isinstance(trigger, TimeTrigger | SunTrigger):
        found = found or trigger.weekdays != ALL_DAYS
        rule = replace(rule, trigger=replace(trigger, weekdays=ALL_DAYS))
    if not found:
        notes.add("nothing_to_remove", name=name)
    return rule


def _with(rule: Rule, condition: Condition) -> Rule:
    trigger = rule.trigger
    rest = tuple(
        part for part in rule.conditions if not _is_about_the_same(part, condition)
    )
    if isinstance(condition, WeekdayCondition) and isinstance(
        trigger, TimeTrigger | SunTrigger
    ):
        trigger = replace(trigger, weekdays=condition.weekdays)
        return replace(rule, trigger=trigger, conditions=rest)
    return replace(rule, conditions=(*rest, condition))


def _is_about_the_same(one: Condition, two: Condition) -> bool:
    if isinstance(one, NumericCondition) and isinstance(two, NumericCondition):
        # Above one number and below another is a range.
        return (one.entity_id, one.side) == (two.entity_id, two.side)
    return subject(one) == subject(two)


def _weekdays(
    fields: dict[str, Plain], _facts: HomeFacts, notes: Notes
) -> Condition | None:
    days = weekdays(fields["weekdays"], notes)
    return None if days is None else WeekdayCondition(days)


def _window(
    fields: dict[str, Plain], _facts: HomeFacts, notes: Notes
) -> Condition | None:
    start = minute(fields.get("after", 0), "after", notes)
    end = minute(fields.get("before", 0), "before", notes)
    if start is None or end is None:
        return None
    if start == end:
        notes.add("empty_window")
        return None
    return WindowCondition(start, end)


def _sun(fields: dict[str, Plain], _facts: HomeFacts, notes: Notes) -> Condition | None:
    if fields["sun"] not in SUN_STATES:
        notes.add("no_sun_state", value=fields["sun"])
        return None
    return StateCondition(SUN, fields["sun"])


def _state(
    fields: dict[str, Plain], facts: HomeFacts, notes: Notes
) -> Condition | None:
    entity_id = watched(fields.get("entity_id"), facts, notes)
    state = text(fields.get("state"), "state", notes)
    if entity_id is None or state is None:
        return None
    if entity_id not in DERIVED and facts.of(entity_id).is_numeric:
        notes.add("measures", entity_id=entity_id)
        return None
    return StateCondition(entity_id, state)


def _number(
    fields: dict[str, Plain], facts: HomeFacts, notes: Notes
) -> Condition | None:
    entity_id = measured(fields.get("entity_id"), facts, notes)
    bound = threshold(fields, notes)
    if entity_id is None or bound is None:
        return None
    return NumericCondition(entity_id, *bound)


_READERS: Final[
    dict[str, Callable[[dict[str, Plain], HomeFacts, Notes], Condition | None]]
] = {
    "weekdays": _weekdays,
    "window": _window,
    "sun": _sun,
    "state": _state,
    "number": _number,
}
