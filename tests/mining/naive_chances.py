"""Slow, obvious twins of what detectors of numbers and of absence share."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt

import numpy as np

from custom_components.automation_scout.mining.detectors.crossings import GRID
from custom_components.automation_scout.mining.detectors.spells import SOON_MS
from custom_components.automation_scout.mining.origin import UNAVAILABLE
from custom_components.automation_scout.mining.rules import Action
from custom_components.automation_scout.mining.stats import wilson_low

from . import naive, naive_detect
from .naive import DAY_MS, Home

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Played:
    """What reacting to some occasions would have done."""

    fired: tuple[int, ...]
    hits: int
    days: int
    """Days with a hit."""


def react(
    home: Home, action: Action, occasions: Sequence[int], window_s: int
) -> Played:
    """Replay a rule that fires at some instants."""
    acts = [row.t for row in home.acts()[action]]
    window = window_s * 1000
    lived = set(home.days())
    usable = [
        t
        for t in occasions
        if day_of(home, t) in lived
        and home.ready(action, t)
        and t + window <= home.span()[1]
    ]
    fired = [usable[i] for i in naive.refractory(usable, window)]
    hit = [t for t in fired if any(t < act <= t + window for act in acts)]
    return Played(tuple(fired), len(hit), len({day_of(home, t) for t in hit}))


def day_of(home: Home, t: int) -> int:
    """Return the local day of an instant."""
    return naive.local(t, home.zone) // DAY_MS


def hour_of(home: Home, t: int) -> int:
    """Return the hour of the day of an instant."""
    return naive.local(t, home.zone) % DAY_MS // HOUR_MS


class Chances:
    """Chances of the acts of a home."""

    def __init__(self, home: Home) -> None:
        """Begin without any."""
        self.home = home
        self._by_hour: dict[tuple[Action, int], list[float]] = {}

    def by_hour(self, action: Action, fired: Sequence[int], window_s: int) -> float:
        """Return the mean chance at the hours of firings."""
        key = action, window_s
        if key not in self._by_hour:
            self._by_hour[key] = naive_detect.background(self.home, action, window_s)
        table = self._by_hour[key]
        return mean([table[hour_of(self.home, t)] for t in fired])

    def gain(self, action: Action, played: Played, window_s: int) -> float:
        """Return the lower bound less chance."""
        low = wilson_low(played.hits, len(played.fired))
        return low - self.by_hour(action, played.fired, window_s)

    def greatest(
        self, action: Action, own: Sequence[int], fired: Sequence[int], window_s: int
    ) -> float:
        """Return the chance of the hour or the age, or that of activity."""
        home = self.home
        soon = [t for t in fired if 0 < t - home.ready_since(action, t) <= SOON_MS]
        late = [t for t in fired if t not in soon]
        of_age = [
            chance_at_age(home, action, t - home.ready_since(action, t), window_s)
            for t in soon
        ]
        early = max(self.by_hour(action, soon, window_s), mean(of_age))
        both = len(soon) * early + len(late) * self.by_hour(action, late, window_s)
        return max(both / len(fired), activity(home, action, own, window_s))

    def anyway(self, action: Action, fired: Sequence[int], window_s: int) -> float:
        """Return the chance of an act at the hours of firings, possible or not."""
        home = self.home
        lived = home.days()
        acts = [row.t for row in home.acts()[action]]
        hours = [hour_of(home, t) for t in acts if day_of(home, t) in lived]
        chances = [
            (hours.count(hour) + len(hours) / 24) / (len(home.days()) + 1)
            * window_s * 1000 / HOUR_MS
            for hour in (hour_of(home, t) for t in fired)
        ]  # fmt: skip
        return mean([min(chance, 1.0) for chance in chances])


def spells(home: Home, action: Action) -> list[tuple[int, bool]]:
    """Return how long the action was possible each time, and if an act ended it."""
    acts = {row.t for row in home.acts()[action]}
    found: list[tuple[int, bool]] = []
    since: int | None = None
    for row in home.of(action.entity_id):
        possible = row.state != action.state and row.state not in UNAVAILABLE
        if since is not None and not possible:
            found.append((row.t - since, row.t in acts))
        if not possible:
            since = None
        elif since is None:
            since = row.t
    if since is not None:
        found.append((home.span()[1] - since, home.span()[1] in acts))
    return found


def chance_at_age(home: Home, action: Action, age: int, window_s: int) -> float:
    """Return the share of the spells that reach an age which end soon by an act."""
    alive = [spell for spell in spells(home, action) if spell[0] > age]
    ended = [1 for length, done in alive if done and length <= age + window_s * 1000]
    return len(ended) / max(len(alive), 1)


def activity(home: Home, action: Action, own: Sequence[int], window_s: int) -> float:
    """Return how often an act follows activity that is not the trigger's."""
    width = window_s * 1000
    marks: dict[int, int] = {}
    for t in sorted(t for times in home.edges().values() for t in times):
        marks.setdefault(t // width, t)
    away = [
        t
        for t in marks.values()
        if not any(t - width <= e <= t + width for e in own) and home.ready(action, t)
    ]
    if len(away) < 20:
        return 0.0
    acts = [row.t for row in home.acts()[action]]
    return mean([float(any(t < a <= t + width for a in acts)) for t in away])


def precedes(occasions: Sequence[int], t: int, window_ms: int) -> bool:
    """Return whether an ascending list has an instant in [t - window, t)."""
    place = bisect_left(occasions, t - window_ms)
    return place < len(occasions) and occasions[place] < t


@cache
def grid(home: Home) -> tuple[int, ...]:
    """Return instants spread over the log."""
    return tuple(int(t) for t in np.linspace(*home.span(), GRID).astype(np.int64))


@cache
def grid_hours(home: Home) -> tuple[int, ...]:
    """Return the hour of the day of each of them."""
    return tuple(hour_of(home, t) for t in grid(home))


def surprise(
    home: Home, acts: Sequence[int], seen: Sequence[bool], on_grid: Sequence[bool]
) -> float:
    """Return deviations of the acts at which something is seen above its chance.

    `on_grid` is whether it is seen at the instants of the grid.
    """
    hours: dict[int, list[bool]] = {}
    for hour, is_seen in zip(grid_hours(home), on_grid, strict=True):
        hours.setdefault(hour, []).append(is_seen)
    shares = {hour: sum(seen_) / len(seen_) for hour, seen_ in hours.items()}
    chance = sum(shares.get(hour_of(home, t), 0.0) for t in acts)
    spread = sqrt(chance * (1 - min(chance / len(acts), 1)) + 0.5)
    return (sum(seen) - chance) / spread


def mean(values: Sequence[float]) -> float:
    """Return the mean, 0 of nothing."""
    return sum(values) / len(values) if values else 0.0
