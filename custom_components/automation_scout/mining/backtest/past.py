"""What is known of an entity over time: what the log holds, and what never changed.

Conditions see the state at an instant, what changes at that instant included: it is
often what started the automation.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Final

import numpy as np

from ..derived import people_home
from ..events import Floats, Ints, Mask
from ..history import History
from ..origin import UNAVAILABLE, Origin
from ..rules import HOME, SUN
from ..sun import Place

OPPOSITE: Final[Mapping[str, str]] = {
    one: other
    for pair in (
        ("closed", "open"),
        ("home", "not_home"),
        ("locked", "unlocked"),
        ("off", "on"),
    )
    for one, other in (pair, pair[::-1])
}
"""What was before the first change of something that has two states."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """The states of one entity, n changes by time."""

    t: Ints
    """int64[n], ms UTC."""
    state: Ints
    """int64[n], index into `texts`."""
    texts: tuple[str, ...]
    before: str | None
    """State before the first change, None where nobody knows it."""

    def among(self, wanted: Iterable[str]) -> Mask:
        """Return which texts are wanted, bool[texts + 1]; the last is `before`."""
        names = frozenset(wanted)
        return np.array([text in names for text in (*self.texts, self.before)], bool)

    @property
    def numbers(self) -> Floats:
        """Number of each text, float64[texts + 1]; NaN where it is none."""
        return np.array([_number(text) for text in (*self.texts, self.before)], float)

    @property
    def unavailable(self) -> Mask:
        """Which texts say that nothing is known of the entity, bool[texts + 1]."""
        return self.among(UNAVAILABLE)

    def index(self, t: Ints) -> Ints:
        """Return the last change up to instants, itself included; -1 for none."""
        return np.searchsorted(self.t, t, side="right") - 1

    def at(self, t: Ints) -> Ints:
        """Return the codes at instants, int64[k], that of `before` for none."""
        return np.append(self.state, len(self.texts))[self.index(t)]

    def previous(self) -> Ints:
        """Return the code before each change, int64[n]."""
        return np.concatenate(([len(self.texts)], self.state[:-1]))[: len(self.t)]


class Past:
    """A history, with the present states of what it holds no change of."""

    def __init__(self, history: History, present: Mapping[str, str]) -> None:
        """Keep both; `present` is asked only for entities that have no change."""
        self.history = history
        self._present = present
        self._courses: dict[str, Course] = {}

    def course(self, entity_id: str) -> Course:
        """Return the states of an entity; `HOME` is how many people are there."""
        if entity_id not in self._courses:
            self._courses[entity_id] = self._course(entity_id)
        return self._courses[entity_id]

    @cached_property
    def place(self) -> Place | None:
        """Where the home is."""
        facts = self.history.facts
        if facts.latitude is None or facts.longitude is None:
            return None
        return Place(facts.latitude, facts.longitude, facts.elevation)

    def _course(self, entity_id: str) -> Course:
        history = self.history
        if entity_id == HOME:
            return _people(history)
        timeline = history.timeline(entity_id)
        if entity_id == SUN:
            return Course(timeline.t, timeline.state, history.states, None)
        if not len(timeline.t):
            empty = np.zeros(0, np.int64)
            return Course(empty, empty, (), self._present.get(entity_id))
        first = history.rows_of(entity_id)[0]
        before = OPPOSITE.get(history.states[int(timeline.state[0])])
        if history.log.origin[first] == Origin.SYSTEM:
            before = None
        return Course(timeline.t, timeline.state, history.states, before)


def _people(history: History) -> Course:
    t, number, before = people_home(history, outages=True)
    moved = np.diff(number, prepend=before) != 0
    most = max(before, int(number.max(initial=0)))
    texts = tuple(str(count) for count in range(most + 1))
    known = str(before) if history.persons else None
    return Course(t[moved], number[moved], texts, known)


def _number(text: str | None) -> float:
    try:
        value = float(text or "")
    except ValueError:
        return float("nan")
    return value if isfinite(value) else float("nan")
