"""What an automation does at which of its triggers, and under which conditions.

Followed from the triggers through conditions, choices, pauses and waits to each call.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..mining.chains import later
from ..mining.facts import Branch, Requirement
from ..mining.reach import Reach
from ..mining.rules import (
    Condition,
    NumericCondition,
    NumericTrigger,
    StateCondition,
    StateTrigger,
    TimeTrigger,
    Trigger,
    WindowCondition,
)
from ..mining.written.calls import GateKind, Way, calls
from ..mining.written.outcomes import outcomes
from ..mining.written.pieces import is_template, items, seconds_of
from .conditions import Asked, asked_of
from .triggers import ANY, OPPOSITES, is_polled, starts
from .view import View


@dataclass(frozen=True, slots=True)
class _Start:
    """One thing that sets off an automation."""

    id: str
    trigger: Trigger | None
    """None where it fires again and again, so that what is asked decides."""


@dataclass(frozen=True, slots=True)
class _Course:
    """How far an automation has come on the way to a call."""

    starts: tuple[_Start, ...]
    asked: Asked = field(default_factory=Asked)


def branches_of(view: View, config: Mapping[str, Any]) -> tuple[Branch, ...]:
    """Return everything that an automation does, by what sets it off."""
    root = _asking(
        _Course(tuple(_starts(view, config.get("triggers", config.get("trigger"))))),
        asked_of(view, config.get("conditions", config.get("condition"))),
    )
    found: dict[tuple[object, ...], Branch] = {}
    courses: dict[int, _Course] = {}
    ways: list[Way] = []
    for call in calls(config, view.reach):
        if id(call.way) not in courses:
            # Kept, so that no other way gets its id.
            ways.append(call.way)
            courses[id(call.way)] = _follow(view, root, call.way)
        effects = frozenset(outcomes(call))
        if effects:
            branch = _branch(courses[id(call.way)], effects)
            key = (branch.triggers, branch.requirements, branch.weekdays)
            known = found.get(key)
            targets = effects | known.targets if known else effects
            found[key] = replace(branch, targets=targets)
    return tuple(
        replace(branch, targets=with_groups(branch.targets, view.reach))
        for branch in found.values()
    )


def with_groups(
    targets: frozenset[tuple[str, str]], reach: Reach
) -> frozenset[tuple[str, str]]:
    """Return targets with the groups all of whose members are brought into a state."""
    wanted: dict[str, set[str]] = {}
    for entity_id, state in targets:
        wanted.setdefault(entity_id, set()).add(state)
    return targets | {
        (group, state)
        for group, members in reach.groups.items()
        if members and not wanted.keys().isdisjoint(members)
        for state in wanted.get(members[0], ())
        if all(state in wanted.get(member, ()) for member in members)
    }


def _starts(view: View, triggers: object) -> Iterator[_Start]:
    for number, trigger in enumerate(flat_triggers(triggers)):
        name = str(trigger.get("id", number))
        if is_polled(trigger):
            yield _Start(name, None)
        else:
            yield from (_Start(name, start) for start in starts(view, dict(trigger)))


def flat_triggers(triggers: object) -> Iterator[Mapping[str, Any]]:
    """Yield the triggers that are not switched off, those in lists of lists too."""
    for trigger in items(triggers):
        if isinstance(trigger, Mapping) and trigger.get("enabled") is not False:
            if "triggers" in trigger:
                yield from flat_triggers(trigger["triggers"])
            else:
                yield trigger


def _follow(view: View, course: _Course, way: Way) -> _Course:
    for gate in way:
        match gate.kind:
            case GateKind.HOLDS:
                course = _asking(course, asked_of(view, gate.config))
            case GateKind.FAILS:
                course = _asking(course, asked_of(view, gate.config).opposite())
            case GateKind.DELAY:
                course = _pausing(course, gate.config)
            case GateKind.WAIT:
                waited = tuple(_starts(view, gate.config))
                days = Asked(weekdays=course.asked.weekdays)
                course = _Course(waited, days)
    return course


def _asking(course: _Course, asked: Asked) -> _Course:
    """Return a course that goes on only where something holds."""
    left = tuple(
        start
        for start in course.starts
        if (asked.ids is None or start.id in asked.ids)
        and start.id not in asked.not_ids
    )
    return _Course(left, course.asked & asked)


def _pausing(course: _Course, delay: object) -> _Course:
    """Return a course that goes on later; when cannot be told of a template."""
    seconds = seconds_of(delay)
    if is_template(delay):
        return _Course((), course.asked)
    if seconds <= 0:
        return course
    delayed = tuple(
        _Start(start.id, moved)
        for start in course.starts
        for trigger in _begun(start, course.asked)
        if (moved := later(trigger, seconds)) is not None
    )
    return _Course(delayed, replace(course.asked, starts=()))


def _begun(start: _Start, asked: Asked) -> Iterable[Trigger]:
    return asked.starts if start.trigger is None else (start.trigger,)


def _branch(course: _Course, targets: frozenset[tuple[str, str]]) -> Branch:
    """Return what is done at the end of a course.

    A condition about the trigger's own entity, or on the clock at the trigger's own
    time, is decided here; what began a repeated question is no condition beside it.
    """
    asked = course.asked
    found: list[Trigger] = []
    dropped: set[Requirement] = set()
    for start in course.starts:
        for trigger in _begun(start, asked):
            decided = _decided(trigger, asked, is_polled=start.trigger is None)
            if decided is not None:
                found.append(decided[0])
                dropped |= decided[1]
    return Branch(
        tuple(sorted(set(found), key=repr)),
        targets,
        tuple(part for part in asked.requirements if part not in dropped),
        tuple(sorted(asked.weekdays)),
    )


def _decided(
    trigger: Trigger, asked: Asked, *, is_polled: bool
) -> tuple[Trigger, set[Requirement]] | None:
    """Return a trigger as conditions leave it, with those that it settles.

    None where they never hold when it fires.
    """
    settled: set[Requirement] = set()
    if isinstance(trigger, StateTrigger):
        entered = _entering(trigger, asked)
        if entered is None:
            return None
        trigger = entered
    for requirement in asked.requirements:
        answer = _answer(trigger, requirement)
        if answer is False and not is_polled:
            return None
        if answer is not None:
            settled.add(requirement)
        if answer is True and isinstance(trigger, StateTrigger):
            trigger = _named(trigger, requirement)
    return trigger, settled


def _entering(trigger: StateTrigger, asked: Asked) -> StateTrigger | None:
    """Return a trigger with the states that are let through, None where none is."""
    state = trigger.state
    if state == ANY:
        one = asked.entered or frozenset()
        left = {OPPOSITES[state] for state in asked.not_entered if state in OPPOSITES}
        states = one or left
        return replace(trigger, state=min(states)) if len(states) == 1 else trigger
    is_let_through = asked.entered is None or state in asked.entered
    return trigger if is_let_through and state not in asked.not_entered else None


def _answer(trigger: Trigger, requirement: Requirement) -> bool | None:
    """Return whether a requirement holds whenever a trigger fires, None if open."""
    answers = [_settles(trigger, part) for part in requirement.any_of]
    if True in answers:
        is_any = isinstance(trigger, StateTrigger) and trigger.state == ANY
        # Of any state, it may be another one as well.
        return None if is_any and not requirement.holds else requirement.holds
    return None if None in answers else not requirement.holds


def _settles(trigger: Trigger, part: Condition) -> bool | None:
    """Return whether a condition holds whenever a trigger fires, None if open."""
    match trigger, part:
        case StateTrigger(entity_id, state), StateCondition(other, wanted) if (
            entity_id == other
        ):
            return state in (wanted, ANY)
        case TimeTrigger(minute), WindowCondition(start, end):
            inside = start <= minute < end
            over = start > end and (minute >= start or minute < end)
            return inside or over
        case NumericTrigger(entity_id, side), NumericCondition(other, wanted_side) if (
            entity_id == other
        ):
            return side is wanted_side
    return None


def _named(trigger: StateTrigger, requirement: Requirement) -> StateTrigger:
    """Return a trigger of any state as that of the one state that is asked for."""
    match requirement.any_of:
        case (StateCondition(_, state),) if trigger.state == ANY and requirement.holds:
            return replace(trigger, state=state)
    return trigger
