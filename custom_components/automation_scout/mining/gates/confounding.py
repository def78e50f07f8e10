"""The trigger itself, and not something that it merely goes along with.

Order-1 conditional independence: of two triggers of one action that fire together, one
is dropped when the action does not follow it where the other stays away. A trigger that
is itself somebody's act, explained by a rule of its own, yields to what explains it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import ClassVar

import numpy as np

from ..events import Ints
from ..facts import ACTUATOR_DOMAINS, domain_of
from ..history import History
from ..occasions import occasions
from ..origin import AUTOMATED
from ..result import Rejection
from ..rules import (
    HOME,
    Action,
    Kind,
    NumericTrigger,
    StateTrigger,
    TimeTrigger,
    Trigger,
    minutes_apart,
)
from .protocol import Draft, GateContext, Judgement

WATCHING = StateTrigger | NumericTrigger
"""Triggers that watch an entity."""
LEAST_ALONE = 5
"""Firings without the other trigger, below which nothing is concluded from them."""


@dataclass(frozen=True, slots=True)
class Confounding:
    """Drops the shadow of a better trigger. Numbers are shares of the hits, 0..1."""

    name: ClassVar[str] = "confounding"
    shared: float = 0.6
    """Share of the common hits from which two triggers are compared."""
    indifferent: float = 0.1
    """Of triggers that always come together and differ less, the one that people mean
    stays (`_lead`)."""
    residual: float = 0.5
    """Least precision without the other trigger, relative to that with it."""

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Drop the weaker of each pair that explains the same acts."""
        dropped: dict[int, Rejection] = {}
        by_action: dict[Action, list[int]] = {}
        for index, draft in enumerate(drafts):
            by_action.setdefault(draft.rule.action, []).append(index)
        # Links go first: a link that outdoes what casts it would fall with it.
        for index in sorted(range(len(drafts)), key=lambda i: preference(drafts[i])):
            if self._is_link(index, drafts, by_action, dropped, context):
                dropped[index] = Rejection(
                    drafts[index].rule, self.name, 0.0, self.shared
                )
        for indices in by_action.values():
            for one, two in combinations(indices, 2):
                if one in dropped or two in dropped:
                    continue
                verdict = self._weaker(drafts[one], drafts[two], context)
                if verdict is not None:
                    loser, left = verdict
                    lost = (one, two)[loser]
                    dropped[lost] = Rejection(
                        drafts[lost].rule, self.name, left, self.residual
                    )
        kept = tuple(d for index, d in enumerate(drafts) if index not in dropped)
        return Judgement(kept, tuple(dropped[index] for index in sorted(dropped)))

    def _weaker(
        self, one: Draft, two: Draft, context: GateContext
    ) -> tuple[int, float] | None:
        """Return which trigger to drop, 0 or 1, and what it is worth without the other.

        None where both stand.
        """
        if not self._comparable(one, two):
            return None
        if _differ_in_stay(one.rule.trigger, two.rule.trigger):
            return self._earlier(one, two, context), 0.0
        if (quiet := _after_quiet(one.rule.trigger, two.rule.trigger)) is not None:
            more = (one, two)[quiet].gain - (one, two)[1 - quiet].gain
            return (quiet if more <= self.indifferent else 1 - quiet), 0.0
        is_one = _of_one_entity(one.rule.trigger, two.rule.trigger)
        alone = (self._alone(one, two, context), self._alone(two, one, context))
        fails = [left is not None and left < self.residual for left in alone]
        if fails[0] != fails[1]:
            loser = 0 if fails[0] else 1
        elif not fails[0] and alone != (None, None):
            return None
        elif not is_one and min(overlap(one, two), overlap(two, one)) < self.shared:
            # One explains much that the other does not: `redundancy` weighs that.
            return None
        elif abs(one.gain - two.gain) > self.indifferent:
            loser = 0 if preference(one) < preference(two) else 1
        elif is_one and abs(_worth(one) - _worth(two)) > self.indifferent * max(
            _worth(one), _worth(two)
        ):
            loser = 0 if _worth(one) < _worth(two) else 1
        else:
            loser = 0 if _lead(one, context) < _lead(two, context) else 1
        return loser, alone[loser] or 0.0

    def _comparable(self, one: Draft, two: Draft) -> bool:
        """Return whether two triggers that watch something explain the same acts."""
        return (
            isinstance(one.rule.trigger, WATCHING)
            and isinstance(two.rule.trigger, WATCHING)
            and one.rule.trigger != two.rule.trigger
            and max(overlap(one, two), overlap(two, one)) >= self.shared
        )

    def _earlier(self, one: Draft, two: Draft, context: GateContext) -> int:
        """Return 0 or 1 for the worse of two stays in one state: else the shorter.

        An automation that acts long before people do takes what they still use.
        """
        if abs(one.gain - two.gain) > self.indifferent:
            return 0 if one.gain < two.gain else 1
        return 0 if _lag(one, context) > _lag(two, context) else 1

    @staticmethod
    def _alone(draft: Draft, other: Draft, context: GateContext) -> float | None:
        """Return precision without the other trigger, relative to that with it."""
        trigger = other.rule.trigger
        assert isinstance(trigger, WATCHING)  # noqa: S101 - checked by the caller
        edges = occasions(context.history, trigger)[0]
        reach = 1000 * max(draft.rule.window_s, other.rule.window_s)
        fired = draft.played.fired
        alone = ~_any_within(edges, fired - reach, fired + reach)
        if np.count_nonzero(alone) < LEAST_ALONE or alone.all():
            return None
        without = float(draft.played.hit[alone].mean())
        together = float(draft.played.hit[~alone].mean())
        return without / together if together else None

    def _is_link(
        self,
        index: int,
        drafts: Sequence[Draft],
        by_action: dict[Action, list[int]],
        dropped: Collection[int],
        context: GateContext,
    ) -> bool:
        """Return whether the trigger is an act that something else explains.

        That is another rule whose own trigger explains this draft's acts as well; where
        an automation does the act, any of a sensor or of the clock that explains them.
        """
        draft = drafts[index]
        trigger = draft.rule.trigger
        if not isinstance(trigger, StateTrigger) or not _is_chained(draft):
            return False
        upstream = by_action.get(Action(trigger.entity_id, trigger.state), [])
        siblings = [
            side
            for side in by_action[draft.rule.action]
            if side != index
            and side not in dropped
            and overlap(draft, drafts[side]) >= self.shared
        ]
        if _is_automated(draft, trigger, context.history):
            return any(not _is_chained(drafts[side]) for side in siblings)
        return any(
            _same_cause(drafts[up], drafts[side])
            for up in upstream
            if up not in dropped
            for side in siblings
        )


def preference(draft: Draft) -> tuple[float, bool, str]:
    """Order triggers that cannot be told apart: a sensor before an actuator."""
    chained = draft.rule.kind is Kind.STATE and _is_chained(draft)
    return draft.gain - 0.15 * chained, not chained, draft.rule.key


def _is_chained(draft: Draft) -> bool:
    """Return whether the trigger is something that people and automations switch."""
    trigger = draft.rule.trigger
    return (
        isinstance(trigger, StateTrigger)
        and domain_of(trigger.entity_id) in ACTUATOR_DOMAINS
    )


def _worth(draft: Draft) -> float:
    """Return acts explained, weighted by how sure the rule is."""
    return preference(draft)[0] * len(draft.played.explained)


def _is_automated(draft: Draft, trigger: StateTrigger, history: History) -> bool:
    """Return whether an automation mostly brought the trigger about where it is right.

    What people do after that, they do at the automation's own occasion.
    """
    rows = history.rows_of(trigger.entity_id)
    rows = rows[history.log.state[rows] == history.state_code(trigger.state)]
    done = history.log.t[rows[np.isin(history.log.origin[rows], AUTOMATED)]]
    entered = draft.played.fired[draft.played.hit] - trigger.for_s * 1000
    return 2 * int(np.count_nonzero(np.isin(entered, done))) > len(entered)


def _lead(draft: Draft, context: GateContext) -> tuple[int, int, float, str]:
    """Order triggers that are as good: what people mean first, then the median lead.

    People mean that somebody came or left and not that a door moved, and a sensor
    rather than what was switched along with it; and they ask for no condition that is
    not needed.
    """
    trigger = draft.rule.trigger
    of_people = isinstance(trigger, WATCHING) and is_presence(trigger.entity_id)
    return (
        _is_sensor(draft) + of_people,
        -len(draft.rule.conditions),
        _lag(draft, context),
        draft.rule.key,
    )


def is_presence(entity_id: str) -> bool:
    """Return whether an entity says who is at home."""
    return entity_id == HOME or domain_of(entity_id) == "person"


def _lag(draft: Draft, context: GateContext) -> float:
    """Return the median time from firing to act, ms."""
    acts = context.history.acts[draft.rule.action].t
    explained = acts[draft.played.explained]
    fired = draft.played.fired[np.searchsorted(draft.played.fired, explained) - 1]
    return float(np.median(explained - fired)) if len(explained) else 0.0


def _of_one_entity(one: Trigger, two: Trigger) -> bool:
    """Return whether two triggers are different states of one entity."""
    return (
        isinstance(one, StateTrigger)
        and isinstance(two, StateTrigger)
        and one.entity_id == two.entity_id
        and one.state != two.state
    )


def _differ_in_stay(one: Trigger, two: Trigger) -> bool:
    return (
        isinstance(one, StateTrigger)
        and isinstance(two, StateTrigger)
        and (one.entity_id, one.state) == (two.entity_id, two.state)
        and one.for_s != two.for_s
    )


def _after_quiet(one: Trigger, two: Trigger) -> int | None:
    """Return which of two forms of one trigger, 0 or 1, waits for the longer quiet.

    It is the less plain one, and explains fewer acts.
    """
    if (
        not isinstance(one, StateTrigger)
        or not isinstance(two, StateTrigger)
        or (one.entity_id, one.state, one.for_s)
        != (two.entity_id, two.state, two.for_s)
        or one.quiet_s == two.quiet_s
    ):
        return None
    return 0 if one.quiet_s > two.quiet_s else 1


def _is_sensor(draft: Draft) -> bool:
    trigger = draft.rule.trigger
    return (
        isinstance(trigger, WATCHING)
        and domain_of(trigger.entity_id) not in ACTUATOR_DOMAINS
    )


def overlap(draft: Draft, other: Draft) -> float:
    """Return the share of a draft's explained acts that the other explains too."""
    if not len(draft.played.explained):
        return 0.0
    common = np.isin(draft.played.explained, other.played.explained)
    return float(common.mean())


def _same_cause(one: Draft, two: Draft) -> bool:
    """Return whether two rules have the same trigger, times within 20 minutes."""
    a, b = one.rule.trigger, two.rule.trigger
    if isinstance(a, TimeTrigger) and isinstance(b, TimeTrigger):
        return minutes_apart(a.minute, b.minute) <= 20
    return a == b


def _any_within(t: Ints, start: Ints, end: Ints) -> np.ndarray:
    return np.searchsorted(t, start, side="left") < np.searchsorted(
        t, end, side="right"
    )
