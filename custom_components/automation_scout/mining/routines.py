"""Several actions that belong together become one rule with steps.

A stage behind redundancy. Habits of the same occasion whose acts come within minutes of
each other are one routine; so is what follows a member of it, what nearly always comes
with it, whatever seemed to set it off, and what has no rule of its own but this company
(`company`). Each member must be right by itself under the common trigger. What does not
fit stays a suggestion of its own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from . import company
from .conditions.learn import learn
from .detectors.protocol import Candidate
from .detectors.weekdays import best_weekdays
from .events import Ints
from .evidence import Holdout
from .gates.holdout import fold_days
from .gates.protocol import Draft, GateContext
from .history import History
from .replay import Replay, replay
from .result import Tier
from .routine_order import in_order
from .routine_play import part_of, play
from .rules import (
    ALL_DAYS,
    Action,
    NumericTrigger,
    Rule,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
    Trigger,
    minutes_apart,
)
from .safety import safety_of
from .setting_values import RESTING
from .stats import wilson_low

MOST_ACTIONS: Final = 9
"""The main one and eight steps."""
NEAR_MS: Final = 300_000
"""Acts of one routine are no farther apart."""
SHARED: Final = 0.6
"""Share of the acts of either member with which the other one comes."""
SHARED_UNRELATED: Final = 0.8
"""The same where the triggers have nothing in common."""
COMMON_DAYS: Final = 0.5
"""Share of the days of the week of either time that both have."""
COVERED: Final = 0.6
"""Share of a member's explained acts that the common trigger has to explain too."""
LEAST_PRECISION: Final = 0.5
"""Share of the firings at which a member could act that it is wanted at."""
WORSE: Final = 0.2
"""By how much the lower bound of a member may lie below its own, or the lead's."""
SAME_MIN: Final = 15
"""Minutes between times that are one occasion."""
SAME_STAY_S: Final = 300
LONGEST_S: Final = 900
"""Longest window of a reaction."""
FOLDS: Final = 5


@dataclass(frozen=True, slots=True)
class _Member:
    """A draft that joins a routine, and what makes it do so."""

    draft: Draft
    window_s: int
    """That the common trigger needs to explain it."""

    @property
    def action(self) -> Action:
        return self.draft.rule.action


def merge_routines(drafts: Sequence[Draft], context: GateContext) -> tuple[Draft, ...]:
    """Return the drafts with those that belong together as one, best led first.

    Needs drafts of single actions with their hold-out counts. A routine comes in the
    place of its first member, with its own replay and hold-out.
    """
    history = context.history
    done = {draft.rule.action for draft in drafts}
    # What follows an act that has a rule of its own joins that rule; it leads none.
    places = sorted(
        range(len(drafts)),
        key=lambda place: (
            _follows(drafts[place].rule.trigger, done),
            -drafts[place].played.hits,
            drafts[place].rule.key,
        ),
    )
    merged: dict[int, Draft] = {}
    gone: set[int] = set()
    for lead in places:
        if lead in gone or lead in merged or not _may_join(drafts[lead]):
            continue
        free = [p for p in places if p not in gone and p not in merged and p != lead]
        others = [drafts[place] for place in free]
        others += company.companions(drafts[lead], drafts, history)
        joined = _members(drafts[lead], others, history)
        if not joined:
            continue
        routine = _routine(drafts[lead], list(joined.values()), context)
        if routine is None:
            continue
        taken = [lead, *(free[place] for place in joined if place < len(free))]
        merged[min(taken)] = routine
        gone |= set(taken) - {min(taken)}
    return tuple(
        merged.get(place, draft)
        for place, draft in enumerate(drafts)
        if place not in gone
    )


def _may_join(draft: Draft) -> bool:
    return draft.rule.special is None and not draft.rule.more


def _members(
    lead: Draft, others: Sequence[Draft], history: History
) -> dict[int, _Member]:
    """Return who joins a draft, by place."""
    joined: dict[int, _Member] = {}
    actions = [lead.rule.action]
    found = True
    while found and len(actions) < MOST_ACTIONS:
        found = False
        for place, other in enumerate(others):
            action = other.rule.action
            if not (_may_join(other) and all(_fit(action, one) for one in actions)):
                continue
            # A reminder for one would leave the lamps beside it to people too.
            if _is_reminder(other, history) != _is_reminder(lead, history):
                continue
            member = _member(lead, other, actions, history)
            if member is None:
                continue
            joined[place] = member
            actions.append(action)
            found = True
            if len(actions) == MOST_ACTIONS:
                break
    return joined


def _is_reminder(draft: Draft, history: History) -> bool:
    return safety_of(draft.rule, history.facts).tier is Tier.NOTIFY


def _fit(one: Action, two: Action) -> bool:
    """Return whether two actions may stand in one routine: no opposites.

    Of one entity a state and a setting fit, unless the state leaves it without effect,
    or is but the position in other words.
    """
    if one.target != two.target:
        return True
    states = [action.state for action in (one, two) if not action.attribute]
    if states and "position" in (one.attribute, two.attribute):
        return False
    return one.entity_id != two.entity_id and not RESTING & {*states}


def _member(
    lead: Draft, other: Draft, actions: Sequence[Action], history: History
) -> _Member | None:
    """Return a draft as a member of a routine, None where it is none."""
    follows = _follows(other.rule.trigger, actions)
    related = follows or same_occasion(lead.rule.trigger, other.rule.trigger)
    near = min(_near(lead, other, history), _near(other, lead, history))
    if near < (SHARED if related else SHARED_UNRELATED):
        return None
    window_s = max(lead.rule.window_s, other.rule.window_s)
    if isinstance(lead.rule.trigger, StateTrigger | NumericTrigger) and follows:
        window_s = min(LONGEST_S, lead.rule.window_s + other.rule.window_s)
    rule = replace(part_of(lead.rule, other.rule.action), window_s=window_s)
    played = replay(history, rule)
    low = wilson_low(played.hits, len(played.fired))
    covers = np.isin(other.played.explained, played.explained).mean()
    own = min(lead.precision_low, other.precision_low)
    serves = _rate(played) >= LEAST_PRECISION and low >= own - WORSE
    return _Member(other, window_s) if serves and covers >= COVERED else None


def _follows(trigger: Trigger, actions: Collection[Action]) -> bool:
    """Return whether a trigger is one of some actions, done."""
    return (
        isinstance(trigger, StateTrigger)
        and not trigger.for_s
        and Action(trigger.entity_id, trigger.state) in actions
    )


def same_occasion(one: Trigger, two: Trigger) -> bool:
    """Return whether two triggers stand for the same moment of a day.

    Their weekdays, thresholds and how long it was quiet before may differ: each was
    found in few acts.
    """
    match one, two:
        case TimeTrigger(a, days_a), TimeTrigger(b, days_b):
            return _common(days_a, days_b) and minutes_apart(a, b) <= SAME_MIN
        case SunTrigger(a, shift_a, days_a), SunTrigger(b, shift_b, days_b):
            near = a is b and abs(shift_a - shift_b) <= SAME_MIN
            return near and _common(days_a, days_b)
        case StateTrigger() as a, StateTrigger() as b:
            stays = bool(a.for_s) == bool(b.for_s)
            near = abs(a.for_s - b.for_s) <= SAME_STAY_S
            return (a.entity_id, a.state) == (b.entity_id, b.state) and stays and near
        case NumericTrigger() as a, NumericTrigger() as b:
            return (a.entity_id, a.side) == (b.entity_id, b.side)
        case _:
            return False


def _common(one: tuple[int, ...], two: tuple[int, ...]) -> bool:
    mine, theirs = set(one), set(two)
    return len(mine & theirs) >= COMMON_DAYS * len(mine | theirs)


def explained(draft: Draft, history: History) -> Ints:
    """Return the instants of the acts that a draft explains, int64[n], ms UTC."""
    return history.acts[draft.rule.action].t[draft.played.explained]


def _near(draft: Draft, other: Draft, history: History) -> float:
    """Return the share of a draft's acts with which the other's comes, 0..1.

    Of those at which the other one could be done at all.
    """
    acts, others = explained(draft, history), explained(other, history)
    low = np.searchsorted(others, acts - NEAR_MS, side="left")
    high = np.searchsorted(others, acts + NEAR_MS, side="right")
    with_it = high > low
    could = with_it | history.ready(other.rule.action, acts - NEAR_MS)
    return float(with_it[could].mean()) if could.any() else 0.0


def _routine(
    lead: Draft, members: Sequence[_Member], context: GateContext
) -> Draft | None:
    """Return the routine of a draft and what joins it, None where it does not hold."""
    history = context.history
    window_s = max(lead.rule.window_s, *(member.window_s for member in members))
    drafts = [lead, *(member.draft for member in members)]
    acts = {draft.rule.action: explained(draft, history) for draft in drafts}
    main, steps = in_order(lead.rule.action, acts)
    rule = replace(lead.rule, action=main, values=(), window_s=window_s, more=steps)
    rule = _on_its_days(rule, history.days, history)
    played = play(history, rule)
    held_out = _held_out(rule, played, lead, context)
    if held_out.precision_low < context.required_precision:
        return None
    candidate = Candidate(rule, lead.candidate.p_value, lead.candidate.background)
    return Draft(candidate, played, held_out)


def _held_out(rule: Rule, played: Replay, lead: Draft, context: GateContext) -> Holdout:
    """Return how a routine does on days that neither its trigger nor steps come from.

    For each part of the days the trigger is fitted anew to the others, and only those
    steps are kept that are nearly as usual as the main action on the others.
    """
    history = context.history
    parts = list(fold_days(history.days, FOLDS))
    days = hits = wrong = 0
    if len(parts) < 2:
        return Holdout(0, 0, 0)
    for part in parts:
        rest = history.days[~np.isin(history.days, part)]
        fitted = _refitted(rule, lead.rule, rest, context)
        if fitted is None:
            wrong += len(played.on(part).fired)
        else:
            fired = play(history, fitted).on(part)
            hits += fired.hits
            wrong += fired.wrong
        days += len(part)
    return Holdout(days, hits, wrong)


def _refitted(rule: Rule, lead: Rule, days: Ints, context: GateContext) -> Rule | None:
    """Return the routine as some days alone would have it, None where they do not."""
    detector = context.detectors[lead.trigger_kind]
    fitted = detector.refit(context.history, lead, days)
    if fitted is None:
        return None
    if lead.conditions:
        fitted = learn(context.history, fitted, days)
    wider = rule.window_s if rule.window_s > lead.window_s else 0
    routine = replace(
        rule,
        trigger=fitted.trigger,
        conditions=fitted.conditions,
        window_s=max(fitted.window_s, wider),
    )
    rates = {
        action: _rate(replay(context.history, part_of(routine, action)).on(days))
        for action in rule.actions
    }
    steps = tuple(
        step for step in rule.more if rates[step.action] >= SHARED * rates[rule.action]
    )
    return _on_its_days(replace(routine, more=steps), days, context.history)


def _on_its_days(rule: Rule, days: Ints, history: History) -> Rule:
    """Return a routine of the clock with the weekdays that all its acts show."""
    if not isinstance(rule.trigger, TimeTrigger | SunTrigger):
        return rule
    every_day = replace(rule, trigger=replace(rule.trigger, weekdays=ALL_DAYS))
    played = play(history, every_day).on(days)
    if not played.hits:
        return rule
    weekdays = best_weekdays(played.day, played.hit, rule.trigger.weekdays)
    return replace(rule, trigger=replace(rule.trigger, weekdays=weekdays))


def _rate(played: Replay) -> float:
    return played.hits / max(1, len(played.fired))
