"""Settings of the miner."""

from dataclasses import dataclass
from enum import StrEnum


class Sensitivity(StrEnum):
    """How sure a rule must be before it is shown."""

    QUIET = "quiet"
    BALANCED = "balanced"
    CURIOUS = "curious"


@dataclass(frozen=True, slots=True)
class MiningSettings:
    """What a person may turn."""

    sensitivity: Sensitivity = Sensitivity.BALANCED
    max_open: int = 5
