"""The automation that is meant: one of the home, by id, or one that is written out.

Text is read as plain YAML: no includes, no secrets, no environment. Whoever asks may
not be the owner of the home, and sees no file by asking.
"""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.components.automation import DATA_COMPONENT
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
import yaml

from .reading import TooLargeError

LONGEST: Final = 100_000
"""Characters of an automation that is written out."""
MOST_VALUES: Final = 20_000
DEEPEST: Final = 60
"""Levels of lists and mappings; conditions may have twenty, of three levels each."""


class UnknownAutomationError(Exception):
    """There is no automation with an id."""


class UnreadableAutomationError(Exception):
    """A text or a value is no automation; the message says why."""


async def async_config_of(hass: HomeAssistant, automation: object) -> dict[str, Any]:
    """Return the configuration of an automation, its blueprint filled in.

    Args:
        hass: The home.
        automation: Entity id or id of one of the home's automations; or a
            configuration, as a mapping or as YAML, by itself or as the only item of
            a list.

    Raises:
        UnknownAutomationError: there is no such automation.
        UnreadableAutomationError: it is no automation.
        TooLargeError: it is larger than anybody writes.
    """
    config = automation
    if isinstance(automation, str):
        found = _of_home(hass, automation.strip())
        config = _parsed(automation) if found is None else found
    config = _bounded(config, [MOST_VALUES])
    if isinstance(config, list) and len(config) == 1:
        config = config[0]
    if not isinstance(config, dict):
        raise UnreadableAutomationError(type(config).__name__)
    if "use_blueprint" in config:
        return await _filled_in(hass, config)
    return config


@callback
def _of_home(hass: HomeAssistant, name: str) -> Mapping[str, Any] | None:
    """Return the configuration of an automation of the home, None if it is a text."""
    if not name:
        raise UnknownAutomationError(name)
    component = hass.data.get(DATA_COMPONENT)
    for entity in component.entities if component else ():
        if name in (entity.entity_id, entity.unique_id):
            return entity.raw_config or {}
    if len(name.split()) == 1 and ":" not in name and not name.startswith(("{", "[")):
        raise UnknownAutomationError(name[:80])
    return None


def _parsed(text: str) -> object:
    if len(text) > LONGEST:
        raise TooLargeError
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as err:
        raise UnreadableAutomationError(" ".join(str(err).split())[:300]) from err


def _bounded(value: object, left: list[int], depth: int = 0) -> object:
    """Return a copy in plain mappings and lists, refused where it has no end.

    A text may name a part again and again, within itself too.
    """
    left[0] -= 1
    if left[0] < 0 or depth > DEEPEST:
        raise TooLargeError
    match value:
        case Mapping():
            return {
                str(key): _bounded(item, left, depth + 1) for key, item in value.items()
            }
        case list() | tuple():
            return [_bounded(item, left, depth + 1) for item in value]
    return value


async def _filled_in(hass: HomeAssistant, config: dict[str, Any]) -> dict[str, Any]:
    """Return what a blueprint makes of its inputs; only one that the home has."""
    blueprints = async_get_blueprints(hass)
    use = config["use_blueprint"]
    path = use.get("path") if isinstance(use, dict) else None
    of_home = await blueprints.async_get_blueprints()
    found = of_home.get(str(path))
    try:
        if not found:
            raise UnreadableAutomationError(f"blueprint {path}")
        if isinstance(found, HomeAssistantError):
            raise found
        inputs = await blueprints.async_inputs_from_config(config)
        filled = _bounded(inputs.async_substitute(), [MOST_VALUES])
    except HomeAssistantError as err:
        raise UnreadableAutomationError(str(err)[:300]) from err
    return filled if isinstance(filled, dict) else {}
