"""What the log shows automations doing at the occasions of a rule."""

from typing import Final

import numpy as np

from .events import Ints
from .facts import domain_of
from .history import History
from .holding import all_hold
from .occasions import occasions
from .origin import AUTOMATED, ECHO_MS, Origin
from .replay import due_times, replay
from .rules import Action, NumericTrigger, Rule, StateTrigger, SunTrigger, TimeTrigger

RECENT_DAYS = 14
"""An automation that is new has taken over within the last days, if at all."""

POLL_MS: Final = 60_000
"""Devices are asked for their state this often, or oftener."""
REPORTING: Final = frozenset(
    {"apparent_power", "connectivity", "current", "energy", "plug", "power"}
)
"""Device classes of sensors that tell whether a device is on."""
LINKED: Final = 0.8
"""Share of the acts that come as long after the trigger to the second, from which a
device does it by itself."""


def is_linked(history: History, rule: Rule) -> bool:
    """Return whether a bridge or a bound device does what looks like a reaction.

    Of a device's acts it is not known who did them; but nobody takes the same time
    after a sensor, or after its stay, within two seconds nearly each time.
    """
    if rule.action not in history.acts or isinstance(
        rule.trigger, TimeTrigger | SunTrigger
    ):
        return False
    played, acts = replay(history, rule), history.acts[rule.action]
    lag = acts.t[played.explained] - played.fired[played.hit]
    lag = np.sort(lag[acts.origin[played.explained] == Origin.PHYSICAL])
    within_ms = POLL_MS if _reports(history, rule) else ECHO_MS
    together = np.searchsorted(lag, lag + within_ms, side="right") - np.arange(len(lag))
    return len(lag) > 0 and bool(together.max() >= LINKED * played.hits)


def _reports(history: History, rule: Rule) -> bool:
    """Return whether the trigger may be the device's own doing, seen another way.

    A plug that measures, a network that knows who is on, the same player twice.
    """
    assert isinstance(rule.trigger, StateTrigger | NumericTrigger)  # noqa: S101 - so far
    source = history.facts.of(rule.trigger.entity_id)
    same_kind = source.domain == domain_of(rule.action.target) == "media_player"
    return same_kind or source.device_class in REPORTING


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
    # A program that acts as a user has no entity to be named by.
    return float(np.mean(last > first)), frozenset(
        name for name in actors if "." in name
    )


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
