"""Which starts become runs: an automation that still runs may turn others away."""

from heapq import heappop, heappush

import numpy as np

from ..events import Ints, Mask
from .past import Past
from .plan import Mode, Plan
from .truth import Moments, truth


def admitted(past: Past, plan: Plan, moments: Moments) -> Mask:
    """Return which of the moments, at which its conditions hold, start a run, bool[n].

    A run lasts as long as the pauses in it; all else takes no time.
    """
    lasts = np.zeros(len(moments.t), np.int64)
    for pause in plan.pauses:
        waits = truth(past, pause.when, moments).possibly
        lasts[waits] += pause.seconds * 1000
    if plan.mode is Mode.RESTART or not lasts.any():
        return np.ones(len(lasts), bool)
    most = 1 if plan.mode is Mode.SINGLE else plan.most_runs
    return _with_room(moments.t, lasts, most, one_by_one=plan.mode is Mode.QUEUED)


def _with_room(t: Ints, lasts: Ints, most: int, *, one_by_one: bool) -> Mask:
    kept = np.zeros(len(t), bool)
    ends: list[int] = []
    last = 0
    for index, (start, length) in enumerate(
        zip(t.tolist(), lasts.tolist(), strict=True)
    ):
        while ends and ends[0] <= start:
            heappop(ends)
        if len(ends) >= most:
            continue
        kept[index] = True
        last = max(start, last if one_by_one else start) + length
        heappush(ends, last)
    return kept
