"""What an entity can be brought to, as far as it says so itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NumberRange:
    """The least and the largest value of a setting, in the units of the log."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Ability:
    """What one entity can do; what it does not say is not known, and is let pass."""

    numbers: Mapping[str, NumberRange] = field(default_factory=dict)
    """Name of a setting (`attributes`) to its range."""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Name of a setting to the texts that it may be."""
    states: tuple[str, ...] = ()
    """States that it can be brought into; empty where it does not say."""
    lacks: frozenset[str] = frozenset()
    """Names of settings of its domain that it does not have."""
