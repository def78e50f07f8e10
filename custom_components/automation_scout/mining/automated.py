"""What the log shows automations doing at the occasions of a rule."""

import numpy as np

from .events import Ints
from .history import History
from .holding import all_hold
from .occasions import occasions
from .origin import AUTOMATED
from .replay import due_times
from .rules import Rule, SunTrigger, TimeTrigger

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
    trigger = rule.trigger
    if isinstance(trigger, TimeTrigger | SunTrigger):
        days, due = due_times(history, trigger, rule.window_s)
        before_s = rule.window_s
    else:
        due, days = occasions(history, trigger)
        before_s = 0
    recent = np.isin(days, history.days[-RECENT_DAYS:])
    recent &= all_hold(history, rule.conditions, due)
    return due[recent], before_s
