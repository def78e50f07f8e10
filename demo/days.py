"""Who is at home and awake, and when: the days that everything else is planned on.

Instants are seconds since the epoch, minutes count from local midnight.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from .home import ANNA, BEN, PEOPLE, TIME_ZONE, Person

ZONE: Final = ZoneInfo(TIME_ZONE)
DAYS: Final = 45
HOLIDAY_DAYS: Final = 5
HOME_OFFICE_WEEKDAY: Final = 2


def local_instant(day: date, minute: float) -> float:
    """Return the instant of a minute of a local day, which may lie beyond midnight."""
    midnight = datetime.combine(day, time.min, ZONE)
    # Arithmetic within one zone is that of the clock on the wall.
    return (midnight + timedelta(minutes=minute)).timestamp()


@dataclass(frozen=True, slots=True)
class Trip:
    """People leave by the front door, and come back."""

    people: tuple[Person, ...]
    leave: float
    back: float


@dataclass(frozen=True, slots=True)
class Day:
    """One local day."""

    date: date
    wake: float
    sleep: float
    """When the last light goes out; may lie after midnight."""
    trips: tuple[Trip, ...]
    away: bool
    """Whether everybody is on holiday."""

    @property
    def weekday(self) -> int:
        """Day of the week; Monday is 0."""
        return self.date.weekday()

    @property
    def weekend(self) -> bool:
        """Whether it is Saturday or Sunday."""
        return self.weekday >= 5

    def at(self, minute: float) -> float:
        """Return the instant of a minute of this day."""
        return local_instant(self.date, minute)

    def is_home(self, person: Person, instant: float) -> bool:
        """Return whether somebody is in, by the trips of this day."""
        return not self.away and not any(
            person in trip.people and trip.leave <= instant < trip.back
            for trip in self.trips
        )

    def somebody_up(self, instant: float) -> bool:
        """Return whether anybody is in and awake."""
        return self.wake <= instant < self.sleep and any(
            self.is_home(person, instant) for person in PEOPLE
        )

    def presence(self, step_s: float) -> Iterator[float]:
        """Yield the instants, a step apart, at which somebody is in and awake."""
        instant = self.wake
        while instant < self.sleep:
            if self.somebody_up(instant):
                yield instant
            instant += step_s


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a history, oldest first."""

    days: tuple[Day, ...]
    now: float

    @property
    def start(self) -> float:
        """Local midnight before the first day."""
        return self.days[0].at(0)

    def day_of(self, instant: float) -> Day:
        """Return the day that an instant is lived on: nights belong to the eve."""
        index = bisect_right([day.wake for day in self.days], instant) - 1
        return self.days[max(index, 0)]

    def is_up(self, person: Person, instant: float) -> bool:
        """Return whether somebody is in and awake."""
        day = self.day_of(instant)
        return instant < day.sleep and day.is_home(person, instant)


def plan_days(now: datetime, seed: int) -> Calendar:
    """Plan the last 45 days before now, and today.

    The holiday lasts from the Wednesday of the fourth week before this one to the
    Sunday after it.
    """
    rng = Random(f"{seed}/days")
    today = now.astimezone(ZONE).date()
    monday = today - timedelta(days=today.weekday())
    holiday = monday - timedelta(days=4 * 7 - 2)
    days = [
        _plan_day(today - timedelta(days=back), holiday, rng)
        for back in range(DAYS, -1, -1)
    ]
    return Calendar(tuple(days), now.timestamp())


def _plan_day(day: date, holiday: date, rng: Random) -> Day:
    weekend = day.weekday() >= 5
    wake = local_instant(day, rng.gauss(520, 20) if weekend else rng.gauss(390, 8))
    sleep = local_instant(day, rng.gauss(1450 if weekend else 1420, 20))
    away = 0 <= (day - holiday).days < HOLIDAY_DAYS
    trips = tuple((_outings if weekend else _working_day)(day, rng))
    if away:
        # They are back late on the last day, and go to bed.
        last = HOLIDAY_DAYS - 1
        whole = _trip(day, PEOPLE, 480, last * 1440 + 1420)
        trips = (whole,) if day == holiday else ()
    return Day(day, wake, sleep, trips, away)


def _trip(day: date, people: tuple[Person, ...], leave: float, back: float) -> Trip:
    return Trip(people, local_instant(day, leave), local_instant(day, back))


def _working_day(day: date, rng: Random) -> Iterator[Trip]:
    yield _trip(day, (ANNA,), rng.gauss(488, 12), rng.gauss(1040, 25))
    if day.weekday() != HOME_OFFICE_WEEKDAY:
        yield _trip(day, (BEN,), rng.gauss(512, 14), rng.gauss(1078, 24))
    if rng.random() < 0.12:
        people = rng.choice(((ANNA,), PEOPLE))
        yield _trip(day, people, rng.uniform(1160, 1200), rng.uniform(1320, 1390))


def _outings(day: date, rng: Random) -> Iterator[Trip]:
    if rng.random() < 0.75:
        leave = rng.uniform(630, 800)
        people = rng.choice(((ANNA,), (BEN,), PEOPLE))
        yield _trip(day, people, leave, leave + rng.uniform(60, 200))
    if rng.random() < 0.4:
        leave = rng.uniform(1010, 1060)
        people = rng.choice(((ANNA,), PEOPLE))
        yield _trip(day, people, leave, leave + rng.uniform(40, 100))
