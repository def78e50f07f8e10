"""At which distance from sunrise or sunset the sun stands at a height.

Automations ask for the height of the sun in degrees; habits are told by its events.
"""

from datetime import date, timedelta
from typing import Final

from astral import Observer, SunDirection
import astral.sun

from .rules import SunEvent, SunTrigger

DAY: Final = timedelta(days=1)
FARTHEST_MIN: Final = 360


def at_height(
    event: SunEvent, degrees: float, observer: Observer, day: date
) -> SunTrigger | None:
    """Return the sun's passing a height near one of its events, at a time of the year.

    None where it does not reach it, or hours away from the event.
    """
    is_rise = event is SunEvent.SUNRISE
    occurs = astral.sun.sunrise if is_rise else astral.sun.sunset
    direction = SunDirection.RISING if is_rise else SunDirection.SETTING
    try:
        apart = astral.sun.time_at_elevation(
            observer, degrees, day, direction
        ) - occurs(observer, day)
    except ValueError:
        return None
    # Both are of one UTC date, and the event may lie on the other side of midnight.
    nearest = (apart + DAY / 2) % DAY - DAY / 2
    minutes = round(nearest / timedelta(minutes=1))
    return SunTrigger(event, minutes) if abs(minutes) <= FARTHEST_MIN else None
