"""Chance of an act without a habit, for detectors of reactions.

The greatest of what the hour of the day gives, what activity in the home gives, and,
soon after the target's own change, what people do at that age of the spell.
"""

from dataclasses import dataclass, field

import numpy as np

from ..events import Floats, Ints
from ..history import History
from ..localtime import DAY_MS
from ..rules import Action
from .crossings import HOUR_MS, hours_of
from .follows import Activity, Background
from .spells import SOON_MS, Spells


@dataclass(slots=True)
class Chances:
    """Chances of the acts of one home."""

    history: History
    _activity: Activity = field(init=False)
    _backgrounds: dict[Action, Background] = field(default_factory=dict)
    _spells: dict[Action, Spells] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Gather activity once for all actions."""
        self._activity = Activity(self.history)

    def by_hour(self, action: Action, fired: Ints, window_s: int) -> float:
        """Return the mean chance at the hours of some firings, while not yet so."""
        if action not in self._backgrounds:
            self._backgrounds[action] = Background(self.history, action)
        return self._backgrounds[action].mean(fired, window_s)

    def greatest(self, action: Action, own: Ints, fired: Ints, window_s: int) -> float:
        """Return the chance at some of a trigger's own occasions (both ms UTC)."""
        if action not in self._spells:
            self._spells[action] = Spells.of(self.history, action)
        age = fired - self.history.ready_since(action, fired)
        soon = (age > 0) & (age <= SOON_MS)
        of_age = self._spells[action].chance(age[soon], window_s)
        early = max(self.by_hour(action, fired[soon], window_s), _mean(of_age))
        late = self.by_hour(action, fired[~soon], window_s)
        share = float(soon.mean())
        return max(
            share * early + (1 - share) * late,
            self._activity.chance(action, own, window_s),
        )

    def anyway(self, action: Action, fired: Ints, window_s: int) -> float:
        """Return the mean chance at the hours of firings, whether possible or not.

        What follows when the last motion ends is most of what can follow at all; only
        against time as a whole does it stand out.
        """
        return chance_on(self.history, action, self.history.days, fired, window_s)


def chance_on(
    history: History, action: Action, days: Ints, fired: Ints, window_s: int
) -> float:
    """Return the mean chance of an act at the hours of firings, from some days alone.

    Whether or not it was possible. Each hour is shrunk towards the mean by one day.
    """
    acts = history.acts[action]
    per_hour = hours_of(acts.where(np.isin(acts.day, days)))
    share = (per_hour + per_hour.mean()) / (len(days) + 1) * window_s * 1000 / HOUR_MS
    hour = history.local(fired) % DAY_MS // HOUR_MS
    return _mean(np.minimum(share, 1.0)[hour])


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else 0.0
