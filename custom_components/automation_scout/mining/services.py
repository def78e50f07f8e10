"""Which action of Home Assistant brings an entity into a state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from .facts import domain_of
from .rules import Action


@dataclass(frozen=True, slots=True)
class Service:
    """A call: `domain.name` with the data beside its target."""

    name: str
    data: Mapping[str, str] = field(default_factory=dict)


_ON_OFF: Final = {"on": "turn_on", "off": "turn_off"}
_BY_STATE: Final[Mapping[str, Mapping[str, str]]] = {
    "alarm_control_panel": {
        "armed_away": "alarm_arm_away",
        "armed_home": "alarm_arm_home",
        "armed_night": "alarm_arm_night",
        "armed_vacation": "alarm_arm_vacation",
        "disarmed": "alarm_disarm",
    },
    "climate": {"off": "turn_off"},
    "cover": {"open": "open_cover", "closed": "close_cover"},
    "fan": _ON_OFF,
    "humidifier": _ON_OFF,
    "input_boolean": _ON_OFF,
    "light": _ON_OFF,
    "lock": {"locked": "lock", "unlocked": "unlock"},
    "media_player": {
        "off": "turn_off",
        "on": "turn_on",
        "paused": "media_pause",
        "playing": "media_play",
    },
    "siren": _ON_OFF,
    "switch": _ON_OFF,
    "vacuum": {"cleaning": "start", "docked": "return_to_base"},
    "valve": {"open": "open_valve", "closed": "close_valve"},
    "water_heater": {"off": "turn_off"},
}
_MODES: Final = {
    "climate": (
        "set_hvac_mode",
        "hvac_mode",
        frozenset({"auto", "cool", "dry", "fan_only", "heat", "heat_cool"}),
    ),
    "water_heater": (
        "set_operation_mode",
        "operation_mode",
        frozenset(
            {"eco", "electric", "gas", "heat_pump", "high_demand", "performance"}
        ),
    ),
}


def service_for(action: Action) -> Service | None:
    """Return the call that performs an action, or None where there is none."""
    domain = domain_of(action.entity_id)
    named = _BY_STATE.get(domain, {}).get(action.state)
    if named:
        return Service(f"{domain}.{named}")
    name, key, modes = _MODES.get(domain, ("", "", frozenset[str]()))
    if action.state in modes:
        return Service(f"{domain}.{name}", {key: action.state})
    return None
