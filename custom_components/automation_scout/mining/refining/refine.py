"""A rule with changes, or all that speaks against them.

The schema is closed: `{trigger?, conditions?: {add?, remove?}, actions?: {add?,
remove?, change?}}`, its fields in `trigger`, `conditions` and `actions`. What is not
named stays.
"""

from collections.abc import Mapping
from typing import Final

from ..facts import HomeFacts
from ..rules import (
    DERIVED,
    Kind,
    NumericCondition,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
    WeekdayCondition,
    WindowCondition,
)
from .abilities import Ability
from .actions import with_actions
from .conditions import subject, with_conditions
from .problems import Notes, ProblemsFound
from .reading import Plain, section
from .trigger import with_trigger

SECTIONS: Final = frozenset({"trigger", "conditions", "actions"})

__all__ = ["ProblemsFound", "refined"]


def refined(
    rule: Rule, changes: Plain, facts: HomeFacts, abilities: Mapping[str, Ability]
) -> Rule:
    """Return a rule with changes made.

    Args:
        rule: what is proposed now.
        changes: JSON values in the closed schema.
        facts: the home; only what it has can be watched and acted on.
        abilities: what entities can do, by id; whoever is not in it may do anything.

    Raises:
        ProblemsFound: the changes cannot be made, and nothing of them was.
    """
    notes = Notes()
    if rule.special is Kind.TIDY:
        notes.add("not_refinable")
        notes.check()
    parts = section(changes, SECTIONS, "changes", notes)
    changed = rule
    if "trigger" in parts:
        changed = with_trigger(changed, parts["trigger"], facts, notes)
    if "conditions" in parts:
        changed = with_conditions(changed, parts["conditions"], facts, notes)
    if "actions" in parts:
        changed = with_actions(changed, parts["actions"], facts, abilities, notes)
    notes.check()
    _contradictions(changed, notes)
    if changed == rule:
        notes.add("nothing_changed")
    notes.check()
    return changed


def _contradictions(rule: Rule, notes: Notes) -> None:
    """Note what can never be true at once."""
    _days(rule, notes)
    _hours(rule, notes)
    _states(rule, notes)
    _ranges(rule, notes)


def _days(rule: Rule, notes: Notes) -> None:
    sets = [
        set(part.weekdays)
        for part in (rule.trigger, *rule.conditions)
        if isinstance(part, TimeTrigger | SunTrigger | WeekdayCondition)
    ]
    if sets and not set.intersection(*sets):
        notes.add("never_on_a_day")


def _hours(rule: Rule, notes: Notes) -> None:
    if not isinstance(rule.trigger, TimeTrigger):
        return
    at = rule.trigger.minute
    for part in rule.conditions:
        if isinstance(part, WindowCondition):
            after, before = at >= part.start, at < part.end
            inside = after and before if part.start < part.end else after or before
            if not inside:
                notes.add("time_outside_window")


def _states(rule: Rule, notes: Notes) -> None:
    wanted: dict[str, str] = {}
    if isinstance(rule.trigger, StateTrigger):
        wanted[rule.trigger.entity_id] = rule.trigger.state
    for part in rule.conditions:
        if not isinstance(part, StateCondition):
            continue
        if wanted.setdefault(part.entity_id, part.state) != part.state:
            notes.add("two_states", entity_id=part.entity_id)
        if part in [StateCondition(a.entity_id, a.state) for a in rule.actions]:
            notes.add("already_so", entity_id=part.entity_id, state=part.state)
    trigger = rule.trigger
    if (
        isinstance(trigger, StateTrigger)
        and trigger.entity_id not in DERIVED
        and (trigger.entity_id, trigger.state)
        in [(a.entity_id, a.state) for a in rule.actions]
    ):
        notes.add("already_so", entity_id=trigger.entity_id, state=trigger.state)


def _ranges(rule: Rule, notes: Notes) -> None:
    bounds: dict[str, dict[Side, float]] = {}
    for part in (rule.trigger, *rule.conditions):
        if isinstance(part, NumericTrigger | NumericCondition):
            sides = bounds.setdefault(part.entity_id, {})
            tighter = max if part.side is Side.ABOVE else min
            sides[part.side] = tighter(
                sides.get(part.side, part.threshold), part.threshold
            )
    for entity_id, sides in bounds.items():
        if len(sides) == 2 and sides[Side.ABOVE] >= sides[Side.BELOW]:
            notes.add("empty_range", entity_id=entity_id)
    subjects = [
        subject(part)
        for part in rule.conditions
        if not isinstance(part, NumericCondition)
    ]
    for twice in sorted({name for name in subjects if subjects.count(name) > 1}):
        notes.add("twice", entity_id=twice)
