"""Automations that set off others: one switches a helper, on which another acts."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from .facts import Branch, ExistingAutomation
from .rules import NumericTrigger, StateTrigger, SunTrigger, TimeTrigger, Trigger

DEEPEST: Final = 3
"""Automations behind an automation that are followed."""
ANY: Final = ""
DAY_MIN: Final = 1440
FARTHEST_MIN: Final = 360
DAYS: Final = 7

type Reactions = Mapping[str, list[tuple[str, StateTrigger, Branch]]]
"""Entity id to what reacts to it: automation, trigger, and what it does then."""


def with_chains(
    automations: tuple[ExistingAutomation, ...],
) -> tuple[ExistingAutomation, ...]:
    """Return automations with what those do as well that they set off.

    Of an automation that is turned off nothing is followed, nor is one followed twice.
    """
    reactions: dict[str, list[tuple[str, StateTrigger, Branch]]] = {}
    for automation in automations:
        if automation.enabled:
            for branch in automation.ways:
                for trigger in branch.triggers:
                    if isinstance(trigger, StateTrigger):
                        reactions.setdefault(trigger.entity_id, []).append(
                            (automation.entity_id, trigger, branch)
                        )
    found = []
    for automation in automations:
        further = tuple(
            follower
            for branch in automation.ways
            for follower in _followers(branch, reactions, (automation.entity_id,))
        )
        branches = (*automation.ways, *further) if further else automation.branches
        found.append(replace(automation, branches=branches))
    return tuple(found)


def _followers(
    branch: Branch, reactions: Reactions, passed: tuple[str, ...]
) -> Iterator[Branch]:
    if len(passed) > DEEPEST:
        return
    for entity_id, state in sorted(branch.targets):
        for name, trigger, then in reactions.get(entity_id, ()):
            if name in passed or trigger.state not in (state, ANY):
                continue
            moved = (later(one, trigger.for_s) for one in branch.triggers)
            follower = Branch(
                tuple(one for one in moved if one is not None),
                then.targets,
                branch.requirements + then.requirements,
                tuple(day for day in branch.weekdays if day in then.weekdays),
                name,
            )
            yield follower
            yield from _followers(follower, reactions, (*passed, name))


def later(trigger: Trigger, seconds: int) -> Trigger | None:
    """Return what comes so long after a trigger, None where it is no trigger at all."""
    minutes = round(seconds / 60)
    match trigger:
        case TimeTrigger(minute, weekdays):
            days, moved = divmod(minute + minutes, DAY_MIN)
            shifted = tuple(sorted((day + days) % DAYS for day in weekdays))
            return TimeTrigger(moved, shifted)
        case SunTrigger(event, offset, weekdays):
            far = abs(offset + minutes) > FARTHEST_MIN
            return None if far else SunTrigger(event, offset + minutes, weekdays)
        case StateTrigger() | NumericTrigger():
            return replace(trigger, for_s=trigger.for_s + seconds)
