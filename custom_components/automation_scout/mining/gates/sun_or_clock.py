"""By the sun or by the clock: what is done around sunset looks like both.

Of two rules for the same acts the one stays around which they lie closer and which has
more of them. Near the solstices, or within few days, the data alone cannot tell: then
lamps that are lit and covers that are closed around sunset, and the reverse around
sunrise, are taken for habits of the sun, everything else for habits of the clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import log
from typing import ClassVar, Final

import numpy as np

from ..acts import Acts
from ..dial import dial_of
from ..events import Floats
from ..localtime import DAY_MS, MINUTE_MS
from ..result import Rejection
from ..rules import SunEvent, SunTrigger, TimeTrigger
from .confounding import overlap
from .protocol import Draft, GateContext, Judgement

LEAST_SPREAD_MIN: Final = 1.0
"""Below this people do not keep to anything, and reports are late by as much."""
BY_DAYLIGHT: Final = {
    (SunEvent.SUNSET, "cover", "closed"): 6.0,
    (SunEvent.SUNRISE, "cover", "open"): 6.0,
    (SunEvent.SUNSET, "light", "on"): 4.0,
    (SunEvent.SUNRISE, "light", "off"): 4.0,
}
"""Nats that speak for the sun before anything was seen."""


@dataclass(frozen=True, slots=True)
class SunOrClock:
    """Drops the worse of a sun and a clock rule for the same acts.

    Numbers are nats in favour of the sun: the log likelihood ratio of the two spreads,
    two more for each further hit, and what is expected beforehand.
    """

    name: ClassVar[str] = "sun_or_clock"
    shared: float = 0.5
    """Share of the acts of the smaller rule from which two are about the same acts."""
    required: float = 3.0
    """Less than this goes to the clock, whose automation is the plainer one."""
    near_min: int = 60
    """Up to so far from the event daylight is expected to matter."""

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep one of each pair."""
        by_sun = [d for d in drafts if isinstance(d.rule.trigger, SunTrigger)]
        by_clock = [d for d in drafts if isinstance(d.rule.trigger, TimeTrigger)]
        lost: dict[str, Rejection] = {}
        for sun, clock in product(by_sun, by_clock):
            if sun.rule.action != clock.rule.action:
                continue
            if max(overlap(sun, clock), overlap(clock, sun)) < self.shared:
                continue
            measured = _for_the_sun(sun, clock, context) + self._expected(sun)
            if measured < self.required:
                verdict = Rejection(sun.rule, self.name, measured, self.required)
            else:
                verdict = Rejection(clock.rule, self.name, -measured, -self.required)
            lost.setdefault(verdict.rule.key, verdict)
        return Judgement(
            tuple(draft for draft in drafts if draft.rule.key not in lost),
            tuple(lost.values()),
        )

    def _expected(self, sun: Draft) -> float:
        trigger = sun.rule.trigger
        assert isinstance(trigger, SunTrigger)  # noqa: S101 - selected by the caller
        if abs(trigger.offset_min) > self.near_min:
            return 0.0
        domain = sun.rule.action.entity_id.partition(".")[0]
        return BY_DAYLIGHT.get((trigger.event, domain, sun.rule.action.state), 0.0)


def _for_the_sun(sun: Draft, clock: Draft, context: GateContext) -> float:
    """Return the nats by which the sun explains the acts of both rules better."""
    acts = context.history.acts[sun.rule.action]
    either = np.union1d(sun.played.explained, clock.played.explained)
    mask = np.zeros(len(acts), bool)
    mask[either] = True
    # A habit that moved is judged from then on: so is what it is compared with.
    since = max(sun.rule.since, clock.rule.since)
    explained = acts.where(mask & (acts.day >= since))
    spreads = [_spread(draft, explained, context) for draft in (clock, sun)]
    hits = _hits(sun, since) - _hits(clock, since)
    return len(explained) * log(spreads[0] / spreads[1]) + 2.0 * hits


def _hits(draft: Draft, since: int) -> int:
    return int(np.count_nonzero(draft.played.hit & (draft.played.day >= since)))


def _spread(draft: Draft, acts: Acts, context: GateContext) -> float:
    """Return the standard deviation of acts around a rule, in minutes."""
    trigger = draft.rule.trigger
    assert isinstance(trigger, SunTrigger | TimeTrigger)  # noqa: S101 - of the pair
    dial = dial_of(context.history, trigger)
    reading = dial.read(acts).local - dial.minute_of(trigger) * MINUTE_MS
    offset: Floats = (reading + DAY_MS // 2) % DAY_MS / MINUTE_MS
    return max(LEAST_SPREAD_MIN, float(np.std(offset))) if len(offset) else 1440.0
