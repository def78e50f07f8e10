"""At which time of the day the sun rises and sets at this time of the year."""

from typing import Final

import numpy as np

from .doing import SunMinutes
from .facts import HomeFacts
from .localtime import DAY_MS, MINUTE_MS, local_days, local_ms
from .rules import SunEvent
from .sun import NO_EVENT, sun_events

DAYS: Final = 14
"""Days before an instant that are looked at."""


def sun_minutes(facts: HomeFacts, now_ms: int) -> SunMinutes:
    """Return the median minute of the local day of each event on the latest days.

    Without events that do not occur, and empty where nobody knows where the home is.
    """
    if facts.latitude is None or facts.longitude is None:
        return {}
    today = int(local_days(np.array([now_ms], np.int64), facts.time_zone)[0])
    days = np.arange(today - DAYS + 1, today + 1)
    rise, sets = sun_events(days, facts.latitude, facts.longitude, facts.time_zone)
    found: dict[SunEvent, int] = {}
    for event, t in ((SunEvent.SUNRISE, rise), (SunEvent.SUNSET, sets)):
        if len(known := t[t != NO_EVENT]):
            local = local_ms(known, facts.time_zone) % DAY_MS // MINUTE_MS
            found[event] = int(np.median(local))
    return found
