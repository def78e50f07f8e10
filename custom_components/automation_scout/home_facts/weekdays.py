"""Days of the week as they are written."""

from homeassistant.const import WEEKDAYS

from ..mining.rules import ALL_DAYS
from ..mining.written.pieces import words


def weekdays_of(value: object) -> tuple[int, ...]:
    """Return the days of the week (Monday is 0) that a list names; all for none."""
    named = set(words(value))
    return tuple(day for day in ALL_DAYS if WEEKDAYS[day] in named) or ALL_DAYS
