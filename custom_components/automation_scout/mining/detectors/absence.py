"""Absence: people turn things off once nobody is there.

After nothing has moved in a room for some minutes, and when the last person has left.
A lamp that is on is turned off sooner or later, and mostly when its room is left; given
that it is on, the end of motion hardly raises the chance. So where sensor and lamp are
in one room and the rule covers most of the acts, chance is that of any time of the day.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

import numpy as np

from ..events import Ints
from ..facts import domain_of
from ..history import History
from ..occasions import occasions
from ..replay import Replay, react, ready_occasions
from ..rules import HOME, Action, Kind, Rule, StateTrigger
from ..stats import binomial_tail, wilson_low
from .chances import Chances, chance_on
from .crossings import Sample
from .follows import PRESENCE, RESTING, is_related, watches_room
from .protocol import Candidate, Detection
from .stillness import Stillness

STAYS_MIN: Final = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60)
"""Minutes without motion that people write."""
WINDOWS_S: Final = (60, 120, 300)
"""In a longer one the next pause of the same stay in the room would be the same firing,
and stays would look better the shorter they are."""
LOOK_S: Final = WINDOWS_S[-1]


@dataclass(frozen=True, slots=True)
class _Fit:
    """A rule, how it did, and the lower bound of that less chance."""

    rule: Rule
    trigger: StateTrigger
    played: Replay
    gain: float


@dataclass(frozen=True, slots=True)
class Absence:
    """Finds what people do when nobody is there any more."""

    name: ClassVar[str] = "absence"
    min_hits: int = 4
    min_coverage: float = 0.1
    """Least share of the acts that the trigger comes before."""
    room_coverage: float = 0.6
    """The same, from which chance in the same room is that of any time of the day."""
    min_lift: float = 2.0
    sample_z: float = 2.5
    """Deviations in the sample of acts from which all acts are counted."""
    min_z: float = 5.0
    """Deviations from which a sensor of another room gets the exact test."""

    def detect(self, history: History) -> Detection:
        """Return the best stay of each sensor and action, and what leaving brings."""
        actions = [
            action
            for action in sorted(history.acts)
            if len(history.acts[action]) >= self.min_hits
        ]
        resting = [action for action in actions if action.state in RESTING]
        chances = Chances(history)
        found: list[Candidate] = []
        tested = 0
        if history.several_persons and len(history.timeline(HOME).t):
            left = StateTrigger(HOME, "0")
            tested += len(actions) * len(WINDOWS_S)
            for action in actions:
                found += self._tested(chances, self._fits(chances, action, [left]))
        if not resting:
            return Detection(tuple(found), tested)
        sample = Sample.of(history, resting)
        for sensor in presence_sensors(history):
            still = Stillness.of(history, sensor, STAYS_MIN, LOOK_S * 1000)
            others = [
                action
                for action in resting
                if not is_related(history.facts, sensor, action.target)
            ]
            tested += len(others) * len(STAYS_MIN) * len(WINDOWS_S)
            for action, triggers in self._promising(still, sample, resting):
                found += self._tested(chances, self._fits(chances, action, triggers))
        return Detection(tuple(found), tested)

    def refit(self, history: History, rule: Rule, days: Ints) -> Rule | None:
        """Return the rule with the stay next to it and the window of these days."""
        trigger = rule.trigger
        if rule.trigger_kind is not Kind.ABSENCE or not isinstance(
            trigger, StateTrigger
        ):
            return None
        options: list[tuple[float, float, float, Rule]] = []
        for stay_s in _near(trigger.for_s):
            other = replace(trigger, for_s=stay_s)
            ready = ready_occasions(history, rule.action, other)
            for window in WINDOWS_S:
                played = react(history, rule.action, ready, window).on(days)
                if played.hits:
                    fired = played.fired
                    low = wilson_low(played.hits, len(fired))
                    low -= chance_on(history, rule.action, days, fired, window)
                    apart = abs(stay_s - trigger.for_s)
                    fitted = Rule(other, rule.action, window)
                    options.append((low, -window, -apart, fitted))
        return max(options, key=lambda option: option[:3])[3] if options else None

    def _promising(
        self, still: Stillness, sample: Sample, actions: Sequence[Action]
    ) -> Iterator[tuple[Action, list[StateTrigger]]]:
        """Yield actions with the stays that deserve the exact test.

        In the sensor's own room that is where they cover enough of the acts; elsewhere
        it takes more than chance as well.
        """
        by_hour = still.by_hour(sample)
        hits, above = still.surprise_sampled(sample, by_hour)
        least = np.maximum(self.min_coverage * sample.size, self.min_hits - 1)
        enough = (hits >= least[:, None]) & (above >= self.sample_z)
        for number in np.flatnonzero(enough.any(axis=1)):
            action = actions[number]
            if is_related(still.history.facts, still.sensor, action.target):
                continue
            acts = still.history.acts[action]
            hits_all, above_all = still.surprise(acts, by_hour)
            wanted = max(self.min_hits, self.min_coverage * len(acts))
            chosen = (hits_all >= wanted) & (above_all >= self.min_z)
            if chosen.any():
                yield (
                    action,
                    [
                        StateTrigger(still.sensor, "off", for_s=60 * minutes)
                        for minutes in np.array(STAYS_MIN)[chosen].tolist()
                    ],
                )

    def _fits(
        self, chances: Chances, action: Action, triggers: Iterable[StateTrigger]
    ) -> list[_Fit]:
        """Return the windows of some triggers with hits on enough days."""
        history = chances.history
        fits: list[_Fit] = []
        for trigger in triggers:
            ready = ready_occasions(history, action, trigger)
            for window in WINDOWS_S:
                played = react(history, action, ready, window)
                if len(np.unique(played.day[played.hit])) < self.min_hits:
                    continue
                chance = chances.by_hour(action, played.fired, window)
                gain = wilson_low(played.hits, len(played.fired)) - chance
                fits.append(_Fit(Rule(trigger, action, window), trigger, played, gain))
        return fits

    def _tested(self, chances: Chances, fits: Sequence[_Fit]) -> Iterator[Candidate]:
        """Yield the best of some fits with its chance, unless the effect is small."""
        if not fits:
            return
        fit = max(fits, key=_order)
        rule, fired, hits = fit.rule, fit.played.fired, fit.played.hits
        own = occasions(chances.history, fit.trigger)[0]
        chance = chances.greatest(rule.action, own, fired, rule.window_s)
        if hits < self.min_lift * chance * len(fired):
            if not self._is_of_the_room(chances.history, fit):
                return
            chance = chances.anyway(rule.action, fired, rule.window_s)
        yield Candidate(rule, binomial_tail(hits, len(fired), chance), chance)

    def _is_of_the_room(self, history: History, fit: _Fit) -> bool:
        """Return whether a rule covers most of what is done in its sensor's room."""
        action, sensor = fit.rule.action, fit.trigger.entity_id
        if not watches_room(history.facts, sensor, action.target):
            return False
        return fit.played.hits >= self.room_coverage * len(history.acts[action])


def presence_sensors(history: History) -> list[str]:
    """Return what tells whether somebody is there, by name.

    Without facts about an entity, every binary sensor may.
    """
    return [
        name
        for name in sorted(history.log.entities)
        if domain_of(name) == "binary_sensor"
        and history.knows(name)
        and (
            name not in history.facts.entities
            or history.facts.of(name).device_class in PRESENCE
        )
    ]


def _near(stay_s: int) -> list[int]:
    """Return a stay in seconds, and the ones before and after it that people write."""
    stays = [60 * minutes for minutes in STAYS_MIN]
    if stay_s not in stays:
        return [stay_s]
    place = stays.index(stay_s)
    return stays[max(place - 1, 0) : place + 2]


def _order(fit: _Fit) -> tuple[float, int, int]:
    """Order fits by gain; of equals the longer stay, then the shorter window."""
    return round(fit.gain, 9), fit.trigger.for_s, -fit.rule.window_s
