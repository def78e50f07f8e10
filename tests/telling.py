"""Puts a past of its own into the archive of a home with scripted runs."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from homeassistant.util import dt as dt_util

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.events import Row, log_of_rows
from custom_components.automation_scout.mining.localtime import local_days
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.store.archive import Archive

from .scripted import FACTS


def instant(today: date, back: int, minute: int) -> int:
    """Return ms UTC of a minute, so many days ago."""
    day = datetime(today.year, today.month, today.day, tzinfo=dt_util.UTC)
    at = day - timedelta(days=back) + timedelta(minutes=minute)
    return int(at.timestamp() * 1000)


def acts(today: date, back: int, minute: int, entity_id: str) -> list[Row]:
    """Let Anna turn something off in the morning, and on again at a minute."""
    wobble = back * 37 % 11 * 4_000
    return [
        (
            instant(today, back, at) + wobble,
            entity_id,
            state,
            int(Origin.USER),
            "anna",
        )
        for at, state in ((600, "off"), (minute, "on"))
    ]


def seen(today: date, back: int, minute: int) -> Row:
    """Return a report that shows how far the log goes."""
    at = instant(today, back, minute)
    return (at, "binary_sensor.motion", "off", int(Origin.REPORT), "")


async def filled(scout: ScoutCoordinator, rows: Sequence[Row]) -> None:
    """Add changes to the archive."""
    log = log_of_rows(rows)
    archive = Archive(scout._stores.database)
    until_ms = int(log.t[-1]) + 1
    days = local_days(log.t, FACTS.time_zone)
    await archive.append(log, days, until_ms, advance=False)
