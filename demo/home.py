"""What there is in the demo home: people, devices, an automation, a script.

The devices stand in `custom_components/demo_home/devices.py`, where the entities are
made of them; here are the attributes that their states carry in the history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .custom_components.demo_home.devices import DEVICES, Device

CORE_SETTINGS: Final[Mapping[str, Any]] = {
    "location_name": "Demo Home",
    "latitude": 52.52,
    "longitude": 13.4,
    "elevation": 35,
    "unit_system": "metric",
    "currency": "EUR",
    "country": "DE",
    "time_zone": "Europe/Berlin",
    "language": "en",
}
TIME_ZONE: Final[str] = CORE_SETTINGS["time_zone"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who lives in the home."""

    key: str
    """Login name, and object id of the person's entity."""
    name: str
    tracker: str

    @property
    def entity_id(self) -> str:
        """Entity id of the person."""
        return f"person.{self.key}"


ANNA: Final = Person("anna", "Anna", "device_tracker.annas_phone")
BEN: Final = Person("ben", "Ben", "device_tracker.bens_phone")
PEOPLE: Final = (ANNA, BEN)

PORCH_AUTOMATION: Final = "automation.porch_light_in_the_evening"
PORCH_LIGHT: Final = "light.porch_light"
PORCH_MINUTE: Final = 17 * 60 + 45
PORCH_ON_S: Final = 5 * 3600

AUTOMATIONS: Final[tuple[Mapping[str, Any], ...]] = (
    {
        "id": "1700000000001",
        "alias": "Porch light in the evening",
        "description": "",
        "triggers": [{"trigger": "time", "at": "17:45:00"}],
        "conditions": [],
        "actions": [
            {
                "action": "light.turn_on",
                "metadata": {},
                "target": {"entity_id": PORCH_LIGHT},
                "data": {},
            },
            {"delay": {"hours": PORCH_ON_S // 3600}},
            {
                "action": "light.turn_off",
                "metadata": {},
                "target": {"entity_id": PORCH_LIGHT},
                "data": {},
            },
        ],
        "mode": "restart",
    },
)

MOVIE_SCRIPT: Final = "script.movie_night"
MOVIE_STEPS: Final = (
    ("light.living_room_light", "off"),
    ("cover.living_room_blinds", "closed"),
    ("media_player.tv", "on"),
)
"""What the script brings about, in this order."""

DEVICE_OF: Final[Mapping[str, Device]] = {each.entity_id: each for each in DEVICES}

HOME_ZONE: Final = "zone.home"

TRANSIENT: Final[Mapping[str, str]] = {"open": "opening", "closed": "closing"}
"""What a cover does on its way to a state."""


def attributes_of(entity_id: str, state: str, setting: float) -> dict[str, Any]:
    """Return the attributes that the recorder keeps of a device's state.

    It keeps no brightness of lights.

    Args:
        entity_id: Entity of a device.
        state: Its state, `unavailable` included.
        setting: Temperature of a thermostat; of no use to others.
    """
    device = DEVICE_OF[entity_id]
    attributes: dict[str, Any] = {}
    if state != "unavailable":
        attributes |= _attributes_in_use(device.domain, state, setting)
    if device.unit is not None:
        attributes |= {
            "state_class": "measurement",
            "unit_of_measurement": device.unit,
        }
    if device.device_class is not None:
        attributes["device_class"] = device.device_class
    attributes["friendly_name"] = device.name
    return attributes


def _attributes_in_use(domain: str, state: str, setting: float) -> dict[str, Any]:
    match domain:
        case "climate":
            return {"current_temperature": 20.5, "temperature": setting}
        case "cover":
            # On its way it still stands where it came from.
            closed = state in ("closed", "opening")
            return {"is_closed": closed, "current_position": 0 if closed else 100}
        case "media_player":
            return {} if state == "off" else {"volume_level": 0.4}
        case "device_tracker":
            return {
                "tracking_type": "position",
                "in_zones": [HOME_ZONE] if state == "home" else [],
                "source_type": "gps",
            }
    return {}


def person_attributes(person: Person, state: str, user_id: str) -> dict[str, Any]:
    """Return the attributes that the recorder keeps of a person's state."""
    return {
        "editable": True,
        "id": person.key,
        "in_zones": [HOME_ZONE] if state == "home" else [],
        "source": person.tracker,
        "user_id": user_id,
        "friendly_name": person.name,
    }


def zone_attributes(at_home: Sequence[Person]) -> dict[str, Any]:
    """Return the attributes that the recorder keeps of the home zone's state."""
    return {
        "latitude": CORE_SETTINGS["latitude"],
        "longitude": CORE_SETTINGS["longitude"],
        "radius": 100,
        "passive": False,
        "persons": [person.entity_id for person in at_home],
        "device_trackers": [person.tracker for person in at_home],
        "editable": True,
        "icon": "mdi:home",
        "friendly_name": CORE_SETTINGS["location_name"],
    }


SERVICES: Final[Mapping[tuple[str, str], tuple[str, Mapping[str, Any]]]] = {
    ("light", "on"): ("turn_on", {}),
    ("light", "off"): ("turn_off", {}),
    ("switch", "on"): ("turn_on", {}),
    ("switch", "off"): ("turn_off", {}),
    ("fan", "on"): ("turn_on", {}),
    ("fan", "off"): ("turn_off", {}),
    ("media_player", "on"): ("turn_on", {}),
    ("media_player", "off"): ("turn_off", {}),
    ("cover", "open"): ("open_cover", {}),
    ("cover", "closed"): ("close_cover", {}),
    ("lock", "locked"): ("lock", {}),
    ("lock", "unlocked"): ("unlock", {}),
    ("climate", "heat"): ("set_hvac_mode", {"hvac_mode": "heat"}),
    ("climate", "off"): ("set_hvac_mode", {"hvac_mode": "off"}),
}
"""Action, and its data, with which the interface brings about a state."""

SCRIPTS: Final[Mapping[str, Any]] = {
    "movie_night": {
        "alias": "Movie night",
        "sequence": [
            {
                "action": f"{domain}.{SERVICES[domain, state][0]}",
                "target": {"entity_id": entity_id},
                "data": {},
            }
            for entity_id, state in MOVIE_STEPS
            for domain in [entity_id.partition(".")[0]]
        ],
        "mode": "single",
    }
}
