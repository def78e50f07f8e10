"""Reactions to a number: a person acts soon after a sensor crosses a threshold.

Thresholds are round numbers near the quantiles of the sensor. Firings are crossings,
each of which blocks the next for as long as its window, so that a number that hovers
fires once. Chance is as for reactions to a state; besides, what may be an effect of
the target's own change is held against what people do that soon after it anyway.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final

import numpy as np

from ..events import Floats, Ints, Mask
from ..history import History
from ..occasions import occasions
from ..replay import Replay, react, ready_occasions
from ..rules import Action, NumericTrigger, Rule, Side
from ..stats import binomial_tail, wilson_low
from .chances import Chances, chance_on
from .crossings import Crossings, Sample, deviations, hours_of
from .follows import is_related
from .protocol import Candidate, Detection
from .thresholds import Scale, cuts_of, range_of, scale_of

WINDOWS_S: Final = (120, 300, 900)
WAIT: Final = 0.05 / WINDOWS_S[-1]
"""What a second of waiting has to be worth: of thresholds that a number passes one
after the other, the one at which people act is the last."""
LONGEST_MS: Final = WINDOWS_S[-1] * 1000
SIDES: Final = (Side.ABOVE, Side.BELOW)


@dataclass(frozen=True, slots=True)
class Numeric:
    """Finds acts that follow a sensor's crossing of a threshold."""

    name: ClassVar[str] = "numeric"
    min_hits: int = 4
    min_coverage: float = 0.1
    """Least share of the acts that the crossing comes before."""
    min_lift: float = 2.0
    """Least ratio of the hits to those of chance, or of chance's misses to the rule's:
    where dusk comes at the same hour for weeks, chance is too high to be doubled."""
    sample_z: float = 2.5
    """Deviations in the sample of acts from which all acts are counted."""
    min_z: float = 5.0
    """Deviations from which a pair gets the exact test, as for reactions to a state."""
    closest: int = 3
    """Cuts of one sensor and side that get it, the most surprising ones."""

    def detect(self, history: History) -> Detection:
        """Return the best threshold of each sensor, side and action."""
        actions = [
            action
            for action in sorted(history.acts)
            if len(history.acts[action]) >= self.min_hits
        ]
        if not actions:
            return Detection((), 0)
        sample = Sample.of(history, actions)
        judge = _Judge(history, Chances(history), self.min_hits, self.min_lift)
        found: list[Candidate] = []
        tested = 0
        for sensor in sensors(history):
            axis = _Axis.of(history, sensor)
            allowed = np.array(
                [not is_related(history.facts, sensor, a.target) for a in actions], bool
            )
            tested += int(allowed.sum()) * len(SIDES) * len(axis.cuts) * len(WINDOWS_S)
            if not len(axis.cuts) or not allowed.any():
                continue
            look = _Look(sample, Crossings.of(history.numbers(sensor), axis.cuts))
            for number in np.flatnonzero(self._promising(look) & allowed):
                action = actions[number]
                for side, cuts in self._closest(look, history, action, axis):
                    fit, looked = judge.best(action, side, cuts, axis)
                    tested += looked
                    candidate = judge.tested(fit) if fit else None
                    if candidate:
                        found.append(candidate)
        return Detection(tuple(found), tested)

    def refit(self, history: History, rule: Rule, days: Ints) -> Rule | None:
        """Return the rule with the window of these days and the threshold near it."""
        trigger = rule.trigger
        if not isinstance(trigger, NumericTrigger):
            return None
        axis = _Axis.of(history, trigger.entity_id)
        options: list[tuple[float, float, float, Rule]] = []
        for threshold in axis.near(trigger.threshold):
            other = NumericTrigger(trigger.entity_id, trigger.side, threshold)
            ready = ready_occasions(history, rule.action, other)
            for window in WINDOWS_S:
                played = react(history, rule.action, ready, window).on(days)
                if played.hits:
                    fired = played.fired
                    low = wilson_low(played.hits, len(fired)) - WAIT * window
                    low -= chance_on(history, rule.action, days, fired, window)
                    apart = abs(threshold - trigger.threshold)
                    fitted = Rule(other, rule.action, window)
                    options.append((low, -window, -apart, fitted))
        return max(options, key=lambda option: option[:3])[3] if options else None

    def _promising(self, look: _Look) -> Mask:
        """Return which actions of the sample any kind of crossing suits, bool[a]."""
        sample = look.sample
        hits = sample.hits(look.crossings, LONGEST_MS)
        chance = sample.hours @ look.by_hour(LONGEST_MS)
        above = deviations(hits, chance, sample.size[:, None])
        least = np.maximum(self.min_coverage * sample.size, self.min_hits - 1)
        strong = (hits >= least[:, None]) & (above >= self.sample_z)
        promising: Mask = np.any(strong, axis=1)
        return promising

    def _closest(
        self, look: _Look, history: History, action: Action, axis: _Axis
    ) -> Iterator[tuple[Side, Floats]]:
        """Yield sides with the cuts whose crossings are most surprising before acts.

        In whichever window: of the cuts that a number passes one after the other, the
        one that people wait for shows in the short ones.
        """
        acts = history.acts[action]
        above = np.zeros(2 * len(axis.cuts))
        for window in WINDOWS_S:
            hits = look.crossings.precede(acts.t, window * 1000).sum(axis=0)
            chance = hours_of(acts) @ look.by_hour(window * 1000)
            enough = hits >= max(self.min_hits, self.min_coverage * len(acts))
            z = deviations(hits, chance, np.array(len(acts)))
            above = np.maximum(above, np.where(enough, z, 0.0))
        for side, of_side in zip(SIDES, above.reshape(2, -1), strict=True):
            best = np.argsort(-of_side, kind="stable")[: self.closest]
            # Of cuts between which the number never stays, all are equally good.
            chosen = of_side >= of_side[best[-1]] - 1e-9
            chosen &= of_side >= self.min_z
            if chosen.any():
                yield side, axis.cuts[chosen]


def sensors(history: History) -> list[str]:
    """Return the entities of the home that measure, by name."""
    return [
        name
        for name in sorted(history.log.entities)
        if history.knows(name) and history.is_measured(name)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """A sensor with the thresholds that are looked at."""

    sensor: str
    scale: Scale
    cuts: Floats
    range: tuple[float, float]
    """Least and greatest number, (0, 0) without any."""

    @classmethod
    def of(cls, history: History, sensor: str) -> _Axis:
        numbers = history.numbers(sensor)
        scale = scale_of(history.facts.of(sensor), numbers)
        return cls(sensor, scale, cuts_of(numbers, scale), range_of(numbers))

    def near(self, threshold: float) -> list[float]:
        """Return a threshold and up to two steps to either side, ascending."""
        reach = 2 * self.scale.step_at(threshold)
        near = self.scale.between(threshold - reach, threshold + reach)
        return sorted({*near, threshold})

    def between(self, threshold: float) -> list[float]:
        """Return what lies between the cuts next to one of them, ascending."""
        place = int(np.searchsorted(self.cuts, threshold))
        ends = np.concatenate(([self.range[0]], self.cuts, [self.range[1]]))
        low, high = float(ends[place]), float(ends[place + 2])
        found = self.scale.between(low, high)
        return [value for value in found if value not in self.cuts]


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """Crossings of one sensor, and how often they come before any instant."""

    sample: Sample
    crossings: Crossings
    _by_hour: dict[int, Floats] = field(default_factory=dict)

    def by_hour(self, window_ms: int) -> Floats:
        """Return how often any instant is preceded, float64[24, 2 k], 0..1."""
        if window_ms not in self._by_hour:
            preceded = self.crossings.precede(self.sample.grid, window_ms)
            self._by_hour[window_ms] = self.sample.by_hour(preceded)
        return self._by_hour[window_ms]


@dataclass(frozen=True, slots=True)
class _Fit:
    """A trigger with a window, and how it did."""

    trigger: NumericTrigger
    action: Action
    window_s: int
    played: Replay
    gain: float
    """Lower bound of the precision less chance, less what waiting has to be worth."""


@dataclass(frozen=True, slots=True)
class _Judge:
    """Fits thresholds and windows, and tests what is best."""

    history: History
    chances: Chances
    min_hits: int
    min_lift: float

    def best(
        self, action: Action, side: Side, cuts: Iterable[float], axis: _Axis
    ) -> tuple[_Fit | None, int]:
        """Return the best fit, and how many hypotheses besides the cuts were tested.

        Those are the round numbers between the neighbours of the best cut.
        """
        fits = self._fits(action, axis.sensor, side, cuts)
        if not fits:
            return None, 0
        further = axis.between(_middle_of_best(fits).trigger.threshold)
        fits += self._fits(action, axis.sensor, side, further)
        return _middle_of_best(fits), len(further) * len(WINDOWS_S)

    def _fits(
        self, action: Action, sensor: str, side: Side, cuts: Iterable[float]
    ) -> list[_Fit]:
        fits: list[_Fit] = []
        for cut in cuts:
            trigger = NumericTrigger(sensor, side, float(cut))
            ready = ready_occasions(self.history, action, trigger)
            for window in WINDOWS_S:
                played = react(self.history, action, ready, window)
                if len(np.unique(played.day[played.hit])) < self.min_hits:
                    continue
                chance = self.chances.by_hour(action, played.fired, window)
                gain = wilson_low(played.hits, len(played.fired)) - chance
                gain -= WAIT * window
                fits.append(_Fit(trigger, action, window, played, gain))
        return fits

    def tested(self, fit: _Fit) -> Candidate | None:
        """Return the candidate with its chance; None where the effect is small."""
        n, hits = len(fit.played.fired), fit.played.hits
        own = occasions(self.history, fit.trigger)[0]
        chance = self.chances.greatest(fit.action, own, fit.played.fired, fit.window_s)
        doubled = hits >= self.min_lift * chance * n
        halved = self.min_lift * (n - hits) <= (1 - chance) * n
        if not doubled and not halved:
            return None
        rule = Rule(fit.trigger, fit.action, fit.window_s)
        return Candidate(rule, binomial_tail(hits, n, chance), chance)


def _middle_of_best(fits: Sequence[_Fit]) -> _Fit:
    """Return the fit of the highest gain and shortest window; of equals the middle.

    A machine that draws 1 W or 40 has its threshold at neither of them.
    """
    _, window = max((round(fit.gain, 9), -fit.window_s) for fit in fits)
    of_window = [fit for fit in fits if fit.window_s == -window]
    highest = max(fit.gain for fit in of_window)
    equal = [fit for fit in of_window if fit.gain >= highest - 1e-9]
    equal.sort(key=lambda fit: fit.trigger.threshold)
    return equal[len(equal) // 2]
