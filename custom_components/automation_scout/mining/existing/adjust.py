"""Automations at a time at which people do not want it, by what they do instead."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from ..acts import Acts
from ..events import Ints
from ..facts import ExistingAutomation
from ..history import History
from ..localtime import MINUTE_MS, weekday_of
from ..origin import AUTOMATED, HUMAN
from ..result import Proven
from ..rules import Kind, Rule, TimeTrigger, minutes_apart

NEAREST_MIN: Final = 20
"""A time that is nearer is the same time."""
FARTHEST_MIN: Final = 180
"""A time that is farther is another matter."""
UNDONE_MS: Final = 60 * MINUTE_MS
"""A person takes back what the automation did within this time."""
EARLY_MS: Final = MINUTE_MS
LATE_MS: Final = 5 * MINUTE_MS
"""An automation acts about then, as the log has it."""
LEAST_DAYS: Final = 5
LEAST_SHARE: Final = 0.5
"""Days on which people corrected it, of those on which it was due lately."""
RECENT_DAYS: Final = 28
SAME_DAYS: Final = 5 / 7
"""Share of common days of the week, from which one can take the other's place."""


def adjusted(history: History, proven: Proven) -> Proven:
    """Return a clock habit as what corrects an automation, where it does.

    What was proven stays as it is: it is the automation at the time that people keep.
    """
    for automation in history.facts.automations:
        if corrects(history, proven.rule, automation):
            about = automation.entity_id
            rule = replace(proven.rule, special=Kind.ADJUST, replaces=about)
            return replace(proven, rule=rule)
    return proven


def corrects(history: History, rule: Rule, automation: ExistingAutomation) -> bool:
    """Return whether people keep doing by a rule's time what an automation does at its.

    Before the automation would: by hand, on most of its days. After it: they undo what
    it did, on most of its days.
    """
    if not automation.enabled or rule.more or rule.special is not None:
        return False
    if (rule.action.entity_id, rule.action.state) not in automation.targets:
        return False
    return any(
        _overridden(history, rule, due, earlier=is_earlier)
        for due, is_earlier in _due(history, rule, automation)
    )


def _due(
    history: History, rule: Rule, automation: ExistingAutomation
) -> Iterator[tuple[Ints, bool]]:
    """Yield recent instants of an automation's times, and if the rule's is earlier."""
    wanted = rule.trigger
    if not isinstance(wanted, TimeTrigger):
        return
    act = (rule.action.entity_id, rule.action.state)
    times = [
        (trigger, set(trigger.weekdays) & set(branch.weekdays))
        for branch in automation.ways
        if act in branch.targets and not branch.through
        for trigger in branch.triggers
        if isinstance(trigger, TimeTrigger)
    ]
    for trigger, theirs in times:
        apart = minutes_apart(trigger.minute, wanted.minute)
        mine = set(wanted.weekdays)
        common, either = mine & theirs, mine | theirs
        is_alike = len(common) >= SAME_DAYS * len(either)
        if is_alike and NEAREST_MIN <= apart <= FARTHEST_MIN:
            days = history.days[-RECENT_DAYS:]
            days = days[np.isin(weekday_of(days), sorted(common))]
            is_earlier = (trigger.minute - wanted.minute) % 1440 == apart
            yield history.clock.instants(days, trigger.minute), is_earlier


def _overridden(history: History, rule: Rule, due: Ints, *, earlier: bool) -> bool:
    acts = history.acts.get(rule.action)
    if acts is None or len(due) < LEAST_DAYS:
        return False
    corrected = _before(acts, due) if earlier else _undone(history, rule, due)
    return corrected >= max(LEAST_DAYS, LEAST_SHARE * len(due))


def _before(acts: Acts, due: Ints) -> int:
    """Return before how many instants people did it themselves."""
    low = np.searchsorted(acts.t, due - FARTHEST_MIN * MINUTE_MS)
    high = np.searchsorted(acts.t, due - EARLY_MS)
    return int(np.count_nonzero(high > low))


def _undone(history: History, rule: Rule, due: Ints) -> int:
    """Return after how many instants people took back what an automation did."""
    log, action = history.log, rule.action
    rows = history.rows_of(action.entity_id)
    t, goal = log.t[rows], log.state[rows] == history.state_code(action.state)
    done = t[goal & np.isin(log.origin[rows], AUTOMATED)]
    by_hand = np.isin(log.origin[rows], HUMAN) & ~history.excluded[log.actor[rows]]
    away = t[~goal & by_hand]
    first = np.searchsorted(done, due - EARLY_MS)
    ran = np.append(done, np.iinfo(np.int64).max)[first]
    acted = ran <= due + LATE_MS
    low = np.searchsorted(away, ran[acted], side="right")
    high = np.searchsorted(away, ran[acted] + UNDONE_MS, side="right")
    return int(np.count_nonzero(high > low))
