"""Rows of sensors that measure, as changes that matter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..mining.events import Ints, Mask
from ..mining.facts import EntityFacts
from ..mining.measures import band_of
from ..mining.origin import Origin
from ..mining.provenance import SYSTEM, Cause
from . import deadband
from .columns import Codes, Part, Table

REPORT: Final = Cause(Origin.REPORT)
GAP: Final = "unavailable"
"""State of a sensor that does not say a number, whatever it says instead."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """What is known besides the rows."""

    entities: Sequence[EntityFacts]
    states: Codes
    start_ms: int
    """What is before was in the window before."""
    day_ms: int
    """Beginning of the local day of the window, where the rows begin too."""


def measured_part(
    table: Table, starting: Mask, before: Ints, measuring: Measuring
) -> tuple[Part, Mapping[int, int]]:
    """Return the changes that matter, and the last number of each sensor.

    Args:
        table: All rows since the day began.
        starting: bool[n], Home Assistant had just been started.
        before: int64[entities], code of the last number before the window, -1 for none.
        measuring: The sensors, the states, and the window.
    """
    states = measuring.states
    values = deadband.numbers([state or "" for state in states])
    gap = states[GAP]
    found: list[tuple[int, int, int, Cause]] = []
    last: dict[int, int] = {}
    for entity in np.unique(table.entity).tolist():
        low, high = np.searchsorted(table.entity, (entity, entity + 1)).tolist()
        facts = measuring.entities[entity]
        band = band_of(facts.device_class, facts.unit)
        t = table.t[low:high]
        counts = deadband.in_steps(values[table.state[low:high]], band)
        previous = int(before[entity])
        for row in deadband.kept(t, counts, band, measuring.day_ms):
            place, moment, count = low + row, int(t[row]), float(counts[row])
            code = gap if np.isnan(count) else states[band.text(count)]
            if moment >= measuring.start_ms and code != previous:
                appeared = bool(table.first[place]) and (
                    bool(starting[place]) or previous < 0
                )
                nobody = appeared or gap in (code, previous)
                cause = SYSTEM if nobody else REPORT
                found.append((moment, entity, code, cause))
            previous = last[entity] = code
    return Part.of(found), last
