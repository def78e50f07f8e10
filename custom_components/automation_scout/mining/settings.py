"""Settings of the miner."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .feedback import Feedback
from .rules import Rule


class Sensitivity(StrEnum):
    """How sure a rule must be before it is shown."""

    QUIET = "quiet"
    BALANCED = "balanced"
    CURIOUS = "curious"


@dataclass(frozen=True, slots=True)
class MiningSettings:
    """What a person may turn, and what people said so far."""

    sensitivity: Sensitivity = Sensitivity.BALANCED
    max_open: int = 5
    feedback: Feedback = field(default_factory=Feedback)
    installed: Mapping[str, Rule] = field(default_factory=dict)
    """Rules that automations of the home were made from, by their entity ids."""
