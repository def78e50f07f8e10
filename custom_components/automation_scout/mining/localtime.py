"""Local civil time of many instants at once, safe over changes of the clock.

Offsets from UTC are looked up once a day; where two days differ, the change is found by
halving, down to the quarter of an hour (every zone in use changes on such a boundary).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from .events import Ints

DAY_MS = 86_400_000
MINUTE_MS = 60_000
SLOT_MS = 900_000


def local_ms(t_ms: Ints, time_zone: str) -> Ints:
    """Return local clock readings, as ms since 1970-01-01 00:00 local, int64[n]."""
    if not len(t_ms):
        return t_ms.astype(np.int64)
    first, last = int(t_ms.min()) // DAY_MS, int(t_ms.max()) // DAY_MS
    starts, offsets = _offsets(time_zone, first, last)
    return t_ms + offsets[np.searchsorted(starts, t_ms, side="right") - 1]


@lru_cache(maxsize=64)
def _offsets(time_zone: str, first: int, last: int) -> tuple[Ints, Ints]:
    """Return from when each offset holds in the UTC days [first, last], both in ms."""
    zone = ZoneInfo(time_zone)
    starts, offsets = [first * DAY_MS], [_offset_ms(first * DAY_MS, zone)]
    for day in range(first, last + 1):
        end = (day + 1) * DAY_MS
        if _offset_ms(end, zone) == offsets[-1]:
            continue
        low, high = day * DAY_MS // SLOT_MS, end // SLOT_MS
        while high - low > 1:
            middle = (low + high) // 2
            if _offset_ms(middle * SLOT_MS, zone) == offsets[-1]:
                low = middle
            else:
                high = middle
        starts.append(high * SLOT_MS)
        offsets.append(_offset_ms(high * SLOT_MS, zone))
    return np.array(starts, np.int64), np.array(offsets, np.int64)


def _offset_ms(t_ms: int, zone: ZoneInfo) -> int:
    instant = datetime.fromtimestamp(t_ms / 1000, UTC)
    offset = instant.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds() * 1000)


def local_days(t_ms: Ints, time_zone: str) -> Ints:
    """Return local day numbers, days since 1970-01-01, int64[n]."""
    return local_ms(t_ms, time_zone) // DAY_MS


def weekday_of(day: Ints) -> Ints:
    """Return the weekday, Monday = 0, of day numbers."""
    # 1970-01-01 was a Thursday.
    return (day + 3) % 7


def due_days(local: Ints, minute: int) -> Ints:
    """Return the day to whose `minute` each local reading (ms) is nearest, int64[n]."""
    return (local - (minute - 720) * MINUTE_MS) // DAY_MS


def ms_from(local: Ints, minute: int) -> Ints:
    """Return how far local readings (ms) are from a minute of the day, int64[n]."""
    offset = (local - minute * MINUTE_MS) % DAY_MS
    return np.minimum(offset, DAY_MS - offset)


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns a local day and a minute of it into an instant."""

    time_zone: str

    def instants(self, days: Ints, minute: int) -> Ints:
        """Return ms UTC at which the local clock shows `minute` on each day, int64[n].

        A minute that the clock skips is taken as if it had not yet been put forward,
        one that it shows twice as the first of the two. A `time` trigger leaves out the
        one and fires twice at the other, on one night a year each.
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

    def showing(self, seconds: Ints, start_ms: int, end_ms: int) -> Ints:
        """Return when the local clock shows readings in [start_ms, end_ms), ascending.

        `seconds` are seconds of the day, ascending. A reading that the clock skips does
        not come, one that it shows twice comes twice: as with `time` triggers.
        """
        if end_ms <= start_ms or not len(seconds):
            return np.zeros(0, np.int64)
        first, last = start_ms // DAY_MS - 1, end_ms // DAY_MS + 1
        starts, offsets = _offsets(self.time_zone, first, last)
        days = np.arange(first, last + 1)
        local = (days[:, None] * DAY_MS + seconds[None, :] * 1000).ravel()
        parts = []
        ends = np.append(starts[1:], (last + 1) * DAY_MS)
        for since, until, offset in zip(starts, ends, offsets, strict=True):
            t = local - offset
            low = max(int(since), start_ms)
            parts.append(t[(t >= low) & (t < min(int(until), end_ms))])
        return np.concatenate(parts)


def _instant_ms(day: int, minute: int, zone: ZoneInfo) -> int:
    naive = datetime(1970, 1, 1) + timedelta(days=day, minutes=minute)
    return int(naive.replace(tzinfo=zone).timestamp() * 1000)
