"""Spells: how long things are left as they are before a person acts.

Right after a lamp is lit its room is brighter and its socket draws power. Whoever turns
it off soon does so for the reason that lit it, and not because a sensor noticed. So
soon after the target's own change, chance is what people do at that age of the spell.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ..events import Floats, Ints
from ..history import History
from ..localtime import MINUTE_MS
from ..rules import Action

SOON_MS: Final = 30 * MINUTE_MS
"""So long after the target changed, what changes may be its effect."""


@dataclass(frozen=True, slots=True, eq=False)
class Spells:
    """Stretches of time in which an action was possible."""

    length: Ints
    """int64[s], ms, ascending."""
    ended: Ints
    """int64[e], ms, ascending: lengths of those that a person ended by the action."""

    @classmethod
    def of(cls, history: History, action: Action) -> Spells:
        """Measure all spells whose beginning the log holds."""
        timeline = history.timeline(action.entity_id)
        ready = timeline.state != history.state_code(action.state)
        ready &= ~history.unavailable[timeline.state]
        begins = ready & ~np.concatenate(([False], ready[:-1]))
        ends = ready & ~np.concatenate((ready[1:], [False]))
        until = np.append(timeline.t[1:], history.span[1])[ends]
        length = until - timeline.t[begins]
        by_hand = np.isin(until, history.acts[action].t)
        return cls(np.sort(length), np.sort(length[by_hand]))

    def chance(self, age: Ints, window_s: int) -> Floats:
        """Return the share of spells that reached an age which end soon by a person."""
        alive = len(self.length) - np.searchsorted(self.length, age, side="right")
        low = np.searchsorted(self.ended, age, side="right")
        high = np.searchsorted(self.ended, age + window_s * 1000, side="right")
        share: Floats = (high - low) / np.maximum(alive, 1)
        return share
