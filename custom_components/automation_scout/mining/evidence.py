"""Evidence: the counts behind a rule, from which every shown number is derived."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .stats import wilson_low


@dataclass(frozen=True, slots=True)
class Holdout:
    """How a rule did on weeks that took no part in fitting it."""

    days: int
    hits: int
    wrong: int

    @property
    def precision_low(self) -> float:
        """Lower end of the 80 % Wilson interval of the precision, 0..1."""
        return wilson_low(self.hits, self.hits + self.wrong)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Counts from replaying a rule on the history; all instants are ms UTC."""

    days_observed: int
    opportunities: int
    """Firings at which the target was not already as wanted, or was only because a
    person had just done it within the window."""
    hits: int
    """Opportunities at which a person did it."""
    wrong: int
    """Opportunities at which nobody did."""
    missed: int
    """Acts of people that no firing explains, of those that the rule could explain."""
    human_actions: int
    """All acts of people that bring about the same."""
    first_seen_ms: int
    last_seen_ms: int
    examples_ms: tuple[int, ...]
    """Latest acts that agree, newest first, at most five."""
    provenance: Mapping[str, int] = field(default_factory=dict)
    """Class name to count, of the acts that agree."""
    holdout: Holdout = Holdout(0, 0, 0)

    @property
    def precision(self) -> float:
        """Share of opportunities at which a person did it, 0..1."""
        return self.hits / self.opportunities if self.opportunities else 0.0

    @property
    def precision_low(self) -> float:
        """Lower end of the 80 % Wilson interval of `precision`, 0..1."""
        return wilson_low(self.hits, self.opportunities)

    @property
    def coverage(self) -> float:
        """Share of people's acts of this kind that the rule explains, 0..1."""
        return self.hits / self.human_actions if self.human_actions else 0.0

    @property
    def saved_per_week(self) -> float:
        """Acts of people a week that the automation would have done."""
        return 7 * self.hits / self.days_observed if self.days_observed else 0.0

    @property
    def unwanted_per_week(self) -> float:
        """Firings a week that nobody asked for."""
        return 7 * self.wrong / self.days_observed if self.days_observed else 0.0
