"""Numbers of a sensor, reduced to the changes that matter.

Send-on-delta: a number is kept when it is a band away from the last one kept, which is
hysteresis by itself. What is kept is a function of the rows of one local day alone: the
first row of a day is kept, and the band doubles while a day has had more rows than its
share so far. So the outcome is the same wherever the windows of a read begin and end.

Junk (text, unknown, not finite) is a gap, as unavailable is: a sensor that says nothing
has no number to compare with a threshold, which the log has to tell, but a sensor that
flaps is not worth its rows, so a gap is left out while the band is doubled.
"""

from typing import Final

import numpy as np

from ..mining.events import Floats, Ints
from ..mining.measures import Band

FREE_ROWS: Final = 30
PACE_MS: Final = 400_000
"""A day's share: 30 rows at once and 216 more in 24 hours."""
DOUBLING_ROWS: Final = 5
"""The band doubles with so many rows over the share: a sensor that jumps by a thousand
bands all day ends at 300."""
LARGEST: Final = 1e12


def numbers(texts: list[str]) -> Floats:
    """Return float64[n]: the numbers that texts are, nan for junk."""
    return np.array([_number(text) for text in texts], np.float64)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return np.nan
    # Python reads "1_0" as ten, and other scripts' digits; no sensor writes them.
    return value if abs(value) < LARGEST and "_" not in text else np.nan


def in_steps(values: Floats, band: Band) -> Floats:
    """Return float64[n]: numbers as multiples of the band's step, whole; nan stays."""
    count = np.rint(values / band.step)
    if band.relative:
        size = np.maximum(np.abs(np.where(np.isnan(count), 0.0, count)), 1.0)
        digits = np.floor(np.log10(size)) + 1
        unit = 10.0 ** np.maximum(digits - band.digits, 0)
        count = np.rint(count / unit) * unit
    # What rounds to nothing from below is -0.0 otherwise.
    return count + 0.0


def kept(t: Ints, counts: Floats, band: Band, day_ms: int) -> list[int]:
    """Return which rows of a sensor's local day matter.

    Args:
        t: int64[n], ms UTC, ascending.
        counts: float64[n], whole numbers of steps, nan for a gap.
        band: What matters.
        day_ms: When the day began, ms UTC.
    """
    if not len(t):
        return []
    gap = np.isnan(counts)
    new = np.ones(len(t), np.bool_)
    new[1:] = ~((counts[1:] == counts[:-1]) | (gap[1:] & gap[:-1]))
    places = np.flatnonzero(new)
    rows: list[int] = []
    silent = True
    last = 0.0
    for place, moment, count, is_gap in zip(
        places.tolist(),
        t[places].tolist(),
        counts[places].tolist(),
        gap[places].tolist(),
        strict=True,
    ):
        over = len(rows) - FREE_ROWS - (moment - day_ms) / PACE_MS
        if not rows:
            keep = True
        elif is_gap:
            keep = not silent and over <= 0
        else:
            keep = silent or abs(count - last) >= _least(band, count, last, over)
        if keep:
            rows.append(place)
            silent = is_gap
            last = count
    return rows


def _least(band: Band, one: float, other: float, over: float) -> float:
    """Return how far two numbers have to be apart, so many rows over the share."""
    least = max(band.steps, band.relative * max(abs(one), abs(other)))
    return least * 2.0 ** (over // DOUBLING_ROWS + 1) if over > 0 else least
