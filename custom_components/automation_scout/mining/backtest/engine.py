"""Replays a plan on a history: its runs, what people did then, and the totals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ..events import Ints, Mask
from ..history import History
from ..localtime import DAY_MS
from ..replay import NEAR_MS, acts_t
from ..rules import Action
from ..stats import wilson_low
from .judge import Codes, Judged, Kinds, Windows, acts_between, is_due, judge, together
from .outcome import Outcome
from .past import Past
from .plan import Plan
from .runs import admitted
from .starts import moments_of
from .truth import truth

MOST_RUNS: Final = 200_000
"""Once in two minutes for nine months; more take longer than anybody waits."""


class TooManyRunsError(Exception):
    """A plan runs so often that nobody waits for the answer; it tells how often."""


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """Runs that a plan would have made, n of them by time; counts as in `Evidence`."""

    t: Ints
    """int64[n], ms UTC."""
    start: Ints
    """int64[n], index of the trigger in the plan."""
    certain: Mask
    """bool[n]: all that its conditions asked for is known."""
    outcome: Codes
    """int8[n], `Outcome`."""
    days_observed: int
    """Local days in the span on which the home was lived in."""
    human_actions: int
    """Acts of people in the span that bring about what the plan does."""
    explained: int
    """Those of them that a run comes with."""
    missed: int
    """Those that no run comes with, of those that the plan could be about."""

    def count(self, outcome: Outcome) -> int:
        """Return the number of runs that came to something."""
        return int(np.count_nonzero(self.outcome == outcome))

    @property
    def right(self) -> int:
        """Runs at which people did the same, or left what an automation did."""
        return self.count(Outcome.HIT) + self.count(Outcome.KEPT)

    @property
    def unwanted(self) -> int:
        """Runs that nobody asked for."""
        return self.count(Outcome.WRONG) + self.count(Outcome.OVERRIDDEN)

    @property
    def opportunities(self) -> int:
        """Runs that would have changed something."""
        return self.right + self.unwanted

    @property
    def precision(self) -> float:
        """Share of the opportunities that were right, 0..1."""
        return self.right / self.opportunities if self.opportunities else 0.0

    @property
    def precision_low(self) -> float:
        """Lower end of the 80 % Wilson interval of `precision`, 0..1."""
        return wilson_low(self.right, self.opportunities)

    @property
    def coverage(self) -> float:
        """Share of people's acts of this kind that a run comes with, 0..1."""
        return self.explained / self.human_actions if self.human_actions else 0.0

    def per_week(self, runs: int) -> float:
        """Return a number of runs as so many a week."""
        return 7 * runs / self.days_observed if self.days_observed else 0.0


def backtest(
    history: History,
    plan: Plan,
    *,
    present: Mapping[str, str] | None = None,
    start_ms: int | None = None,
    window_s: int | None = None,
) -> Backtest:
    """Return what a plan would have done, from an instant to the end of the log.

    Args:
        history: The home's past; all of it, for states are known from before the span.
        plan: The automation.
        present: Present state by entity id; that of an entity which never changed.
        start_ms: Beginning of the span, ms UTC; that of the log where it is None.
        window_s: Within which time of a run people who do the same agree with it;
            None for what suits each trigger.

    Raises:
        TooManyRunsError: a shorter span has fewer.
    """
    past = Past(history, present or {})
    start, end = history.span[0], history.span[1] + 1
    start = start if start_ms is None else max(start, start_ms)
    moments = moments_of(past, plan, start, end if len(history.log) else start)
    passed = truth(past, plan.test, moments)
    certain = passed.surely[passed.possibly]
    moments = moments.where(passed.possibly)
    if len(moments.t) > MOST_RUNS:
        raise TooManyRunsError(len(moments.t))
    kept = admitted(past, plan, moments)
    moments, certain = moments.where(kept), certain[kept]
    kinds = Kinds.of(plan, moments)
    windows = Windows() if window_s is None else Windows(window_s, window_s)
    parts = [judge(past, effect, moments, kinds, windows) for effect in plan.effects]
    human, explained, missed = _acts(past, plan, parts, moments.t, (start, end))
    low, high = (history.local(np.array([start, end - 1])) // DAY_MS).tolist()
    return Backtest(
        moments.t,
        moments.start,
        certain,
        together(parts, len(moments.t)),
        int(np.count_nonzero((history.days >= low) & (history.days <= high))),
        human,
        explained,
        missed,
    )


def _acts(
    past: Past, plan: Plan, parts: list[Judged], t: Ints, span: tuple[int, int]
) -> tuple[int, int, int]:
    """Return how many acts there are, with runs, and without though they might.

    What only the clock and the sun start is about the acts around its times; the same
    act at another time of the day is another matter.
    """
    explained: dict[Action, Ints] = {}
    for part in parts:
        for action, indices in part.explained.items():
            before = explained.get(action, indices[:0])
            explained[action] = np.union1d(before, indices)
    due = all(is_due(start.trigger) for start in plan.starts)
    human = agreed = missed = 0
    for action in {action for effect in plan.effects for action in effect.actions}:
        mine = acts_between(past, action, *span)
        others = np.setdiff1d(mine, explained[action])
        human += len(mine)
        agreed += len(mine) - len(others)
        if due:
            at = acts_t(past.history, action)[others]
            low = np.searchsorted(t, at - NEAR_MS, side="left")
            others = others[np.searchsorted(t, at + NEAR_MS, side="right") > low]
        missed += len(others)
    return human, agreed, missed
