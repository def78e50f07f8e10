"""Which conditions a table of firings shows.

Greedy, at most two. Each is chosen by how many nats two rates gain over one, less the
price of saying which condition of how many it is: that is what trying many costs. What
remains after allowing for bursts has to be sure, and days, spells, hits and precision
have to speak for it as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb, log
from typing import Final

import numpy as np

from ..detectors.weekdays import COMMON_PENALTY, OTHER_PENALTY, best_weekdays
from ..events import Mask
from ..rules import (
    ALL_DAYS,
    WEEKDAYS,
    WEEKEND,
    Condition,
    NumericCondition,
    StateCondition,
    WeekdayCondition,
    WindowCondition,
)
from ..stats import wilson_low
from .gains import count, dispersion, gains
from .table import Table
from .windows import best_window

MOST: Final = 2
SURE: Final = 5.0
"""Nats beyond the price, for which chance leaves less than one in a hundred."""
LEAST_RISE: Final = 0.08
"""By how much the lower bound of the precision has to rise."""
LEAST_KEPT: Final = 0.85
"""Share of the hits that has to remain."""
STRAY: Final = 0.2
"""Hits outside at less than this share of the rate inside are strays: people also act
at a trigger by chance."""
LEAST_KEPT_OF_STRAYS: Final = 0.6
DAYS_IN: Final = 4
DAYS_OUT: Final = 3
SPELLS: Final = 4
"""A condition that came and went less often is one more thing that changed once."""
CALENDAR_SPELLS: Final = 2
LOOKED_AT: Final = 8
"""Conditions, best first, that get the exact tests."""


@dataclass(frozen=True, slots=True, eq=False)
class _Offer:
    """A condition, where it holds, and nats of its gain and its price."""

    condition: Condition
    inside: Mask
    gain: float
    price: float


def choose(table: Table, most: int = MOST) -> tuple[Condition, ...]:
    """Return the conditions that the firings show, strongest first, possibly none."""
    chosen: list[Condition] = []
    masks: list[Mask] = []
    rows = np.ones(len(table.hit), bool)
    while len(chosen) < most:
        step = _best(table.where(rows), {subject(c) for c in chosen})
        if step is None:
            break
        chosen.append(step)
        masks.append(table.mask(step))
        rows &= masks[-1]
    return _needed(table, chosen, masks)


def subject(condition: Condition) -> str:
    """Return what a condition is about: the clock, the week or an entity."""
    match condition:
        case WeekdayCondition():
            return "weekday"
        case WindowCondition():
            return "window"
        case StateCondition(entity_id) | NumericCondition(entity_id):
            return entity_id


def _best(table: Table, taken: set[str]) -> Condition | None:
    """Return the condition that gains most of those that pass all tests."""
    if len(np.unique(table.day)) < DAYS_IN or not table.hit.any():
        return None
    offers = [o for o in _offers(table) if subject(o.condition) not in taken]
    offers.sort(key=lambda o: (o.price - o.gain, repr(o.condition)))
    for offer in offers[:LOOKED_AT]:
        if _is_sound(table, offer):
            bursts = dispersion(offer.inside, table.hit, table.day)
            if offer.gain / bursts - offer.price >= SURE:
                return offer.condition
    return None


def _offers(table: Table) -> Iterator[_Offer]:
    """Yield what gains enough, nats before anything is taken off."""
    hit = table.hit
    k, n = float(np.count_nonzero(hit)), float(len(hit))
    if len(table.options):
        n_in = table.holds.sum(axis=1).astype(float)
        k_in = (table.holds & hit).sum(axis=1).astype(float)
        gained = gains(k_in, n_in, k, n)
        for i in np.flatnonzero(gained - table.price >= SURE).tolist():
            yield _Offer(
                table.options[i],
                table.holds[i],
                float(gained[i]),
                float(table.price[i]),
            )
    if table.by_clock:
        return
    window = best_window(table.minute, hit)
    if window is not None:
        yield _offer(table, window.condition, window.price)
    weekdays = best_weekdays(table.day, hit)
    if weekdays != ALL_DAYS:
        yield _offer(table, WeekdayCondition(weekdays), _weekday_price(weekdays))


def _offer(table: Table, condition: Condition, price: float) -> _Offer:
    inside = table.mask(condition)
    return _Offer(condition, inside, count(inside, table.hit).gain, price)


def _weekday_price(weekdays: tuple[int, ...]) -> float:
    if weekdays in (WEEKDAYS, WEEKEND):
        return COMMON_PENALTY
    return OTHER_PENALTY + log(comb(7, len(weekdays)))


def _is_sound(table: Table, offer: _Offer) -> bool:
    """Return whether enough days, spells, hits and precision speak for it."""
    inside, hit, day = offer.inside, table.hit, table.day
    calendar = isinstance(offer.condition, WeekdayCondition)
    return (
        len(np.unique(day[inside & hit])) >= DAYS_IN
        and len(np.unique(day[~inside])) >= DAYS_OUT
        and _spells(inside) >= (CALENDAR_SPELLS if calendar else SPELLS)
        and _keeps(inside, hit)
        and _rise(inside, hit) >= LEAST_RISE
    )


def _spells(inside: Mask) -> int:
    """Return how often it came, or went if that is less."""
    came = np.count_nonzero(np.diff(inside.astype(np.int8), prepend=0) > 0)
    gone = np.count_nonzero(np.diff(inside.astype(np.int8), prepend=1) < 0)
    return int(min(came, gone))


def _keeps(inside: Mask, hit: Mask) -> bool:
    """Return whether the hits remain, but for strays."""
    k_in, n_in, k_out, n_out = count(inside, hit)
    strays = k_out * n_in <= STRAY * k_in * n_out
    least = LEAST_KEPT_OF_STRAYS if strays else LEAST_KEPT
    return k_in >= least * (k_in + k_out)


def _rise(inside: Mask, hit: Mask) -> float:
    """Return by how much the lower bound of the precision is more than without."""
    counts = count(inside, hit)
    without = wilson_low(counts.k, counts.n)
    return wilson_low(counts.k_in, counts.n_in) - without


def _needed(
    table: Table, chosen: list[Condition], masks: list[Mask]
) -> tuple[Condition, ...]:
    """Return the conditions without a first that the second makes needless."""
    if len(chosen) == 2:
        rows = masks[1]
        if _rise(masks[0][rows], table.hit[rows]) < LEAST_RISE:
            return (chosen[1],)
    return tuple(chosen)
