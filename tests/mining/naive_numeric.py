"""Slow, obvious twin of the detector of numbers. Thresholds are taken as they are."""

from math import isfinite

from custom_components.automation_scout.mining.detectors.crossings import SAMPLED
from custom_components.automation_scout.mining.detectors.numeric import (
    WAIT,
    WINDOWS_S,
    Numeric,
)
from custom_components.automation_scout.mining.detectors.thresholds import (
    Scale,
    cuts_of,
    scale_of,
)
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.rules import (
    Action,
    NumericTrigger,
    Rule,
    Side,
)
from custom_components.automation_scout.mining.stats import binomial_tail

from . import naive_detect
from .naive import Home
from .naive_chances import Chances, Played, grid, precedes, react, surprise

type Fit = tuple[float, int, float, Played]
"""Gain, window, threshold, replay."""


def numbers(home: Home, sensor: str) -> list[tuple[int, float]]:
    """Return the finite numbers that a sensor reported."""
    found: list[tuple[int, float]] = []
    for row in home.of(sensor):
        try:
            value = float(row.state)
        except ValueError:
            continue
        if isfinite(value):
            found.append((row.t, value))
    return found


def crossings(home: Home, sensor: str, side: Side, threshold: float) -> list[int]:
    """Return when the number comes to be beyond a threshold."""
    found: list[int] = []
    was = True
    for t, value in numbers(home, sensor):
        beyond = value > threshold if side is Side.ABOVE else value < threshold
        if beyond and not was:
            found.append(t)
        was = beyond
    return found


def numeric(
    home: Home, detector: Numeric, history: History
) -> tuple[naive_detect.Found, int]:
    """Return the habits of numbers and the number of tests.

    `history` is asked for nothing but the numbers that thresholds are made from.
    """
    found: naive_detect.Found = {}
    tested = 0
    chances = Chances(home)
    actions = [a for a, rows in home.acts().items() if len(rows) >= detector.min_hits]
    for sensor in sorted(name for name in home.entities if name.startswith("sensor.")):
        values = history.numbers(sensor)
        scale = scale_of(home.facts.of(sensor), values)
        cuts = [float(cut) for cut in cuts_of(values, scale)]
        for action in actions:
            if naive_detect.related(home, sensor, action.entity_id):
                continue
            tested += 2 * len(cuts) * len(WINDOWS_S)
            for side in Side:
                chosen = _closest(home, action, (sensor, side), cuts, detector)
                fits = _fits(chances, action, (sensor, side), chosen, detector)
                if not fits:
                    continue
                _, _, best, _ = _middle_of_best(fits)
                further = _between(home, sensor, scale, cuts, best)
                tested += len(further) * len(WINDOWS_S)
                fits += _fits(chances, action, (sensor, side), further, detector)
                _add(chances, action, (sensor, side), _middle_of_best(fits), found)
    return found, tested


def _closest(
    home: Home,
    action: Action,
    axis: tuple[str, Side],
    cuts: list[float],
    detector: Numeric,
) -> list[float]:
    acts = [row.t for row in home.acts()[action]]
    assert len(acts) <= SAMPLED
    ranked: list[tuple[float, float]] = []
    sampled = 0
    for cut in cuts:
        times = crossings(home, *axis, cut)
        best = 0.0
        for window in WINDOWS_S:
            seen = [precedes(times, t, window * 1000) for t in acts]
            on_grid = [precedes(times, t, window * 1000) for t in grid(home)]
            above = surprise(home, acts, seen, on_grid)
            if sum(seen) >= max(detector.min_hits, detector.min_coverage * len(acts)):
                best = max(best, above)
        sampled += best >= detector.sample_z
        ranked.append((best, cut))
    if not sampled or not ranked:
        return []
    third = sorted(ranked, reverse=True)[: detector.closest][-1][0]
    least = max(third - 1e-9, detector.min_z)
    return [cut for above, cut in ranked if above >= least]


def _fits(
    chances: Chances,
    action: Action,
    axis: tuple[str, Side],
    cuts: list[float],
    detector: Numeric,
) -> list[Fit]:
    fits: list[Fit] = []
    for cut in cuts:
        times = crossings(chances.home, *axis, cut)
        for window in WINDOWS_S:
            played = react(chances.home, action, times, window)
            if played.days >= detector.min_hits:
                gain = chances.gain(action, played, window) - WAIT * window
                fits.append((round(gain, 9), window, cut, played))
    return fits


def _middle_of_best(fits: list[Fit]) -> Fit:
    gain, window = max((fit[0], -fit[1]) for fit in fits)
    equal = [fit for fit in fits if fit[0] == gain and fit[1] == -window]
    return sorted(equal, key=lambda fit: fit[2])[len(equal) // 2]


def _between(
    home: Home, sensor: str, scale: Scale, cuts: list[float], best: float
) -> list[float]:
    values = [value for _, value in numbers(home, sensor)]
    below = [cut for cut in cuts if cut < best]
    above = [cut for cut in cuts if cut > best]
    low = max(below, default=min(values))
    high = min(above, default=max(values))
    return [value for value in scale.between(low, high) if value not in cuts]


def _add(
    chances: Chances,
    action: Action,
    axis: tuple[str, Side],
    fit: Fit,
    found: naive_detect.Found,
) -> None:
    _, window, cut, played = fit
    own = crossings(chances.home, *axis, cut)
    chance = chances.greatest(action, own, played.fired, window)
    n = len(played.fired)
    if played.hits >= 2 * chance * n or 2 * (n - played.hits) <= (1 - chance) * n:
        rule = Rule(NumericTrigger(*axis, cut), action, window)
        found[rule] = binomial_tail(played.hits, n, chance)
