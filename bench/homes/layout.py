"""Draws the rooms and entities of a home."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from numpy.random import Generator

from custom_components.automation_scout.mining.facts import (
    EntityFacts,
    ExistingAutomation,
    HomeFacts,
)
from custom_components.automation_scout.mining.rules import StateTrigger, TimeTrigger

from .model import LATITUDE, LONGITUDE, ZONE, Layout, Room, entity

ROOMS: Final = (
    "kitchen",
    "living",
    "hall",
    "bedroom",
    "bathroom",
    "study",
    "laundry",
    "attic",
)
EXTRAS: Final = (
    "switch.{}_socket",
    "fan.{}",
    "cover.{}_blind",
    "media_player.{}_radio",
)
SENSORS: Final = (
    ("sensor.outdoor_temperature", None, "temperature", "°C"),
    ("sensor.living_temperature", "living", "temperature", "°C"),
    ("sensor.bathroom_humidity", "bathroom", "humidity", "%"),
    ("sensor.living_illuminance", "living", "illuminance", "lx"),
    ("sensor.washer_power", "bathroom", "power", "W"),
)
FRONT: Final = "binary_sensor.front_door"
BALCONY: Final = "binary_sensor.balcony_door"
WASHER: Final = "binary_sensor.washer_done"
DOORBELL: Final = "binary_sensor.doorbell"
DESK: Final = "binary_sensor.desk_occupied"
BED: Final = "binary_sensor.bed_occupied"
TV: Final = "media_player.living_tv"
GUESTS: Final = "input_boolean.guests"
HEATING: Final = "climate.living"
FIXTURES: Final = (
    (FRONT, "hall", "door"),
    (BALCONY, "living", "door"),
    (WASHER, "bathroom", "running"),
    (DOORBELL, "hall", "occupancy"),
    (DESK, "living", "occupancy"),
    (BED, "bedroom", "occupancy"),
    (TV, "living", None),
    (HEATING, "living", None),
    ("light.porch", "hall", None),
    ("light.stairs", "hall", None),
    ("light.garden", None, None),
    ("light.cellar", None, None),
)
"""What every home has, with area and device class."""
PORCH: Final = ExistingAutomation(
    "automation.porch",
    "Porch",
    enabled=True,
    triggers=(TimeTrigger(1200),),
    targets=frozenset({("light.porch", "on")}),
)
STAIRS: Final = ExistingAutomation(
    "automation.stairs",
    "Stairs",
    enabled=True,
    triggers=(StateTrigger("binary_sensor.hall_motion", "on"),),
    targets=frozenset({("light.stairs", "on")}),
)


def draw_layout(rng: Generator) -> Layout:
    """Return a home of 5 to 8 rooms with 35 to 60 entities."""
    known: list[EntityFacts] = []
    rooms = []
    dimmable: set[str] = set()
    for name in ROOMS[: int(rng.integers(5, len(ROOMS) + 1))]:
        lights = [f"light.{name}_ceiling"]
        if rng.random() < 0.7:
            lights.append(f"light.{name}_lamp")
        dimmable |= {light for light in lights if rng.random() < 0.5}
        extras = rng.permutation(EXTRAS)[: int(rng.integers(0, 3))]
        actuators = (*lights, *(str(extra).format(name) for extra in extras))
        if name == "bathroom":
            actuators = tuple(dict.fromkeys((*actuators, "fan.bathroom")))
        motion = f"binary_sensor.{name}_motion"
        known += [entity(motion, name, "motion")]
        known += [entity(actuator, name) for actuator in actuators]
        rooms.append(Room(name, motion, actuators))
    known += [entity(*fixture) for fixture in FIXTURES]
    known += [entity(*sensor) for sensor in SENSORS]
    persons = tuple(f"person.resident_{n}" for n in range(int(rng.integers(1, 4))))
    known += [
        EntityFacts(name, name.partition(".")[2].capitalize())
        for name in (*persons, GUESTS)
    ]
    facts = HomeFacts(
        ZONE,
        {facts.entity_id: facts for facts in known},
        {room.name: room.name.capitalize() for room in rooms},
        (PORCH, STAIRS),
        latitude=LATITUDE,
        longitude=LONGITUDE,
    )
    return Layout(tuple(rooms), (FRONT, BALCONY), persons, frozenset(dimmable), facts)


def with_entities(facts: HomeFacts, more: Iterable[EntityFacts]) -> HomeFacts:
    """Return the facts of a home with further entities in it."""
    added = {one.entity_id: one for one in more}
    return replace(facts, entities={**facts.entities, **added})
