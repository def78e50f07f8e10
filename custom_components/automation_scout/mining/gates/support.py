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

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep what was done on enough days."""
        del context
        return split(
            self.name,
            [
                (d, float(len(np.unique(d.played.day[d.played.hit]))), self.min_days)
                for d in drafts
            ],
        )
