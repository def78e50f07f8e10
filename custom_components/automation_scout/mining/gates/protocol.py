"""What a gate is, and what it may look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from ..detectors.protocol import Candidate, Detector
from ..evidence import Holdout
from ..history import History
from ..replay import Replay
from ..result import Rejection
from ..rules import Kind, Rule
from ..settings import MiningSettings, Sensitivity
from ..stats import wilson_low


@dataclass(frozen=True, slots=True)
class Draft:
    """A candidate on its way through the gates, with its replay on all days."""

    candidate: Candidate
    played: Replay
    holdout: Holdout = field(default_factory=lambda: Holdout(0, 0, 0))

    @property
    def rule(self) -> Rule:
        """Rule of the candidate."""
        return self.candidate.rule

    @property
    def precision_low(self) -> float:
        """Lower end of the 80 % interval of the precision on all days."""
        return wilson_low(self.played.hits, len(self.played.fired))

    @property
    def gain(self) -> float:
        """Lower bound of the precision less what chance would reach."""
        return self.precision_low - self.candidate.background


@dataclass(frozen=True, slots=True)
class GateContext:
    """What gates share: the history, the settings, who looked at how much."""

    history: History
    settings: MiningSettings
    detectors: Mapping[Kind, Detector]
    n_tested: int

    @property
    def required_precision(self) -> float:
        """Least lower bound of the precision, by sensitivity.

        People accept rules that are right half of the time (Trace2TAP: median 0.54,
        least 0.31), so `balanced` asks for better than one in three for sure.
        """
        match self.settings.sensitivity:
            case Sensitivity.QUIET:
                return 0.55
            case Sensitivity.BALANCED:
                return 0.35
            case Sensitivity.CURIOUS:
                return 0.2


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a gate let through, and what it stopped."""

    kept: tuple[Draft, ...]
    rejections: tuple[Rejection, ...]


class Gate(Protocol):
    """Judges the whole set at once: some properties are properties of the set."""

    name: ClassVar[str]

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Split the drafts, keeping their order."""
        ...


def split(gate: str, measured: Sequence[tuple[Draft, float, float]]) -> Judgement:
    """Keep each draft whose measured number reaches the required one."""
    return Judgement(
        tuple(draft for draft, number, required in measured if number >= required),
        tuple(
            Rejection(draft.rule, gate, number, required)
            for draft, number, required in measured
            if number < required
        ),
    )
