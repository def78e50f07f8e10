"""What habits are drawn from: free actuators, and triggers that occur often enough."""

from dataclasses import dataclass, field
from typing import Final

from numpy.random import Generator

from custom_components.automation_scout.mining.facts import domain_of
from custom_components.automation_scout.mining.rules import (
    HOME,
    Condition,
    StateTrigger,
    Trigger,
)

from ..ground import Ground
from ..layout import BALCONY, BED, DESK, DOORBELL, TV, WASHER
from ..model import HOUR, Planted, Room

LEAST: Final = 12
"""Times that a trigger must occur on the days to learn from, its conditions met."""

PAUSE: Final = 2 * HOUR


@dataclass(slots=True)
class Supply:
    """What is left in a home to plant habits with."""

    ground: Ground
    rng: Generator
    free: list[str]
    """Actuators without a habit, in the order in which they are given away."""
    used: set[Trigger] = field(default_factory=set)
    previous: StateTrigger | None = None
    """Trigger of the last reaction, which another one may share."""
    latest: Planted | None = None
    """The last habit, as it was kept."""

    def take(self, n: int = 1, domains: str = "", room: str = "") -> list[str]:
        """Return n free actuators of some domains, in one room if so; or nothing."""
        wanted = domains.split()
        found = [
            name
            for name in self.free
            if (not wanted or domain_of(name) in wanted)
            and (not room or self.ground.layout.facts.of(name).area_id == room)
        ][:n]
        if len(found) < n:
            return []
        self.free = [name for name in self.free if name not in found]
        return found

    def adherence(self) -> float:
        """Return at which share of the opportunities people do it."""
        return float(self.rng.uniform(0.5, 0.95))

    def count(self, trigger: Trigger, conditions: tuple[Condition, ...] = ()) -> int:
        """Return how often people could react on the days to learn from.

        What follows another occasion within two hours finds its target as wanted.
        """
        plan = self.ground.plan
        ripe = self.ground.ripe(trigger, conditions)
        times = 0
        free = plan.at(0)
        for t in ripe:
            if free <= t < plan.cut:
                times += 1
                free = t + PAUSE
        return times

    def share_home(self, trigger: Trigger) -> float:
        """Return at which share of a trigger's occasions somebody is at home."""
        ripe = self.ground.occasions(trigger)
        home = [t for t in ripe if self.ground.line(HOME).at(t) == "occupied"]
        return len(home) / max(1, len(ripe))

    def rooms(self) -> list[Room]:
        """Return the rooms in a random order."""
        rooms = self.ground.layout.rooms
        return [rooms[int(i)] for i in self.rng.permutation(len(rooms))]

    def triggers(self) -> list[StateTrigger]:
        """Return what people may react to by itself, in a random order, often enough.

        Arrivals, the balcony, the desk, the bed, the television and two rooms' motion.
        The front door opens both ways, and who has just left does nothing by hand: it
        is there to be mistaken for those who come and go.
        """
        layout = self.ground.layout
        names = [
            *((person, "home") for person in layout.persons),
            (BALCONY, "on"),
            (DESK, "on"),
            (BED, "off"),
            (TV, "playing"),
            *((room.motion, "on") for room in self.rooms()[:2]),
        ]
        return self._often(names)

    def calls(self) -> list[StateTrigger]:
        """Return triggers that also occur while nobody is there to react."""
        return self._often([(DOORBELL, "on"), (WASHER, "on")])

    def _often(self, names: list[tuple[str, str]]) -> list[StateTrigger]:
        found = [
            trigger
            for name in names
            if (trigger := StateTrigger(*name)) not in self.used
            and self.count(trigger) >= LEAST
        ]
        return [found[int(i)] for i in self.rng.permutation(len(found))]

    def room_of(self, trigger: Trigger) -> str:
        """Return the room whose things a trigger is about, "" where it is any."""
        if isinstance(trigger, StateTrigger) and trigger.entity_id.endswith("_motion"):
            return self.ground.layout.facts.of(trigger.entity_id).area_id or ""
        return ""
