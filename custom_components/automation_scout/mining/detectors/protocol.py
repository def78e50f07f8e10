"""What a detector is: it proposes and counts, it does not judge."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from ..events import Ints
from ..history import History
from ..rules import Rule


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposed rule with what chance would make of it."""

    rule: Rule
    p_value: float
    """Probability of as many hits without a habit, not corrected for the search."""
    background: float
    """Probability of a hit at one opportunity without a habit, 0..1."""


@dataclass(frozen=True, slots=True)
class Detection:
    """Candidates, and how many hypotheses were looked at to find them."""

    candidates: tuple[Candidate, ...]
    n_tested: int


class Detector(Protocol):
    """Finds habits of one kind; a pure function of the history."""

    name: ClassVar[str]

    def detect(self, history: History) -> Detection:
        """Return the candidates, ties broken by name, and the number of tests."""
        ...

    def refit(self, history: History, rule: Rule, days: Ints) -> Rule | None:
        """Return the rule as these days alone would have it, None where they do not."""
        ...
