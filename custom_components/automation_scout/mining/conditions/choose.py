"""Which conditions a table of firings shows.

At most two, chosen by how many nats two rates gain over one, less the price of saying
which conditions of how many they are: that is what trying many costs. What remains
after allowing for bursts has to be sure, and days, spells, hits and precision have to
speak for each.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import comb, log
from typing import Final

import numpy as np

from ..detectors.weekdays import COMMON_PENALTY, OTHER_PENALTY, best_weekdays
from ..events import Mask
from ..rules import (
    ALL_DAYS,
    SUN,
    WEEKDAYS,
    WEEKEND,
    Condition,
    NumericCondition,
    StateCondition,
    WeekdayCondition,
    WindowCondition,
)
from ..stats import wilson_low
from .gains import ceiling, count, dispersion, gains, swings
from .table import Table
from .windows import PRICE as WINDOW_PRICE, best_window

MOST: Final = 2
LEAST_RISE: Final = 0.08
"""By how much the lower bound of the precision has to rise."""
LEAST_KEPT: Final = 0.85
"""Share of the hits that has to remain."""
STRAY: Final = 0.25
"""Hits outside at less than this share of the rate inside are strays: people also act
at a trigger by chance."""
LEAST_KEPT_OF_STRAYS: Final = 0.6
CALENDAR_SPELLS: Final = 2
FIRSTS: Final = 5
"""Conditions, best first, for which a second one is looked for."""
LOOKED_AT: Final = 8
"""Conditions or pairs, best first, that get the exact tests."""


@dataclass(frozen=True, slots=True)
class Strictness:
    """What days have to show of each condition."""

    sure: float
    """Nats beyond the price."""
    days_in: int
    """Days on which it held and people acted."""
    days_out: int
    """Days on which it did not hold."""
    spells: int
    """Times that it came and went: less often, and it is one more thing that changed
    once. The calendar's are known to return and need not be so many."""


STRICT: Final = Strictness(sure=2.0, days_in=4, days_out=3, spells=3)
"""To find conditions: chance leaves few of them, held-out days have to say the rest."""
IN_PART: Final = Strictness(sure=1.0, days_in=3, days_out=2, spells=2)
"""To find them again where days are left out, which decide themselves."""


@dataclass(frozen=True, slots=True, eq=False)
class _Offer:
    """A condition, where it holds, and nats of its gain and its price."""

    condition: Condition
    inside: Mask
    gain: float
    price: float


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """Conditions, where they hold together, and nats of their gain and price."""

    conditions: tuple[Condition, ...]
    inside: Mask
    gain: float
    price: float


def choose(
    table: Table, most: int = MOST, strictness: Strictness = STRICT
) -> tuple[Condition, ...]:
    """Return the conditions that the firings show, strongest first, possibly none."""
    if len(np.unique(table.day)) < strictness.days_in or not table.hit.any():
        return ()
    choices = sorted(
        _choices(table, most, strictness),
        # Of equals the first stays: the options come in the order of `watchable`.
        key=lambda choice: round(choice.price - choice.gain, 9),
    )
    # A time fires once a day: a few weeks, each its own way, look like many days.
    by_weeks = swings(table.hit, table.day) if table.by_clock else 1.0
    for choice in choices[:LOOKED_AT]:
        bursts = dispersion(choice.inside, table.hit, table.day)
        if not all(map(_returns, choice.conditions)):
            bursts = max(bursts, by_weeks)
        if choice.gain / bursts >= choice.price:
            return choice.conditions
    return ()


def _returns(condition: Condition) -> bool:
    """Return whether a condition comes and goes by the clock or the calendar."""
    match condition:
        case WeekdayCondition() | WindowCondition():
            return True
        case StateCondition(entity_id) | NumericCondition(entity_id):
            return entity_id == SUN


def _choices(table: Table, most: int, strictness: Strictness) -> Iterator[_Choice]:
    """Yield single conditions and pairs that are sound and worth their price."""
    firsts = sorted(_offers(table), key=lambda o: round(o.price - o.gain, 9))
    for first in firsts[:FIRSTS]:
        price = first.price + strictness.sure
        if first.gain >= price and is_sound(table, first, strictness):
            yield _Choice((first.condition,), first.inside, first.gain, price)
        # At best the second leaves the hits and nothing else.
        hits = count(first.inside, table.hit).k_in
        possible = count(first.inside & table.hit, table.hit).gain if hits else 0.0
        if most >= MOST and possible >= price + strictness.sure:
            yield from _pairs(table, first, strictness)


def _pairs(table: Table, first: _Offer, strictness: Strictness) -> Iterator[_Choice]:
    """Yield what the best few conditions make of the firings at which one holds.

    Each has to be sound where the other holds.
    """
    part = table.where(first.inside)
    seconds = [
        offer
        for offer in _offers(part)
        if subject(offer.condition) != subject(first.condition)
    ]
    seconds.sort(key=lambda o: round(o.price - o.gain, 9))
    for second in seconds[:FIRSTS]:
        everywhere = table.mask(second.condition)
        inside = first.inside & everywhere
        gain = count(inside, table.hit).gain
        price = first.price + second.price + 2 * strictness.sure
        if gain < price or not is_sound(part, second, strictness):
            continue
        there = table.where(everywhere)
        again = replace(first, inside=first.inside[everywhere])
        if is_sound(there, again, strictness):
            yield _Choice((first.condition, second.condition), inside, gain, price)


def subject(condition: Condition) -> str:
    """Return what a condition is about: the clock, the week or an entity."""
    match condition:
        case WeekdayCondition():
            return "weekday"
        case WindowCondition():
            return "window"
        case StateCondition(entity_id) | NumericCondition(entity_id):
            return entity_id


def _offers(table: Table) -> Iterator[_Offer]:
    """Yield what gains its price."""
    hit = table.hit
    k, n = float(np.count_nonzero(hit)), float(len(hit))
    most = ceiling(k, n)
    if len(table.options):
        n_in = table.holds.sum(axis=1).astype(float)
        k_in = (table.holds & hit).sum(axis=1).astype(float)
        gained = gains(k_in, n_in, k, n)
        for i in np.flatnonzero(gained >= table.price).tolist():
            gain, price = float(gained[i]), float(table.price[i])
            yield _Offer(table.options[i], table.holds[i], gain, price)
    if table.by_clock:
        return
    window = best_window(table.minute, hit) if most >= WINDOW_PRICE else None
    if window is not None:
        yield from _worth(table, window.condition, window.price)
    weekdays = best_weekdays(table.day, hit) if most >= COMMON_PENALTY else ALL_DAYS
    if weekdays != ALL_DAYS:
        price = _weekday_price(weekdays)
        yield from _worth(table, WeekdayCondition(weekdays), price)


def _worth(table: Table, condition: Condition, price: float) -> Iterator[_Offer]:
    """Yield a condition if it gains its price."""
    inside = table.mask(condition)
    gain = count(inside, table.hit).gain
    if gain >= price:
        yield _Offer(condition, inside, gain, price)


def _weekday_price(weekdays: tuple[int, ...]) -> float:
    if weekdays in (WEEKDAYS, WEEKEND):
        return COMMON_PENALTY
    return OTHER_PENALTY + log(comb(7, len(weekdays)))


def is_sound(table: Table, offer: _Offer, strictness: Strictness) -> bool:
    """Return whether enough days, spells, hits and precision speak for a condition."""
    inside, hit, day = offer.inside, table.hit, table.day
    calendar = isinstance(offer.condition, WeekdayCondition)
    spells = min(CALENDAR_SPELLS, strictness.spells) if calendar else strictness.spells
    return (
        len(np.unique(day[inside & hit])) >= strictness.days_in
        and len(np.unique(day[~inside])) >= strictness.days_out
        and _spells(inside) >= spells
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
