"""What people undo says how an automation should have been.

An automation that people overrule at least five times, and that often of late, is asked
three things: would it have agreed with them at another time, under a condition, or with
another threshold or stay? Its own runs are the occasions, and people's answers to them
the truth; of the few hypotheses that are looked at, the one that agrees most is kept.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from ...evidence import Evidence
from ...facts import ExistingAutomation
from ...feedback import Feedback
from ...history import History
from ...localtime import DAY_MS, MINUTE_MS
from ...proving import proven_of
from ...result import Instead, Proven
from ...rules import Kind, NumericTrigger, Rule, StateTrigger, SunTrigger, TimeTrigger
from ...stats import wilson_low
from ...watching import RECENT_MS, UNDONE_MS, Runs
from ..as_rule import rule_of
from .answers import Occasions, answered, as_it_is, of_runs
from .changes import LEAST, LEAST_RISE, Change, conditional, earlier, moved_to, narrowed

LEAST_SHARE: Final = 0.6
"""Share of the occasions at which it would have agreed, at the least."""
KEPT: Final = 0.6
"""Share of the runs that nobody minded, which a change may not lose."""
AT_ONCE_MS: Final = 2 * MINUTE_MS
"""Who turns off within this what came on as they passed did not want it; later they
have left the room."""
SPAN_MS: Final = 56 * DAY_MS
"""Conditions are looked for in the last eight weeks: weekdays need some of each."""
EXAMPLES: Final = 5

__all__ = ["corrections"]


def corrections(
    history: History,
    all_runs: Mapping[str, Runs],
    installed: Mapping[str, Rule],
    feedback: Feedback,
) -> list[Proven]:
    """Return for each automation that people keep overruling what it should be.

    Args:
        history: the home's past.
        all_runs: what automations did, by their entity ids (`runs_of`).
        installed: the rules that automations were made from, by their entity ids.
        feedback: moves the rank.
    """
    found = []
    for automation in history.facts.automations:
        # One that never ran is not in people's way.
        runs = all_runs.get(automation.entity_id)
        rule = rule_of(automation, installed) if automation.enabled else None
        if rule is not None and runs is not None:
            change = _best(history, rule, automation, runs)
            if change is not None:
                found.append(_proven(history, rule, automation, change, feedback))
    return found


def _best(
    history: History, rule: Rule, automation: ExistingAutomation, runs: Runs
) -> Change | None:
    start, end = history.span
    since = max(start, automation.created_ms or start)
    recent = as_it_is(history, rule, runs.where(runs.t >= max(since, end - RECENT_MS)))
    long = as_it_is(history, rule, runs.where(runs.t >= max(since, end - SPAN_MS)))
    changes: list[Change] = []
    said = answered(history, rule, recent, max(since, end - RECENT_MS))
    match rule.trigger:
        case TimeTrigger() | SunTrigger() as trigger:
            changes += moved_to(rule, trigger, said)
        case NumericTrigger() as trigger:
            changes += earlier(history, rule, trigger, said)
            changes += narrowed(history, rule, trigger, of_runs(recent))
        case StateTrigger() as trigger:
            changes += narrowed(history, rule, trigger, of_runs(recent))
    passing = isinstance(rule.trigger, StateTrigger) and not rule.trigger.for_s
    within_ms = AT_ONCE_MS if passing else UNDONE_MS
    changes += conditional(history, rule, of_runs(long, within_ms))
    sound = [change for change in changes if _is_sound(change)]
    return max(sound, key=lambda change: change.share, default=None)


def _is_sound(change: Change) -> bool:
    """Return whether people would have been overruled less, and lost little."""
    seen, n = change.occasions, len(change.agrees)
    overruled = seen.overruled
    if not n or overruled < LEAST or overruled == 0:
        return False
    kept = int(np.count_nonzero(seen.agreed))
    helped = np.count_nonzero(change.agrees & ~seen.agreed)
    still = np.count_nonzero(change.agrees & seen.agreed)
    moved = np.any(seen.wanted > 0)
    return bool(
        helped >= LEAST
        and change.share >= LEAST_SHARE
        and change.share - kept / n >= LEAST_RISE
        and (moved or still >= KEPT * kept)
    )


def _proven(
    history: History,
    rule: Rule,
    automation: ExistingAutomation,
    change: Change,
    feedback: Feedback,
) -> Proven:
    seen, n = change.occasions, len(change.agrees)
    hits = int(np.count_nonzero(change.agrees))
    overruled = seen.t[~seen.agreed]
    days = int(np.count_nonzero(history.days >= _first_day(history, seen)))
    evidence = Evidence(
        days_observed=days,
        opportunities=n,
        hits=hits,
        wrong=n - hits,
        missed=0,
        human_actions=len(overruled),
        first_seen_ms=int(overruled[0]),
        last_seen_ms=int(overruled[-1]),
        examples_ms=tuple(int(t) for t in overruled[::-1][:EXAMPLES]),
        provenance={},
        holdout=change.holdout,
    )
    about = automation.entity_id
    changed = replace(change.rule, special=Kind.ADJUST, replaces=about)
    proven = proven_of(history, changed, evidence, wilson_low(hits, n), feedback)
    agreed = int(np.count_nonzero(seen.agreed))
    return replace(proven, instead=Instead(rule, agreed, n))


def _first_day(history: History, seen: Occasions) -> int:
    return int(history.local(seen.t[:1])[0]) // DAY_MS
