"""Local civil time of many instants at once, safe over changes of the clock.

Offsets from UTC are looked up once for each distinct quarter of an hour (every zone in
use changes its offset on such a boundary) and gathered, which makes a year of events a
matter of some thousand look-ups.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from .events import Ints

DAY_MS = 86_400_000
MINUTE_MS = 60_000
_SLOT_MS = 900_000


def local_ms(t_ms: Ints, time_zone: str) -> Ints:
    """Return local clock readings, as ms since 1970-01-01 00:00 local, int64[n]."""
    if not len(t_ms):
        return t_ms.astype(np.int64)
    zone = ZoneInfo(time_zone)
    slots, inverse = np.unique(t_ms // _SLOT_MS, return_inverse=True)
    offsets = np.fromiter((_offset_ms(int(slot), zone) for slot in slots), np.int64)
    return t_ms + offsets[inverse]


def _offset_ms(slot: int, zone: ZoneInfo) -> int:
    instant = datetime.fromtimestamp(slot * _SLOT_MS / 1000, UTC)
    offset = instant.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds() * 1000)


def local_days(t_ms: Ints, time_zone: str) -> Ints:
    """Return local day numbers, days since 1970-01-01, int64[n]."""
    return local_ms(t_ms, time_zone) // DAY_MS


def weekday_of(day: Ints) -> Ints:
    """Return the weekday, Monday = 0, of day numbers."""
    # 1970-01-01 was a Thursday.
    return (day + 3) % 7


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns a local day and a minute of it into an instant."""

    time_zone: str

    def instants(self, days: Ints, minute: int) -> Ints:
        """Return ms UTC at which the local clock shows `minute` on each day, int64[n].

        A minute that the clock skips is taken as if it had not yet been put forward,
        one that it shows twice as the first of the two, as `time` triggers do.
        """
        zone = ZoneInfo(self.time_zone)
        return np.fromiter(
            (
                _instant_ms(int(day) + minute // 1440, minute % 1440, zone)
                for day in days
            ),
            np.int64,
            len(days),
        )


def _instant_ms(day: int, minute: int, zone: ZoneInfo) -> int:
    naive = datetime(1970, 1, 1) + timedelta(days=day, minutes=minute)  # noqa: DTZ001
    return int(naive.replace(tzinfo=zone).timestamp() * 1000)
