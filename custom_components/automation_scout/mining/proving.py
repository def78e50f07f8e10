"""What is said of a rule that passed every gate: its evidence, rank and safety."""

from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from .acts import NO_ACTS
from .beside import beside
from .events import Ints
from .evidence import Evidence, Holdout
from .feedback import Feedback, traits_of
from .history import History
from .localtime import DAY_MS, ms_from
from .origin import Origin
from .rank import score
from .replay import NEAR_MS, Replay, due_times
from .result import Proven
from .rules import Rule, SunTrigger, TimeTrigger
from .safety import safety_of, with_care_for
from .setting_values import with_values

if TYPE_CHECKING:
    from .gates.protocol import Draft

EXAMPLES: Final = 5


def prove(draft: Draft, history: History, feedback: Feedback) -> Proven:
    """Return a draft as what people are shown; verdicts move its rank alone."""
    rule = with_values(history, draft.rule)
    evidence = evidence_of(history, draft.rule, draft.played, draft.holdout)
    return proven_of(history, rule, evidence, draft.holdout.precision_low, feedback)


def proven_of(
    history: History,
    rule: Rule,
    evidence: Evidence,
    confidence: float,
    feedback: Feedback,
) -> Proven:
    """Return a rule with its evidence, ranked and with its tier of safety."""
    idle_days = (history.span[1] - evidence.last_seen_ms) / DAY_MS
    around = beside(history, rule)
    liking = feedback.factor(traits_of(rule, history.facts))
    return Proven(
        rule,
        evidence,
        confidence,
        score(rule, evidence, confidence, liking, idle_days),
        with_care_for(safety_of(rule, history.facts), around.conflicts),
        around.covered_by,
        around.conflicts,
    )


def evidence_of(
    history: History, rule: Rule, played: Replay, holdout: Holdout
) -> Evidence:
    """Return the counts of a rule's replay, also where nobody ever did it."""
    acts = history.acts.get(rule.action, NO_ACTS)
    explained = played.explained
    agreeing = acts.t[explained]
    origins = Counter(Origin(int(code)).name.lower() for code in acts.origin[explained])
    return Evidence(
        days_observed=int(np.count_nonzero(history.days >= rule.since)),
        opportunities=len(played.fired),
        hits=played.hits,
        wrong=played.wrong,
        missed=len(missed_by(history, rule, explained)),
        # As many occasions as a routine has hits, and acts that it has no part in.
        human_actions=len(acts) - len(explained) + played.hits
        if rule.more
        else len(acts),
        first_seen_ms=int(agreeing[0]) if len(agreeing) else 0,
        last_seen_ms=int(agreeing[-1]) if len(agreeing) else 0,
        examples_ms=tuple(int(t) for t in agreeing[::-1][:EXAMPLES]),
        provenance=dict(sorted(origins.items())),
        holdout=holdout,
    )


def missed_by(history: History, rule: Rule, explained: Ints) -> Ints:
    """Return indices of acts that the rule is about but does not explain, int64[n].

    Of a clock habit those are the acts around its time; the same act at another time of
    the day is another matter. Of a reaction they are all others.
    """
    acts = history.acts.get(rule.action, NO_ACTS)
    trigger = rule.trigger
    others = np.ones(len(acts), bool)
    others[explained] = False
    others &= acts.day >= rule.since
    if isinstance(trigger, TimeTrigger):
        others &= ms_from(acts.local, trigger.minute) <= NEAR_MS
    elif isinstance(trigger, SunTrigger):
        _, due = due_times(history, trigger, rule.window_s)
        low = np.searchsorted(due, acts.t - NEAR_MS, side="left")
        high = np.searchsorted(due, acts.t + NEAR_MS, side="right")
        others &= low < high
    return np.flatnonzero(others)
