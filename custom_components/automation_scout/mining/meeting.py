"""Whether what an automation requires is met when people do what it would do."""

from collections.abc import Callable
from typing import Final

import numpy as np

from .events import Ints, Mask
from .facts import Branch, Requirement
from .history import History
from .holding import holds
from .replay import replay
from .rules import DERIVED, Condition, NumericCondition, Rule, StateCondition

MOSTLY: Final = 0.5
"""Share of the occasions at which it has to be met."""


def met_at(history: History, rule: Rule) -> Callable[[Branch], bool]:
    """Return a judge of conditions at the occasions on which people kept to a rule.

    What is not known of the past, and all where there was no occasion, is taken to be
    met: the log shows whether the automation acted.
    """
    played = replay(history, rule)
    t = played.fired[played.hit]

    def met(branch: Branch) -> bool:
        if not len(t) or not branch.requirements:
            return True
        mask = np.ones(len(t), bool)
        for requirement in branch.requirements:
            mask &= _holds(history, requirement, t)
        return float(mask.mean()) >= MOSTLY

    return met


def _holds(history: History, requirement: Requirement, t: Ints) -> Mask:
    if not all(_is_known(history, part) for part in requirement.any_of):
        return np.ones(len(t), bool)
    each = [holds(history, part, t) for part in requirement.any_of]
    held: Mask = np.logical_or.reduce(each) == requirement.holds
    return held


def _is_known(history: History, condition: Condition) -> bool:
    match condition:
        case StateCondition(entity_id):
            return entity_id in DERIVED or len(history.rows_of(entity_id)) > 0
        case NumericCondition(entity_id):
            return len(history.numbers(entity_id).t) > 0
        case _:
            return True
