"""Whether the tests of a plan hold at instants: surely, possibly, or not.

What nobody knows any more holds possibly and not surely; a run that hangs on it is
counted and marked. Everything else means what Home Assistant's conditions mean.
"""

from collections.abc import Iterable
from functools import reduce
from typing import NamedTuple

import numpy as np

from ..events import Ints, Mask
from ..history import History
from ..localtime import DAY_MS, local_days, weekday_of
from ..rules import SunEvent
from ..sun import NO_EVENT, Place, on_dates
from .past import Past
from .plan import (
    ChangeTrigger,
    ClockTest,
    Every,
    FromNumberTest,
    FromStayTest,
    Later,
    LevelTest,
    LevelTrigger,
    Neither,
    SingleTest,
    SolarTest,
    Some,
    Start,
    StartTest,
    StateTest,
    Test,
    Untold,
)


class Moments(NamedTuple):
    """Instants at which an automation is started, n of them."""

    t: Ints
    """int64[n], ms UTC."""
    start: Ints
    """int64[n], index into `starts`."""
    starts: tuple[Start, ...]
    """The triggers of the automation."""

    def where(self, chosen: Mask | Ints) -> Moments:
        """Return the moments that a mask or indices select."""
        return Moments(self.t[chosen], self.start[chosen], self.starts)


class Truth(NamedTuple):
    """Answers of a test, bool[n] each."""

    surely: Mask
    possibly: Mask

    @classmethod
    def of(cls, holds: Mask) -> Truth:
        """Return answers that are all known."""
        return cls(holds, holds)

    def both(self, other: Truth) -> Truth:
        """Return whether both hold."""
        return Truth(self.surely & other.surely, self.possibly & other.possibly)

    def either(self, other: Truth) -> Truth:
        """Return whether one holds."""
        return Truth(self.surely | other.surely, self.possibly | other.possibly)

    def opposite(self) -> Truth:
        """Return whether it does not hold."""
        return Truth(~self.possibly, ~self.surely)


def truth(past: Past, test: Test, moments: Moments) -> Truth:
    """Return at which moments a test holds."""
    match test:
        case Every(tests):
            answer = _all(moments, (truth(past, part, moments) for part in tests))
        case Some(tests):
            answer = _any(moments, (truth(past, part, moments) for part in tests))
        case Neither(tests):
            found = _any(moments, (truth(past, part, moments) for part in tests))
            answer = found.opposite()
        case Later(inner, after_s):
            later = moments._replace(t=moments.t + after_s * 1000)
            answer = truth(past, inner, later)
        case _:
            answer = _single(past, test, moments)
    return answer


def _single(past: Past, test: SingleTest, moments: Moments) -> Truth:
    match test:
        case StateTest():
            answer = _in_state(past, test, moments)
        case LevelTest():
            answer = _between(past, test, moments)
        case ClockTest():
            answer = Truth.of(_shows(past.history, test, moments.t))
        case SolarTest():
            answer = _sun(past, test, moments)
        case StartTest(ids):
            named = [n for n, start in enumerate(moments.starts) if start.id in ids]
            answer = Truth.of(np.isin(moments.start, named))
        case FromNumberTest() | FromStayTest():
            answer = _from(past, test, moments)
        case Untold():
            answer = _untold(moments)
    return answer


def _from(past: Past, test: FromNumberTest | FromStayTest, moments: Moments) -> Truth:
    """Return what the trigger's entity did before the change that it waited for.

    Nobody knows it of a change with which the log begins, nor which entity it was where
    a trigger has several.
    """
    surely, possibly = _untold(moments)
    for number, start in enumerate(moments.starts):
        trigger = start.trigger
        mine = moments.start == number
        if not isinstance(trigger, ChangeTrigger | LevelTrigger):
            possibly[mine] = False
        elif len(trigger.entities) == 1:
            course = past.course(trigger.entities[0])
            t = moments.t[mine]
            row = course.index(t - trigger.for_s * 1000)
            if isinstance(test, FromNumberTest):
                holds = ~np.isnan(course.numbers[course.previous()[row]])
            else:
                holds = t - course.t[row - 1] >= test.stay_s * 1000
            known = row > 0
            surely[mine], possibly[mine] = holds & known, holds | ~known
    return Truth(surely, possibly)


def _untold(moments: Moments) -> Truth:
    count = len(moments.t)
    return Truth(np.zeros(count, bool), np.ones(count, bool))


def _all(moments: Moments, parts: Iterable[Truth]) -> Truth:
    return reduce(Truth.both, parts, Truth.of(np.ones(len(moments.t), bool)))


def _any(moments: Moments, parts: Iterable[Truth]) -> Truth:
    return reduce(Truth.either, parts, Truth.of(np.zeros(len(moments.t), bool)))


def _in_state(past: Past, test: StateTest, moments: Moments) -> Truth:
    t = moments.t
    parts = (_one_in_state(past, entity_id, test, t) for entity_id in test.entities)
    return (_any if test.any_entity else _all)(moments, parts)


def _one_in_state(past: Past, entity_id: str, test: StateTest, t: Ints) -> Truth:
    course = past.course(entity_id)
    wanted, last = course.among(test.states), course.index(t)
    holds = wanted[course.at(t)]
    untold = (last < 0) & (course.before is None)
    if test.for_s:
        # Longer than, not as long as: so does Home Assistant compare.
        since = np.append(course.t, past.history.span[0])[last]
        long_enough = t - test.for_s * 1000 > since
        untold |= (last < 0) & holds & ~long_enough
        holds &= long_enough
    return Truth(holds & ~untold, holds | untold)


def _between(past: Past, test: LevelTest, moments: Moments) -> Truth:
    t = moments.t

    def one(entity_id: str) -> Truth:
        course = past.course(entity_id)
        value = course.numbers[course.at(t)]
        # NaN lies between no bounds.
        holds = ~np.isnan(value)
        if test.above is not None:
            holds &= value > test.above
        if test.below is not None:
            holds &= value < test.below
        untold = (course.index(t) < 0) & (course.before is None)
        return Truth(holds & ~untold, holds | untold)

    return _all(moments, map(one, test.entities))


def _shows(history: History, test: ClockTest, t: Ints) -> Mask:
    local = history.local(t)
    second = local % DAY_MS // 1000
    if test.after_s < test.before_s:
        within: Mask = (second >= test.after_s) & (second < test.before_s)
    else:
        within = ~((second >= test.before_s) & (second < test.after_s))
    return within & np.isin(weekday_of(local // DAY_MS), test.weekdays)


def _sun(past: Past, test: SolarTest, moments: Moments) -> Truth:
    if past.place is None:
        return _untold(moments)
    t, zone = moments.t, past.history.facts.time_zone
    days = local_days(t, zone)
    holds = np.ones(len(t), bool)
    bounds = []
    for event, offset_s, sign in (
        (test.before, test.before_offset_s, 1),
        (test.after, test.after_offset_s, -1),
    ):
        if event is not None:
            at = _of_local_days(event, days, past.place, zone)
            holds &= at != NO_EVENT
            bounds.append((at + offset_s * 1000 - t) * sign)
    if test.before is SunEvent.SUNRISE and test.after is SunEvent.SUNSET:
        # The two bounds of a night, which neither side of midnight lies between.
        return Truth.of(holds & ((bounds[0] > 0) | (bounds[1] > 0)))
    for bound in bounds:
        holds &= bound >= 0
    return Truth.of(holds)


def _of_local_days(event: SunEvent, days: Ints, place: Place, zone: str) -> Ints:
    """Return the event of local days, as Home Assistant's condition picks it.

    It takes the event of the UTC date of the same name, and the next date's where that
    lies on the local day before.
    """
    day, index = np.unique(days, return_inverse=True)
    at = on_dates(event, day, place)
    known = np.flatnonzero(at != NO_EVENT)
    early = known[local_days(at[known], zone) < day[known]]
    at[early] = on_dates(event, day[early] + 1, place)
    picked: Ints = at[index]
    return picked
