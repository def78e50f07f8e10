"""Which days of the week a habit keeps to."""

from math import comb, log
from typing import Final

import numpy as np

from ..events import Ints, Mask
from ..localtime import weekday_of
from ..rules import ALL_DAYS, WEEKDAYS, WEEKEND

EXPECTED_PENALTY: Final = 1.0
"""Nats by which a split that is already supposed has to be better than none."""
COMMON_PENALTY: Final = 3.0
"""Nats that a split into workdays and weekend has to gain over no split."""
OTHER_PENALTY: Final = 2.5
"""Nats for any other set, and as many more as it takes to say which of its size."""
MOST_OUTSIDE: Final = 0.4
"""Where people do it on more of the other days, these are worth as much: one habit."""
SETS_TRIED: Final = 3 + 6
"""Every day, workdays, weekend; and a set of each size below seven."""


def price(chosen: tuple[int, ...]) -> float:
    """Return among how many sets a set was chosen: one of its size, or a plain one.

    A p value times this, with `SETS_TRIED` hypotheses for the plain sets and the sizes,
    is honest about a set that was taken because it fits.
    """
    plain = chosen in (ALL_DAYS, WEEKDAYS, WEEKEND)
    return 1.0 if plain else float(comb(7, len(chosen)))


def best_weekdays(
    days: Ints, hit: Mask, expected: tuple[int, ...] = ALL_DAYS
) -> tuple[int, ...]:
    """Return the set of weekdays that a two-rate model of the hits prefers.

    `days` int64[n] and `hit` bool[n] are opportunities. One rate inside the set, a
    lower one outside it; for a given size the days of the highest rates are optimal,
    so seven sets stand for all 127. The set that is `expected` is one hypothesis and
    not one of many; it need only be better than no split.
    """
    weekday = weekday_of(days)
    n = np.bincount(weekday, minlength=7)
    k = np.bincount(weekday[hit], minlength=7)
    rate = (k + 0.5) / (n + 1)
    by_rate = np.argsort(-rate, kind="stable")
    sets = [ALL_DAYS, WEEKDAYS, WEEKEND, expected]
    sets += [tuple(sorted(map(int, by_rate[:size]))) for size in range(1, 7)]
    return max(
        sets, key=lambda chosen: _gain(chosen, k, n) - _penalty(chosen, expected)
    )


def _gain(chosen: tuple[int, ...], k: Ints, n: Ints) -> float:
    inside = np.isin(np.arange(7), chosen)
    k_in, n_in = int(k[inside].sum()), int(n[inside].sum())
    k_out, n_out = int(k[~inside].sum()), int(n[~inside].sum())
    if n_in == 0 or (n_out and k_in * n_out <= k_out * n_in):
        return -1e9
    if k_out > MOST_OUTSIDE * n_out:
        return -1e9
    return _likelihood(k_in, n_in) + _likelihood(k_out, n_out)


def _penalty(chosen: tuple[int, ...], expected: tuple[int, ...]) -> float:
    if chosen == ALL_DAYS:
        return 0.0
    if chosen == expected:
        return EXPECTED_PENALTY
    if chosen in (WEEKDAYS, WEEKEND):
        return COMMON_PENALTY
    return OTHER_PENALTY + log(comb(7, len(chosen)))


def _likelihood(k: int, n: int) -> float:
    """Return the log likelihood of k in n at its best rate."""
    if k in (0, n):
        return 0.0
    return k * log(k / n) + (n - k) * log(1 - k / n)
