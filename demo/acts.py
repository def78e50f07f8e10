"""What can happen in the demo home, before it is turned into rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .home import Person


@dataclass(frozen=True, slots=True)
class Act:
    """An entity is brought into a state; nothing happens where it is in it already."""

    at: float
    """Seconds since the epoch."""
    entity_id: str
    state: str
    tapped_by: Person | None = None
    """Who did it in the interface; nobody: at the device, or the device itself."""
    setting: float | None = None
    """Temperature of a thermostat, or brightness of a light in percent."""


@dataclass(frozen=True, slots=True)
class AutomationRun:
    """The automation of the porch light is started by its time trigger."""

    at: float


@dataclass(frozen=True, slots=True)
class ScriptRun:
    """Somebody starts the script of the movie night in the interface."""

    at: float
    started_by: Person


@dataclass(frozen=True, slots=True)
class Outage:
    """A device cannot be reached for a while."""

    at: float
    entity_id: str
    until: float


@dataclass(frozen=True, slots=True)
class Restart:
    """Home Assistant is restarted."""

    at: float


type Happening = Act | AutomationRun | ScriptRun | Outage | Restart

type Reaction = Callable[[float, str, str], Iterable[Act]]
"""Given an instant, an entity and the state that it enters: what follows from it."""
