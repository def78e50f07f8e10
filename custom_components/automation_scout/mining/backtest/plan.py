"""An automation as plain values: what starts it, what it asks, what it brings about.

Wider than `Rule`, which is what the miner proposes: this is what people write. All of
it means what Home Assistant means by it, to the second.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from ..rules import ALL_DAYS, Action, SunEvent

DAY_S: Final = 86_400
USUAL_RUNS: Final = 10
"""Runs at a time, in modes that allow several, where the automation names no number."""


@dataclass(frozen=True, slots=True)
class Among:
    """Which states match: those named, or all others; any where none are named."""

    states: frozenset[str] = frozenset()
    inverted: bool = False

    def has(self, state: str | None) -> bool:
        """Return whether a state matches; None is one that nobody knows."""
        if not self.states:
            return True
        return self.inverted is not (state in self.states)


@dataclass(frozen=True, slots=True)
class ClockTrigger:
    """Whenever the local clock shows one of its readings."""

    seconds: tuple[int, ...]
    """Seconds of the local day, ascending."""
    weekdays: tuple[int, ...] = ALL_DAYS


@dataclass(frozen=True, slots=True)
class SolarTrigger:
    """So long after the sun rises or sets, before it if negative."""

    event: SunEvent
    offset_s: int = 0


@dataclass(frozen=True, slots=True)
class ChangeTrigger:
    """One of its entities goes from some states to others."""

    entities: tuple[str, ...]
    origin: Among = Among()
    target: Among = Among()
    for_s: int = 0
    """It fires only after so long a stay."""
    away: bool = False
    """The stay lasts until the state before is back, whatever comes between."""


@dataclass(frozen=True, slots=True)
class LevelTrigger:
    """The number of one of its entities comes to lie between bounds, exclusive."""

    entities: tuple[str, ...]
    above: float | None = None
    below: float | None = None
    for_s: int = 0


type PlanTrigger = ClockTrigger | SolarTrigger | ChangeTrigger | LevelTrigger


@dataclass(frozen=True, slots=True)
class Start:
    """A trigger of an automation."""

    trigger: PlanTrigger
    id: str
    """What conditions call it: its place, where nobody gave it a name."""


@dataclass(frozen=True, slots=True)
class Every:
    """All tests hold; so do none."""

    tests: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class Some:
    """At least one test holds."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Neither:
    """No test holds."""

    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class StateTest:
    """Entities are in one of some states, all of them or any."""

    entities: tuple[str, ...]
    states: frozenset[str]
    for_s: int = 0
    """They have been there for longer than this; 0 for no matter how long."""
    any_entity: bool = False


@dataclass(frozen=True, slots=True)
class LevelTest:
    """The numbers of all entities lie between bounds, exclusive."""

    entities: tuple[str, ...]
    above: float | None = None
    below: float | None = None


@dataclass(frozen=True, slots=True)
class ClockTest:
    """The local clock shows something from one second of the day up to another."""

    after_s: int = 0
    before_s: int = DAY_S
    """Not included; where it lies before the other, over midnight."""
    weekdays: tuple[int, ...] = ALL_DAYS


@dataclass(frozen=True, slots=True)
class SolarTest:
    """It is before or after an event of the sun on this local day, or both."""

    before: SunEvent | None = None
    after: SunEvent | None = None
    before_offset_s: int = 0
    after_offset_s: int = 0


@dataclass(frozen=True, slots=True)
class StartTest:
    """It was started by one of some triggers."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class FromNumberTest:
    """What started it came from a number, and not from an outage."""


@dataclass(frozen=True, slots=True)
class FromStayTest:
    """What started it had been where it was for at least so long."""

    stay_s: int


@dataclass(frozen=True, slots=True)
class Later:
    """A test that is made so long after the start."""

    test: Test
    after_s: int


@dataclass(frozen=True, slots=True)
class Untold:
    """A test whose answer nobody knows any more."""


type SingleTest = (
    StateTest
    | LevelTest
    | ClockTest
    | SolarTest
    | StartTest
    | FromNumberTest
    | FromStayTest
    | Untold
)
type Test = Every | Some | Neither | Later | SingleTest


@dataclass(frozen=True, slots=True)
class Effect:
    """What a run brings about."""

    actions: tuple[Action, ...]
    """One entity, and the states of which any will do."""
    when: Test = Every()
    after_s: int = 0

    @property
    def entity_id(self) -> str:
        """Name of the entity in the log."""
        return self.actions[0].entity_id


@dataclass(frozen=True, slots=True)
class Pause:
    """A delay within a run."""

    seconds: int
    when: Test = Every()


class Mode(StrEnum):
    """What becomes of a start while the automation still runs."""

    SINGLE = "single"
    RESTART = "restart"
    QUEUED = "queued"
    PARALLEL = "parallel"


@dataclass(frozen=True, slots=True)
class Plan:
    """An automation, as far as it can be replayed."""

    starts: tuple[Start, ...] = ()
    test: Test = Every()
    effects: tuple[Effect, ...] = ()
    pauses: tuple[Pause, ...] = ()
    mode: Mode = Mode.SINGLE
    most_runs: int = USUAL_RUNS
    """At a time; only where the mode allows several."""
