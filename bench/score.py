"""Compares suggestions with the truth of a generated home."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Final

import numpy as np

from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    StateTrigger,
    Values,
)
from custom_components.automation_scout.mining.stats import wilson_low

from .condition_score import count_conditions
from .homes.habits.keep import kind_of
from .homes.model import Planted, World
from .matching import Act, acts_of, same_act, same_trigger, same_value

ENOUGH: Final = 2 / 3
"""Share of a routine's actions that one rule must hold to have found it."""
MOST_WRONG_A_DAY: Final = 1.0
SHOWN: Final = 5
"""Suggestions that are open at a time, unless a person says otherwise."""
LEAST_SURE: Final = 0.35
"""Lower bound of the precision that is asked of a suggestion at `balanced`."""


@dataclass(slots=True)
class Tally:
    """Right and wrong suggestions over several homes."""

    homes: int = 0
    suggested: int = 0
    right: int = 0
    special: int = 0
    """Suggestions that are no habits (`opportunity`, `adjust`, `tidy`); in none of the
    other counts."""
    planted: Counter[str] = field(default_factory=Counter)
    """Kind to number of habits that could be found."""
    found: Counter[str] = field(default_factory=Counter)
    conditions: Counter[str] = field(default_factory=Counter)
    """`right`, `extra`, `missing`."""
    values: Counter[str] = field(default_factory=Counter)
    """`right`, `all`."""
    suggested_kinds: Counter[str] = field(default_factory=Counter)
    """Kind of the suggestion to number of suggestions."""
    right_kinds: Counter[str] = field(default_factory=Counter)
    shown: Counter[str] = field(default_factory=Counter)
    """`right`, `all`, of the first five of each home."""

    def add(self, rules: Sequence[Rule], world: World) -> Score:
        """Count the suggestions of one home, best first, and return what they were."""
        score = Score(world)
        for rule in rules:
            score.judge(rule)
        self.merge(score.tally())
        return score

    def merge(self, other: Tally) -> None:
        """Add the counts of other homes."""
        for one in fields(self):
            mine, more = getattr(self, one.name), getattr(other, one.name)
            setattr(self, one.name, mine + more)

    @property
    def precision(self) -> float:
        """Share of the suggestions that are right; 1 without any."""
        return self.right / self.suggested if self.suggested else 1.0

    @property
    def recall(self) -> float:
        """Share of the findable habits that were found; 1 without any."""
        planted = self.planted.total()
        return self.found.total() / planted if planted else 1.0

    @property
    def conditions_f1(self) -> float | None:
        """Harmonic mean of the conditions' precision and recall; None without any."""
        counts = self.conditions
        total = 2 * counts["right"] + counts["extra"] + counts["missing"]
        return 2 * counts["right"] / total if total else None

    @property
    def values_right(self) -> float | None:
        """Share of the values, planted or suggested, that are right; None without."""
        every = self.values["all"]
        return self.values["right"] / every if every else None

    @property
    def precision_shown(self) -> float | None:
        """Share of the first five suggestions that are right; None without any."""
        every = self.shown["all"]
        return self.shown["right"] / every if every else None

    @property
    def per_home(self) -> float:
        """Suggestions a home."""
        return self.suggested / self.homes if self.homes else 0.0


def to_find(world: World, history: History) -> list[Planted]:
    """Return the habits that ought to be found on the days to learn from.

    Beside what `Planted.findable` asks for, the planted rule itself, replayed on these
    days, must be worth having: right more than one time in three for sure, and wrong
    no more than once a day.
    """
    days = max(1, len(history.days))
    found = []
    for planted in world.to_find:
        played = replay(history, planted.rule)
        sure = wilson_low(played.hits, len(played.fired)) >= LEAST_SURE
        if sure and played.wrong <= MOST_WRONG_A_DAY * days:
            found.append(planted)
    return found


@dataclass(slots=True)
class Match:
    """A suggestion, and the planted acts that it does: which habit, which action."""

    rule: Rule
    slots: tuple[tuple[Planted, int], ...]
    """One for each of the rule's actions; none where the rule is wrong."""
    links: frozenset[int] = frozenset()
    """Identities of habits that it begins with an act of theirs, not the trigger."""


class Score:
    """What the suggestions of one home turned out to be."""

    def __init__(self, world: World) -> None:
        """Begin with no suggestion."""
        self.world = world
        self.history = History(world.learned, world.facts)
        self.to_find = to_find(world, self.history)
        self.matches: list[Match] = []
        self.special = 0
        self._taken: set[tuple[int, int]] = set()
        self._conditions: Counter[str] = Counter()
        self._values: Counter[str] = Counter()

    def judge(self, rule: Rule) -> None:
        """Take the next suggestion, right if each of its acts is a habit's, and new.

        What does the same as an earlier suggestion is wrong. One act of a routine alone
        is right, and so are the others by it, but neither finds the routine.
        """
        if rule.special is not None:
            self.special += 1
            return
        slots = self._slots(rule)
        links = frozenset(id(p) for p, _ in slots if is_link(rule, p))
        self.matches.append(Match(rule, slots, links))
        for planted in dict.fromkeys(id(p) for p, _ in slots):
            if planted in links:
                continue
            mine = next(p for p, _ in slots if id(p) == planted)
            right, extra, missing = count_conditions(self.history, rule, mine)
            self._conditions.update(right=right, extra=extra, missing=missing)
        for act, (planted_, index) in zip(acts_of(rule), slots, strict=False):
            self._taken.add((id(planted_), index))
            self._values.update(_values(self.history, act, planted_, index))

    def _slots(self, rule: Rule) -> tuple[tuple[Planted, int], ...]:
        wanted = [
            p
            for p in self.world.planted
            if same_trigger(self.history, rule, p) or is_link(rule, p)
        ]
        slots: list[tuple[Planted, int]] = []
        for act in acts_of(rule):
            slot = next(
                (
                    (planted, index)
                    for planted in wanted
                    for index, other in enumerate(acts_of(planted.rule))
                    if same_act(act, other) and (id(planted), index) not in self._taken
                ),
                None,
            )
            if slot is None:
                return ()
            slots.append(slot)
        return tuple(slots)

    @property
    def wrong(self) -> list[Rule]:
        """Suggestions that are no planted habit."""
        return [match.rule for match in self.matches if not match.slots]

    def reason(self, rule: Rule) -> str:
        """Return what made a wrong suggestion look like a habit, as far as is known."""
        traps = self.world.traps
        if known := [traps[a.target] for a in rule.actions if a.target in traps]:
            return known[0]
        if known := [traps[e] for e in rule.entities if e in traps]:
            return f"triggered by: {known[0]}"
        habits = [
            planted
            for planted in self.world.planted
            if any(same_act(a, b) for a in acts_of(rule) for b in acts_of(planted.rule))
        ]
        if any(same_trigger(self.history, rule, planted) for planted in habits):
            return "a habit's again, or with acts that are not its own"
        return "a habit's act, another trigger" if habits else "no habit's act"

    @property
    def found(self) -> list[Planted]:
        """Habits of which one rule holds enough."""
        return [p for p in self.world.planted if self._holds(p)]

    @property
    def missed(self) -> list[Planted]:
        """Habits that could be found and were not."""
        return [p for p in self.to_find if not self._holds(p)]

    @property
    def wanted(self) -> list[Planted]:
        """Habits that ought to be found, and those that were although they need not."""
        matched = {id(planted) for match in self.matches for planted, _ in match.slots}
        asked = {id(planted) for planted in self.to_find}
        return [p for p in self.world.planted if id(p) in matched | asked]

    def _holds(self, planted: Planted) -> bool:
        size = len(acts_of(planted.rule))
        return any(
            sum(p is planted for p, _ in match.slots) >= ENOUGH * size
            for match in self.matches
            if id(planted) not in match.links
        )

    def tally(self) -> Tally:
        """Return the counts."""
        missed = {id(p) for p in self.missed}
        return Tally(
            1,
            len(self.matches),
            len(self.matches) - len(self.wrong),
            self.special,
            Counter(kind_of(p) for p in self.to_find),
            Counter(kind_of(p) for p in self.to_find if id(p) not in missed),
            self._conditions,
            self._values,
            Counter(match.rule.kind.value for match in self.matches),
            Counter(match.rule.kind.value for match in self.matches if match.slots),
            Counter(
                all=len(self.matches[:SHOWN]),
                right=sum(bool(match.slots) for match in self.matches[:SHOWN]),
            ),
        )


def is_link(rule: Rule, planted: Planted) -> bool:
    """Return whether a rule is set off by one of the acts of a planted routine.

    Then the others follow, as they do in life.
    """
    match rule.trigger:
        case StateTrigger(entity_id, state, 0):
            own = Action(entity_id, state)
            return own in planted.rule.actions and own not in rule.actions
        case _:
            return False


def _values(history: History, act: Act, planted: Planted, index: int) -> Counter[str]:
    """Compare the values of a matched act with those that people set.

    What a setting always was need not be said.
    """
    (action, values), (wanted_action, wanted_values) = act, acts_of(planted.rule)[index]
    found, wanted = _as_values(action, values), _as_values(wanted_action, wanted_values)
    counts: Counter[str] = Counter()
    for name in {**found, **wanted}:
        spread = planted.spread.get(f"{action.target}#{name}", 0.0)
        if name not in wanted and _goes_without_saying(name, action.state, found[name]):
            continue
        setting = history.timeline(f"{action.target}#{name}").state
        if name not in found and len(np.unique(setting)) < 2:
            continue
        counts["all"] += 1
        if name in found and name in wanted:
            counts["right"] += same_value(action, name, found, wanted, spread)
    return counts


def _as_values(action: Action, values: Values) -> dict[str, float | str]:
    if not action.attribute:
        return dict(values)
    try:
        return {action.attribute: float(action.state)}
    except ValueError:
        return {action.attribute: action.state}


def _goes_without_saying(name: str, state: str, value: float | str) -> bool:
    ends = {"open": 100.0, "closed": 0.0}
    return name == "position" and value == ends.get(state)
