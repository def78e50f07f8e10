"""What an analysis answers: proven rules, rejections, the funnel between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .evidence import Evidence
from .rules import Rule
from .watched import Watched


class Tier(StrEnum):
    """How carefully an automation has to be set up."""

    OK = "ok"
    CONFIRM = "confirm"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class Safety:
    """Tier of a rule, and the keys of the reasons for it."""

    tier: Tier
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Instead:
    """What a rule is proposed in the place of, judged at the same occasions."""

    rule: Rule
    agreed: int
    """Occasions at which it agreed with people as it is."""
    occasions: int


@dataclass(frozen=True, slots=True)
class Proven:
    """A rule that passed every gate."""

    rule: Rule
    evidence: Evidence
    confidence: float
    """Lower bound of the hold-out precision, 0..1."""
    score: float
    """Rank among the proven rules; higher comes first."""
    safety: Safety
    covered_by: tuple[str, ...] = ()
    """Entity ids of automations that do it at times, or would if they were not off."""
    conflicts: tuple[str, ...] = ()
    """Entity ids of automations that do the opposite on the same occasion."""
    instead: Instead | None = None
    """Where it changes what is there already, and both were judged side by side."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A candidate that a gate stopped, with the number that decided."""

    rule: Rule
    gate: str
    measured: float
    required: float
    covered_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """How many candidates entered a gate and how many left it."""

    gate: str
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class Machine:
    """A program whose acts looked like a person's; they do not count."""

    name: str
    """Id of the user that it acts as, or of the entity whose device has a schedule."""
    is_user: bool
    """All acts of this user are a machine's. Else only those to the second."""
    spread_s: float
    """Standard deviation around the times of its schedule, seconds."""
    days: int
    """Days that show its best entry."""
    acts: int


@dataclass(frozen=True, slots=True)
class MiningResult:
    """Everything that one analysis found."""

    proven: tuple[Proven, ...]
    """Best first; not yet cut to the number that is shown."""
    rejections: tuple[Rejection, ...]
    funnel: tuple[FunnelStep, ...]
    events: int
    human_actions: int
    candidates: int
    n_tested: int
    """Hypotheses that were looked at, whether or not they became candidates."""
    origins: Mapping[str, int]
    """Class of provenance to number of changes of actuators."""
    timings_s: Mapping[str, float]
    errors: tuple[str, ...]
    """One line for each detector that failed; the others went on without it."""
    machines: tuple[Machine, ...] = ()
    """Users and devices that act to the second, by name."""
    watched: tuple[Watched, ...] = ()
    """What became of automations, by entity id."""
