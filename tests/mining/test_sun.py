"""The sun of the miner is the sun of Home Assistant's triggers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from astral import LocationInfo, Observer
from astral.location import Location
import astral.sun
from homeassistant.helpers import sun as ha_sun
from homeassistant.util import dt as dt_util
import numpy as np
import pytest

from custom_components.automation_scout.mining.events import Ints
from custom_components.automation_scout.mining.localtime import DAY_MS, local_days
from custom_components.automation_scout.mining.rules import SunEvent
from custom_components.automation_scout.mining.sun import (
    HORIZON,
    NO_EVENT,
    Place,
    crossings,
    horizon_changes,
    sun_events,
)

PLACES = {
    "Berlin": (Place(52.5, 13.4), "Europe/Berlin"),
    "La Paz": (Place(-16.5, -68.1, 3640), "America/La_Paz"),
    "Auckland": (Place(-36.8, 174.8), "Pacific/Auckland"),
    "Honolulu": (Place(21.3, -157.9), "Pacific/Honolulu"),
    "Quito": (Place(-0.2, -78.5), "America/Guayaquil"),
    "Kiritimati": (Place(1.9, -157.4), "Pacific/Kiritimati"),
    "Reykjavik": (Place(64.1, -21.9), "Atlantic/Reykjavik"),
    "Tromso": (Place(69.6, 18.9), "Europe/Oslo"),
    "Longyearbyen": (Place(78.2, 15.6), "Arctic/Longyearbyen"),
}
YEAR = (
    int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000),
    int(datetime(2027, 1, 1, tzinfo=UTC).timestamp() * 1000),
)


@pytest.fixture(params=PLACES, name="place")
def place_fixture(request: pytest.FixtureRequest) -> tuple[Place, str]:
    """Return where it is, and its zone."""
    return PLACES[request.param]


def next_of_home_assistant(
    observer: Observer, event: SunEvent, at: datetime, offset: timedelta
) -> datetime:
    """Ask as the trigger of the running version does."""
    if hasattr(ha_sun, "get_observer_astral_event_next"):
        return ha_sun.get_observer_astral_event_next(observer, event, at, offset)
    where = LocationInfo(latitude=observer.latitude, longitude=observer.longitude)
    return ha_sun.get_location_astral_event_next(
        Location(where), observer.elevation, event, at, offset
    )


def of_home_assistant(event: SunEvent, where: Place, offset: timedelta) -> list[int]:
    """Return when a `sun` trigger fires in the year, less its offset."""
    observer = Observer(*where)
    at = datetime.fromtimestamp(YEAR[0] / 1000, UTC) - timedelta(milliseconds=1)
    at += offset
    found: list[int] = []
    while True:
        at = next_of_home_assistant(observer, event, at, offset)
        t = round((at - offset).timestamp() * 1000)
        if t >= YEAR[1]:
            return found
        found.append(t)


def on_days(days: Ints, where: Place, zone: str) -> tuple[Ints, Ints]:
    """Return sunrise and sunset of days."""
    return sun_events(days, where.latitude, where.longitude, zone, where.elevation)


@pytest.mark.parametrize("event", SunEvent)
@pytest.mark.parametrize("minutes", [0, -45, 120])
def test_crossings_are_when_home_assistant_fires(
    place: tuple[Place, str], event: SunEvent, minutes: int
) -> None:
    where, zone = place
    before = dt_util.get_default_time_zone()
    dt_util.set_default_time_zone(ZoneInfo(zone))
    try:
        expected = of_home_assistant(event, where, timedelta(minutes=minutes))
    finally:
        dt_util.set_default_time_zone(before)
    assert crossings(event, *YEAR, where).tolist() == expected
    assert 100 < len(expected) <= 367


@pytest.mark.parametrize("event", SunEvent)
def test_days_have_the_first_crossing_or_none(
    place: tuple[Place, str], event: SunEvent
) -> None:
    where, zone = place
    days = np.arange(YEAR[0] // DAY_MS, YEAR[1] // DAY_MS)
    rise, sets = on_days(days, where, zone)
    got = rise if event is SunEvent.SUNRISE else sets
    wide = crossings(event, YEAR[0] - DAY_MS, YEAR[1] + DAY_MS, where)
    first: dict[int, int] = {}
    for t, day in zip(wide.tolist(), local_days(wide, zone).tolist(), strict=True):
        first.setdefault(day, t)
    assert got.tolist() == [first.get(day, NO_EVENT) for day in days.tolist()]


def test_some_days_have_no_sun_and_some_no_night() -> None:
    days = np.arange(YEAR[0] // DAY_MS, YEAR[1] // DAY_MS)
    rise, sets = on_days(days, *PLACES["Longyearbyen"])
    assert np.count_nonzero(rise == NO_EVENT) > 200
    assert np.count_nonzero(sets == NO_EVENT) > 200
    for part in (rise, sets):
        assert np.all((part == NO_EVENT) | (part > YEAR[0] - DAY_MS))


def test_the_order_of_days_does_not_matter() -> None:
    days = np.array([20_500, 20_300, 20_300, 20_640])
    for part, whole in zip(
        on_days(days, *PLACES["Berlin"]),
        on_days(np.sort(days), *PLACES["Berlin"]),
        strict=True,
    ):
        assert sorted(part.tolist()) == whole.tolist()
    assert [len(part) for part in on_days(days[:0], *PLACES["Berlin"])] == [0, 0]


@pytest.mark.parametrize("start_day", [20_454, 20_545, 20_625, 20_720])
def test_horizon_is_where_the_elevation_says(
    place: tuple[Place, str], start_day: int
) -> None:
    where, _ = place
    start, end = start_day * DAY_MS, (start_day + 40) * DAY_MS
    # On the last days before the polar night `astral` knows no event any more, though
    # the sun still looks over the horizon by a degree.
    unsure = 1.3 if abs(where.latitude) > 66 else 0.2
    t, up = horizon_changes(start, end, where.latitude, where.longitude)
    assert t[0] < start < end > t[-1]
    assert np.all(np.diff(t) > 0)
    assert np.all(up[1:] != up[:-1])
    for at in range(start + 1, end, 7_200_000 + 123_457):
        instant = datetime.fromtimestamp(at / 1000, UTC)
        height = astral.sun.elevation(Observer(*where), instant, with_refraction=False)
        if abs(height - HORIZON) > unsure:
            assert up[np.searchsorted(t, at) - 1] == (height > HORIZON)


def test_no_place_and_no_time_have_no_sun() -> None:
    for arguments in (
        (0, DAY_MS, None, 13.4),
        (0, DAY_MS, 52.5, None),
        (5, 5, 52.5, 13.4),
        (9, 5, 52.5, 13.4),
    ):
        t, up = horizon_changes(*arguments)
        assert (len(t), len(up)) == (0, 0)
    assert len(crossings(SunEvent.SUNSET, 5, 5, PLACES["Berlin"][0])) == 0
