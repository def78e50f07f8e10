"""What sensors measure, and how small a change of it matters to people.

A sensor reports far more numbers than a habit needs. A number is rounded to `step`, and
kept when it is at least a band away from the one kept before; two steps are the least
band, so that noise between two of them never flips.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Band:
    """How far numbers of one kind have to be apart to differ."""

    steps: int
    """Least change, in steps; at least 2."""
    step: float
    """Numbers are multiples of it."""
    relative: float = 0.0
    """Least change, as a share of the larger number."""
    digits: int = 2
    """Significant digits that numbers are rounded to, where there is such a share."""

    def text(self, count: float) -> str:
        """Return so many steps as the log's text."""
        return f"{count * self.step:.10g}"


BANDS: Final[Mapping[str, Band]] = {
    "carbon_dioxide": Band(5, 5),
    # One step more than between two numbers of a sensor that reports whole ones.
    "humidity": Band(3, 0.5),
    "illuminance": Band(2, 1, 0.15),
    "irradiance": Band(5, 1, 0.15),
    "moisture": Band(3, 0.5),
    "pm10": Band(2, 1, 0.15),
    "pm25": Band(2, 1, 0.15),
    "power": Band(2, 1, 0.1),
    "precipitation_intensity": Band(2, 0.1, 0.2),
    "sound_pressure": Band(3, 1),
    "temperature": Band(2, 0.1),
    "volatile_organic_compounds": Band(2, 5, 0.1),
    "volatile_organic_compounds_parts": Band(2, 5, 0.1),
    "wind_speed": Band(2, 0.5, 0.1),
}
"""Device class to band. What is not here is not read unless a person includes it:
energy and other counters only grow, batteries and signals tell of the device, and the
pressure of the air, voltage and current are what nobody acts on."""

OTHER: Final = Band(2, 0.01, 0.01, 3)
"""For what a person includes. Its scale is not known: 1 % of the number itself, since
a share of its range so far would depend on where a read began."""

UNITS: Final[Mapping[str, float]] = {
    "kW": 1e-3,
    "MW": 1e-6,
    "mW": 1e3,
    "°F": 2,
    "in/h": 0.05,
    "km/h": 4,
    "kn": 2,
    "mg/m³": 1e-3,
    "mph": 2,
}
"""Round factors to the size of a step in units other than those of `BANDS`: W, °C,
mm/h, m/s, µg/m³."""


def band_of(device_class: str | None, unit: str | None) -> Band:
    """Return the band of a sensor that measures."""
    band = BANDS.get(device_class or "", OTHER)
    factor = UNITS.get(unit or "", 1.0) if band is not OTHER else 1.0
    return band if factor == 1 else replace(band, step=band.step * factor)
