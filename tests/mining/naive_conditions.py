"""Slow, obvious twins of how conditions are learned: loops over single firings."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import comb, log

from custom_components.automation_scout.mining.conditions.choose import (
    CALENDAR_SPELLS,
    DAYS_IN,
    DAYS_OUT,
    LEAST_KEPT,
    LEAST_KEPT_OF_STRAYS,
    LEAST_RISE,
    LOOKED_AT,
    SPELLS,
    STRAY,
    SURE,
)
from custom_components.automation_scout.mining.conditions.windows import (
    HALF_HOUR_PRICE,
)
from custom_components.automation_scout.mining.detectors.weekdays import (
    COMMON_PENALTY,
    OTHER_PENALTY,
)
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    WEEKDAYS,
    WEEKEND,
    Condition,
    NumericCondition,
    StateCondition,
    WeekdayCondition,
    WindowCondition,
)
from custom_components.automation_scout.mining.stats import Z_80

from .naive import Home, weekday, wilson_low


@dataclass(frozen=True, slots=True)
class Row:
    """One firing: day, minute of it, whether it was a hit, which options hold."""

    day: int
    minute: int
    hit: bool
    holds: tuple[bool, ...]


type Side = list[Row]
type Split = tuple[Side, Side]


def parted(rows: Sequence[Row], held: Sequence[bool]) -> Split:
    """Return the rows at which something held, and the others."""
    inside = [row for row, in_ in zip(rows, held, strict=True) if in_]
    outside = [row for row, in_ in zip(rows, held, strict=True) if not in_]
    return inside, outside


def likelihood(rows: Sequence[Row]) -> float:
    """Return the log likelihood of the hits at their own rate."""
    if not rows:
        return 0.0
    rate = sum(row.hit for row in rows) / len(rows)
    if rate in (0.0, 1.0):
        return 0.0
    return sum(log(rate if row.hit else 1 - rate) for row in rows)


def rate(rows: Sequence[Row]) -> float:
    """Return the share of hits."""
    return sum(row.hit for row in rows) / len(rows) if rows else 0.0


def gain(split: Split) -> float:
    """Return what two rates gain over one; 0 where the one outside is not lower."""
    inside, outside = split
    if not inside or not outside or rate(inside) <= rate(outside):
        return 0.0
    both = likelihood(inside) + likelihood(outside)
    return max(0.0, both - likelihood([*inside, *outside]))


def dispersion(rows: Sequence[Row], held: Sequence[bool]) -> float:
    """Return how much more the days' hits vary than single draws."""
    days = sorted({row.day for row in rows})
    if len(days) <= 2:
        return 1.0
    side = [
        (sum(row.hit for row in part) + 0.5) / (len(part) + 1)
        for part in parted(rows, held)
    ]
    expected = [side[0] if in_ else side[1] for in_ in held]
    residual = [row.hit - p for row, p in zip(rows, expected, strict=True)]
    squares = sum(
        sum(r for row, r in zip(rows, residual, strict=True) if row.day == day) ** 2
        for day in days
    )
    single = sum(p * (1 - p) for p in expected)
    return max(1.0, squares / single * len(days) / (len(days) - 2))


def in_window(minute: int, window: WindowCondition) -> bool:
    """Return whether a minute lies in a window, going round the clock."""
    span = (window.end - window.start) % 1440 or 1440
    return (minute - window.start) % 1440 < span


def window_worth(rows: Sequence[Row], window: WindowCondition) -> float:
    """Return the gain of a window less what half hours cost."""
    inside = [row for row in rows if in_window(row.minute, window)]
    outside = [row for row in rows if not in_window(row.minute, window)]
    halves = (window.start % 60 > 0) + (window.end % 60 > 0)
    return gain((inside, outside)) - halves * HALF_HOUR_PRICE


def best_window_worth(rows: Sequence[Row]) -> float:
    """Return the worth of the best of all windows."""
    return max(
        window_worth(rows, WindowCondition(start, end))
        for start in range(0, 1440, 30)
        for end in range(0, 1440, 30)
        if start != end
    )


def spells(held: Sequence[bool]) -> int:
    """Return how many stretches of holding or of not there are, the fewer."""
    runs = [value for value, _ in groupby(held)]
    return min(runs.count(True), runs.count(False))


def is_sound(rows: Sequence[Row], held: Sequence[bool], *, calendar: bool) -> bool:
    """Return whether days, spells, hits and precision speak for a condition."""
    inside, outside = parted(rows, held)
    hits_in = sum(row.hit for row in inside)
    hits = hits_in + sum(row.hit for row in outside)
    strays = rate(outside) <= STRAY * rate(inside) + 1e-12
    low = wilson_low(hits_in, len(inside), Z_80)
    return (
        len({row.day for row in inside if row.hit}) >= DAYS_IN
        and len({row.day for row in outside}) >= DAYS_OUT
        and spells(held) >= (CALENDAR_SPELLS if calendar else SPELLS)
        and hits_in >= (LEAST_KEPT_OF_STRAYS if strays else LEAST_KEPT) * hits - 1e-9
        and low - wilson_low(hits, len(rows), Z_80) >= LEAST_RISE
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """A condition, at which rows it holds, and its price."""

    condition: Condition
    held: tuple[bool, ...]
    price: float


def weekday_offer(rows: Sequence[Row], days: tuple[int, ...]) -> Offer:
    """Return a set of weekdays at its price."""
    price = COMMON_PENALTY
    if days not in (WEEKDAYS, WEEKEND):
        price = OTHER_PENALTY + log(comb(7, len(days)))
    held = tuple(weekday(row.day) in days for row in rows)
    return Offer(WeekdayCondition(days), held, price)


def best(
    rows: Sequence[Row],
    options: Sequence[tuple[Condition, float]],
    window: tuple[WindowCondition, float] | None,
    weekdays: tuple[int, ...],
) -> Condition | None:
    """Return the first condition; which window and weekdays to offer is given."""
    if len({row.day for row in rows}) < DAYS_IN or not any(row.hit for row in rows):
        return None
    offers = [
        Offer(condition, tuple(row.holds[i] for row in rows), price)
        for i, (condition, price) in enumerate(options)
    ]
    if window is not None:
        held = tuple(in_window(row.minute, window[0]) for row in rows)
        offers.append(Offer(window[0], held, window[1]))
    if weekdays != ALL_DAYS:
        offers.append(weekday_offer(rows, weekdays))
    gained = {offer: gain(parted(rows, offer.held)) for offer in offers}
    open_ = [o for o in offers if gained[o] - o.price >= SURE - 1e-9]
    open_.sort(key=lambda o: (round(o.price - gained[o], 9), repr(o.condition)))
    for offer in open_[:LOOKED_AT]:
        calendar = isinstance(offer.condition, WeekdayCondition)
        bursts = dispersion(rows, offer.held)
        sure = gained[offer] / bursts - offer.price >= SURE
        if sure and is_sound(rows, offer.held, calendar=calendar):
            return offer.condition
    return None


def state_options(
    home: Home, entity_id: str, fired: Sequence[int], before: int, after: int
) -> dict[Condition, list[bool]]:
    """Return a condition for each state at the firings, unless it moves with them."""
    changes = [row.t for row in home.of(entity_id)]
    if not changes or not fired:
        return {}
    moving = sum(
        any(t - before <= change <= t + after for change in changes) for t in fired
    )
    if moving > 0.2 * len(fired):
        return {}
    states = [home.state_before(entity_id, t) for t in fired]
    return {
        StateCondition(entity_id, state): [other == state for other in states]
        for state in sorted({state for state in states if state is not None})
        if state not in ("unavailable", "unknown")
        and (not entity_id.startswith("person.") or state == "home")
    }


def number_before(home: Home, entity_id: str, t: int) -> float | None:
    """Return what a sensor last measured before an instant."""
    values = []
    for row in home.of(entity_id):
        try:
            value = float(row.state)
        except ValueError:
            continue
        if row.t < t:
            values.append(value)
    return values[-1] if values else None


def holds_number(value: float | None, condition: NumericCondition) -> bool:
    """Return whether a number is on the side of a condition."""
    if value is None:
        return False
    if condition.side == "above":
        return value > condition.threshold
    return value < condition.threshold
