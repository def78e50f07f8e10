"""An automation that is there as a rule, where it is simple enough to be one."""

from collections.abc import Mapping
from dataclasses import replace

from ..attributes import attribute_of
from ..facts import ExistingAutomation
from ..refining.trigger import CLOCK_WINDOW_S, REACTION_WINDOW_S
from ..rules import (
    ATTRIBUTE_MARK,
    Action,
    Rule,
    StateTrigger,
    Step,
    SunTrigger,
    TimeTrigger,
    Values,
)
from ..services import service_for


def rule_of(
    automation: ExistingAutomation, installed: Mapping[str, Rule]
) -> Rule | None:
    """Return what an automation does as a rule, None where it is not that simple.

    Of what was made from a rule that rule is known. Of another it takes one trigger,
    one state of each thing, and nothing else: a rule in its place must not lose what
    could not be read.
    """
    made_from = installed.get(automation.entity_id)
    if made_from is not None:
        return replace(made_from, special=None, replaces="", since=0)
    if len(automation.triggers) != 1 or not automation.is_whole:
        return None
    [trigger] = automation.triggers
    clock = isinstance(trigger, TimeTrigger | SunTrigger)
    if isinstance(trigger, TimeTrigger | SunTrigger):
        common = tuple(d for d in trigger.weekdays if d in automation.weekdays)
        if not common:
            return None
        trigger = replace(trigger, weekdays=common)
    elif isinstance(trigger, StateTrigger) and not trigger.state:
        return None
    steps = _steps(automation)
    if not steps:
        return None
    main, *more = steps
    window_s = CLOCK_WINDOW_S if clock else REACTION_WINDOW_S
    return Rule(trigger, main.action, window_s, values=main.values, more=tuple(more))


def _steps(automation: ExistingAutomation) -> list[Step]:
    """Return what it does to each thing, none where it does two things to one."""
    states: dict[str, str] = {}
    values: dict[str, Values] = {}
    for entity_id, state in sorted(automation.targets):
        base, mark, name = entity_id.partition(ATTRIBUTE_MARK)
        if mark:
            attribute = attribute_of(entity_id)
            number = attribute is not None and attribute.is_number
            value = float(state) if number else state
            values[base] = (*values.get(base, ()), (name, value))
        elif states.setdefault(base, state) != state:
            return []
    if not states or values.keys() - states.keys():
        return []
    steps = [
        Step(Action(entity_id, state), values.get(entity_id, ()))
        for entity_id, state in states.items()
    ]
    return steps if all(service_for(step.action) for step in steps) else []
