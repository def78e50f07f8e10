"""What a generated home is: its history, its registries, and the truth about it."""

from dataclasses import dataclass
from typing import Final

from custom_components.automation_scout.mining.events import EventLog, log_of_rows
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.rules import Rule

ZONE: Final = "Europe/Amsterdam"
MINUTE: Final = 60_000
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Planted:
    """One habit that was put into a home."""

    rule: Rule
    adherence: float
    """Share of the opportunities at which the people act, 0..1."""
    jitter_s: float
    """Spread of the act: standard deviation (time) or median lag (state)."""
    equivalents: frozenset[str] = frozenset()
    """Further trigger entities that stand for the same occasion."""


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
    signals: tuple[str, ...]
    """Sensors that report an occasion now and then, such as a finished machine."""
    automated: tuple[str, ...]
    """Actuators that an existing automation looks after."""
    facts: HomeFacts


@dataclass(frozen=True, slots=True)
class World:
    """A generated home."""

    seed: int
    log: EventLog
    facts: HomeFacts
    planted: tuple[Planted, ...]


@dataclass(frozen=True, slots=True, order=True)
class Intent:
    """Somebody or something wants an entity in a state; void if it already is."""

    t: int
    entity_id: str
    state: str
    origin: int
    actor: str = ""


def realise(intents: list[Intent], initial: dict[str, str]) -> EventLog:
    """Return the changes that the intents cause, in the order of time."""
    now = dict(initial)
    rows = []
    for intent in sorted(intents):
        if now.get(intent.entity_id) == intent.state:
            continue
        now[intent.entity_id] = intent.state
        rows.append(
            (intent.t, intent.entity_id, intent.state, intent.origin, intent.actor)
        )
    return log_of_rows(rows)


def entity(
    entity_id: str, area: str, device: str, klass: str | None = None
) -> EntityFacts:
    """Return facts of an entity whose name is its id."""
    name = entity_id.partition(".")[2].replace("_", " ").capitalize()
    return EntityFacts(entity_id, name, area, device, klass)
