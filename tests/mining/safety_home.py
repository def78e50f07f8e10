"""A home with everything that asks for care, and calls as they are written."""

from dataclasses import replace
from typing import Any

from custom_components.automation_scout.mining.facts import EntityFacts
from custom_components.automation_scout.mining.reach import Reach

from .worlds import facts_of


def lamp(name: str) -> EntityFacts:
    return EntityFacts(f"light.{name}", name.title())


ENTITIES = (
    *(lamp(name) for name in ("hall", "desk", "bed", "attic", "porch")),
    EntityFacts("light.all", "All", members=("light.hall", "light.desk")),
    EntityFacts(
        "light.most", "Most", members=("light.all", "light.bed", "light.porch")
    ),
    EntityFacts("cover.blind", "Blind", device_class="blind"),
    EntityFacts("cover.roof", "Roof", device_class="window"),
    EntityFacts("cover.car", "Big one", device_class="garage"),
    EntityFacts("cover.both", "Both", members=("cover.blind", "cover.car")),
    EntityFacts("climate.hall", "Hall"),
    EntityFacts("water_heater.tank", "Tank"),
    EntityFacts("switch.pump", "Pump"),
    EntityFacts("switch.relay", "Garagentor Taster"),
    EntityFacts("switch.fridge", "Fridge"),
    EntityFacts("switch.oven", "Oven"),
    EntityFacts("lock.front", "Front"),
    EntityFacts("alarm_control_panel.home", "Alarm"),
    EntityFacts("media_player.tv", "TV"),
    EntityFacts("valve.water", "Water"),
    EntityFacts("siren.yard", "Yard"),
    EntityFacts("fan.attic", "Attic"),
    EntityFacts("vacuum.robo", "Robo"),
    EntityFacts("humidifier.bed", "Bed"),
    EntityFacts("input_boolean.guests", "Guests"),
    EntityFacts("lock.hidden", "Shed"),
)
LIGHT_ON = {"action": "light.turn_on", "target": {"entity_id": "light.hall"}}
UNLOCK = {"action": "lock.unlock", "target": {"entity_id": "lock.front"}}
REACH = Reach(
    frozenset(entity.entity_id for entity in ENTITIES),
    {
        "area_id": {
            "entrance": frozenset({"light.hall", "lock.front", "cover.car"}),
            "office": frozenset({"light.desk", "switch.pump"}),
        },
        "label_id": {"outside": frozenset({"cover.car", "light.porch"})},
        "floor_id": {"ground": frozenset({"cover.blind", "light.hall"})},
        "device_id": {"opener": frozenset({"switch.relay"})},
    },
    {
        "group.evening": ("light.hall", "group.doors"),
        "group.doors": ("lock.front",),
    },
    {"0123456789": "lock.front"},
    {
        "script.come_in": {"sequence": [{"delay": 5}, {"action": "script.inner"}]},
        "script.inner": {"sequence": [{"if": [], "then": [UNLOCK]}]},
        "script.greet": {"sequence": [LIGHT_ON]},
        "script.any": {
            "sequence": [{"action": "homeassistant.turn_on", "target": "{{ what }}"}]
        },
        "script.that": {
            "sequence": [
                {"action": "lock.lock", "target": {"entity_id": "{{ which }}"}}
            ]
        },
    },
    {
        "scene.cosy": {"light.hall": {"state": "on"}},
        "scene.open": {"lock.front": {"state": "unlocked"}},
        "scene.warm": {"climate.hall": {"state": "heat", "temperature": 33}},
    },
    {"automation.other": {"actions": [UNLOCK]}},
)
HOME = replace(facts_of(*ENTITIES), reach=REACH)


def act(action: str, entity_id: object = None, **data: Any) -> dict[str, Any]:
    """Return a call with today's keys."""
    call: dict[str, Any] = {"action": action}
    if entity_id is not None:
        call["target"] = {"entity_id": entity_id}
    return call | ({"data": data} if data else {})


def at(action: str, **target: object) -> dict[str, Any]:
    return {"action": action, "target": target}
