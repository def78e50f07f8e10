"""A rule on trial: it does nothing, and what it would have done is written down."""

from dataclasses import dataclass

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
