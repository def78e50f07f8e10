"""Replays a routine: its parts by the one engine, and what they make of each firing."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .events import Ints
from .history import History
from .replay import Replay, refractory, replay
from .rules import Action, Rule


def play(history: History, rule: Rule) -> Replay:
    """Return what any rule would have done, whether it is one act or a routine."""
    return play_routine(history, rule) if rule.more else replay(history, rule)


def play_routine(history: History, rule: Rule) -> Replay:
    """Return what a routine would have done on the days that the home was lived in.

    Its occasions are those of its parts, taken together within the window. At each of
    them some of its actions could act; it is a hit when people did at least half of
    these. What is explained are acts of the main action.
    """
    parts = [replay(history, part_of(rule, action)) for action in rule.actions]
    return together(parts, rule.window_s)


def part_of(rule: Rule, action: Action) -> Rule:
    """Return a routine as if one of its actions were all of it."""
    return replace(rule, action=action, values=(), more=())


def together(parts: Sequence[Replay], window_s: int) -> Replay:
    """Return the replay of a routine from those of its parts, the main one first."""
    fired = np.concatenate([part.fired for part in parts])
    day = np.concatenate([part.day for part in parts])
    hit = np.concatenate([part.hit for part in parts])
    order = np.argsort(fired, kind="stable")
    fired, day, hit = fired[order], day[order], hit[order]
    first: Ints = refractory(fired, window_s * 1000)
    # A part fires at most once in a window, so each firing counts an action once.
    group = np.searchsorted(fired[first], fired, side="right") - 1
    could = np.bincount(group, minlength=len(first))
    done = np.bincount(group[hit], minlength=len(first))
    most = (done > 0) & (2 * done >= could)
    return Replay(fired[first], day[first], most, parts[0].explained)
