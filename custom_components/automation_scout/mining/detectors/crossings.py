"""Crossings of a sensor's thresholds, counted for all thresholds and acts at once.

The cheap look that decides which pairs of a threshold and an action are tested exactly.
Columns stand for kinds of crossing: first upwards over each cut, then downwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ..acts import Acts
from ..events import Floats, Ints, Mask
from ..history import History, Numbers
from ..localtime import DAY_MS
from ..rules import Action

HOUR_MS: Final = 3_600_000
SAMPLED: Final = 48
"""Acts of one action that show whether the exact count is worth its time."""
GRID: Final = 4096
"""Instants at which the rest of the time is sampled."""


@dataclass(frozen=True, slots=True, eq=False)
class Crossings:
    """How often each cut of one sensor was crossed before each of its changes."""

    t: Ints
    """int64[n], ms UTC, of the rows that cross any cut."""
    before: npt.NDArray[np.int32]
    """int32[n + 1, 2 k], crossings of each kind in the first rows."""

    @classmethod
    def of(cls, numbers: Numbers, cuts: Floats) -> Crossings:
        """Count the crossings of k ascending cuts."""
        over = np.searchsorted(cuts, numbers.value, side="left")
        not_under = np.searchsorted(cuts, numbers.value, side="right")
        rows = 1 + np.flatnonzero(np.diff(over) | np.diff(not_under))
        cut = np.arange(len(cuts))
        crossed = np.hstack(
            [
                (over[rows - 1, None] <= cut) & (cut < over[rows, None]),
                (not_under[rows, None] <= cut) & (cut < not_under[rows - 1, None]),
            ]
        )
        before = np.zeros((len(rows) + 1, 2 * len(cuts)), np.int32)
        np.cumsum(crossed, axis=0, out=before[1:])
        return cls(numbers.t[rows], before)

    def precede(self, t: Ints, window_ms: int) -> Mask:
        """Return which kinds occur in [t - window, t), bool[len(t), 2 k]."""
        low = np.searchsorted(self.t, t - window_ms, side="left")
        high = np.searchsorted(self.t, t, side="left")
        occurs: Mask = self.before[high] != self.before[low]
        return occurs


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Some acts of each of a actions, and instants spread over the whole log."""

    t: Ints
    """int64[s], the acts by action, ms UTC."""
    starts: Ints
    """int64[a], where each action's acts begin."""
    size: Ints
    """int64[a], at least 1 each."""
    hours: Floats
    """float64[a, 24], the acts by hour of the day."""
    grid: Ints
    """int64[g], ms UTC, by hour of the day."""
    of_hour: Ints
    """int64[24], how many of them lie in each."""

    @classmethod
    def of(cls, history: History, actions: Sequence[Action]) -> Sample:
        """Take evenly spaced acts of each action; an action has at least one."""
        acts = [_some(history.acts[action]) for action in actions]
        size = np.array([len(part) for part in acts], np.int64)
        grid = np.linspace(*history.span, GRID).astype(np.int64)
        hour = history.local(grid) % DAY_MS // HOUR_MS
        return cls(
            np.concatenate([part.t for part in acts]),
            np.cumsum(size) - size,
            size,
            np.stack([hours_of(part) for part in acts]),
            grid[np.argsort(hour, kind="stable")],
            np.bincount(hour, minlength=24),
        )

    def hits(self, crossings: Crossings, window_ms: int) -> Ints:
        """Return how many of the acts each kind precedes, int64[a, 2 k]."""
        preceded = crossings.precede(self.t, window_ms)
        return np.add.reduceat(preceded, self.starts, axis=0, dtype=np.int64)

    def by_hour(self, preceded: Mask) -> Floats:
        """Return shares of the grid (bool[g, k]) by hour, float64[24, k], 0..1."""
        share = np.zeros((24, preceded.shape[1]))
        some = self.of_hour > 0
        starts = (np.cumsum(self.of_hour) - self.of_hour)[some]
        counts = np.add.reduceat(preceded, starts, axis=0, dtype=np.int64)
        share[some] = counts / self.of_hour[some, None]
        return share


def hours_of(acts: Acts) -> Floats:
    """Return the number of acts in each hour of the day, float64[24]."""
    hour = acts.local % DAY_MS // HOUR_MS
    return np.bincount(hour, minlength=24).astype(float)


def _some(acts: Acts) -> Acts:
    if len(acts) <= SAMPLED:
        return acts
    chosen = np.zeros(len(acts), bool)
    chosen[np.linspace(0, len(acts) - 1, SAMPLED).astype(np.int64)] = True
    return acts.where(chosen)


def deviations(hits: Ints, chance: Floats, n: Ints) -> Floats:
    """Return how many standard deviations hits are above what chance gives of n."""
    spread = np.sqrt(chance * (1 - np.minimum(chance / n, 1)) + 0.5)
    above: Floats = (hits - chance) / spread
    return above
