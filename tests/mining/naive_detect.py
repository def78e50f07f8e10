"""Slow, obvious twins of what the detectors share."""

from custom_components.automation_scout.mining.detectors.follows import GRID_MS
from custom_components.automation_scout.mining.rules import Action, Rule

from . import naive
from .naive import DAY_MS, Home

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
type Found = dict[Rule, float]
"""Rule to p value."""


def background(home: Home, action: Action, window_s: int) -> list[float]:
    """Return the chance of an act by hour, with the formula of the code, by loops."""
    times = [row.t for row in home.rows]
    lived = set(home.days())
    possible, covered = [0.0] * 24, [0.0] * 24
    for t in range(min(times), max(times) + 1, GRID_MS):
        reading = naive.local(t, home.zone)
        if reading // DAY_MS in lived and home.ready(action, t):
            possible[reading % DAY_MS // HOUR_MS] += GRID_MS
    for row in home.acts()[action]:
        wait = row.t - home.ready_since(action, row.t) or DAY_MS
        hour = naive.local(row.t, home.zone) % DAY_MS // HOUR_MS
        covered[hour] += min(wait, window_s * 1000)
    mean = sum(covered) / max(sum(possible), 1.0)
    return [
        min((c + mean * HOUR_MS) / (p + HOUR_MS), 1.0)
        for c, p in zip(covered, possible, strict=True)
    ]


def open_and_covered(
    home: Home, action: Action, window_s: int, step_ms: int
) -> tuple[list[int], list[int]]:
    """Return instants by hour at which it was possible, and those before an act."""
    times = [row.t for row in home.rows]
    acts = [row.t for row in home.acts()[action]]
    lived = set(home.days())
    possible, covered = [0] * 24, [0] * 24
    for t in range(min(times), max(times) + 1, step_ms):
        reading = naive.local(t, home.zone)
        if reading // DAY_MS not in lived or not home.ready(action, t):
            continue
        hour = reading % DAY_MS // HOUR_MS
        possible[hour] += 1
        covered[hour] += any(t < act <= t + window_s * 1000 for act in acts)
    return possible, covered


def related(home: Home, one: str, two: str) -> bool:
    """Return whether two entities are one thing to the people of the home."""
    a, b = home.facts.of(one), home.facts.of(two)
    same_device = a.device_id is not None and a.device_id == b.device_id
    return one == two or same_device or one in b.members or two in a.members
