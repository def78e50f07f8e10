"""What a generated home is: its history, its registries, and the truth about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from custom_components.automation_scout.mining.events import EventLog, log_of_rows
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import Rule, Trigger

ZONE: Final = "Europe/Amsterdam"
LATITUDE: Final = 52.37
LONGITUDE: Final = 4.89
MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

LEAST_ADHERENCE: Final = 0.6
"""A habit that people keep more rarely need not be found; found, it is right."""
LEAST_ACTS: Final = 6
LEAST_DAYS: Final = 4
"""A habit must have been seen so often, on so many days, to be findable."""

BACK: Final = "\0back"
"""State of an intent by which an entity returns to what it was before it vanished."""


@dataclass(frozen=True, slots=True)
class Planted:
    """One habit that was put into a home."""

    rule: Rule
    adherence: float
    """Share of the opportunities at which the people act, 0..1."""
    jitter_s: float
    """Spread of the act: standard deviation (time, sun) or median lag (others)."""
    alternatives: tuple[Trigger, ...] = ()
    """Further triggers that stand for the same occasions."""
    spread: Mapping[str, float] = field(default_factory=dict)
    """Setting (`light.desk#brightness`) to the standard deviation of its values."""
    meant: tuple[tuple[int, str, str], ...] = ()
    """Acts of the first action that people set out to do: ms UTC, entity id, state."""
    acts: tuple[int, ...] = ()
    """Those of them that changed something, ms UTC."""

    def findable(self, end: int) -> bool:
        """Return whether a careful reader of the log could know of it at `end`, ms UTC.

        People keep it at 60 % of the occasions, and have done it six times on four
        days.
        """
        acts = [t for t in self.acts if t < end]
        days = {t // DAY for t in acts}
        return (
            self.adherence >= LEAST_ADHERENCE
            and len(acts) >= LEAST_ACTS
            and len(days) >= LEAST_DAYS
        )


@dataclass(frozen=True, slots=True)
class Room:
    """Entity ids of one room."""

    name: str
    motion: str
    actuators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Entities of a home by what they are good for."""

    rooms: tuple[Room, ...]
    doors: tuple[str, ...]
    persons: tuple[str, ...]
    dimmable: frozenset[str]
    """Lights that report a brightness."""
    facts: HomeFacts

    @property
    def actuators(self) -> tuple[str, ...]:
        """What people use in the rooms."""
        return tuple(name for room in self.rooms for name in room.actuators)


@dataclass(frozen=True, slots=True)
class World:
    """A generated home."""

    seed: int
    log: EventLog
    facts: HomeFacts
    planted: tuple[Planted, ...]
    cut: int
    """Ms UTC: what is earlier is there to be learned from, the rest to be judged on."""
    first_day: int
    """Local day number of the first day."""
    traps: Mapping[str, str] = field(default_factory=dict)
    """Entity id to what makes it look like a habit that it is not."""

    @property
    def learned(self) -> EventLog:
        """The log of the days to learn from."""
        if not len(self.log):
            return self.log
        return self.log.between(int(self.log.t[0]), self.cut)

    @property
    def to_find(self) -> tuple[Planted, ...]:
        """The habits that the days to learn from suffice for."""
        return tuple(p for p in self.planted if p.findable(self.cut))


@dataclass(frozen=True, slots=True, order=True)
class Intent:
    """Somebody or something wants an entity in a state; void if it already is."""

    t: int
    entity_id: str
    state: str
    origin: int
    actor: str = ""


def realise(intents: list[Intent], initial: Mapping[str, str]) -> EventLog:
    """Return the changes that the intents cause, in the order of time.

    What happens to an entity that is unavailable shows when it comes back.
    """
    now = dict(initial)
    beneath: dict[str, str] = {}
    rows = []
    for intent in sorted(intents):
        name, state = intent.entity_id, intent.state
        if state == "unavailable":
            beneath.setdefault(name, now.get(name, "unknown"))
        elif state == BACK:
            state = beneath.pop(name, now.get(name, "unknown"))
        elif name in beneath:
            beneath[name] = state
            continue
        if now.get(name) == state:
            continue
        now[name] = state
        rows.append((intent.t, name, state, intent.origin, intent.actor))
    return log_of_rows(rows)


def report(t: int, entity_id: str, state: str) -> Intent:
    """Return what a sensor says by itself."""
    return Intent(t, entity_id, state, Origin.REPORT)


def entity(
    entity_id: str, area: str | None, klass: str | None = None, unit: str | None = None
) -> EntityFacts:
    """Return facts of an entity on a device of its own, whose name is its id."""
    name = entity_id.partition(".")[2].replace("_", " ").capitalize()
    return EntityFacts(
        entity_id,
        name,
        area,
        f"device_{entity_id}",
        klass,
        unit=unit,
        is_numeric=unit is not None,
    )
