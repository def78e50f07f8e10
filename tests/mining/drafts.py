"""Candidates made by hand, for gates and ranks."""

import numpy as np

from custom_components.automation_scout.mining.detectors.protocol import Candidate
from custom_components.automation_scout.mining.evidence import Evidence, Holdout
from custom_components.automation_scout.mining.gates.protocol import Draft
from custom_components.automation_scout.mining.replay import Replay
from custom_components.automation_scout.mining.result import Proven, Safety, Tier
from custom_components.automation_scout.mining.rules import Rule

from .worlds import rule_at

NONE = np.zeros(0, np.int64)


def draft_of(minute: int, p_value: float) -> Draft:
    """Return a candidate that was never replayed."""
    return Draft(
        Candidate(rule_at(minute), p_value, 0.1),
        Replay(NONE, NONE, np.zeros(0, bool), NONE),
    )


def evidence_of(
    hits: int = 20, wrong: int = 2, missed: int = 3, human_actions: int = 25
) -> Evidence:
    """Return evidence of four weeks."""
    return Evidence(
        28, hits + wrong, hits, wrong, missed, human_actions, 1, 2, (2, 1),
        {"user": hits}, Holdout(28, hits, wrong),
    )  # fmt: skip


def proven_of(rule: Rule, score: float = 1.0) -> Proven:
    """Return a proven rule with usual evidence."""
    return Proven(rule, evidence_of(), 0.7, score, Safety(Tier.OK))
