"""Thresholds that a person would write for a sensor, and where to look for them.

A sensor's scale is either even (temperatures in halves, humidities in fives) or that of
quantities which span decades (light, power), where a step grows with the number: 5, 10,
15, 20, 30, .. 100, 150, 200, 300.
"""

from dataclasses import dataclass
from math import floor, log10
from typing import Final

import numpy as np

from ..events import Floats
from ..facts import EntityFacts
from ..history import Numbers

MOST_CUTS: Final = 16
"""Thresholds of one sensor that are looked at."""
SEEN: Final = 4096
"""Values of a sensor that show its range well enough."""
LARGEST: Final = 1e12
"""Numbers beyond are no measurements."""
SMALLEST: Final = 1e-9
"""Numbers nearer to nothing are nothing."""
EVEN_STEPS: Final = {
    "aqi": 5.0,
    "atmospheric_pressure": 1.0,
    "battery": 5.0,
    "carbon_dioxide": 50.0,
    "humidity": 5.0,
    "moisture": 5.0,
    "sound_pressure": 5.0,
    "temperature": 0.5,
    "wind_speed": 5.0,
}
"""Device class to the step of its thresholds."""
UNIT_STEPS: Final = {"%": 5.0, "°C": 0.5, "°F": 1.0, "ppm": 50.0}
"""Unit to the step, where the class does not say it; a unit beats the class."""
DECADES: Final = frozenset(
    {"apparent_power", "current", "data_rate", "illuminance", "power"}
)
"""Device classes that span decades."""
DECADE_UNITS: Final = frozenset({"A", "VA", "W", "kW", "lx", "mA"})


@dataclass(frozen=True, slots=True)
class Scale:
    """How the thresholds of one sensor are spaced."""

    step: float
    """0 where steps grow with the number."""

    def step_at(self, value: float) -> float:
        """Return the distance of neighbouring thresholds around a value, > 0."""
        return self.step or _nice(max(abs(value) / 2, 1e-3))

    def round(self, value: float) -> float:
        """Return the nearest threshold."""
        if value == 0:
            return 0.0
        step = self.step_at(value)
        return float(f"{round(value / step) * step:.10g}")

    def between(self, low: float, high: float) -> list[float]:
        """Return thresholds within [low, high], ascending, at most 17 of them."""
        found = {self.round(low + (high - low) * k / MOST_CUTS) for k in range(17)}
        return sorted(value for value in found if low <= value <= high)


def scale_of(facts: EntityFacts, numbers: Numbers) -> Scale:
    """Return the scale of a sensor, from its unit, its class or its own range."""
    if facts.unit in UNIT_STEPS and facts.device_class not in DECADES:
        return Scale(UNIT_STEPS[facts.unit])
    if facts.device_class in EVEN_STEPS:
        return Scale(EVEN_STEPS[facts.device_class])
    if facts.device_class in DECADES or facts.unit in DECADE_UNITS:
        return Scale(0.0)
    seen = _seen(numbers)
    low, high = map(float, np.quantile(seen, (0.05, 0.95))) if len(seen) else (0.0, 0.0)
    if low >= 0 and high >= 10 * low:
        return Scale(0.0)
    return Scale(_nice(max((high - low) / 10, 1e-9)))


def cuts_of(numbers: Numbers, scale: Scale) -> Floats:
    """Return at most 16 thresholds with values on both sides, ascending.

    Half of them are round numbers near evenly spaced quantiles, half near even steps
    through the range: what a machine draws at work, and how damp a shower makes it, is
    measured seldom.
    """
    seen = _seen(numbers)
    if not len(seen) or seen.min() == seen.max():
        return np.zeros(0)
    half = MOST_CUTS // 2
    quantiles = np.quantile(seen, (np.arange(half) + 0.5) / half)
    low, high = map(float, np.quantile(seen, (0.005, 0.995)))
    if scale.step == 0 and low >= 0 and high > 0:
        even = np.geomspace(max(low, high / 1e4), high, half + 1)[:-1]
    else:
        even = np.linspace(low, high, half + 2)[1:-1]
    near = np.concatenate((quantiles, even))
    rounded = np.unique([scale.round(float(value)) for value in near])
    inside: Floats = rounded[(rounded >= seen.min()) & (rounded <= seen.max())]
    return inside


def range_of(numbers: Numbers) -> tuple[float, float]:
    """Return the least and the greatest number, (0, 0) without any."""
    seen = _seen(numbers)
    return (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 0.0)


def _seen(numbers: Numbers) -> Floats:
    seen: Floats = numbers.value[:: max(1, len(numbers.value) // SEEN)]
    sane: Floats = seen[np.abs(seen) <= LARGEST]
    return np.where(np.abs(sane) < SMALLEST, 0.0, sane)


def _nice(size: float) -> float:
    """Return the greatest of 1, 5, 10, 50, .. times a power of ten up to a size > 0."""
    decade = 10.0 ** floor(log10(size) + 1e-9)
    return 5 * decade if size >= 5 * decade * (1 - 1e-9) else decade
