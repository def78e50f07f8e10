"""Conditions for the candidates of a home: a stage between significance and spread.

A habit that is kept only when it is dark looks poor by day and night together; so it
gets its conditions before it is asked how often it is right. To ask costs: only what is
more than chance by itself is asked, and of each action only the best candidates.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ..detectors.protocol import Candidate
from ..events import Ints
from ..gates.holdout import fold_days
from ..gates.protocol import Draft, GateContext
from ..history import History
from ..holding import all_hold
from ..localtime import DAY_MS, MINUTE_MS
from ..occasions import occasions
from ..replay import replay
from ..rules import Action, NumericTrigger, Rule, StateTrigger
from ..stats import binomial_tail, wilson_low
from .choose import LEAST_RISE
from .learn import accept, learn

MOST_PER_ACTION: Final = 12
FOLDS: Final = 5
TRIED: Final = 1000.0
"""Conditions that a rule could have had, about; its chance is multiplied by it."""
LEAST_LIFT: Final = 2.0
"""Times chance, under the same conditions, that a rule has to be right."""
GRID_MS: Final = 15 * MINUTE_MS
LEAST_MARKS: Final = 20
"""Instants below which nothing is concluded about chance."""


def learn_all(drafts: Sequence[Draft], context: GateContext) -> tuple[Draft, ...]:
    """Return the drafts, in their order, with conditions where the days show them.

    Without conditions a draft stays beside the one that has them where it could be
    shown by itself; redundancy chooses between the two.
    """
    asked = _asked(drafts)
    result: list[Draft] = []
    for draft in drafts:
        conditional = None
        if draft.rule.key in asked:
            conditional = _conditional(draft, context)
        if conditional is None or draft.precision_low >= context.required_precision:
            result.append(draft)
        if conditional is not None:
            result.append(conditional)
    return tuple(result)


def _asked(drafts: Sequence[Draft]) -> set[str]:
    """Return the keys of the drafts that are worth asking, few for each action."""
    by_action: dict[Action, list[Draft]] = {}
    for draft in drafts:
        rule, played = draft.rule, draft.played
        could = wilson_low(played.hits, played.hits) - draft.precision_low
        if rule.special is None and not rule.conditions and could >= LEAST_RISE:
            by_action.setdefault(rule.action, []).append(draft)
    return {
        draft.rule.key
        for group in by_action.values()
        for draft in sorted(group, key=lambda d: (-d.gain, d.rule.key))[
            :MOST_PER_ACTION
        ]
    }


def _conditional(draft: Draft, context: GateContext) -> Draft | None:
    """Return the draft with conditions that hold what they promise, if any."""
    history = context.history
    rule = learn(history, draft.rule, history.days)
    if not rule.conditions:
        return None
    rule = accept(history, rule, list(fold_days(history.days, FOLDS)))
    if not rule.conditions:
        return None
    played = replay(history, rule)
    n = len(played.fired)
    chance = _chance(draft, rule, n, history)
    if not n or played.hits < LEAST_LIFT * chance * n:
        return None
    p_value = draft.candidate.p_value
    if isinstance(rule.trigger, StateTrigger | NumericTrigger):
        limit = max(p_value, 0.01 / max(1, context.n_tested))
        p_value = min(1.0, TRIED * binomial_tail(played.hits, n, chance))
        if p_value > limit:
            return None
    return replace(draft, candidate=Candidate(rule, p_value, chance), played=played)


def _chance(draft: Draft, rule: Rule, n: int, history: History) -> float:
    """Return the chance of a hit under the conditions without the trigger.

    Of a time that is at most what it was, in fewer firings. Of a reaction it is what
    follows other instants at which the conditions hold: a grid of them, and activity
    anywhere in the home.
    """
    before = draft.candidate.background
    trigger = rule.trigger
    if not isinstance(trigger, StateTrigger | NumericTrigger):
        return min(1.0, before * len(draft.played.fired) / max(1, n))
    own, _ = occasions(history, trigger)
    start, end = history.span
    width = rule.window_s * 1000
    marks = history.edge_index.first_of_each(width)
    return max(
        before,
        _after(history, rule, own, np.arange(start, end + 1, GRID_MS)),
        _after(history, rule, own, marks),
    )


def _after(history: History, rule: Rule, own: Ints, marks: Ints) -> float:
    """Return the share of instants, away from the trigger, that an act follows."""
    width = rule.window_s * 1000
    away = np.searchsorted(own, marks - width, side="left") == np.searchsorted(
        own, marks + width, side="right"
    )
    marks = marks[away]
    marks = marks[history.ready(rule.action, marks)]
    marks = marks[history.lived(history.local(marks) // DAY_MS)]
    marks = marks[all_hold(history, rule.conditions, marks)]
    if len(marks) < LEAST_MARKS:
        return 0.0
    acts = history.acts[rule.action].t
    low = np.searchsorted(acts, marks, side="right")
    high = np.searchsorted(acts, marks + width, side="right")
    return float(np.count_nonzero(high > low)) / len(marks)
