"""What the log shows automations doing at the occasions of a rule."""

import numpy as np

from .events import Ints
from .history import History
from .origin import AUTOMATED
from .replay import due_times
from .rules import Rule, StateTrigger, TimeTrigger

RECENT_DAYS = 14
"""An automation that is new has taken over within the last days, if at all."""


def seen_automated(history: History, rule: Rule) -> tuple[float, frozenset[str]]:
    """Return at which share of recent occasions something automated acted, and what.

    Occasions are all instants at which the rule's trigger occurs, also those at which
    the target was already as wanted: that may be the automation's doing.
    """
    rows = history.rows_of(rule.action.entity_id)
    log = history.log
    done = rows[
        (log.state[rows] == history.state_code(rule.action.state))
        & np.isin(log.origin[rows], AUTOMATED)
    ]
    occasions, before_s = _occasions(history, rule)
    if not len(done) or not len(occasions):
        return 0.0, frozenset()
    t = log.t[done]
    low = np.searchsorted(t, occasions - before_s * 1000, side="left")
    high = np.searchsorted(t, occasions + rule.window_s * 1000, side="right")
    near = [done[i] for a, b in zip(low, high, strict=True) for i in range(a, b)]
    actors = {log.actors[log.actor[row]] for row in near}
    return float(np.mean(high > low)), frozenset(actors - {""})


def _occasions(history: History, rule: Rule) -> tuple[Ints, int]:
    """Return recent instants of the trigger, and how long before one an act counts."""
    match rule.trigger:
        case TimeTrigger():
            days, due = due_times(history, rule.trigger, rule.window_s)
            return due[np.isin(days, history.days[-RECENT_DAYS:])], rule.window_s
        case StateTrigger(entity_id, state):
            code = history.edge_index.find(entity_id, state)
            if code is None:
                return np.zeros(0, np.int64), 0
            days = history.edge_index.days_of(code)
            recent = np.isin(days, history.days[-RECENT_DAYS:])
            return history.edge_index.of(code)[recent], 0
