"""Since when a habit is kept: one that moved by an hour is alive at its new time.

The last weeks are searched by themselves, and what is found there is dated by the day
at which two rates of hits, a lower one before it and a higher one from it on, explain
the days best. The seasons need nothing else: in a long archive the habits of a winter
are those of its last weeks, and nothing that was done last winter is true of the next
unless people do it again.
"""

from math import log
from typing import Final

import numpy as np

from ..events import Floats, Ints, Mask

RECENT_DAYS: Final = (56, 28, 14)
"""Lived days that are searched by themselves, where there are half as many before."""
CHANGE_PENALTY: Final = 3.0
"""Nats by which two rates have to be better than one, beside the choice of the day."""
RECENT_PRICE: Final = 20.0
"""A twentieth of the false discoveries may be habits that began within the history;
each of them pays for that, and for the days at which it might have begun."""


def recent_parts(days: Ints) -> list[Ints]:
    """Return the last weeks of the days, the longest part first."""
    return [days[-n:] for n in RECENT_DAYS if len(days) * 2 >= 3 * n]


def beginning(days: Ints, hit: Mask) -> int | None:
    """Return the day from which on hits are plainly more frequent, None for none.

    `days` int64[n] are those on which the habit was due, `hit` bool[n] where it was
    kept. From that day on it is kept on most of them.
    """
    n = len(days)
    if n < 2:
        return None
    kept = np.cumsum(hit, dtype=np.int64)
    before, k_before = np.arange(1, n), kept[:-1]
    after, k_after = n - before, kept[-1] - k_before
    two = _likelihood(k_before, before) + _likelihood(k_after, after)
    one = _likelihood(kept[-1:], np.array([n]))
    rises = k_after * before > k_before * after
    gain = np.where(rises & (2 * k_after >= after), two - one, -np.inf)
    best = int(np.argmax(gain))
    if gain[best] <= CHANGE_PENALTY + log(n):
        return None
    return int(days[best + 1])


def _likelihood(k: Ints, n: Ints) -> Floats:
    """Return the log likelihood of k in n at its best rate, elementwise."""
    rate = np.clip(k / n, 1e-12, 1 - 1e-12)
    total: Floats = k * np.log(rate) + (n - k) * np.log1p(-rate)
    return total
