"""Slow, obvious twins of how conditions are learned: loops over single firings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import comb, log

from custom_components.automation_scout.mining.conditions.choose import (
    CALENDAR_SPELLS,
    FIRSTS,
    LEAST_KEPT,
    LEAST_KEPT_OF_STRAYS,
    LEAST_RISE,
    LOOKED_AT,
    STRAY,
    Strictness,
)
from custom_components.automation_scout.mining.conditions.gains import LEAST_SWING
from custom_components.automation_scout.mining.conditions.windows import (
    HALF_HOUR_PRICE,
)
from custom_components.automation_scout.mining.detectors.weekdays import (
    COMMON_PENALTY,
    OTHER_PENALTY,
)
from custom_components.automation_scout.mining.rules import (
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


def is_sound(
    rows: Sequence[Row], held: Sequence[bool], strictness: Strictness, *, weekly: bool
) -> bool:
    """Return whether days, spells, hits and precision speak for a condition."""
    inside, outside = parted(rows, held)
    hits_in = sum(row.hit for row in inside)
    hits = hits_in + sum(row.hit for row in outside)
    strays = rate(outside) <= STRAY * rate(inside) + 1e-12
    low = wilson_low(hits_in, len(inside), Z_80)
    least = min(strictness.spells, CALENDAR_SPELLS) if weekly else strictness.spells
    return (
        len({row.day for row in inside if row.hit}) >= strictness.days_in
        and len({row.day for row in outside}) >= strictness.days_out
        and spells(held) >= least
        and hits_in >= (LEAST_KEPT_OF_STRAYS if strays else LEAST_KEPT) * hits - 1e-9
        and low - wilson_low(hits, len(rows), Z_80) >= LEAST_RISE
    )


type Test = Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Offer:
    """A condition, what tells whether it holds, and its price."""

    condition: Condition
    holds: Test
    price: float

    def worth(self, rows: Sequence[Row]) -> float:
        """Return the gain less the price."""
        return gain(parted(rows, [self.holds(row) for row in rows])) - self.price

    def is_sound(self, rows: Sequence[Row], strictness: Strictness) -> bool:
        """Return whether it passes the tests among some rows."""
        weekly = isinstance(self.condition, WeekdayCondition)
        held = [self.holds(row) for row in rows]
        return is_sound(rows, held, strictness, weekly=weekly)


def weekday_offer(days: tuple[int, ...]) -> Offer:
    """Return a set of weekdays at its price."""
    price = COMMON_PENALTY
    if days not in (WEEKDAYS, WEEKEND):
        price = OTHER_PENALTY + log(comb(7, len(days)))
    return Offer(WeekdayCondition(days), lambda row: weekday(row.day) in days, price)


def window_offer(window: WindowCondition, price: float) -> Offer:
    """Return a window at its price."""
    return Offer(window, lambda row: in_window(row.minute, window), price)


def option_offer(place: int, condition: Condition, price: float) -> Offer:
    """Return one of the options of a table."""
    return Offer(condition, lambda row: row.holds[place], price)


def swings(rows: Sequence[Row]) -> float:
    """Return how much more the weeks' hits vary than single draws, if it is much."""
    first = [row.day - weekday(row.day) for row in rows]
    weeks = sorted(set(first))
    if len(weeks) <= 2:
        return 1.0
    p = (sum(row.hit for row in rows) + 0.5) / (len(rows) + 1)
    squares = sum(
        sum(row.hit - p for row, of in zip(rows, first, strict=True) if of == week) ** 2
        for week in weeks
    )
    swing = squares / (len(rows) * p * (1 - p)) * len(weeks) / (len(weeks) - 1)
    return swing if swing >= LEAST_SWING else 1.0


def choose(
    rows: Sequence[Row],
    offers_of: Callable[[Sequence[Row]], list[Offer]],
    most: int,
    strictness: Strictness,
    *,
    by_clock: bool,
) -> tuple[Condition, ...]:
    """Return the conditions; which there are to choose from is given."""
    if len({row.day for row in rows}) < strictness.days_in:
        return ()
    choices: list[tuple[float, float, tuple[Offer, ...]]] = []
    for first in best(rows, offers_of):
        price = first.price + strictness.sure
        gained = first.worth(rows) + first.price
        if gained >= price - 1e-9 and first.is_sound(rows, strictness):
            choices.append((gained, price, (first,)))
        inside = [row for row in rows if first.holds(row)]
        if most == 1 or not inside:
            continue
        for second in best(inside, offers_of, but=first):
            both = [row for row in rows if first.holds(row) and second.holds(row)]
            other = [
                row for row in rows if not (first.holds(row) and second.holds(row))
            ]
            gained = gain((both, other))
            price = first.price + second.price + 2 * strictness.sure
            there = [row for row in rows if second.holds(row)]
            if (
                gained >= price - 1e-9
                and second.is_sound(inside, strictness)
                and first.is_sound(there, strictness)
            ):
                choices.append((gained, price, (first, second)))
    choices.sort(key=lambda choice: round(choice[1] - choice[0], 9))
    for gained, price, offers in choices[:LOOKED_AT]:
        held = [all(offer.holds(row) for offer in offers) for row in rows]
        bursts = dispersion(rows, held)
        if by_clock and any(not returns(offer.condition) for offer in offers):
            bursts = max(bursts, swings(rows))
        if gained / bursts >= price - 1e-9:
            return tuple(offer.condition for offer in offers)
    return ()


def best(
    rows: Sequence[Row],
    offers_of: Callable[[Sequence[Row]], list[Offer]],
    but: Offer | None = None,
) -> list[Offer]:
    """Return the few best conditions that are worth their price."""
    found = [
        offer
        for offer in offers_of(rows)
        if (but is None or about(offer.condition) != about(but.condition))
        and offer.worth(rows) >= -1e-9
    ]
    found.sort(key=lambda offer: round(-offer.worth(rows), 9))
    return found[:FIRSTS]


def on_clock(condition: Condition) -> bool:
    """Return whether a condition is about the clock or the calendar."""
    return isinstance(condition, WindowCondition | WeekdayCondition)


def returns(condition: Condition) -> bool:
    """Return whether a condition is known to come again: the clock's and the sun's."""
    return on_clock(condition) or about(condition) == "sun.sun"


def about(condition: Condition) -> str:
    """Return what a condition asks for."""
    if isinstance(condition, StateCondition | NumericCondition):
        return condition.entity_id
    return type(condition).__name__


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
