"""What an automation brings about: entities and the states that its actions set."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..mining.attributes import ATTRIBUTES, text_of
from ..mining.facts import domain_of
from ..mining.rules import ATTRIBUTE_MARK
from .config import entity_ids, items, targets, words

MAX_DEPTH: Final = 8
"""Scripts that start scripts are followed this far."""

NESTED: Final = (
    "choose",
    "default",
    "else",
    "parallel",
    "repeat",
    "sequence",
    "then",
)
"""Keys under which an action holds actions."""

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


def outcomes(
    hass: HomeAssistant, actions: object, depth: int = 0
) -> Iterator[tuple[str, str]]:
    """Yield (entity id, state) for everything that the actions may bring about.

    All branches are followed, and the scripts that the actions start.
    """
    for action in items(actions):
        if not isinstance(action, dict) or action.get("enabled") is False:
            continue
        for key in NESTED:
            if key in action:
                yield from outcomes(hass, action[key], depth)
        service = action.get("action", action.get("service"))
        if isinstance(service, str):
            yield from _of_service(hass, service.lower(), action, depth)
        elif "device_id" in action and "domain" in action:
            yield from _of_device(hass, action)


def _of_service(
    hass: HomeAssistant, service: str, action: dict[str, Any], depth: int
) -> Iterator[tuple[str, str]]:
    domain, _, name = service.partition(".")
    data = action.get("data", action.get("service_data"))
    data = data if isinstance(data, dict) else {}
    named, reached = targets(hass, action, action.get("target"), data)
    if domain == "script":
        scripts = named if name in SWITCHED else {service}
        yield from _of_scripts(hass, scripts, depth)
    elif service == "scene.apply":
        yield from _of_scene(data.get("entities"))
    else:
        for entity_id in named | {
            other for other in reached if domain in ("homeassistant", domain_of(other))
        }:
            for state in _states(entity_id, name, data):
                yield entity_id, state
            yield from _settings(entity_id, name, data)


def _settings(
    entity_id: str, name: str, data: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield the settings that are written out, as the log has them."""
    for attribute in ATTRIBUTES.get(domain_of(entity_id), ()):
        value = data.get(attribute.key)
        if name != attribute.service or isinstance(value, bool):
            continue
        if attribute.is_number and isinstance(value, int | float):
            text = text_of(value / attribute.to_data, attribute.step)
        elif isinstance(value, str) and not attribute.is_number and words(value):
            text = value
        else:
            continue
        yield f"{entity_id}{ATTRIBUTE_MARK}{attribute.name}", text


def _of_scripts(
    hass: HomeAssistant, scripts: Iterable[str], depth: int
) -> Iterator[tuple[str, str]]:
    component = hass.data.get("script")
    if component is None or depth >= MAX_DEPTH:
        return
    for entity_id in scripts:
        config = getattr(component.get_entity(entity_id), "raw_config", None) or {}
        yield from outcomes(hass, config.get("sequence"), depth + 1)


def _of_scene(entities: object) -> Iterator[tuple[str, str]]:
    """Yield the states in a scene that is written out."""
    if not isinstance(entities, dict):
        return
    for entity_id, wanted in entities.items():
        state = wanted.get("state") if isinstance(wanted, dict) else wanted
        if isinstance(state, bool):
            state = "on" if state else "off"
        if state is not None:
            yield str(entity_id), str(state)


def _of_device(
    hass: HomeAssistant, action: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield what a device action does; its types are named like services or less."""
    domain, kind = str(action["domain"]), str(action.get("type", ""))
    name = f"{kind}_{domain}" if kind in ("open", "close") else kind
    for entity_id in entity_ids(hass, action.get("entity_id")):
        for state in _states(entity_id, name, action):
            yield entity_id, state


def _states(entity_id: str, name: str, data: dict[str, Any]) -> Iterable[str]:
    """Return the states that an action may bring an entity into."""
    if name in VALUES:
        return words(data.get(VALUES[name]))
    if name in ("set_cover_position", "set_valve_position", "set_position"):
        position = data.get("position")
        if not isinstance(position, int | float):
            return ()
        return ("open",) if position > 0 else ("closed",)
    return STATES.get(domain_of(entity_id), SWITCHED).get(name, ())
