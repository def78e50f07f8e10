"""Reactions: a person acts soon after another entity enters a state.

Directed and lagged: the edge comes first. Only firings that could act count, and each
blocks the next for as long as its window. Chance is what the same window yields at the
same hour without regard to the trigger, or at activity in the home away from the
trigger, whichever is more; the second is what tells a cause from a busy evening.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log2
from typing import ClassVar, Final

import numpy as np

from ..acts import Acts
from ..edges import CHUNK
from ..events import Floats, Ints, Mask
from ..facts import HomeFacts
from ..history import History
from ..localtime import DAY_MS, MINUTE_MS
from ..occasions import occasions
from ..replay import Replay, react, ready_occasions
from ..rules import Action, Kind, Rule, StateTrigger
from ..stats import binomial_tail, wilson_low
from .protocol import Candidate, Detection
from .variants import Variants, variants

WINDOWS_S: Final = (30, 60, 120, 300, 900)
GRID_MS: Final = 15 * MINUTE_MS
"""Step at which the time that an action was possible is sampled."""
HOUR_MS: Final = 3_600_000
PRESENCE: Final = frozenset({"motion", "moving", "occupancy", "presence"})
"""Device classes of sensors that tell whether somebody is there."""
RESTING: Final = frozenset({"closed", "off", "paused"})
"""States that people leave things in."""
SLOWNESS: Final = 0.005
"""What a window has to gain for being twice as long: the sooner, the plainer."""
LEAST_PRECISION: Final = 0.05
"""A reaction that cannot be right oftener is not replayed."""
SAMPLE: Final = 120
"""Acts of one action that the prefilter looks at, spread over its history. What comes
before a tenth of them, five deviations above chance, comes before enough of all."""


@dataclass(frozen=True, slots=True)
class Follows:
    """Finds acts that follow another entity's change."""

    name: ClassVar[str] = "state"
    min_hits: int = 4
    min_coverage: float = 0.1
    """Least share of the acts that the trigger comes before."""
    min_lift: float = 2.0
    min_z: float = 5.0
    """Standard deviations above chance from which a pair gets the exact test; less
    cannot become significant among the hundred thousands that a home has."""

    def detect(self, history: History) -> Detection:
        """Return the best window of each pair of an edge and an action."""
        found: list[Candidate] = []
        tested = 0
        activity = Activity(history)
        forms = variants(history)
        by_hour = chances_by_hour(history, forms)
        for action in sorted(history.acts):
            acts = history.acts[action]
            if len(acts) < self.min_hits:
                continue
            allowed = _allowed(history, forms, action)
            tested += len(WINDOWS_S) * int(np.count_nonzero(allowed))
            background = Background(history, action)
            for code in self._promising(forms, acts, allowed, by_hour):
                trigger = forms.triggers[code]
                candidate = self._best(history, action, trigger, background, activity)
                if candidate:
                    found.append(candidate)
        return Detection(tuple(found), tested)

    def refit(self, history: History, rule: Rule, days: Ints) -> Rule | None:
        """Return the rule with the window that suits these days."""
        trigger = rule.trigger
        if rule.trigger_kind is not Kind.STATE or not isinstance(trigger, StateTrigger):
            return None
        ready = ready_occasions(history, rule.action, trigger)
        options = [
            (wilson_low(played.hits, len(played.fired)), -window, window)
            for window in WINDOWS_S
            for played in [react(history, rule.action, ready, window).on(days)]
            if played.hits
        ]
        return Rule(trigger, rule.action, max(options)[2]) if options else None

    def _promising(
        self, forms: Variants, acts: Acts, allowed: Mask, by_hour: Floats
    ) -> Iterator[int]:
        """Yield codes of triggers that come before enough acts, more than by chance."""
        if len(acts) > SAMPLE:
            chosen = np.zeros(len(acts), bool)
            chosen[np.linspace(0, len(acts) - 1, SAMPLE).astype(np.int64)] = True
            acts = acts.where(chosen)
        hits = hits_by_trigger(forms, acts.t)
        n = len(acts)
        by_chance = chance_hits(by_hour, acts)
        spread = np.sqrt(by_chance * (1 - by_chance / n) + 0.5)
        strong = (
            (hits >= max(self.min_hits, self.min_coverage * n))
            & (hits > by_chance + self.min_z * spread)
        ).any(axis=0)
        yield from map(int, np.flatnonzero(strong & allowed))

    def _best(
        self,
        history: History,
        action: Action,
        trigger: StateTrigger,
        background: Background,
        activity: Activity,
    ) -> Candidate | None:
        """Choose the window by lower bound less background, and test it."""
        best: tuple[float, int, Replay, float] | None = None
        ready = ready_occasions(history, action, trigger)
        for window in WINDOWS_S:
            # Two firings at most come out of a stretch as long as the window.
            firings = len(np.unique(ready[0] // (window * 1000))) / 2
            if len(history.acts[action]) < LEAST_PRECISION * firings:
                continue
            played = react(history, action, ready, window)
            n = len(played.fired)
            if (
                played.hits < self.min_hits
                or len(np.unique(played.day[played.hit])) < self.min_hits
            ):
                continue
            chance = background.mean(played.fired, window)
            gain = wilson_low(played.hits, n) - chance - SLOWNESS * log2(window / 30)
            if best is None or gain > best[0] + 1e-9:
                best = gain, window, played, chance
        if best is None:
            return None
        _, window, played, chance = best
        own, _ = occasions(history, trigger)
        chance = max(chance, activity.chance(action, own, window))
        n = len(played.fired)
        if played.hits < self.min_lift * chance * n:
            return None
        rule = Rule(trigger, action, window)
        if rule.kind is not Kind.STATE:
            return None
        return Candidate(rule, binomial_tail(played.hits, n, chance), chance)


def _allowed(history: History, forms: Variants, action: Action) -> Mask:
    """Return which triggers may explain an action, bool[triggers].

    Not the entity itself, not another entity of its device, not a group with it. Nor
    who is in a room for turning its things off: that is for `absence`.
    """
    facts, target = history.facts, action.target
    watched = {form.entity_id for form in forms.triggers}
    free = {
        name
        for name in watched
        if not is_related(facts, target, name)
        and not (action.state in RESTING and watches_room(facts, name, target))
    }
    return np.array([form.entity_id in free for form in forms.triggers], bool)


def watches_room(facts: HomeFacts, sensor: str, target: str) -> bool:
    """Return whether a sensor tells if somebody is in the room of an entity."""
    watching, watched = facts.of(sensor), facts.of(target)
    same = watching.area_id is not None and watching.area_id == watched.area_id
    return same and watching.device_class in PRESENCE


def is_related(facts: HomeFacts, one: str, two: str) -> bool:
    """Return whether two entities are one, of one device, or one a group with both."""
    a, b = facts.of(one), facts.of(two)
    same_device = a.device_id is not None and a.device_id == b.device_id
    return one == two or same_device or one in b.members or two in a.members


def hits_by_trigger(forms: Variants, acts: Ints) -> Ints:
    """Return how many acts each trigger comes before, int64[windows, triggers].

    An act counts once for a trigger, at the lag of its last occasion before it.
    """
    n = len(forms.triggers)
    hits = np.zeros((len(WINDOWS_S), n), np.int64)
    for layer in forms.layers:
        low = np.searchsorted(layer.t, acts - WINDOWS_S[-1] * 1000, side="left")
        high = np.searchsorted(layer.t, acts, side="left")
        act, occasion = flatten_ranges(low, high)
        known = layer.code[occasion] >= 0
        act, occasion = act[known], occasion[known]
        pair = act * n + layer.code[occasion]
        # Of repeated indices the last assignment stays: the latest one of each pair.
        latest = np.empty(len(acts) * n, np.int64)
        latest[pair] = np.arange(len(pair))
        kept = latest[pair] == np.arange(len(pair))
        act, occasion = act[kept], occasion[kept]
        lag = acts[act] - layer.t[occasion]
        code = layer.code[occasion]
        for row, window in enumerate(WINDOWS_S):
            hits[row] += np.bincount(code[lag <= window * 1000], minlength=n)
    return hits


def chances_by_hour(history: History, forms: Variants) -> Floats:
    """Return how often an occasion lies shortly before, float64[windows, triggers, 24].

    That is the share of each hour of the day which lies within a window behind an
    occasion, each counted up to the next one of its trigger. Occasions of a sensor are
    more regular than those of a Poisson process, which covers less.
    """
    n = 24 * len(forms.triggers)
    covered = np.zeros((len(WINDOWS_S), n))
    for group in forms.grouped:
        for start in range(0, len(group.t), CHUNK):
            part = slice(start, start + CHUNK + 1)
            t, code = group.t[part], group.code[part].astype(np.int64)
            gap = np.diff(t, append=t[-1:] + DAY_MS)
            gap[:-1][code[1:] != code[:-1]] = DAY_MS
            hour = code * 24 + history.local(t) % DAY_MS // HOUR_MS
            kept = slice(0, CHUNK)
            for row, window in enumerate(WINDOWS_S):
                reach = np.minimum(gap[kept], window * 1000)
                covered[row] += np.bincount(hour[kept], weights=reach, minlength=n)
    days = max(1, (history.span[1] - history.span[0]) / DAY_MS)
    share = np.minimum(covered / (days * HOUR_MS), 1.0)
    return share.reshape(len(WINDOWS_S), -1, 24)


def chance_hits(by_hour: Floats, acts: Acts) -> Floats:
    """Return how many acts would follow by chance, float64[windows, triggers]."""
    act_hour = np.bincount(acts.local % DAY_MS // HOUR_MS, minlength=24)
    hits: Floats = by_hour @ act_hour
    return hits


def flatten_ranges(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """Return (range number, element) of every element of the ranges [low, high)."""
    length = np.maximum(high - low, 0)
    owner = np.repeat(np.arange(len(low)), length)
    offset = np.arange(int(length.sum())) - np.repeat(
        np.cumsum(length) - length, length
    )
    return owner, low[owner] + offset


class Background:
    """Chance of an act within a window, by hour of the day, without any trigger."""

    def __init__(self, history: History, action: Action) -> None:
        """Sample when the action was possible, and where its acts lie."""
        start, end = history.span
        grid = np.arange(start, end + 1, GRID_MS)
        grid = grid[np.isin(history.local(grid) // DAY_MS, history.days)]
        possible = grid[history.ready(action, grid)]
        self._history = history
        self._open_ms = np.bincount(self._hour(possible), minlength=24) * float(GRID_MS)
        acts = history.acts[action]
        self._act_hour = acts.local % DAY_MS // HOUR_MS
        self._wait_ms = acts.t - history.ready_since(action, acts.t)
        self._wait_ms[self._wait_ms <= 0] = DAY_MS

    def _hour(self, t: Ints) -> Ints:
        return self._history.local(t) % DAY_MS // HOUR_MS

    def by_hour(self, window_s: int) -> Floats:
        """Return the chance for each hour of the day, float64[24].

        Each act is in reach of the instants within the window before it at which the
        target was not yet so. An hour is shrunk towards the mean by a day of it.
        """
        reach = np.minimum(self._wait_ms, window_s * 1000)
        covered = np.bincount(self._act_hour, weights=reach, minlength=24)
        mean = covered.sum() / max(float(self._open_ms.sum()), 1.0)
        prior = 3_600_000.0
        chance: Floats = (covered + mean * prior) / (self._open_ms + prior)
        return np.clip(chance, 0.0, 1.0)

    def mean(self, fired: Ints, window_s: int) -> float:
        """Return the mean chance over some firings."""
        if not len(fired):
            return 0.0
        return float(self.by_hour(window_s)[self._hour(fired)].mean())


@dataclass(slots=True)
class Activity:
    """Chance of an act within a window after activity in the home, whichever."""

    history: History
    _marks: dict[int, Ints] = field(default_factory=dict)

    def chance(self, action: Action, own: Ints, window_s: int) -> float:
        """Return the chance away from a trigger; 0 where there is too little.

        Marks are the first edge in each stretch of the window's length; those within
        the window of the trigger's own occasions (`own`, int64[n], ms UTC) are left
        out. Fewer than 20 say nothing.
        """
        width = window_s * 1000
        if window_s not in self._marks:
            self._marks[window_s] = self.history.edge_index.first_of_each(width)
        marks = self._marks[window_s]
        after = np.searchsorted(own, marks - width, side="left")
        before = np.searchsorted(own, marks + width, side="right")
        marks = marks[after == before]
        marks = marks[self.history.ready(action, marks)]
        if len(marks) < 20:
            return 0.0
        acts = self.history.acts[action].t
        low = np.searchsorted(acts, marks, side="right")
        high = np.searchsorted(acts, marks + width, side="right")
        return float(np.count_nonzero(high > low)) / len(marks)
