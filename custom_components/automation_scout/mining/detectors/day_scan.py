"""A scan over the days of a dial: at which time does an act come on many of them?

Windows of two widths slide over the day; the statistic is the number of distinct days
with an act in the window; the null is that each day's acts fall on the day like
everything else that the people of the home do.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..acts import Acts
from ..events import Floats, Ints, Mask
from ..localtime import DAY_MS, MINUTE_MS, weekday_of
from ..rules import ALL_DAYS, WEEKDAYS, WEEKEND
from ..stats_array import chernoff_log_tail

CELL_MIN: Final = 5
CELLS: Final = 1440 // CELL_MIN
WIDTHS: Final = (4, 10)
"""Cells of a window, 20 and 50 minutes: narrow and loose habits; steps of half."""
SETS: Final = (ALL_DAYS, WEEKDAYS, WEEKEND, *((day,) for day in range(7)))
IN_SET: Final = np.array([[day in chosen for chosen in SETS] for day in range(7)])
"""bool[weekday, set]."""
ANY_TIME: Final = (0, 1439)


def activity_profile(of_actions: Iterable[Acts]) -> Floats:
    """Return how people's acts fall on the day: share of each cell, float64[288].

    Smoothed over two hours, so that it shows when people are up and not which habits
    they have, and mixed with 30 % of an even day, so that no cell is impossible.
    """
    counts = np.zeros(CELLS)
    for acts in of_actions:
        cells = acts.local % DAY_MS // (CELL_MIN * MINUTE_MS)
        counts += np.bincount(cells, minlength=CELLS)
    width = 120 // CELL_MIN
    smooth = np.convolve(np.tile(counts, 3), np.ones(width) / width, "same")
    smooth = smooth[CELLS : 2 * CELLS]
    total = smooth.sum()
    even = np.full(CELLS, 1 / CELLS)
    return 0.7 * smooth / total + 0.3 * even if total else even


def nearest_offsets(acts: Acts, minute: int, reach_min: int) -> Floats:
    """Return minutes from `minute` to the nearest act of each day, within the reach."""
    offset = acts.local / MINUTE_MS - minute
    day = np.round(offset / 1440)
    offset = offset - day * 1440
    near = np.abs(offset) <= reach_min
    order = np.lexsort((np.abs(offset[near]), day[near]))
    kept_day, first = np.unique(day[near][order], return_index=True)
    return offset[near][order][first] if len(kept_day) else np.zeros(0)


def positions(width: int, reach: tuple[int, int] = ANY_TIME) -> Ints:
    """Return the first cells of the windows whose middle lies within the reach."""
    first = np.arange(0, CELLS, width // 2)
    middle = (first + width // 2) % CELLS * CELL_MIN
    return first[(middle >= reach[0]) & (middle <= reach[1])]


@dataclass(frozen=True, slots=True, eq=False)
class DayScan:
    """Days of one action as cells, with a day after them for what crosses midnight."""

    cells: Ints
    """int64[days * 288 + 288 + 1], cumulated number of cells with an act."""
    start: Ints
    """int64[d], position of each lived day's first cell."""
    weekday: Ints
    acts: Ints
    """int64[d], acts on each lived day."""

    @classmethod
    def of(cls, days: Ints, acts: Acts) -> DayScan:
        """Lay the acts out on the days, of which there is at least one."""
        first, last = int(days[0]), int(days[-1])
        flat = np.zeros((last - first + 2) * CELLS, bool)
        position = acts.local // (CELL_MIN * MINUTE_MS) - first * CELLS
        flat[position[(position >= 0) & (position < len(flat))]] = True
        inside = acts.day[(acts.day >= first) & (acts.day <= last)]
        counts = np.bincount(inside - first, minlength=last - first + 1)
        return cls(
            np.concatenate(([0], np.cumsum(flat))),
            (days - first) * CELLS,
            weekday_of(days),
            counts[days - first],
        )

    def best_centre(
        self,
        profile: Floats,
        min_rate: float,
        reach: tuple[int, int] = ANY_TIME,
    ) -> int | None:
        """Return the middle, in minutes, of the most surprising window."""
        active = self.acts > 0
        of_weekday = IN_SET[self.weekday]
        n_days = of_weekday.sum(axis=0)
        n = (of_weekday & active[:, None]).sum(axis=0)
        wrapped = np.concatenate((profile, profile))
        best: tuple[float, int] | None = None
        for width in WIDTHS:
            first = positions(width, reach)
            share = np.array([wrapped[c : c + width].sum() for c in first])
            hits = self._hit(first, width).astype(np.float32) @ of_weekday.astype(
                np.float32
            )
            # Acts of the day before midnight and after it share one window at most.
            chance = 1 - (1 - share[:, None]) ** self.acts[None, :]
            mean = (chance @ of_weekday) / np.maximum(n, 1)
            counted = np.minimum(hits, n[None, :])
            surprise = chernoff_log_tail(counted, np.broadcast_to(n, hits.shape), mean)
            surprise[hits < min_rate * n_days] = 0.0
            surprise[hits < 3] = 0.0
            p, s = np.unravel_index(int(np.argmin(surprise)), surprise.shape)
            if surprise[p, s] < 0 and (best is None or surprise[p, s] < best[0]):
                centre = int(first[p]) * CELL_MIN + width * CELL_MIN // 2
                best = float(surprise[p, s]), centre % 1440
        return best[1] if best else None

    def _hit(self, first: Ints, width: int) -> Mask:
        """Return on which days a window has an act, bool[p, d]."""
        at = self.start[None, :] + first[:, None]
        hit: Mask = self.cells[at + width] > self.cells[at]
        return hit
