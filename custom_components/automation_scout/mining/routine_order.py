"""The order of a routine, and the pauses in it, kept only where they matter."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import numpy as np

from .events import Floats, Ints
from .rules import Action, Step

NEAR_MS: Final = 300_000
LEAST_SEEN: Final = 4
STEADY: Final = 0.8
"""Share of the occasions that keep an order, or a pause, for it to matter."""
FIRST_MS: Final = 2_000
"""What comes at once has no order."""
LEAST_PAUSE_S: Final = 30
"""Shorter ones are the way from one switch to the next."""
SPREAD_S: Final = 10
SPREAD: Final = 0.2
"""A pause is steady within so many seconds, or this share of it if that is more."""
NEARLY: Final = 0.8
"""Of actions done this often, as a share of the most frequent, any may be the main."""


def in_order(
    lead: Action, acts: Mapping[Action, Ints]
) -> tuple[Action, tuple[Step, ...]]:
    """Return the main action of a routine and its further steps.

    Those are by name, so that they stay the same from night to night, unless people
    keep an order; with pauses, where people wait as long each time.

    Args:
        lead: the action on whose trigger the routine hangs.
        acts: instants (int64[n], ms UTC, ascending) of each action in the routine.
    """
    ordered = sorted(
        acts, key=lambda action: (_median(gaps(acts[lead], acts[action])), action)
    )
    pairs = [gaps(acts[one], acts[two]) for one, two in pairwise(ordered)]
    if all(map(_keeps_order, pairs)):
        pauses = map(pause_s, pairs)
        steps = [
            Step(action, (), pause)
            for action, pause in zip(ordered[1:], pauses, strict=True)
        ]
        return ordered[0], tuple(steps)
    often = NEARLY * max(map(len, acts.values()))
    main = min(action for action, t in acts.items() if len(t) >= often)
    return main, tuple(Step(action) for action in sorted(acts) if action != main)


def gaps(one: Ints, two: Ints) -> Floats:
    """Return ms from each instant to the nearest of others within reach, float64[k]."""
    if not len(two):
        return np.zeros(0)
    after = np.minimum(np.searchsorted(two, one, side="left"), len(two) - 1)
    before = np.maximum(after - 1, 0)
    later, earlier = two[after] - one, two[before] - one
    nearest: Floats = np.where(np.abs(later) <= np.abs(earlier), later, earlier) * 1.0
    return nearest[np.abs(nearest) <= NEAR_MS]


def _median(gap: Floats) -> float:
    return float(np.median(gap)) if len(gap) else 0.0


def _keeps_order(gap: Floats) -> bool:
    return len(gap) >= LEAST_SEEN and float(np.mean(gap > FIRST_MS)) >= STEADY


def pause_s(gap: Floats) -> int:
    """Return the pause that people make between two acts, 0 where they make none.

    As a person would write it: in steps of 10 seconds, from a minute on of 30.
    """
    median = _median(gap) / 1000
    if len(gap) < LEAST_SEEN or median < LEAST_PAUSE_S:
        return 0
    spread = max(SPREAD_S, SPREAD * median)
    steady = np.mean(np.abs(gap / 1000 - median) <= spread)
    step = 30 if median >= 60 else 10
    return round(median / step) * step if steady >= STEADY else 0
