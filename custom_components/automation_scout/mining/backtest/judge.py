"""What people did at the runs of a plan, judged by the engine that judges rules.

A run by the clock or the sun agrees with what people do around it, any other with what
they do after it; a run at which nothing is left to do, or which comes within the window
of the last one that counts, is no opportunity.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from ..acts import UNDONE_MS, by_people
from ..events import Ints, Mask
from ..existing.adjust import NEAREST_MIN
from ..facts import ACTUATOR_DOMAINS, domain_of
from ..localtime import DAY_MS, MINUTE_MS
from ..origin import AUTOMATED
from ..provenance import LATE_MS
from ..replay import acts_t, around, echoed, ranges, react
from ..rules import Action
from .outcome import Outcome
from .past import Past
from .plan import ChangeTrigger, ClockTrigger, Effect, Plan, PlanTrigger, SolarTrigger
from .truth import Moments, truth

OVERRIDE_MS: Final = 10 * MINUTE_MS
"""Who sets the opposite this soon after a run, undoes it."""
EARLY_MS: Final = 1_000
"""A `time` trigger fires up to half a second late, and the log has milliseconds."""


class Windows(NamedTuple):
    """Within which time people who do the same agree with a run, seconds."""

    due_s: int = NEAREST_MIN * 60
    """On either side of a run by the clock or the sun: the same time, to people."""
    reaction_s: int = 300
    """After any other run."""


type Codes = np.ndarray[tuple[int], np.dtype[np.int8]]


def is_due(trigger: PlanTrigger) -> bool:
    """Return whether the clock or the sun is behind a trigger."""
    return isinstance(trigger, ClockTrigger | SolarTrigger)


class Kinds(NamedTuple):
    """What sort of trigger is behind each run, bool[n] each."""

    due: Mask
    """The clock or the sun."""
    by_actuator: Mask
    """Something that people switch."""

    @classmethod
    def of(cls, plan: Plan, moments: Moments) -> Kinds:
        """Return the sorts of the triggers of runs."""
        triggers = [start.trigger for start in plan.starts]
        due = [is_due(trigger) for trigger in triggers]
        switched = [
            isinstance(trigger, ChangeTrigger)
            and not trigger.for_s
            and any(domain_of(name) in ACTUATOR_DOMAINS for name in trigger.entities)
            for trigger in triggers
        ]
        return cls(
            np.array(due, bool)[moments.start], np.array(switched, bool)[moments.start]
        )


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What one effect came to."""

    code: Codes
    """int8[n], `Outcome`."""
    explained: dict[Action, Ints]
    """Indices into the acts of each action that a run explains, ascending."""


def judge(
    past: Past, effect: Effect, moments: Moments, kinds: Kinds, windows: Windows
) -> Judged:
    """Return what an effect came to at each run."""
    history = past.history
    applies = truth(past, effect.when, moments).possibly
    t = moments.t + effect.after_s * 1000
    code = np.full(len(t), Outcome.UNJUDGED, np.int8)
    start, end = history.span
    held = history.lived(history.local(t) // DAY_MS)
    due_s, reaction_s = windows
    held &= t + 1000 * np.where(kinds.due, due_s, reaction_s) <= end
    held &= ~kinds.due | (t - due_s * 1000 >= start)
    ready, available = _ready(past, effect, t)
    held &= available
    # What looks first whether it is to be done has not been, where it was done already.
    code[held & (applies | ~ready)] = Outcome.ALREADY
    held &= applies
    due = np.flatnonzero(held & kinds.due)
    by_clock = _around(past, effect, t[due], due_s)
    code[due[ready[due] | by_clock.near]] = Outcome.WRONG
    code[due[by_clock.hit]] = Outcome.HIT

    reacts = held & ~kinds.due & ready
    for action in effect.actions:
        reacts &= ~(kinds.by_actuator & echoed(history, action, t))
    reaction = np.flatnonzero(reacts)
    by_reaction = _after(past, effect, t[reaction], reaction_s)
    code[reaction[by_reaction.near]] = Outcome.WRONG
    code[reaction[by_reaction.hit]] = Outcome.HIT

    doubted = np.flatnonzero((code == Outcome.WRONG) & ready)
    kept, undone = _afterwards(past, effect, t[doubted])
    code[doubted[kept]] = Outcome.KEPT
    code[doubted[undone]] = Outcome.OVERRIDDEN
    explained = {
        action: np.union1d(indices, by_reaction.explained[action])
        for action, indices in by_clock.explained.items()
    }
    return Judged(code, explained)


class Agreed(NamedTuple):
    """What people did about n runs of one sort."""

    near: Mask
    """bool[n]: it says something, though nothing may be left to do."""
    hit: Mask
    """bool[n]: people did the same."""
    explained: dict[Action, Ints]


def _around(past: Past, effect: Effect, t: Ints, window_s: int) -> Agreed:
    """Return what people did around runs by the clock or the sun."""
    near, hit = np.zeros((2, len(t)), bool)
    explained: dict[Action, Ints] = {}
    for action in effect.actions:
        found = around(past.history, action, t, window_s)
        near |= found.near
        hit |= found.hit
        explained[action] = ranges(found.low, found.high)
    return Agreed(near, hit, explained)


def _after(past: Past, effect: Effect, t: Ints, window_s: int) -> Agreed:
    """Return what people did after runs that could act; the first in each window."""
    near, hit = np.zeros((2, len(t)), bool)
    explained: dict[Action, Ints] = {}
    days = past.history.local(t) // DAY_MS
    for action in effect.actions:
        played = react(past.history, action, (t, days), window_s)
        first = np.searchsorted(t, played.fired)
        near[first] = True
        hit[first] |= played.hit
        explained[action] = played.explained
    return Agreed(near, hit, explained)


def _ready(past: Past, effect: Effect, t: Ints) -> tuple[Mask, Mask]:
    """Return when something is left to do, and when that can be told, bool[n] each."""
    history = past.history
    course = past.course(effect.entity_id)
    if not len(course.t):
        wanted = {action.state for action in effect.actions}
        left = course.before is not None and course.before not in wanted
        known = course.before is not None and not course.unavailable[-1]
        return np.full(len(t), left), np.full(len(t), known)
    ready = np.ones(len(t), bool)
    for action in effect.actions:
        ready &= history.ready(action, t)
    # Just before the instant: what changes at it is the trigger, or the effect.
    index = np.searchsorted(course.t, t, side="left") - 1
    codes = np.append(course.state, len(course.texts))[index]
    available: Mask = ~course.unavailable[codes]
    return ready, available


def _afterwards(past: Past, effect: Effect, t: Ints) -> tuple[Mask, Mask]:
    """Return where an automation did it, and where people undid it, bool[n] each."""
    history = past.history
    rows = history.rows_of(effect.entity_id)
    wanted = past.course(effect.entity_id).among(a.state for a in effect.actions)
    unavailable = past.course(effect.entity_id).unavailable
    state, at = history.log.state[rows], history.log.t[rows]
    automated = np.isin(history.log.origin[rows], AUTOMATED) & wanted[state]
    opposed = by_people(history, rows) & ~wanted[state] & ~unavailable[state]
    kept = _any_within(at[automated], t - EARLY_MS, t + LATE_MS)
    undone = _any_within(at[opposed], t - UNDONE_MS, t + OVERRIDE_MS)
    return kept, undone


def _any_within(events: Ints, start: Ints, end: Ints) -> Mask:
    low = np.searchsorted(events, start, side="left")
    found: Mask = np.searchsorted(events, end, side="right") > low
    return found


def together(parts: list[Judged], count: int) -> Codes:
    """Return what runs came to, given what each of their effects did, int8[n].

    Right when people did at least half of what was left to do, as for routines.
    """
    code = np.full(count, Outcome.UNJUDGED, np.int8)
    of = {outcome: np.zeros(count, np.int16) for outcome in Outcome}
    for part in parts:
        for outcome in Outcome:
            of[outcome] += part.code == outcome
    hit, kept = of[Outcome.HIT], of[Outcome.KEPT]
    could = hit + kept + of[Outcome.WRONG] + of[Outcome.OVERRIDDEN]
    code[of[Outcome.ALREADY] > 0] = Outcome.ALREADY
    code[could > 0] = Outcome.WRONG
    code[(could > 0) & (2 * (hit + kept) >= could)] = Outcome.KEPT
    code[(could > 0) & (of[Outcome.OVERRIDDEN] > 0)] = Outcome.OVERRIDDEN
    code[(hit > 0) & (2 * hit >= could)] = Outcome.HIT
    return code


def acts_between(past: Past, action: Action, start_ms: int, end_ms: int) -> Ints:
    """Return the indices of the acts of an action in [start_ms, end_ms)."""
    t = acts_t(past.history, action)
    low, high = np.searchsorted(t, (start_ms, end_ms))
    return np.arange(low, high)
