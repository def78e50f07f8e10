"""Judges rules on days that they were not learned from.

A rule fires when its trigger occurs, its conditions hold and its target is not already
so, and not again within its window. A firing is right when a person does the same
within the window. An act is covered when a firing comes so shortly before it. Acts of
one kind within two seconds of each other are one: a group, or one press of a remote.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from custom_components.automation_scout.mining.events import Ints, Mask
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.localtime import DAY_MS
from custom_components.automation_scout.mining.origin import ECHO_MS
from custom_components.automation_scout.mining.replay import Replay, replay
from custom_components.automation_scout.mining.routine_play import part_of, play
from custom_components.automation_scout.mining.rules import Action, Rule

from .report import Row

RESTING: Final = ("closed", "off")
"""Acts that turn something on are counted apart: people want those automated more."""


def judge(rules: Sequence[Rule], history: History, cut: int) -> Row:
    """Replay rules on the days from `cut` (ms UTC) on, and count."""
    days = max(1, len(np.unique(history.log.t[history.log.t >= cut] // DAY_MS)))
    fired = hits = 0
    worst = 0.0
    acts = _Together(history, cut)
    for rule in rules:
        played = play(history, rule)
        late = played.fired >= cut
        n, k = int(late.sum()), int(played.hit[late].sum())
        fired, hits = fired + n, hits + k
        worst = max(worst, (n - k) / days)
        acts.cover(rule)
    return {
        "rules": len(rules),
        "firings": fired,
        "precision": round(hits / fired, 3) if fired else None,
        "coverage, on": acts.coverage(resting=False),
        "coverage, all": acts.coverage(resting=None),
        "acts": acts.count(resting=None),
        "wrong a day, worst rule": round(worst, 2),
    }


class _Together:
    """Acts of the later days, those done in one go as one, and which are covered."""

    def __init__(self, history: History, cut: int) -> None:
        self._history = history
        self._cut = cut
        self._group: dict[Action, Ints] = {}
        self._resting: list[bool] = []
        self._covered: set[int] = set()
        rows = sorted(
            (int(t), action.state, action)
            for action, acts in history.acts.items()
            for t in acts.t[acts.t >= cut]
        )
        last: dict[str, tuple[int, int]] = {}
        groups: dict[Action, list[int]] = {}
        for t, state, action in rows:
            before, group = last.get(state, (-ECHO_MS - 1, -1))
            if t - before > ECHO_MS:
                group = len(self._resting)
                self._resting.append(state in RESTING)
            last[state] = t, group
            groups.setdefault(action, []).append(group)
        self._group = {action: np.array(one) for action, one in groups.items()}

    def cover(self, rule: Rule) -> None:
        """Note the acts that a rule's firings come before."""
        for action in rule.actions:
            if action not in self._group:
                continue
            acts = self._history.acts[action]
            played = replay(self._history, part_of(rule, action))
            mask = _preceded(acts.t, played, rule.window_s)
            self._covered.update(self._group[action][mask[acts.t >= self._cut]])

    def count(self, *, resting: bool | None) -> int:
        """Return the number of acts: that turn off, that do not, or (None) all."""
        return sum(resting in (None, is_resting) for is_resting in self._resting)

    def coverage(self, *, resting: bool | None) -> float | None:
        """Return the share of these acts that are covered, 0..1."""
        total = self.count(resting=resting)
        covered = sum(resting in (None, self._resting[one]) for one in self._covered)
        return round(covered / total, 3) if total else None


def _preceded(acts: Ints, played: Replay, window_s: int) -> Mask:
    """Return which acts (int64[n], ms UTC) a firing comes before or explains."""
    mask = np.zeros(len(acts), bool)
    mask[played.explained] = True
    if len(played.fired):
        last = np.searchsorted(played.fired, acts, side="left") - 1
        lag = acts - played.fired[np.maximum(last, 0)]
        mask |= (last >= 0) & (lag <= window_s * 1000)
    return mask
