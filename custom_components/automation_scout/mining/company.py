"""What people do along with a proven habit, though by itself it is not proven.

A routine's third act is forgotten more often than its first, and is done at other times
too. Asked alone whether it is a habit, it may just fail; asked whether it comes with
one, there are few hypotheses and the answer is plain.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import exp
from typing import Final

import numpy as np

from .detectors.protocol import Candidate
from .events import Ints
from .gates.already_automated import AlreadyAutomated, left_to_do
from .gates.protocol import Draft
from .history import History
from .localtime import MINUTE_MS
from .replay import Replay, replay
from .rules import Action
from .stats import binomial_tail

NEAR_MS: Final = 5 * MINUTE_MS
AROUND_MS: Final = 90 * MINUTE_MS
"""How far around the habit it is looked how usual an act is in that part of the day."""
SHARED: Final = 0.6
"""Share of the habit's acts with which the other one comes."""
LEAST_DAYS: Final = 4
RATE: Final = 1e-4
"""Chance of any false companion of a habit."""


def companions(lead: Draft, drafts: Sequence[Draft], history: History) -> list[Draft]:
    """Return drafts, with a habit's trigger, of acts that come with it.

    Of those that no draft explains already and no automation does; in the order of
    their names.
    """
    acts = history.acts[lead.rule.action].t[lead.played.explained]
    served: dict[Action, list[Draft]] = {}
    for draft in drafts:
        served.setdefault(draft.rule.action, []).append(draft)
    found: list[Draft] = []
    for action in sorted(history.acts):
        others = history.acts[action].t
        beside = _counts(others, acts, NEAR_MS) > 0
        if beside.mean() < SHARED or action == lead.rule.action:
            continue
        rule = replace(lead.rule, action=action)
        played = replay(history, rule)
        if any(_explains(one.played, played) for one in served.get(action, ())):
            continue
        if _undoes(history, played, action):
            continue
        if len(np.unique(played.day[played.hit])) < LEAST_DAYS:
            continue
        chance = by_chance(others, acts)
        p_value = binomial_tail(int(beside.sum()), len(acts), chance)
        if p_value * len(history.acts) > RATE:
            continue
        if left_to_do(history, rule)[0] > 1 - AlreadyAutomated().most:
            found.append(Draft(Candidate(rule, p_value, chance), played))
    return found


def by_chance(others: Ints, acts: Ints) -> float:
    """Return the chance that one of some acts comes near an instant by itself, 0..1.

    From how often they come around these instants, though not near any of them; one
    act more is supposed than was seen. Instants are int64, ms UTC, ascending.
    """
    away = others[_counts(acts, others, NEAR_MS) == 0]
    seen = 1 + int(_counts(away, acts, AROUND_MS).sum())
    watched = len(acts) * 2 * (AROUND_MS - NEAR_MS)
    return 1 - exp(-seen / max(1, watched) * 2 * NEAR_MS)


def _undoes(history: History, played: Replay, action: Action) -> bool:
    """Return whether an act mostly takes back what has just happened to its entity.

    A lamp lit at the door when somebody comes is put out minutes later, every time; by
    the habit that it goes along with it would be put out at once.
    """
    changes = history.timeline(action.entity_id).t
    before = played.fired[played.hit] - NEAR_MS // 2
    near = _counts(changes, before, NEAR_MS // 2) > 0
    return 2 * int(near.sum()) > len(before)


def _counts(t: Ints, at: Ints, reach_ms: int) -> Ints:
    """Return how many of `t` lie within reach of each instant, int64[n]."""
    low = np.searchsorted(t, at - reach_ms, side="left")
    high = np.searchsorted(t, at + reach_ms, side="right")
    return high - low


def _explains(one: Replay, other: Replay) -> bool:
    """Return whether a replay explains half of the acts that another one does."""
    common = np.isin(other.explained, one.explained)
    return 2 * int(common.sum()) >= max(1, len(common))
