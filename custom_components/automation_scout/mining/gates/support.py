"""Seen often enough, on enough different days."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from .protocol import Draft, GateContext, Judgement, split


@dataclass(frozen=True, slots=True)
class Support:
    """Requires distinct days with a hit."""

    name: ClassVar[str] = "support"
    min_days: int = 4
    min_days_setting: int = 6
    """Of one value of a setting: each has many, and all are looked at."""

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep what was done on enough days."""
        del context
        return split(self.name, [(d, _days(d), self._required(d)) for d in drafts])

    def _required(self, draft: Draft) -> float:
        if draft.rule.action.attribute:
            return self.min_days_setting
        return self.min_days


def _days(draft: Draft) -> float:
    return float(len(np.unique(draft.played.day[draft.played.hit])))
