"""When the sun rises and sets where a home is, as its `sun` triggers see it.

Home Assistant asks `astral` for the event of each UTC date and takes the next one that
lies ahead; so does this. Where the sun stays up or down on a date there is no event.
Instants are int64 ms UTC, latitudes degrees north, longitudes degrees east, elevations
metres above the sea: 500 m are four minutes more of day at either end.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from astral import Observer
import astral.sun
import numpy as np

from .events import Ints, Mask
from .localtime import DAY_MS, local_days
from .rules import SunEvent

NO_EVENT: Final = -1
"""Stands for the event of a day on which there is none."""
HORIZON: Final = -0.833
"""Height in degrees at which it rises and sets: half a disc, and what air bends."""
EPOCH: Final = date(1970, 1, 1)
CHUNK: Final = 64
"""UTC dates that are computed and remembered together."""


class Place(NamedTuple):
    """Where a home is."""

    latitude: float
    longitude: float
    elevation: float = 0.0


def crossings(event: SunEvent, start_ms: int, end_ms: int, place: Place) -> Ints:
    """Return when the sun rises or sets in [start_ms, end_ms), ascending."""
    if end_ms <= start_ms:
        return np.zeros(0, np.int64)
    # An event can lie beyond the UTC date that it is computed for, by less than a day.
    first, last = start_ms // DAY_MS - 1, end_ms // DAY_MS + 1
    parts = [
        _of_dates(event, chunk * CHUNK, place)
        for chunk in range(first // CHUNK, last // CHUNK + 1)
    ]
    t = np.concatenate(parts)
    t = t[t != NO_EVENT]
    within: Ints = t[np.searchsorted(t, start_ms) : np.searchsorted(t, end_ms)]
    return within


def on_dates(event: SunEvent, dates: Ints, place: Place) -> Ints:
    """Return the event that is computed for each UTC date, `NO_EVENT` for none.

    Dates are days since 1970-01-01, int64[n]; it may lie on the date after.
    """
    chunk, index = np.unique(dates // CHUNK, return_inverse=True)
    if not len(chunk):
        return np.zeros(0, np.int64)
    table = np.stack([_of_dates(event, int(n) * CHUNK, place) for n in chunk])
    found: Ints = table[index, dates % CHUNK]
    return found


@lru_cache(maxsize=256)
def _of_dates(event: SunEvent, first: int, place: Place) -> Ints:
    """Return the event of each date of a chunk, int64[CHUNK]."""
    observer = Observer(*place)
    occurs = astral.sun.sunrise if event is SunEvent.SUNRISE else astral.sun.sunset
    found: list[int] = []
    for day in range(first, first + CHUNK):
        try:
            instant = occurs(observer, EPOCH + timedelta(days=day))
        except ValueError:
            found.append(NO_EVENT)
        else:
            found.append(round(instant.timestamp() * 1000))
    t = np.array(found, np.int64)
    t.flags.writeable = False
    return t


def sun_events(
    days: Ints,
    latitude: float,
    longitude: float,
    time_zone: str,
    elevation: float = 0.0,
) -> tuple[Ints, Ints]:
    """Return sunrise and sunset of local days, int64[n] each, `NO_EVENT` for none.

    Where an event comes twice in one local day, which happens once a year where the sun
    sets around midnight, the first stands for both.
    """
    place = Place(latitude, longitude, elevation)
    rise, sets = (
        _on_days(days, event, place, time_zone)
        for event in (SunEvent.SUNRISE, SunEvent.SUNSET)
    )
    return rise, sets


def _on_days(days: Ints, event: SunEvent, place: Place, time_zone: str) -> Ints:
    if not len(days):
        return np.zeros(0, np.int64)
    # A local day begins at most 14 hours from the UTC date of its name.
    start, end = (int(days.min()) - 1) * DAY_MS, (int(days.max()) + 2) * DAY_MS
    t = crossings(event, start, end, place)
    day, first = np.unique(local_days(t, time_zone), return_index=True)
    if not len(day):
        return np.full(len(days), NO_EVENT, np.int64)
    index = np.minimum(np.searchsorted(day, days), len(day) - 1)
    return np.where(day[index] == days, t[first][index], NO_EVENT)


def horizon_changes(
    start_ms: int, end_ms: int, latitude: float | None, longitude: float | None
) -> tuple[Ints, Mask]:
    """Return when the sun crosses the horizon and if it is up then, int64[n], bool[n].

    The first entry lies before `start_ms`, by a day where the sun crossed nothing for
    that long, so that the state at every instant of [start_ms, end_ms) follows. Both
    are empty without a place or without time. Unlike the event, the state of `sun.sun`
    does not ask how high the home lies.
    """
    if latitude is None or longitude is None or end_ms <= start_ms:
        return np.zeros(0, np.int64), np.zeros(0, bool)
    place = Place(latitude, longitude)
    begin = start_ms - DAY_MS
    rise = crossings(SunEvent.SUNRISE, begin, end_ms, place)
    sets = crossings(SunEvent.SUNSET, begin, end_ms, place)
    instant = datetime.fromtimestamp(begin / 1000, UTC)
    height = astral.sun.elevation(Observer(*place), instant, with_refraction=False)
    t = np.concatenate(([begin], rise, sets))
    up = np.concatenate(
        ([height > HORIZON], np.ones(len(rise), bool), np.zeros(len(sets), bool))
    )
    order = np.argsort(t, kind="stable")
    t, up = t[order], up[order]
    known = max(0, int(np.searchsorted(t, start_ms)) - 1)
    changes = np.concatenate(([True], up[1:] != up[:-1]))
    changes[:known] = False
    changes[known] = True
    return t[changes], up[changes]
