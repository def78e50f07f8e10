"""Which actions of Home Assistant bring an entity into a state and its settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

from .attributes import ATTRIBUTES, Attribute, attribute_of
from .facts import domain_of
from .rules import ATTRIBUTE_MARK, Action, Values


@dataclass(frozen=True, slots=True)
class Service:
    """A call: `domain.name` with the data beside its target."""

    name: str
    data: Mapping[str, float | str] = field(default_factory=dict)


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


_TAKES: Final = {
    "fan.turn_on": frozenset({"percentage"}),
    "light.turn_on": frozenset({"brightness_pct", "color_temp_kelvin"}),
}
"""Call to the settings that travel with it."""
_IMPLIES: Final = {"cover.open_cover": "cover.set_cover_position"}
"""Call to the setting's call that makes it needless."""
_RESTING: Final = frozenset({"off", "closed", "docked"})
"""States that have no settings."""


def service_for(action: Action) -> Service | None:
    """Return the call that performs an action, or None where there is none.

    A cover's position of 0 has none of its own: it is closed, which is its state.
    """
    if (action.attribute, action.state) == ("position", "0"):
        return None
    if ATTRIBUTE_MARK in action.entity_id:
        attribute = attribute_of(action.entity_id)
        return _setting(action.target, attribute, action.state) if attribute else None
    domain = domain_of(action.entity_id)
    named = _BY_STATE.get(domain, {}).get(action.state)
    if named:
        return Service(f"{domain}.{named}")
    name, key, modes = _MODES.get(domain, ("", "", frozenset[str]()))
    if action.state in modes:
        return Service(f"{domain}.{name}", {key: action.state})
    return None


def states_of(domain: str) -> tuple[str, ...]:
    """Return the states into which some call brings entities of a domain."""
    modes = _MODES.get(domain, ("", "", frozenset[str]()))[2]
    return (*_BY_STATE.get(domain, {}), *sorted(modes))


def calls_for(action: Action, values: Values = ()) -> tuple[Service, ...]:
    """Return the calls that perform an action and set its values, in their order.

    Values that travel with the call share it. Empty where no call performs the action.
    """
    first = service_for(action)
    if first is None:
        return ()
    if action.attribute or action.state in _RESTING:
        return (first,)
    data, later = dict(first.data), []
    wanted = dict(values)
    for attribute in ATTRIBUTES.get(domain_of(action.entity_id), ()):
        if attribute.name not in wanted:
            continue
        call = _setting(action.entity_id, attribute, wanted[attribute.name])
        if call is None:
            continue
        if attribute.key in _TAKES.get(first.name, ()):
            data |= call.data
        else:
            later.append(call)
    if any(call.name == _IMPLIES.get(first.name) for call in later):
        return tuple(later)
    return (Service(first.name, data), *later)


def _setting(
    entity_id: str, attribute: Attribute, value: float | str
) -> Service | None:
    """Return the call that sets a setting, or None where the value is none of it."""
    name = f"{domain_of(entity_id)}.{attribute.service}"
    if not attribute.is_number:
        return Service(name, {attribute.key: str(value)}) if value else None
    try:
        number = float(value) * attribute.to_data
    except ValueError:
        return None
    return Service(name, {attribute.key: plain(number)}) if isfinite(number) else None


def plain(number: float) -> float | int:
    """Return a number as people write it: whole where it is."""
    rounded = round(number, 4)
    return int(rounded) if rounded == int(rounded) else rounded
