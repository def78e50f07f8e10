"""The actions of a rule, changed: another entity, state, value, pause; more, fewer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from ..attributes import ATTRIBUTES, Attribute, attribute_of, text_of
from ..facts import HomeFacts, domain_of
from ..rules import ATTRIBUTE_MARK, Action, Rule, Step, Values
from ..services import plain, service_for
from .abilities import Ability
from .problems import Notes
from .reading import Plain, entries, number, seconds, section, text

PARTS: Final = frozenset({"add", "remove", "change"})
ADDED: Final = frozenset({"entity_id", "state", "values", "delay"})
CHANGED: Final = ADDED | {"new_entity_id"}
MOST: Final = 20
"""Actions of one automation: a routine that nobody can read is no routine."""


def with_actions(
    rule: Rule,
    change: Plain,
    facts: HomeFacts,
    abilities: Mapping[str, Ability],
    notes: Notes,
) -> Rule:
    """Return a rule with actions changed, removed, then added.

    The first that is left is the main one, and has no pause before it.
    """
    parts = section(change, PARTS, "actions", notes)
    steps = list(rule.steps)
    for item in entries(parts.get("change", []), "actions.change", notes):
        steps = _changed(steps, item, facts, notes)
    for name in entries(parts.get("remove", []), "actions.remove", notes):
        rest = [step for step in steps if not _is_of(step, name)]
        if len(rest) == len(steps):
            notes.add("nothing_to_remove", name=name)
        steps = rest
    for item in entries(parts.get("add", []), "actions.add", notes):
        added = _added(item, facts, notes)
        if added is not None:
            steps.append(added)
    if not steps:
        notes.add("no_action_left")
        return rule
    for step in steps:
        check_step(step, abilities.get(step.action.target, Ability()), notes)
    named = [step.action.entity_id for step in steps]
    for twice in sorted({name for name in named if named.count(name) > 1}):
        notes.add("twice", entity_id=twice)
    if len(steps) > MOST:
        notes.add("too_many", most=MOST)
    main, *more = steps
    return replace(rule, action=main.action, values=main.values, more=tuple(more))


def check_step(step: Step, ability: Ability, notes: Notes) -> None:
    """Note what an entity cannot do of a step."""
    action = step.action
    if service_for(action) is None or _is_beyond(action, ability):
        notes.add("cannot_do", entity_id=action.target, state=action.state)
        return
    for name, value in step.values:
        attribute = attribute_of(f"{action.target}{ATTRIBUTE_MARK}{name}")
        if attribute is not None:
            _check_value(action.target, attribute, value, ability, notes)
    if action.attribute:
        attribute = attribute_of(action.entity_id)
        if attribute is not None:
            value = action.state
            _check_value(action.target, attribute, value, ability, notes)


def _is_beyond(action: Action, ability: Ability) -> bool:
    named = ability.states and not action.attribute
    return bool(named) and action.state not in ability.states


def _check_value(
    target: str,
    attribute: Attribute,
    value: float | str,
    ability: Ability,
    notes: Notes,
) -> None:
    name = attribute.name
    if name in ability.lacks:
        notes.add("no_such_value", entity_id=target, name=name)
        return
    span = ability.numbers.get(name)
    if span is not None and not span.low <= float(value) <= span.high:
        notes.add(
            "out_of_range",
            entity_id=target,
            name=name,
            value=f"{float(value):g}",
            low=f"{span.low:g}",
            high=f"{span.high:g}",
        )
    options = ability.options.get(name)
    if options and value not in options:
        known = ", ".join(options)
        notes.add("no_option", entity_id=target, value=value, options=known)


def _changed(
    steps: list[Step], item: Plain, facts: HomeFacts, notes: Notes
) -> list[Step]:
    fields = section(item, CHANGED, "actions.change", notes)
    name = fields.get("entity_id")
    if not any(_is_of(step, name) for step in steps):
        notes.add("no_such_action", entity_id=name)
        return steps
    return [
        _rewritten(step, fields, facts, notes) if _is_of(step, name) else step
        for step in steps
    ]


def _rewritten(
    step: Step, fields: dict[str, Plain], facts: HomeFacts, notes: Notes
) -> Step:
    action, values = step.action, step.values
    if "new_entity_id" in fields:
        target = acted_on(fields["new_entity_id"], facts, notes)
        if target is None:
            return step
        # What is not a setting of the new entity's domain stays behind.
        names = {one.name for one in ATTRIBUTES.get(domain_of(target), ())}
        values = tuple(pair for pair in values if pair[0] in names)
        mark = ATTRIBUTE_MARK if action.attribute else ""
        action = Action(f"{target}{mark}{action.attribute}", action.state)
    if "state" in fields:
        state = text(fields["state"], "state", notes)
        action = Action(action.target, state or action.state)
    if "values" in fields:
        read = _values(action.target, fields["values"], notes)
        own = dict(read).get(action.attribute)
        if action.attribute and own is not None:
            attribute = attribute_of(action.entity_id)
            step_of = attribute.step if attribute else 0.0
            state = own if isinstance(own, str) else text_of(own, step_of)
            action = Action(action.entity_id, state)
        else:
            values = tuple(sorted({**dict(values), **dict(read)}.items()))
    delay_s = step.delay_s
    if "delay" in fields:
        found = seconds(fields["delay"], "delay", notes)
        delay_s = delay_s if found is None else found
    return Step(action, values, delay_s)


def _added(item: Plain, facts: HomeFacts, notes: Notes) -> Step | None:
    fields = section(item, ADDED, "actions.add", notes)
    target = acted_on(fields.get("entity_id"), facts, notes)
    state = text(fields.get("state"), "state", notes)
    delay_s = seconds(fields.get("delay", 0), "delay", notes)
    if target is None or state is None or delay_s is None:
        return None
    values = _values(target, fields.get("values", {}), notes)
    return Step(Action(target, state), values, delay_s)


def _values(target: str, value: Plain, notes: Notes) -> Values:
    known = {one.name: one for one in ATTRIBUTES.get(domain_of(target), ())}
    found: dict[str, float | str] = {}
    for name, wanted in section(value, frozenset(known), "values", notes).items():
        read: float | str | None
        if known[name].is_number:
            read = number(wanted, name, notes)
        else:
            read = text(wanted, name, notes)
        if read is not None:
            found[name] = read if isinstance(read, str) else plain(read)
    return tuple(sorted(found.items()))


def acted_on(value: Plain, facts: HomeFacts, notes: Notes) -> str | None:
    """Return the id of an entity that the home has."""
    entity_id = text(value, "entity_id", notes)
    if entity_id is None or entity_id in facts.entities:
        return entity_id
    notes.add("unknown_entity", entity_id=entity_id)
    return None


def _is_of(step: Step, name: Plain) -> bool:
    """Return whether a step is about an entity, or about the setting that is named."""
    return name in (step.action.target, step.action.entity_id)
