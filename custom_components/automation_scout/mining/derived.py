"""Timelines that no entity of the log has: who is home at all, and daylight."""

from typing import TYPE_CHECKING

import numpy as np

from .events import Ints
from .sun import horizon_changes

if TYPE_CHECKING:
    from .history import History


def presence(history: History) -> tuple[Ints, list[str]]:
    """Return when the home becomes empty ("0") or not ("occupied"), and which."""
    t, number, count = people_home(history, outages=False)
    if not len(t):
        return t, []
    occupied = number > 0
    changed = np.diff(occupied.astype(np.int8), prepend=int(count > 0)) != 0
    states = ["occupied" if here else "0" for here in occupied[changed]]
    return t[changed], states


def people_home(history: History, *, outages: bool) -> tuple[Ints, Ints, int]:
    """Return when somebody comes or goes, how many are home then, and were before.

    Before a person's first report they were where that report says they no longer are.
    What is not known of a person (an outage) leaves them where they were; with
    `outages` they are away then, as Home Assistant counts them.
    """
    home = history.state_code("home")
    t: list[Ints] = []
    change: list[Ints] = []
    count = 0
    for person in history.persons:
        timeline = history.timeline(person)
        known = outages | ~history.unavailable[timeline.state]
        at_home = (timeline.state[known] == home).astype(np.int64)
        if not len(at_home):
            continue
        count += 1 - int(at_home[0])
        t.append(timeline.t[known])
        change.append(np.diff(at_home, prepend=1 - at_home[0]))
    if not t:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), 0
    when = np.concatenate(t)
    order = np.argsort(when, kind="stable")
    return when[order], count + np.cumsum(np.concatenate(change)[order]), count


def sunlight(history: History) -> tuple[Ints, list[str]]:
    """Return when the sun crosses the horizon, and what `sun.sun` then says."""
    facts = history.facts
    start, end = history.span
    t, up = horizon_changes(start, end, facts.latitude, facts.longitude)
    return t, ["above_horizon" if is_up else "below_horizon" for is_up in up]
