"""The stretch of the day in which firings are wanted."""

from dataclasses import dataclass
from math import log
from typing import Final

import numpy as np

from ..events import Ints, Mask
from ..rules import WindowCondition
from .gains import gains

STEP_MIN: Final = 30
STEPS: Final = 1440 // STEP_MIN
PRICE: Final = log(24 * 23)
"""Nats that it takes to say which two whole hours."""
HALF_HOUR_PRICE: Final = log(2)
"""Nats more for each end at a half hour, which people write less."""
ROOM: Final = 2
"""Steps without firings by which a window may reach beyond what it was learned on."""

_START: Final = np.arange(STEPS)[:, None]
_LENGTH: Final = np.arange(1, STEPS)[None, :]
_HALVES: Final = (_START % 2 + (_START + _LENGTH) % 2) * HALF_HOUR_PRICE


@dataclass(frozen=True, slots=True)
class Window:
    """The best window with what it takes to name it, nats."""

    condition: WindowCondition
    price: float


def best_window(minute: Ints, hit: Mask) -> Window | None:
    """Return the window of the day whose two rates gain most, less its price.

    `minute` int64[n] of the local day and `hit` bool[n] are firings. All windows of
    whole steps on the circle are compared. None where none gains anything.
    """
    slot = minute // STEP_MIN
    n = np.bincount(slot, minlength=STEPS)
    k = np.bincount(slot[hit], minlength=STEPS)
    n_in, k_in = _circular(n), _circular(k)
    gained = gains(k_in, n_in, float(k.sum()), float(n.sum()))
    worth = gained - _HALVES
    best = int(np.argmax(worth))
    start, length = best // (STEPS - 1), best % (STEPS - 1) + 1
    if gained[start, length - 1] <= 0:
        return None
    return _written(n, start, length)


def _circular(counts: Ints) -> np.ndarray:
    """Return the sums over all windows, float64[start, length - 1]."""
    total = np.concatenate(([0], np.cumsum(np.concatenate((counts, counts)))))
    summed: np.ndarray = total[_START + _LENGTH] - total[_START]
    return summed.astype(float)


def _written(n: Ints, start: int, length: int) -> Window:
    """Move the ends, over steps without firings, to where people would put them."""
    inside = (start + np.arange(length)) % STEPS
    held = np.flatnonzero(n[inside])
    first, last = start + int(held[0]), start + int(held[-1]) + 1
    free = STEPS - (last - first)
    before = next((i for i in range(free) if n[(first - 1 - i) % STEPS]), free)
    after = next((i for i in range(free) if n[(last + i) % STEPS]), free)
    begin = _nicest(range(first - min(before, ROOM), first + 1))
    end = _nicest(range(last, last + min(after, ROOM) + 1))
    if end - begin >= STEPS:
        begin, end = first, last
    price = PRICE + (begin % 2 + end % 2) * HALF_HOUR_PRICE
    minutes = begin % STEPS * STEP_MIN, end % STEPS * STEP_MIN
    return Window(WindowCondition(*minutes), price)


def _nicest(steps: range) -> int:
    """Return a whole hour where there is one, the nearest to the middle."""
    middle = (steps[0] + steps[-1]) / 2
    return min(steps, key=lambda step: (step % 2, abs(step - middle), step))
