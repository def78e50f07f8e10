"""What is said of a rule that passed every gate: its evidence, rank and safety."""

from collections import Counter
from typing import Final

import numpy as np

from .beside import beside
from .evidence import Evidence
from .feedback import Feedback, traits_of
from .gates.protocol import Draft
from .history import History
from .localtime import DAY_MS, ms_from
from .origin import Origin
from .rank import score
from .replay import NEAR_MS, due_times
from .result import Proven
from .rules import SunTrigger, TimeTrigger
from .safety import safety_of, with_care_for
from .setting_values import with_values

EXAMPLES: Final = 5


def prove(draft: Draft, history: History, feedback: Feedback) -> Proven:
    """Return a draft as what people are shown; verdicts move its rank alone."""
    rule = with_values(history, draft.rule)
    evidence = _evidence(draft, history)
    confidence = draft.holdout.precision_low
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


def _evidence(draft: Draft, history: History) -> Evidence:
    acts = history.acts[draft.rule.action]
    explained = draft.played.explained
    agreeing = acts.t[explained]
    origins = Counter(Origin(int(code)).name.lower() for code in acts.origin[explained])
    return Evidence(
        days_observed=int(np.count_nonzero(history.days >= draft.rule.since)),
        opportunities=len(draft.played.fired),
        hits=draft.played.hits,
        wrong=draft.played.wrong,
        missed=_missed(draft, history),
        # As many occasions as a routine has hits, and acts that it has no part in.
        human_actions=len(acts) - len(explained) + draft.played.hits
        if draft.rule.more
        else len(acts),
        first_seen_ms=int(agreeing[0]),
        last_seen_ms=int(agreeing[-1]),
        examples_ms=tuple(int(t) for t in agreeing[::-1][:EXAMPLES]),
        provenance=dict(sorted(origins.items())),
        holdout=draft.holdout,
    )


def _missed(draft: Draft, history: History) -> int:
    """Return acts that the rule is about but does not explain.

    Of a clock habit those are the acts around its time; the same act at another time of
    the day is another matter. Of a reaction they are all others.
    """
    acts = history.acts[draft.rule.action]
    trigger = draft.rule.trigger
    others = np.ones(len(acts), bool)
    others[draft.played.explained] = False
    others &= acts.day >= draft.rule.since
    if isinstance(trigger, TimeTrigger):
        others &= ms_from(acts.local, trigger.minute) <= NEAR_MS
    elif isinstance(trigger, SunTrigger):
        _, due = due_times(history, trigger, draft.rule.window_s)
        low = np.searchsorted(due, acts.t - NEAR_MS, side="left")
        high = np.searchsorted(due, acts.t + NEAR_MS, side="right")
        others &= low < high
    return int(np.count_nonzero(others))
