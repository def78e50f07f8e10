"""Draws the rooms and entities of a home."""

from numpy.random import Generator

from custom_components.automation_scout.mining.facts import (
    EntityFacts,
    ExistingAutomation,
    HomeFacts,
)

from .model import ZONE, Layout, Room, entity

ROOMS = (
    "kitchen",
    "living",
    "hall",
    "bedroom",
    "bathroom",
    "study",
    "laundry",
    "attic",
)
EXTRAS = ("switch.{}_socket", "fan.{}", "cover.{}_blind", "media_player.{}_tv")


def draw_layout(rng: Generator) -> Layout:
    """Return a home of 5 to 8 rooms with 25 to 45 entities."""
    facts: dict[str, EntityFacts] = {}

    def add(entity_id: str, area: str, klass: str | None = None) -> str:
        facts[entity_id] = entity(entity_id, area, f"device_{entity_id}", klass)
        return entity_id

    rooms = []
    for name in ROOMS[: int(rng.integers(5, len(ROOMS) + 1))]:
        motion = add(f"binary_sensor.{name}_motion", name, "motion")
        actuators = [add(f"light.{name}_ceiling", name)]
        if rng.random() < 0.6:
            actuators.append(add(f"light.{name}_lamp", name))
        extras = rng.permutation(EXTRAS)[: int(rng.integers(0, 3))]
        actuators += [add(str(extra).format(name), name) for extra in extras]
        rooms.append(Room(name, motion, tuple(actuators)))
    doors = (
        add("binary_sensor.front_door", "hall", "door"),
        add("binary_sensor.balcony_door", "living", "door"),
    )
    persons = tuple(
        f"person.resident_{number}" for number in range(int(rng.integers(1, 4)))
    )
    for person in persons:
        facts[person] = EntityFacts(person, person.partition(".")[2])
    signals = (
        add("binary_sensor.washer_done", "laundry", "running"),
        add("binary_sensor.doorbell", "hall", "occupancy"),
        add("binary_sensor.desk_occupied", "study", "occupancy"),
        add("binary_sensor.bed_occupied", "bedroom", "occupancy"),
    )
    automated = (add("light.porch", "hall"), add("light.stairs", "hall"))
    automations = (
        ExistingAutomation(
            "automation.porch",
            "Porch",
            enabled=True,
            times=(1200,),
            targets=frozenset({("light.porch", "on")}),
        ),
    )
    return Layout(
        tuple(rooms),
        doors,
        persons,
        signals,
        automated,
        HomeFacts(ZONE, facts, {room.name: room.name for room in rooms}, automations),
    )
