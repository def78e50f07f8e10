"""What the log shows automations doing at the occasions of a rule."""

import numpy as np

from .events import Ints
from .history import History
from .holding import all_hold
from .occasions import occasions
from .origin import AUTOMATED
from .replay import due_times
from .rules import Action, NumericTrigger, Rule, StateTrigger, SunTrigger, TimeTrigger

RECENT_DAYS = 14
"""An automation that is new has taken over within the last days, if at all."""


def seen_automated(history: History, rule: Rule) -> tuple[float, frozenset[str]]:
    """Return at which share of recent occasions something automated acted, and what.

    Occasions are all instants at which the rule's trigger occurs and its conditions
    hold, also those at which the target was already as wanted: that may be the
    automation's doing. Of several actions the one that is automated least decides.
    """
    due, before_s = _occasions(history, rule)
    low, high = due - before_s * 1000, due + rule.window_s * 1000
    seen = [_acted(history, action, low, high) for action in rule.actions]
    actors: frozenset[str] = frozenset().union(*(names for _, names in seen))
    return min(share for share, _ in seen), actors


def _acted(
    history: History, action: Action, low: Ints, high: Ints
) -> tuple[float, frozenset[str]]:
    """Return in which share of the spans [low, high] it was done by no person, by what.

    A user that is excluded is a machine, and so is what acts to the second.
    """
    log = history.log
    rows = history.rows_of(action.entity_id)
    rows = rows[log.state[rows] == history.state_code(action.state)]
    by_machine = np.isin(log.origin[rows], AUTOMATED)
    by_machine |= history.excluded[log.actor[rows]] | history.machines.rows[rows]
    done = rows[by_machine]
    if not len(done) or not len(low):
        return 0.0, frozenset()
    first = np.searchsorted(log.t[done], low, side="left")
    last = np.searchsorted(log.t[done], high, side="right")
    near = [done[i] for a, b in zip(first, last, strict=True) for i in range(a, b)]
    actors = {
        log.actors[code] for code in log.actor[near] if not history.excluded[code]
    }
    return float(np.mean(last > first)), frozenset(actors - {""})


def _occasions(history: History, rule: Rule) -> tuple[Ints, int]:
    """Return recent instants of the trigger, and how long before one an act counts."""
    match rule.trigger:
        case TimeTrigger() | SunTrigger() as trigger:
            days, due = due_times(history, trigger, rule.window_s)
            before_s = rule.window_s
        case StateTrigger() | NumericTrigger() as trigger:
            due, days = occasions(history, trigger)
            # Another automation may wait for less.
            before_s = trigger.for_s
    recent = np.isin(days, history.days[-RECENT_DAYS:])
    recent &= all_hold(history, rule.conditions, due)
    return due[recent], before_s
