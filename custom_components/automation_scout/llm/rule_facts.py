"""A proven rule as the facts of a question: plain JSON values, and nothing left out.

Left out on purpose are instants (when it was seen, since when it is judged): no text
needs them, and they tell when somebody was at home.
"""

from collections.abc import Iterator
from typing import Final

from ..mining.result import Proven
from ..mining.rules import (
    DAY_NAMES,
    Condition,
    Kind,
    NumericCondition,
    NumericTrigger,
    Rule,
    StateCondition,
    StateTrigger,
    Step,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
    WindowCondition,
    clock,
)
from ..mining.services import plain

type Facts = dict[str, object]

FIXED: Final = frozenset(
    {"type", "kind", "weekdays", "event", "side", "setting", "domain", "device_class"}
    | {"language", "safety", "category", "priority", "evidence"}
)
"""Keys under which no word of the home can be."""


def rule_facts(rule: Rule) -> Facts:
    """Return what a rule waits for, under which conditions, and what it does."""
    facts: Facts = {
        "kind": rule.kind.value,
        "trigger": _trigger(rule.trigger),
        "conditions": [_condition(part) for part in rule.conditions],
        "actions": [_action(step) for step in rule.steps],
    }
    if rule.replaces:
        facts["in_place_of"] = rule.replaces
    return facts


def evidence_facts(proven: Proven) -> Facts:
    """Return the counts behind a rule, without a single instant."""
    evidence = proven.evidence
    return {
        "days_observed": evidence.days_observed,
        "opportunities": evidence.opportunities,
        "hits": evidence.hits,
        "wrong": evidence.wrong,
        "missed": evidence.missed,
        "human_actions": evidence.human_actions,
        "held_out": {
            "days": evidence.holdout.days,
            "hits": evidence.holdout.hits,
            "wrong": evidence.holdout.wrong,
        },
        "agrees_within_s": proven.rule.window_s,
    }


def entities_of(proven: Proven) -> tuple[str, ...]:
    """Return everything that the facts of a rule name, each once."""
    rule = proven.rule
    named = [*rule.entities, *proven.covered_by, *proven.conflicts]
    if rule.replaces:
        named.append(rule.replaces)
    if proven.instead is not None:
        named += proven.instead.rule.entities
    return tuple(dict.fromkeys(named))


def _trigger(trigger: Trigger) -> Facts:
    match trigger:
        case TimeTrigger(minute, weekdays):
            return {"type": "time", "at": clock(minute), "weekdays": _days(weekdays)}
        case SunTrigger(event, offset_min, weekdays):
            return {
                "type": "sun",
                "event": event.value,
                "offset_min": offset_min,
                "weekdays": _days(weekdays),
            }
        case StateTrigger(entity_id, state, for_s, quiet_s):
            facts: Facts = {"type": "state", "entity_id": entity_id, "to": state}
            return {**facts, "for_s": for_s, "quiet_s": quiet_s}
        case NumericTrigger(entity_id, side, threshold, for_s):
            return {
                "type": "numeric",
                "entity_id": entity_id,
                "side": side.value,
                "threshold": plain(threshold),
                "for_s": for_s,
            }


def _condition(condition: Condition) -> Facts:
    match condition:
        case WeekdayCondition(weekdays):
            return {"type": "weekdays", "weekdays": _days(weekdays)}
        case WindowCondition(start, end):
            return {"type": "window", "from": clock(start), "until": clock(end)}
        case StateCondition(entity_id, state):
            return {"type": "state", "entity_id": entity_id, "is": state}
        case NumericCondition(entity_id, side, threshold):
            return {
                "type": "numeric",
                "entity_id": entity_id,
                "side": side.value,
                "threshold": plain(threshold),
            }


def _action(step: Step) -> Facts:
    facts: Facts = {"entity_id": step.action.target, "to": step.action.state}
    if step.action.attribute:
        facts["setting"] = step.action.attribute
    facts["values"] = {
        name: value if isinstance(value, str) else plain(value)
        for name, value in step.values
    }
    facts["delay_s"] = step.delay_s
    return facts


def holes(proven: Proven, known: frozenset[str]) -> Iterator[str]:
    """Yield what is missing of the facts of a rule.

    Args:
        proven: the rule.
        known: ids of the entities whose context is known.
    """
    rule = proven.rule
    is_tidy = rule.special is Kind.TIDY
    # What an automation to be tidied up waits for may be gone, and say nothing.
    spared = {part for part in rule.entities if is_tidy and part != rule.replaces}
    for entity_id in entities_of(proven):
        if not entity_id or (entity_id not in known and entity_id not in spared):
            yield f"context of {entity_id or 'an entity without an id'}"
    for part in () if is_tidy else (rule.trigger, *rule.conditions):
        if isinstance(part, StateTrigger | StateCondition) and not part.state:
            yield f"state of {part.entity_id}"
    yield from (f"state of {a.entity_id}" for a in rule.actions if not a.state)
    if rule.special in (Kind.ADJUST, Kind.TIDY) and not rule.replaces:
        yield "automation that it is about"
    for step in rule.steps:
        for name, value in step.values:
            if value in ("", None):
                yield f"{name} of {step.action.entity_id}"
    if proven.evidence.days_observed <= 0 and not is_tidy:
        yield "days observed"


def _days(weekdays: tuple[int, ...]) -> list[str]:
    return [DAY_NAMES[day] for day in weekdays]
