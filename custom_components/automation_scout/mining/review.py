"""What people decided is looked at again: refined rules, and rules on trial.

A rule that a person changed is not found by detectors any more; it is judged as it is.
Nothing in it was fitted to the days since the change, so these are its held-out days.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from .acts import NO_ACTS
from .events import EventLog
from .evidence import Holdout
from .facts import HomeFacts
from .feedback import Feedback
from .history import History
from .localtime import DAY_MS
from .proving import evidence_of, missed_by, proven_of
from .result import Instead, Proven
from .routine_play import play
from .standing import Firing, Question, Review, Trial, TrialReport
from .stats import wilson_low


def review(
    log: EventLog,
    facts: HomeFacts,
    questions: Mapping[str, Question],
    trials: Mapping[str, Trial],
    feedback: Feedback | None = None,
) -> Review:
    """Judge rules as they are, and count what those on trial would have done."""
    history = History(log, facts)
    liked = feedback or Feedback()
    return Review(
        {key: judge(history, asked, liked) for key, asked in questions.items()},
        {key: try_out(history, trial) for key, trial in trials.items()},
    )


def judge(history: History, asked: Question, feedback: Feedback) -> Proven:
    """Return a rule as it is with its back-test on all days that it is about."""
    rule = asked.rule
    played = play(history, rule)
    holdout = Holdout(0, 0, 0)
    if asked.chosen_ms:
        chosen = int(history.local(np.array([asked.chosen_ms]))[0]) // DAY_MS
        # The day itself had begun when the person decided.
        days = history.days[history.days > chosen]
        unseen = played.on(days)
        holdout = Holdout(len(days), unseen.hits, unseen.wrong)
    evidence = evidence_of(history, rule, played, holdout)
    confidence = wilson_low(evidence.hits, evidence.opportunities)
    proven = proven_of(history, rule, evidence, confidence, feedback)
    if asked.found is None:
        return proven
    before = play(history, asked.found)
    instead = Instead(asked.found, before.hits, len(before.fired))
    return replace(proven, instead=instead)


def try_out(history: History, trial: Trial) -> TrialReport:
    """Return what a rule would have done since its trial began, by the log so far."""
    # A trial begins now: the days before it are of no interest, nor is `since`.
    rule = replace(trial.rule, since=0)
    played = play(history, rule)
    inside = (played.fired >= trial.since_ms) & (played.fired < trial.until_ms)
    acts = history.acts.get(rule.action, NO_ACTS)
    missed = acts.t[missed_by(history, rule, played.explained)]
    fired, hit = played.fired[inside], played.hit[inside]
    return TrialReport(
        days=_days(history, trial),
        hits=int(np.count_nonzero(hit)),
        wrong=int(np.count_nonzero(~hit)),
        missed=int(
            np.count_nonzero((missed >= trial.since_ms) & (missed < trial.until_ms))
        ),
        firings=tuple(
            Firing(int(t), bool(wanted)) for t, wanted in zip(fired, hit, strict=True)
        ),
    )


def _days(history: History, trial: Trial) -> int:
    """Return on how many days of a trial the home was lived in.

    The first day and the last are parts of days, and together one.
    """
    end = min(trial.until_ms, history.span[1] + 1)
    if end <= trial.since_ms:
        return 0
    first, last = history.local(np.array([trial.since_ms, end - 1])) // DAY_MS
    lived = np.count_nonzero((history.days >= first) & (history.days <= last))
    return min(int(lived), -(-(end - trial.since_ms) // DAY_MS))
