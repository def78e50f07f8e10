"""The trigger of a rule, changed."""

from dataclasses import replace
from typing import Final

from ..facts import HomeFacts
from ..rules import (
    DERIVED,
    NumericTrigger,
    Rule,
    Side,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
)
from .problems import Notes
from .reading import (
    Plain,
    minute,
    number,
    offset_min,
    seconds,
    section,
    text,
    weekdays,
)

FIELDS: Final = {
    TimeTrigger: frozenset({"at", "weekdays"}),
    SunTrigger: frozenset({"event", "offset", "weekdays"}),
    StateTrigger: frozenset({"entity_id", "to", "for", "quiet"}),
    NumericTrigger: frozenset({"entity_id", "above", "below", "for"}),
}
"""Kind of a trigger to the fields that a change of it may have."""
TELLING: Final = {
    "at": TimeTrigger,
    "event": SunTrigger,
    "offset": SunTrigger,
    "to": StateTrigger,
    "quiet": StateTrigger,
    "above": NumericTrigger,
    "below": NumericTrigger,
}
"""Field to the one kind of trigger that has it."""
CLOCK_WINDOW_S: Final = 900
REACTION_WINDOW_S: Final = 300
"""How a rule is judged whose trigger is of another kind than that which was found."""
_ALL: Final = frozenset[str]().union(*FIELDS.values())


def with_trigger(rule: Rule, change: Plain, facts: HomeFacts, notes: Notes) -> Rule:
    """Return a rule with another trigger; fields that are not named stay.

    A field that only another kind of trigger has makes it one of that kind.
    """
    fields = section(change, _ALL, "trigger", notes)
    kinds = {TELLING[name] for name in fields if name in TELLING}
    if len(kinds) > 1:
        notes.add("mixed_trigger", fields=", ".join(sorted(fields)))
        return rule
    kind = next(iter(kinds), type(rule.trigger))
    for name in sorted(fields.keys() - FIELDS[kind]):
        notes.add("field_of_other_trigger", field=name)
    trigger: Trigger | None
    before: Trigger | None = rule.trigger if isinstance(rule.trigger, kind) else None
    if kind is TimeTrigger:
        trigger = _time(before or _days_only(rule.trigger), fields, notes)
    elif kind is SunTrigger:
        trigger = _sun(before or _days_only(rule.trigger), fields, facts, notes)
    elif kind is StateTrigger:
        trigger = _state(before, fields, facts, notes)
    else:
        trigger = _numeric(before, fields, facts, notes)
    if trigger is None:
        return rule
    if before is not None:
        return replace(rule, trigger=trigger)
    clock = isinstance(trigger, TimeTrigger | SunTrigger)
    window_s = CLOCK_WINDOW_S if clock else REACTION_WINDOW_S
    return replace(rule, trigger=trigger, window_s=window_s)


def _days_only(trigger: Trigger) -> Trigger:
    """Return what a trigger of the clock takes over from one of another kind."""
    if isinstance(trigger, TimeTrigger | SunTrigger):
        return TimeTrigger(0, trigger.weekdays)
    return TimeTrigger(0)


def _on(before: Trigger, fields: dict[str, Plain], notes: Notes) -> tuple[int, ...]:
    """Return the days of the week of a trigger of the clock."""
    assert isinstance(before, TimeTrigger | SunTrigger)  # noqa: S101 - its caller's word
    if "weekdays" not in fields:
        return before.weekdays
    return weekdays(fields["weekdays"], notes) or before.weekdays


def _time(
    before: Trigger, fields: dict[str, Plain], notes: Notes
) -> TimeTrigger | None:
    days = _on(before, fields, notes)
    if "at" in fields:
        at = minute(fields["at"], "at", notes)
    else:
        at = before.minute if isinstance(before, TimeTrigger) else None
    return None if at is None else TimeTrigger(at, days)


def _sun(
    before: Trigger, fields: dict[str, Plain], facts: HomeFacts, notes: Notes
) -> SunTrigger | None:
    days = _on(before, fields, notes)
    if facts.latitude is None or facts.longitude is None:
        notes.add("no_place")
    event = before.event if isinstance(before, SunTrigger) else None
    offset: int | None = before.offset_min if isinstance(before, SunTrigger) else 0
    if "event" in fields:
        if fields["event"] in tuple(SunEvent):
            event = SunEvent(fields["event"])
        else:
            notes.add("no_sun_event", value=fields["event"])
    elif event is None:
        notes.add("missing_field", field="event")
    if "offset" in fields:
        offset = offset_min(fields["offset"], notes)
    return None if event is None or offset is None else SunTrigger(event, offset, days)


def _state(
    before: Trigger | None, fields: dict[str, Plain], facts: HomeFacts, notes: Notes
) -> StateTrigger | None:
    known = before if isinstance(before, StateTrigger) else None
    entity_id = known.entity_id if known else None
    if "entity_id" in fields or known is None:
        entity_id = watched(fields.get("entity_id"), facts, notes)
    to = known.state if known else None
    if "to" in fields or known is None:
        to = text(fields.get("to"), "to", notes)
    for_s = _stay("for", known.for_s if known else 0, fields, notes)
    quiet_s = _stay("quiet", known.quiet_s if known else 0, fields, notes)
    if entity_id is None or to is None:
        return None
    if entity_id not in DERIVED and facts.of(entity_id).is_numeric:
        notes.add("measures", entity_id=entity_id)
    return StateTrigger(entity_id, to, for_s, quiet_s)


def _numeric(
    before: Trigger | None, fields: dict[str, Plain], facts: HomeFacts, notes: Notes
) -> NumericTrigger | None:
    known = before if isinstance(before, NumericTrigger) else None
    entity_id = known.entity_id if known else None
    if "entity_id" in fields or known is None:
        entity_id = measured(fields.get("entity_id"), facts, notes)
    bound = threshold(fields, notes)
    if bound is None and known is not None and not fields.keys() & {"above", "below"}:
        bound = known.side, known.threshold
    for_s = _stay("for", known.for_s if known else 0, fields, notes)
    if entity_id is None or bound is None:
        return None
    return NumericTrigger(entity_id, *bound, for_s)


def _stay(name: str, before: int, fields: dict[str, Plain], notes: Notes) -> int:
    if name not in fields:
        return before
    found = seconds(fields[name], name, notes)
    return before if found is None else found


def threshold(fields: dict[str, Plain], notes: Notes) -> tuple[Side, float] | None:
    """Return the one bound that fields name, None where they name none or both."""
    named = [side for side in Side if side.value in fields]
    if len(named) != 1:
        if named:
            notes.add("two_bounds")
        return None
    [side] = named
    value = number(fields[side.value], side.value, notes)
    return None if value is None else (side, value)


def watched(value: Plain, facts: HomeFacts, notes: Notes) -> str | None:
    """Return the id of an entity that the home has, or that every home has."""
    entity_id = text(value, "entity_id", notes)
    if entity_id is None or entity_id in DERIVED or entity_id in facts.entities:
        return entity_id
    notes.add("unknown_entity", entity_id=entity_id)
    return None


def measured(value: Plain, facts: HomeFacts, notes: Notes) -> str | None:
    """Return the id of a sensor that measures."""
    entity_id = watched(value, facts, notes)
    if entity_id is None or facts.of(entity_id).is_numeric:
        return entity_id
    notes.add("measures_nothing", entity_id=entity_id)
    return None
