"""What people decided, and what is said about it at every analysis.

A rule as a person wants it is judged as it is; a rule on trial does nothing, and what
it would have done is written down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .result import Proven
from .rules import Rule


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried, and in which time, [since, until), ms UTC."""

    rule: Rule
    since_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Firing:
    """One instant at which it would have run."""

    t_ms: int
    wanted: bool
    """Whether a person did the same about then."""


@dataclass(frozen=True, slots=True)
class TrialReport:
    """What a rule would have done so far."""

    days: int
    """Days that the home was lived in, of those since the beginning."""
    hits: int
    wrong: int
    missed: int
    """Acts of people that it is about and would not have done."""
    firings: tuple[Firing, ...]

    @property
    def runs(self) -> int:
        """How often it would have run."""
        return self.hits + self.wrong


@dataclass(frozen=True, slots=True)
class Question:
    """A rule as a person wants it."""

    rule: Rule
    chosen_ms: int = 0
    """When the person decided so, ms UTC; 0 for just now."""
    found: Rule | None = None
    """What they made it of, to be judged beside it."""


@dataclass(frozen=True, slots=True)
class Review:
    """The answers, under the ids of the questions."""

    proven: Mapping[str, Proven] = field(default_factory=dict)
    trials: Mapping[str, TrialReport] = field(default_factory=dict)
