"""When a rule acts, in words: its trigger and its conditions."""

from typing import Final

from ..mining.facts import EntityFacts, HomeFacts
from ..mining.rules import (
    ALL_DAYS,
    WEEKDAYS,
    WEEKEND,
    Condition,
    NumericCondition,
    NumericTrigger,
    Rule,
    StateCondition,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
    WeekdayCondition,
    WindowCondition,
)
from .catalogue import Catalogue
from .measures import clock, duration, measure, name_of, state_of, subject

_LASTING: Final = "count_lasting"


def days_of(weekdays: tuple[int, ...], catalogue: Catalogue) -> str:
    """Return a set of weekdays (Monday is 0) in words."""
    named = {ALL_DAYS: "all", WEEKDAYS: "weekdays", WEEKEND: "weekend"}
    if weekdays in named:
        return catalogue.fill("days", named[weekdays])
    left_out = [day for day in ALL_DAYS if day not in weekdays]
    if len(left_out) == 1:
        day = str(catalogue.texts["weekday_left_out"][left_out[0]])
        return catalogue.fill("days", "except", days=day)
    names = [str(catalogue.texts["weekday"][day]) for day in weekdays]
    return catalogue.fill("days", "some", days=catalogue.enumerate(names))


def when_of(rule: Rule, facts: HomeFacts, catalogue: Catalogue) -> str:
    """Return when a rule acts: "when X opens between 18:00 and 23:00 if it is dark"."""
    trigger, conditions = rule.trigger, rule.conditions
    match trigger:
        case TimeTrigger() | SunTrigger():
            weekdays, conditions = _days(trigger.weekdays, conditions)
            when = _due(trigger, days_of(weekdays, catalogue), catalogue)
        case StateTrigger():
            when = _edge(trigger, facts, catalogue)
        case NumericTrigger():
            when = _level(trigger, facts, catalogue)
    for part in conditions:
        when = _always(part, when, catalogue)
    clauses = [
        words
        for part in conditions
        if (words := _clause(part, facts, catalogue)) is not None
    ]
    if not clauses:
        return when
    joined = catalogue.enumerate(clauses, "list_clauses")
    return catalogue.fill("condition", "if", when=when, clauses=joined)


def is_clause(rule: Rule, *, whole: bool) -> bool:
    """Return whether when a rule acts is said in a clause ("when X opens").

    Some languages part a clause from what is around it with a comma, and a time never.

    Args:
        rule: what is put into words.
        whole: a clause at the end counts too ("at 07:00 if it is dark").
    """
    last = whole and any(
        isinstance(part, StateCondition | NumericCondition) for part in rule.conditions
    )
    return last or isinstance(rule.trigger, StateTrigger | NumericTrigger)


def _days(
    weekdays: tuple[int, ...], conditions: tuple[Condition, ...]
) -> tuple[tuple[int, ...], tuple[Condition, ...]]:
    """Return the days of a trigger and of its conditions as one set, and the rest."""
    rest = []
    for part in conditions:
        common = isinstance(part, WeekdayCondition) and tuple(
            day for day in weekdays if day in part.weekdays
        )
        if common:
            weekdays = common
        else:
            rest.append(part)
    return weekdays, tuple(rest)


def _due(trigger: TimeTrigger | SunTrigger, days: str, catalogue: Catalogue) -> str:
    match trigger:
        case TimeTrigger(minute):
            return catalogue.fill("time", time=clock(minute, catalogue), days=days)
        case SunTrigger(event, offset):
            form = "before" if offset < 0 else "after" if offset else "at"
            time = duration(60 * abs(offset), catalogue)
            return catalogue.fill("sun", event.value, form, time=time, days=days)


def _edge(trigger: StateTrigger, facts: HomeFacts, catalogue: Catalogue) -> str:
    family = "stay" if trigger.for_s else "cue"
    cue = _said(family, trigger.entity_id, trigger.state, facts, catalogue).format(
        name=name_of(trigger.entity_id, facts),
        state=state_of(trigger.state, catalogue),
        time=duration(trigger.for_s, catalogue, _LASTING),
    )
    if not trigger.quiet_s:
        return catalogue.fill("edge", cue=cue)
    quiet = duration(trigger.quiet_s, catalogue)
    return catalogue.fill("quiet", cue=cue, time=quiet)


def _level(trigger: NumericTrigger, facts: HomeFacts, catalogue: Catalogue) -> str:
    entity = facts.of(trigger.entity_id)
    form = f"stays_{trigger.side}" if trigger.for_s else trigger.side.value
    return catalogue.fill(
        "level",
        form,
        subject=subject(entity, facts, catalogue),
        value=measure(trigger.threshold, entity.unit, catalogue),
        time=duration(trigger.for_s, catalogue, _LASTING),
    )


def _always(condition: Condition, when: str, catalogue: Catalogue) -> str:
    """Return when a rule acts with a condition on the time added, if it is one."""
    match condition:
        case WeekdayCondition(weekdays):
            days = days_of(weekdays, catalogue)
            return catalogue.fill("condition", "on", when=when, days=days)
        case WindowCondition(start, end):
            return catalogue.fill(
                "condition",
                "between",
                when=when,
                start=clock(start, catalogue),
                end=clock(end, catalogue),
            )
        case StateCondition() | NumericCondition():
            return when


def _clause(condition: Condition, facts: HomeFacts, catalogue: Catalogue) -> str | None:
    """Return a condition on the home, None where it is on the time."""
    match condition:
        case StateCondition(entity_id, state):
            return _said("while", entity_id, state, facts, catalogue).format(
                name=name_of(entity_id, facts), state=state_of(state, catalogue)
            )
        case NumericCondition(entity_id, side, threshold):
            entity = facts.of(entity_id)
            return catalogue.fill(
                "condition",
                side.value,
                subject=subject(entity, facts, catalogue),
                value=measure(threshold, entity.unit, catalogue),
            )
        case WeekdayCondition() | WindowCondition():
            return None


def _said(
    family: str, entity_id: str, state: str, facts: HomeFacts, catalogue: Catalogue
) -> str:
    return catalogue.phrase(family, _kinds(facts.of(entity_id)), state)


def _kinds(entity: EntityFacts) -> tuple[str, str]:
    return f"{entity.domain}.{entity.device_class}", entity.domain
