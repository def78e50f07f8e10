"""What people undo says how an automation should have been.

An automation that people overrule at least five times, and that often of late, is asked
three things: would it have agreed with them at another time, under a condition, or with
another threshold or stay? Its own runs are the occasions, and people's answers to them
the truth; of the few hypotheses that are looked at, the one that agrees most is kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from ..acts import NO_ACTS
from ..conditions.choose import MOST, choose
from ..conditions.learn import held_out
from ..conditions.table import Table, table_at
from ..detectors.thresholds import cuts_of, scale_of
from ..events import Ints, Mask
from ..evidence import Evidence, Holdout
from ..facts import ExistingAutomation
from ..feedback import Feedback
from ..gates.holdout import fold_days
from ..history import History
from ..holding import all_hold
from ..localtime import DAY_MS, MINUTE_MS, weekday_of
from ..occasions import occasions
from ..proving import proven_of
from ..result import Instead, Proven
from ..rules import (
    Condition,
    Kind,
    NumericTrigger,
    Rule,
    Side,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
)
from ..stats import wilson_low
from ..sun import NO_EVENT
from ..watching import NEAR_MS, RECENT_MS, UNDONE_MS, Runs, late_ms
from .adjust import EARLY_MS, LATE_MS
from .as_rule import rule_of

LEAST: Final = 5
"""Times that people overruled it."""
LEAST_SHARE: Final = 0.6
"""Share of the occasions at which it would have agreed, at the least."""
LEAST_RISE: Final = 0.2
"""By how much that share has to rise: a change has its price for those who know it."""
KEPT: Final = 0.6
"""Share of the runs that nobody minded, which a change may not lose."""
AT_ONCE_MS: Final = 2 * MINUTE_MS
"""Who turns off within this what came on as they passed did not want it; later they
have left the room."""
STEP_MIN: Final = 5
"""People write times in steps of five minutes."""
LEAST_MIN: Final = 10
"""Nearer than this it is the same time, however surely it was done by hand."""
SPAN_MS: Final = 56 * DAY_MS
"""Conditions are looked for in the last eight weeks: weekdays need some of each."""
STAYS_S: Final = (60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200)
"""Stays that people write."""
FOLDS: Final = 5
EXAMPLES: Final = 5


@dataclass(frozen=True, slots=True, eq=False)
class _Occasions:
    """Occasions of an automation, n of them by time, and what people made of them."""

    t: Ints
    """int64[n], ms UTC."""
    agreed: Mask
    """bool[n], people let it be."""
    wanted: Ints
    """int64[n], ms UTC, when they did it themselves instead; 0 where they did not."""

    @property
    def overruled(self) -> int:
        """How often people saw to it that it was otherwise."""
        return int(np.count_nonzero(~self.agreed))


@dataclass(frozen=True, slots=True, eq=False)
class _Change:
    """Another rule, and at which occasions it would have agreed."""

    rule: Rule
    occasions: _Occasions
    agrees: Mask
    """bool[n]"""
    holdout: Holdout = field(default_factory=lambda: Holdout(0, 0, 0))

    @property
    def share(self) -> float:
        return float(np.mean(self.agrees))


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
        runs = all_runs.get(automation.entity_id)
        rule = rule_of(automation, installed) if automation.enabled else None
        if rule is not None and runs is not None:
            change = _best(history, rule, automation, runs)
            if change is not None:
                found.append(_proven(history, rule, automation, change, feedback))
    return found


def _best(
    history: History, rule: Rule, automation: ExistingAutomation, runs: Runs
) -> _Change | None:
    start, end = history.span
    since = max(start, automation.created_ms or start)
    recent = _seen(history, rule, runs.where(runs.t >= max(since, end - RECENT_MS)))
    long = _seen(history, rule, runs.where(runs.t >= max(since, end - SPAN_MS)))
    changes: list[_Change] = []
    if isinstance(rule.trigger, TimeTrigger | SunTrigger):
        answered = _answered(history, rule, recent, max(since, end - RECENT_MS))
        changes += _moved(rule, rule.trigger, answered)
    else:
        changes += _narrowed(history, rule, rule.trigger, _of_runs(recent))
    passing = isinstance(rule.trigger, StateTrigger) and not rule.trigger.for_s
    within_ms = AT_ONCE_MS if passing else UNDONE_MS
    changes += _conditional(history, rule, _of_runs(long, within_ms))
    sound = [change for change in changes if _is_sound(change)]
    return max(sound, key=lambda change: change.share, default=None)


def _seen(history: History, rule: Rule, runs: Runs) -> Runs:
    """Return the runs that are of the automation as it is now."""
    trigger = rule.trigger
    if isinstance(trigger, TimeTrigger | SunTrigger):
        late = late_ms(history, trigger, runs.t)
        mask = (late >= -EARLY_MS) & (late <= LATE_MS)
    else:
        due = occasions(history, trigger)[0]
        before = np.searchsorted(due, runs.t + EARLY_MS, side="right")
        last = np.append(due, 0)[before - 1]
        mask = (before > 0) & (runs.t - last <= LATE_MS)
    mask &= all_hold(history, rule.conditions, runs.t)
    return runs.where(mask)


def _of_runs(runs: Runs, within_ms: int = UNDONE_MS) -> _Occasions:
    """Return runs as occasions; what is undone within so long was not wanted."""
    refused = runs.undone & (runs.undone_ms <= within_ms)
    return _Occasions(runs.t, ~refused, np.zeros(len(runs), np.int64))


def _answered(history: History, rule: Rule, runs: Runs, since_ms: int) -> _Occasions:
    """Return the times of an automation with what people did instead.

    They undo it and do it later, or they have done it before, so that nothing was left
    to be done. Where neither is seen, an occasion says nothing.
    """
    assert isinstance(rule.trigger, TimeTrigger | SunTrigger)  # noqa: S101 - so far
    due = _due(history, rule.trigger, since_ms)
    due = due[all_hold(history, rule.conditions, due)]
    acts = history.acts.get(rule.action, NO_ACTS).t
    place = np.searchsorted(runs.t, due - EARLY_MS)
    ran_t = np.append(runs.t, np.iinfo(np.int64).max)[place]
    ran = ran_t <= due + LATE_MS
    undone = ran & np.append(runs.undone, False)[place]
    first = np.searchsorted(acts, due - NEAR_MS)
    last_before = np.searchsorted(acts, due - EARLY_MS) - 1
    early = ~ran & (last_before >= first) & ~history.ready(rule.action, due)
    after = np.searchsorted(acts, ran_t, side="right")
    later_t = np.append(acts, np.iinfo(np.int64).max)[after]
    later = undone & (later_t <= due + NEAR_MS)
    wanted = np.where(later, later_t, 0)
    if len(acts):
        wanted = np.where(early, acts[np.maximum(last_before, 0)], wanted)
    said = ran | early
    return _Occasions(due[said], (ran & ~undone)[said], wanted[said])


def _due(history: History, trigger: TimeTrigger | SunTrigger, since_ms: int) -> Ints:
    """Return the times of a trigger on lived days, from an instant on, ms UTC."""
    first = int(history.local(np.array([since_ms]))[0]) // DAY_MS
    days = history.days[history.days >= first]
    days = days[np.isin(weekday_of(days), trigger.weekdays)]
    match trigger:
        case TimeTrigger(minute):
            due = history.clock.instants(days, minute)
        case SunTrigger(event, offset):
            due = history.sun_events(event, days)
            due = due[due != NO_EVENT] + offset * MINUTE_MS
    late: Ints = due[(due >= since_ms) & (due <= history.span[1])]
    return late


def _moved(
    rule: Rule, trigger: TimeTrigger | SunTrigger, seen: _Occasions
) -> Iterator[_Change]:
    """Yield the rule at the time that people keep."""
    known = seen.wanted > 0
    if np.count_nonzero(known) < LEAST:
        return
    apart = (seen.wanted - seen.t)[known] / MINUTE_MS
    by_min = STEP_MIN * round(float(np.median(apart)) / STEP_MIN)
    if abs(by_min) < LEAST_MIN:
        return
    moved: Trigger
    if isinstance(trigger, TimeTrigger):
        moved = replace(trigger, minute=(trigger.minute + by_min) % 1440)
    elif abs(trigger.offset_min + by_min) <= 360:
        moved = replace(trigger, offset_min=trigger.offset_min + by_min)
    else:
        return
    off = np.abs(seen.wanted - seen.t - by_min * MINUTE_MS)
    agrees = known & (off <= rule.window_s * 1000)
    yield _Change(replace(rule, trigger=moved), seen, agrees)


def _narrowed(
    history: History,
    rule: Rule,
    trigger: StateTrigger | NumericTrigger,
    seen: _Occasions,
) -> Iterator[_Change]:
    """Yield the rule with the longer stay or the stricter threshold that fits best.

    It agrees where it would have run again, if nobody minded, and would not have, if
    somebody did. Chosen on some weeks it has to agree on the others.
    """
    stricter = list(_stricter(history, trigger)) if seen.overruled >= LEAST else []
    if not stricter:
        return
    agrees = np.array([_runs(history, trigger, one, seen.t) for one in stricter])
    agrees = agrees == seen.agreed
    day = history.local(seen.t) // DAY_MS
    held = np.zeros(len(day), bool)
    for part in fold_days(np.unique(day), FOLDS):
        of_part = np.isin(day, part)
        if not of_part.all():
            best = int(np.argmax(agrees[:, ~of_part].sum(axis=1)))
            held[of_part] = agrees[best, of_part]
    hits = int(np.count_nonzero(held))
    if hits - np.count_nonzero(seen.agreed) < LEAST_RISE * len(held):
        return
    best = int(np.argmax(agrees.sum(axis=1)))
    yield _Change(
        replace(rule, trigger=stricter[best]),
        seen,
        agrees[best],
        Holdout(len(np.unique(day)), hits, len(held) - hits),
    )


def _runs(
    history: History,
    trigger: StateTrigger | NumericTrigger,
    stricter: StateTrigger | NumericTrigger,
    at: Ints,
) -> Mask:
    """Return at which of its instants a trigger would have fired if stricter."""
    t, _ = occasions(history, stricter)
    if isinstance(trigger, NumericTrigger):
        low, high = at - EARLY_MS, at + STAYS_S[-1] * 1000
    else:
        # The same stay, if it lasts: it would have run so much later.
        later_ms = 1000 * (stricter.for_s - trigger.for_s)
        low, high = at + later_ms - LATE_MS, at + later_ms + EARLY_MS
    runs: Mask = np.searchsorted(t, high) > np.searchsorted(t, low)
    return runs


def _stricter(
    history: History, trigger: StateTrigger | NumericTrigger
) -> Iterator[StateTrigger | NumericTrigger]:
    """Yield triggers that fire less often, the nearest first."""
    if isinstance(trigger, StateTrigger):
        if trigger.for_s:
            for stay in STAYS_S:
                if stay > trigger.for_s:
                    yield replace(trigger, for_s=stay)
        return
    numbers = history.numbers(trigger.entity_id)
    scale = scale_of(history.facts.of(trigger.entity_id), numbers)
    above = trigger.side is Side.ABOVE
    cuts = sorted(map(float, cuts_of(numbers, scale)), reverse=not above)
    for cut in cuts:
        if cut > trigger.threshold if above else cut < trigger.threshold:
            yield replace(trigger, threshold=cut)


def _conditional(history: History, rule: Rule, seen: _Occasions) -> Iterator[_Change]:
    """Yield the rule with what tells the runs that were let be from the others."""
    if seen.overruled < LEAST or len(rule.conditions) >= MOST:
        return
    day = history.local(seen.t) // DAY_MS
    table = table_at(history, rule, seen.t, day, seen.agreed)
    for one in (table, _of_weekdays(table)):
        for added in choose(one, 1):
            changed = _under(rule, added)
            if changed is not None:
                agrees = one.mask(added) == seen.agreed
                yield _Change(changed, seen, agrees, _holdout(one))


def _of_weekdays(table: Table) -> Table:
    """Return a table that is asked for days of the week alone.

    Of a time they are a part, so that its own table does not offer them.
    """
    n = len(table.fired)
    return replace(
        table,
        options=(),
        holds=np.zeros((0, n), bool),
        price=np.zeros(0),
        minute=np.zeros(n, np.int64),
        by_clock=False,
    )


def _under(rule: Rule, added: Condition) -> Rule | None:
    trigger = rule.trigger
    if isinstance(added, WeekdayCondition) and isinstance(
        trigger, TimeTrigger | SunTrigger
    ):
        common = tuple(day for day in trigger.weekdays if day in added.weekdays)
        return replace(rule, trigger=replace(trigger, weekdays=common))
    if added in rule.conditions:
        return None
    return replace(rule, conditions=(*rule.conditions, added))


def _holdout(table: Table) -> Holdout:
    """Return how a condition did that was chosen anew on the other weeks."""
    parts = list(fold_days(np.unique(table.day), FOLDS))
    if len(parts) < 2:
        return Holdout(0, 0, 0)
    hits, runs = held_out(table, 1, parts)[1]
    return Holdout(len(np.unique(table.day)), hits, runs - hits)


def _is_sound(change: _Change) -> bool:
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
    change: _Change,
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


def _first_day(history: History, seen: _Occasions) -> int:
    return int(history.local(seen.t[:1])[0]) // DAY_MS
