"""What calls bring about: entities, the states that they are set to, and settings."""

from collections.abc import Iterable, Iterator, Mapping
from math import isfinite
from typing import Any, Final

from ..attributes import ATTRIBUTES, Attribute, text_of
from ..facts import domain_of
from ..rules import ATTRIBUTE_MARK
from .calls import Call
from .pieces import words

SWITCHED: Final[Mapping[str, tuple[str, ...]]] = {
    "turn_on": ("on",),
    "turn_off": ("off",),
    "toggle": ("on", "off"),
}
OPENED: Final[Mapping[str, tuple[str, ...]]] = {
    "open_cover": ("open",),
    "close_cover": ("closed",),
    "open_valve": ("open",),
    "close_valve": ("closed",),
    "turn_on": ("open",),
    "turn_off": ("closed",),
    "toggle": ("open", "closed"),
}
STATES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "alarm_control_panel": {
        "alarm_arm_away": ("armed_away",),
        "alarm_arm_custom_bypass": ("armed_custom_bypass",),
        "alarm_arm_home": ("armed_home",),
        "alarm_arm_night": ("armed_night",),
        "alarm_arm_vacation": ("armed_vacation",),
        "alarm_disarm": ("disarmed",),
    },
    "climate": {"turn_off": ("off",)},
    "cover": OPENED,
    "lock": {
        "lock": ("locked",),
        "open": ("open",),
        "unlock": ("unlocked",),
    },
    "media_player": {
        "media_pause": ("paused",),
        "media_play": ("playing",),
        "media_play_pause": ("playing", "paused"),
        "media_stop": ("idle",),
        "play_media": ("playing",),
        "turn_on": ("on", "idle", "playing"),
        "turn_off": ("off",),
        "toggle": ("on", "off"),
    },
    "scene": {},
    "script": {},
    "timer": {"start": ("active",)},
    "vacuum": {
        "pause": ("paused",),
        "return_to_base": ("docked",),
        "start": ("cleaning",),
        "stop": ("idle",),
    },
    "valve": OPENED,
    "water_heater": {"turn_off": ("off",)},
}
"""Domain to action to the states that it leads to; other domains are `SWITCHED`."""

VALUES: Final = {
    "set_hvac_mode": "hvac_mode",
    "set_temperature": "hvac_mode",
    "set_operation_mode": "operation_mode",
    "select_option": "option",
}
"""Action to the key of its data that holds the state."""

POSITIONS: Final = frozenset(
    {"set_cover_position", "set_position", "set_valve_position"}
)
BRIGHTNESS: Final = ("brightness", "brightness_pct")
"""Keys under which a light is told how bright to be."""


def outcomes(call: Call) -> Iterator[tuple[str, str]]:
    """Yield (entity id, state) for everything that a call may bring about.

    Settings are called as in the log: ("light.desk#brightness", "40").
    """
    if (call.domain, call.name) == ("scene", "apply"):
        yield from _of_scene(call.data.get("entities"))
        return
    for entity_id in sorted(call.entities):
        yield from ((entity_id, state) for state in _states(entity_id, call))
        yield from _settings(entity_id, call)


def _states(entity_id: str, call: Call) -> Iterable[str]:
    """Return the states that a call may bring an entity into."""
    name, data, domain = call.name, call.data, domain_of(entity_id)
    if name in VALUES:
        return words(data.get(VALUES[name]))
    if name in POSITIONS:
        position = number(data.get("position"))
        if position is None:
            return ()
        return ("open",) if position > 0 else ("closed",)
    if (domain, name) == ("fan", "set_percentage"):
        percentage = number(data.get("percentage"))
        return () if percentage is None else ("on",) if percentage > 0 else ("off",)
    dimmed = [number(data.get(key)) for key in BRIGHTNESS]
    if (domain, name) == ("light", "turn_on") and 0 in dimmed:
        # A light that is dimmed to nothing is off.
        return ("off",)
    return STATES.get(domain, SWITCHED).get(name, ())


def _settings(entity_id: str, call: Call) -> Iterator[tuple[str, str]]:
    """Yield the settings that are written out, as the log has them."""
    for attribute in ATTRIBUTES.get(domain_of(entity_id), ()):
        if call.name != attribute.service:
            continue
        value = call.data.get(attribute.key)
        factor = 1 / attribute.to_data
        if value is None and attribute.name == "brightness":
            value, factor = call.data.get("brightness"), attribute.to_log
        text = _text(attribute, value, factor)
        if text is not None:
            yield f"{entity_id}{ATTRIBUTE_MARK}{attribute.name}", text


def _text(attribute: Attribute, value: object, factor: float) -> str | None:
    if not attribute.is_number:
        return value if isinstance(value, str) and words(value) else None
    amount = number(value)
    return None if amount is None else text_of(amount * factor, attribute.step)


def number(value: object) -> float | None:
    """Return a number that may be written as text, None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        amount = float(value)
    except ValueError:
        return None
    return amount if isfinite(amount) else None


def _of_scene(entities: object) -> Iterator[tuple[str, str]]:
    """Yield the states of a scene, and their settings."""
    if not isinstance(entities, Mapping):
        return
    for entity_id, wanted in entities.items():
        values = wanted if isinstance(wanted, Mapping) else {"state": wanted}
        state = values.get("state")
        if isinstance(state, bool):
            state = "on" if state else "off"
        if state is None:
            continue
        yield str(entity_id), str(state)
        yield from _settings_in(str(entity_id), values)


def _settings_in(
    entity_id: str, values: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    for attribute in ATTRIBUTES.get(domain_of(entity_id), ()):
        text = _text(attribute, values.get(attribute.source), attribute.to_log)
        if text is not None:
            yield f"{entity_id}{ATTRIBUTE_MARK}{attribute.name}", text
