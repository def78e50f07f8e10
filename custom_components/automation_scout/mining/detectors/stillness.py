"""How long nothing had moved when people acted: the first look at all actions."""

from dataclasses import dataclass

import numpy as np

from ..acts import Acts
from ..events import Floats, Ints, Mask
from ..history import History
from ..localtime import MINUTE_MS
from .crossings import Sample, deviations, hours_of


@dataclass(frozen=True, slots=True, eq=False)
class Stillness:
    """Since when one sensor has been off, asked at instants."""

    history: History
    sensor: str
    stays_ms: Ints
    """int64[k], how long nothing has to move."""
    look_ms: int
    """So long after such a stay an act counts."""

    @classmethod
    def of(
        cls, history: History, sensor: str, stays_min: tuple[int, ...], look_ms: int
    ) -> Stillness:
        """Ask for some stays in minutes."""
        stays = np.array(stays_min, np.int64) * MINUTE_MS
        return cls(history, sensor, stays, look_ms)

    def follow(self, t: Ints) -> Mask:
        """Return which stays have just been completed at instants, bool[len(t), k]."""
        timeline = self.history.timeline(self.sensor)
        if not len(timeline.t):
            return np.zeros((len(t), len(self.stays_ms)), bool)
        place = np.searchsorted(timeline.t, t, side="left") - 1
        known = np.maximum(place, 0)
        off = (place >= 0) & (timeline.state[known] == self.history.state_code("off"))
        age = np.where(off, t - timeline.t[known], -1)[:, None]
        after: Mask = (age > self.stays_ms) & (age <= self.stays_ms + self.look_ms)
        return after

    def surprise_sampled(self, sample: Sample, by_hour: Floats) -> tuple[Ints, Floats]:
        """Return acts that follow each stay, and deviations above chance, [a, k]."""
        followed = self.follow(sample.t)
        hits = np.add.reduceat(followed, sample.starts, axis=0, dtype=np.int64)
        return hits, deviations(hits, sample.hours @ by_hour, sample.size[:, None])

    def surprise(self, acts: Acts, by_hour: Floats) -> tuple[Ints, Floats]:
        """Return the same over all acts of one action, [k]."""
        hits = self.follow(acts.t).sum(axis=0)
        return hits, deviations(hits, hours_of(acts) @ by_hour, np.array(len(acts)))

    def by_hour(self, sample: Sample) -> Floats:
        """Return how often any instant follows each stay, float64[24, k], 0..1."""
        return sample.by_hour(self.follow(sample.grid))
