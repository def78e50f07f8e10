"""When a home lives: its days, its season, and where the sun stands over it."""

from dataclasses import dataclass
from datetime import UTC, date, timedelta
from functools import lru_cache
from typing import Final

from astral import Observer
from astral.sun import sunrise, sunset
import numpy as np
from numpy.random import Generator

from custom_components.automation_scout.mining.localtime import Clock
from custom_components.automation_scout.mining.rules import SunEvent

from .model import LATITUDE, LONGITUDE, ZONE

HERE: Final = Observer(LATITUDE, LONGITUDE)
EPOCH: Final = date(1970, 1, 1)
SEASONS: Final = (20_528, 20_738, 20_766, 20_493, 20_577)
"""First Mondays: 2026-03-16 and 2026-10-12, four weeks from which hold a change of the
clock, 2026-11-09, 2026-02-09 and 2026-05-04: days that shrink and days that grow."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Days of the history, and those without anybody."""

    first_day: int
    """Local day number of day 0 of the home."""
    days: int
    learned: int
    """So many of them are there to be learned from, the rest to be judged on."""
    away: range

    def day(self, offset: int) -> int:
        """Return the local day number of a day of the home."""
        return self.first_day + offset

    def at(self, offset: int, minute: int = 0) -> int:
        """Return the instant, ms UTC, of a minute of a day of the home."""
        return instant(self.day(offset), minute)

    def weekday(self, offset: int) -> int:
        """Return the weekday, Monday = 0."""
        return (self.day(offset) + 3) % 7

    @property
    def lived(self) -> tuple[int, ...]:
        """Days on which somebody is there."""
        return tuple(o for o in range(self.days) if o not in self.away)

    @property
    def cut(self) -> int:
        """End of the days to learn from, ms UTC."""
        return self.at(self.learned)


@lru_cache(maxsize=4096)
def instant(day: int, minute: int) -> int:
    """Return when the local clock shows a minute of a day, ms UTC."""
    return int(Clock(ZONE).instants(np.array([day]), minute)[0])


@lru_cache(maxsize=4096)
def sun_at(event: SunEvent, day: int) -> int:
    """Return when the sun rises or sets on a local day, ms UTC."""
    find = sunrise if event is SunEvent.SUNRISE else sunset
    return int(find(HERE, EPOCH + timedelta(days=day), UTC).timestamp() * 1000)


def draw_plan(rng: Generator, days: int, later: int, *, away: bool = True) -> Plan:
    """Return a plan of a season; half of the longer ones hold a week away."""
    first = int(rng.choice(SEASONS)) + int(rng.integers(0, 7))
    idle = range(0)
    if away and days >= 21 and rng.random() < 0.5:
        start = int(rng.integers(5, days - 11))
        idle = range(start, start + 7)
    return Plan(first, days + later, days, idle)
