"""At a time of the day or the sun, and not merely in a busy part of it.

People switch things all evening, so that some half hour of it holds an act on most
days. A habit of the clock has a peak: what is done around its time is done in its
window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..dial import dial_of
from ..localtime import MINUTE_MS, due_days, ms_from, weekday_of
from ..rules import SunTrigger, TimeTrigger
from .protocol import Draft, GateContext, Judgement, split


@dataclass(frozen=True, slots=True)
class Spread:
    """Requires most acts of the hours around a time to lie in its window."""

    name: ClassVar[str] = "spread"
    reach_min: int = 90
    """Acts up to this far from the time are of the same part of the day."""
    least: tuple[float, float] = (0.6, 0.75)
    """For windows of 15 and of 30 minutes to either side: of acts spread evenly they
    would hold 0.17 and 0.33."""

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep peaks; what does not hang on the clock passes."""
        return split(
            self.name,
            [(d, self._peak(d, context), self._required(d)) for d in drafts],
        )

    def _required(self, draft: Draft) -> float:
        narrow, wide = self.least
        share = (draft.rule.window_s - 900) / 900
        return narrow + (wide - narrow) * min(1.0, max(0.0, share))

    def _peak(self, draft: Draft, context: GateContext) -> float:
        trigger = draft.rule.trigger
        if not isinstance(trigger, TimeTrigger | SunTrigger):
            return 1.0
        dial = dial_of(context.history, trigger)
        minute = dial.minute_of(trigger)
        reading = dial.read(context.history.acts[draft.rule.action]).local
        distance = ms_from(reading, minute)
        due = due_days(reading, minute)
        of_rule = np.isin(weekday_of(due), trigger.weekdays)
        of_rule &= due >= draft.rule.since
        around = of_rule & (distance <= self.reach_min * MINUTE_MS)
        inside = of_rule & (distance <= draft.rule.window_s * 1000)
        return float(np.count_nonzero(inside)) / max(1, int(np.count_nonzero(around)))
