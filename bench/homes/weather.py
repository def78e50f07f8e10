"""What the measuring sensors of a home say, minute by minute, as reduced rows.

A row is written when the number has moved by a dead band since the last one, as when a
recorder is read.
"""

from typing import Final

import numpy as np
from numpy.random import Generator

from custom_components.automation_scout.mining.events import Floats
from custom_components.automation_scout.mining.rules import SunEvent

from .layout import WASHER
from .model import HOUR, LATITUDE, MINUTE, Intent, report
from .people import Traffic
from .plan import Plan, sun_at

ELEVATION: Final = (-90, -18, -12, -6, -3, 0, 5, 10, 30, 60)
LOG_LUX: Final = (-4.0, -3.0, -2.0, 0.5, 1.7, 2.8, 3.8, 4.1, 4.7, 5.0)
"""Decimal logarithm of the daylight outside at a clear sky, by the sun's elevation."""
INDOORS: Final = 0.03
"""Share of the daylight that reaches a sensor in a room."""


def measure(plan: Plan, traffic: Traffic, rng: Generator) -> list[Intent]:
    """Return the reports of all measuring sensors."""
    start, end = plan.at(0), plan.at(plan.days)
    t = np.arange(start, end, MINUTE)
    hour = (t - start) / HOUR % 24
    day = np.minimum((t - start) // (24 * HOUR), plan.days - 1)
    outdoor = _outdoor(hour, day, plan, rng)
    rows = _rows("sensor.outdoor_temperature", t, outdoor, 0.2, 1)
    indoor = 19.5 + rng.uniform(0.5, 6.5, plan.days)[day] * _bump(hour, 15.0, 3.0)
    indoor += _noise(len(t), 0.15, 60, rng)
    rows += _rows("sensor.living_temperature", t, indoor, 0.2, 1)
    rows += _rows("sensor.bathroom_humidity", t, _humidity(t, traffic, rng), 1, 0)
    lux = _daylight(t, plan, rng)
    rows += _rows("sensor.living_illuminance", t, lux, 1, 0, share=0.15)
    return rows + _washer(t, plan, traffic, rng)


def _rows(
    name: str, t: np.ndarray, values: Floats, band: float, digits: int, share: float = 0
) -> list[Intent]:
    """Return the values that left the last one's dead band; the band may grow with it.

    `share` is the part of the last value that a change must reach.
    """
    rows = []
    last = float("inf")
    for at, value in zip(t.tolist(), np.round(values, digits).tolist(), strict=True):
        if abs(value - last) >= max(band, share * last) or last == float("inf"):
            last = value
            rows.append(report(at, name, f"{value:.{digits}f}"))
    return rows


def _noise(n: int, deviation: float, minutes: int, rng: Generator) -> Floats:
    """Return smooth noise with a memory of so many minutes, float64[n]."""
    knots = rng.normal(0.0, deviation, n // minutes + 2)
    smooth: Floats = np.interp(np.arange(n) / minutes, np.arange(len(knots)), knots)
    return smooth


def _bump(hour: Floats, centre: float, width: float) -> Floats:
    bump: Floats = np.exp(-(((hour - centre) / width) ** 2))
    return bump


def _outdoor(hour: Floats, day: np.ndarray, plan: Plan, rng: Generator) -> Floats:
    season = 10.0 - 8.0 * np.cos(2 * np.pi * (plan.first_day % 365 - 20) / 365)
    drift = np.cumsum(rng.normal(0, 1.2, plan.days))
    base: Floats = (
        season + (drift - drift.mean())[day] + _noise(len(hour), 0.3, 90, rng)
    )
    return base + 4.0 * np.cos(2 * np.pi * (hour - 15) / 24)


def _humidity(t: np.ndarray, traffic: Traffic, rng: Generator) -> Floats:
    """Return 45 to 55 %, and 20 to 30 more after a shower, falling off in an hour."""
    humid = 50 + _noise(len(t), 2.5, 240, rng)
    for stay in traffic.stays:
        long = stay.end - stay.start > 8 * MINUTE
        if stay.room.name == "bathroom" and long and rng.random() < 0.35:
            since = (t - stay.start) / MINUTE - 2
            fall = np.exp(-np.clip(since - 6, 0, 900) / 20)
            rise = np.clip(since / 6, 0, 1) * fall
            humid = np.maximum(humid, 50 + rng.uniform(20, 32) * rise)
    return np.clip(humid, 0, 100)


def _daylight(t: np.ndarray, plan: Plan, rng: Generator) -> Floats:
    """Return lux in the living room: elevation of the sun, clouds of days and hours."""
    day_of_year = (t / (24 * HOUR)) % 365.25
    tilt = np.radians(-23.44) * np.cos(2 * np.pi * (day_of_year + 10) / 365.25)
    noon = np.array(
        [
            (
                sun_at(SunEvent.SUNRISE, plan.day(o))
                + sun_at(SunEvent.SUNSET, plan.day(o))
            )
            / 2
            for o in range(plan.days)
        ]
    )
    nearest = np.clip((t - plan.at(0)) // (24 * HOUR), 0, plan.days - 1)
    angle = 2 * np.pi * (t - noon[nearest]) / (24 * HOUR)
    latitude = np.radians(LATITUDE)
    sine = np.sin(latitude) * np.sin(tilt)
    sine += np.cos(latitude) * np.cos(tilt) * np.cos(angle)
    clear = np.interp(np.degrees(np.arcsin(sine)), ELEVATION, LOG_LUX)
    clouds = rng.uniform(-0.5, 0.0, plan.days)[nearest]
    clouds += _noise(len(t), 0.1, 40, rng)
    lux: Floats = INDOORS * 10 ** (clear + clouds)
    return lux


def _washer(
    t: np.ndarray, plan: Plan, traffic: Traffic, rng: Generator
) -> list[Intent]:
    """Run the washing machine about every other day; it says when it is done."""
    power = np.full(len(t), 0.8)
    for offset in plan.lived:
        if rng.random() < 0.6:
            on = plan.at(offset) + round(rng.uniform(8.0, 19.0) * HOUR)
            off = on + round(rng.uniform(60, 130)) * MINUTE
            runs = (t >= on) & (t < off)
            power[runs] = rng.uniform(40, 2100, int(runs.sum()))
            first = t[np.searchsorted(t, off)]
            traffic.pulse(WASHER, int(first) + 2_000, 10 * MINUTE)
    return _rows("sensor.washer_power", t, power, 5, 1, share=0.5)
