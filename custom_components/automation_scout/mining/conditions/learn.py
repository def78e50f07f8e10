"""Learning conditions on some days, and believing them on others."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ..detectors.weekdays import EXPECTED_PENALTY, best_weekdays
from ..events import Ints
from ..history import History
from ..holding import holds
from ..rules import (
    ALL_DAYS,
    Condition,
    NumericCondition,
    Rule,
    WeekdayCondition,
    WindowCondition,
)
from ..stats import wilson_low
from .choose import IN_PART, choose
from .gains import count
from .table import Table, table_of
from .windows import best_window

RISE_ACCEPTED: Final = 0.04
"""By how much each condition has to raise the lower bound on held-out days."""


def learn(history: History, rule: Rule, days: Ints) -> Rule:
    """Return the rule with the conditions that some days show, possibly none.

    Those that it had are left out of account.
    """
    return replace(rule, conditions=choose(table_of(history, rule, days)))


def accept(history: History, rule: Rule, parts: Sequence[Ints]) -> Rule:
    """Return the rule with as many of its conditions as raise held-out precision.

    For each part of the days conditions are learned on the others and counted on it.
    One condition has to beat none, two have to beat one, by the lower bound of the
    counts of all parts together; the weaker one goes first.
    """
    if not rule.conditions:
        return rule
    kept, low = 0, -1.0
    if len(parts) >= 2:
        counts = held_out(table_of(history, rule), len(rule.conditions), parts)
        for most, (hits, fired) in enumerate(counts):
            bound = wilson_low(hits, fired)
            if bound > low + (RISE_ACCEPTED if most else 0.0):
                kept, low = most, bound
    return replace(rule, conditions=rule.conditions[:kept])


def held_out(table: Table, most: int, parts: Sequence[Ints]) -> list[tuple[int, int]]:
    """Return held-out hits and firings with 0, 1, .., `most` conditions."""
    hits, fired = np.zeros(most + 1, int), np.zeros(most + 1, int)
    for part in parts:
        of_part = np.isin(table.day, part)
        learned = choose(table.where(~of_part), most, IN_PART)
        inside = of_part
        for number in range(most + 1):
            if 0 < number <= len(learned):
                inside = inside & table.mask(learned[number - 1])
            hits[number] += np.count_nonzero(inside & table.hit)
            fired[number] += np.count_nonzero(inside)
    return [(int(k), int(n)) for k, n in zip(hits, fired, strict=True)]


def refit_conditions(history: History, rule: Rule, days: Ints) -> Rule:
    """Return the rule with the ends, thresholds and weekdays that some days show.

    What each condition is about stays as it is: it was paid for when it was found, and
    need only gain a nat here, the second where the first holds. One that does not is
    left out.
    """
    if not rule.conditions:
        return rule
    table = table_of(history, rule, days)
    fitted: list[Condition] = []
    for condition in rule.conditions:
        again = _refit(table, condition)
        if again is None:
            continue
        inside = holds(history, again, table.fired)
        if count(inside, table.hit).gain >= EXPECTED_PENALTY:
            fitted.append(again)
            table = table.where(inside)
    return replace(rule, conditions=tuple(fitted))


def _refit(table: Table, condition: Condition) -> Condition | None:
    match condition:
        case WeekdayCondition(weekdays):
            shown = best_weekdays(table.day, table.hit, weekdays)
            return None if shown == ALL_DAYS else WeekdayCondition(shown)
        case WindowCondition():
            window = best_window(table.minute, table.hit)
            if window and _alike(table, condition, window.condition):
                return window.condition
        case NumericCondition(entity_id, side):
            same = [
                (count(mask, table.hit).gain, -place)
                for place, (option, mask) in enumerate(
                    zip(table.options, table.holds, strict=True)
                )
                if isinstance(option, NumericCondition)
                and (option.entity_id, option.side) == (entity_id, side)
            ]
            if same and max(same)[0] > 0:
                return table.options[-max(same)[1]]
    return condition


def _alike(table: Table, one: Condition, two: Condition) -> bool:
    """Return whether two conditions mostly hold at the same firings."""
    a, b = table.mask(one), table.mask(two)
    return bool(2 * np.count_nonzero(a & b) >= np.count_nonzero(a | b))
