"""Other rules that an automation could have been, and where each would have agreed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from ...conditions.choose import MOST, choose
from ...conditions.learn import held_out
from ...conditions.table import Table, table_at
from ...detectors.thresholds import cuts_of, scale_of
from ...events import Ints, Mask
from ...evidence import Holdout
from ...gates.holdout import fold_days
from ...history import History
from ...localtime import DAY_MS, MINUTE_MS
from ...occasions import occasions
from ...rules import (
    Condition,
    NumericTrigger,
    Rule,
    Side,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
)
from ..adjust import EARLY_MS, LATE_MS
from .answers import Occasions

LEAST: Final = 5
"""Times that people overruled it."""
LEAST_RISE: Final = 0.2
"""By how much that share has to rise: a change has its price for those who know it."""
STEP_MIN: Final = 5
"""People write times in steps of five minutes."""
LEAST_MIN: Final = 10
"""Nearer than this it is the same time, however surely it was done by hand."""
STAYS_S: Final = (60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200)
"""Stays that people write."""
FOLDS: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Another rule, and at which occasions it would have agreed."""

    rule: Rule
    occasions: Occasions
    agrees: Mask
    """bool[n]"""
    holdout: Holdout = field(default_factory=lambda: Holdout(0, 0, 0))

    @property
    def share(self) -> float:
        """Share of the occasions at which it would have agreed, 0..1."""
        return float(np.mean(self.agrees))


def moved_to(
    rule: Rule, trigger: TimeTrigger | SunTrigger, seen: Occasions
) -> Iterator[Change]:
    """Yield the rule at the time that people keep."""
    known = seen.wanted > 0
    if np.count_nonzero(known) < LEAST:
        return
    apart = (seen.wanted - seen.t)[known] / MINUTE_MS
    by_min = STEP_MIN * round(float(np.median(apart)) / STEP_MIN)
    if abs(by_min) < LEAST_MIN:
        return
    moved: Trigger
    if isinstance(trigger, TimeTrigger):
        moved = replace(trigger, minute=(trigger.minute + by_min) % 1440)
    elif abs(trigger.offset_min + by_min) <= 360:
        moved = replace(trigger, offset_min=trigger.offset_min + by_min)
    else:
        return
    off = np.abs(seen.wanted - seen.t - by_min * MINUTE_MS)
    agrees = known & (off <= rule.window_s * 1000)
    yield Change(replace(rule, trigger=moved), seen, agrees)


def narrowed(
    history: History,
    rule: Rule,
    trigger: StateTrigger | NumericTrigger,
    seen: Occasions,
) -> Iterator[Change]:
    """Yield the rule with the longer stay or the stricter threshold that fits best.

    It agrees where it would have run again, if nobody minded, and would not have, if
    somebody did.
    """
    if seen.overruled < LEAST:
        return
    stricter = list(_stricter(history, trigger))
    runs = [_runs(history, trigger, one, seen.t) == seen.agreed for one in stricter]
    yield from _best(history, rule, stricter, runs, seen)


def earlier(
    history: History, rule: Rule, trigger: NumericTrigger, seen: Occasions
) -> Iterator[Change]:
    """Yield the rule at the number at which people do it, where they are ahead of it.

    It agrees where its own crossing lies within the window before their act.
    """
    known = (seen.wanted > 0) & (seen.wanted < seen.t)
    if np.count_nonzero(known) < LEAST:
        return
    looser = list(_cuts(history, trigger, stricter=False))
    agrees = []
    for one in looser:
        t, _ = occasions(history, one)
        low = np.searchsorted(t, seen.wanted - rule.window_s * 1000)
        agrees.append(known & (np.searchsorted(t, seen.wanted + EARLY_MS) > low))
    yield from _best(history, rule, looser, agrees, seen)


def _best(
    history: History,
    rule: Rule,
    triggers: Sequence[StateTrigger | NumericTrigger],
    agrees: Sequence[Mask],
    seen: Occasions,
) -> Iterator[Change]:
    """Yield the rule with the trigger that agrees most, the nearest of several.

    What is chosen on some weeks has to agree on the others too.
    """
    if not triggers:
        return
    table = np.array(agrees)
    day = history.local(seen.t) // DAY_MS
    held = np.zeros(len(day), bool)
    for part in fold_days(np.unique(day), FOLDS):
        inside = np.isin(day, part)
        if not inside.all():
            chosen = int(np.argmax(table[:, ~inside].sum(axis=1)))
            held[inside] = table[chosen, inside]
    hits = int(np.count_nonzero(held))
    if hits - np.count_nonzero(seen.agreed) < LEAST_RISE * len(held):
        return
    best = int(np.argmax(table.sum(axis=1)))
    holdout = Holdout(len(np.unique(day)), hits, len(held) - hits)
    yield Change(replace(rule, trigger=triggers[best]), seen, table[best], holdout)


def _runs(
    history: History,
    trigger: StateTrigger | NumericTrigger,
    stricter: StateTrigger | NumericTrigger,
    at: Ints,
) -> Mask:
    """Return at which of its instants a trigger would have fired if stricter."""
    t, _ = occasions(history, stricter)
    if isinstance(trigger, NumericTrigger):
        low, high = at - EARLY_MS, at + STAYS_S[-1] * 1000
    else:
        # The same stay, if it lasts: it would have run so much later.
        later_ms = 1000 * (stricter.for_s - trigger.for_s)
        low, high = at + later_ms - LATE_MS, at + later_ms + EARLY_MS
    runs: Mask = np.searchsorted(t, high) > np.searchsorted(t, low)
    return runs


def _stricter(
    history: History, trigger: StateTrigger | NumericTrigger
) -> Iterator[StateTrigger | NumericTrigger]:
    """Yield triggers that fire less often, the nearest first."""
    if isinstance(trigger, NumericTrigger):
        yield from _cuts(history, trigger, stricter=True)
    elif trigger.for_s:
        for stay in STAYS_S:
            if stay > trigger.for_s:
                yield replace(trigger, for_s=stay)


def _cuts(
    history: History, trigger: NumericTrigger, *, stricter: bool
) -> Iterator[NumericTrigger]:
    """Yield thresholds that are crossed less, or more, the nearest first."""
    numbers = history.numbers(trigger.entity_id)
    scale = scale_of(history.facts.of(trigger.entity_id), numbers)
    upwards = (trigger.side is Side.ABOVE) is stricter
    cuts = sorted(map(float, cuts_of(numbers, scale)), reverse=not upwards)
    for cut in cuts:
        if cut > trigger.threshold if upwards else cut < trigger.threshold:
            yield replace(trigger, threshold=cut)


def conditional(history: History, rule: Rule, seen: Occasions) -> Iterator[Change]:
    """Yield the rule with what tells the runs that were let be from the others."""
    if seen.overruled < LEAST or len(rule.conditions) >= MOST:
        return
    day = history.local(seen.t) // DAY_MS
    table = table_at(history, rule, seen.t, day, seen.agreed)
    for one in (table, _of_weekdays(table)):
        for added in choose(one, 1):
            changed = _under(rule, added)
            if changed is not None:
                agrees = one.mask(added) == seen.agreed
                yield Change(changed, seen, agrees, _holdout(one))


def _of_weekdays(table: Table) -> Table:
    """Return a table that is asked for days of the week alone.

    Of a time they are a part, so that its own table does not offer them.
    """
    n = len(table.fired)
    return replace(
        table,
        options=(),
        holds=np.zeros((0, n), bool),
        price=np.zeros(0),
        minute=np.zeros(n, np.int64),
        by_clock=False,
    )


def _under(rule: Rule, added: Condition) -> Rule | None:
    trigger = rule.trigger
    if isinstance(added, WeekdayCondition) and isinstance(
        trigger, TimeTrigger | SunTrigger
    ):
        common = tuple(day for day in trigger.weekdays if day in added.weekdays)
        return replace(rule, trigger=replace(trigger, weekdays=common))
    if added in rule.conditions:
        return None
    return replace(rule, conditions=(*rule.conditions, added))


def _holdout(table: Table) -> Holdout:
    """Return how a condition did that was chosen anew on the other weeks."""
    parts = list(fold_days(np.unique(table.day), FOLDS))
    if len(parts) < 2:
        return Holdout(0, 0, 0)
    hits, runs = held_out(table, 1, parts)[1]
    return Holdout(len(np.unique(table.day)), hits, runs - hits)
