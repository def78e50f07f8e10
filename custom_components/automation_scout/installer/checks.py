"""Whether an automation can work in this home: what Home Assistant does not check."""

from collections.abc import Iterator, Mapping
import json
from typing import TYPE_CHECKING, Any, Final

from homeassistant.components.automation.config import async_validate_config_item
from homeassistant.core import HomeAssistant, callback, valid_entity_id
from homeassistant.exceptions import HomeAssistantError

from ..mining.rules import DERIVED
from .errors import refusal

if TYPE_CHECKING:
    # What `voluptuous` is an alias of since Home Assistant 2026.9.
    import probatio as vol
else:
    import voluptuous as vol

TELLING: Final = ("notify.", "persistent_notification.")
"""What the names of actions begin with that only tell somebody something."""


async def async_check(hass: HomeAssistant, config: Mapping[str, Any]) -> None:
    """Refuse an automation that names what is not there, or that is not valid.

    Raises:
        ServiceValidationError: it cannot work; translated.
    """
    entities = sorted(_missing_entities(hass, config))
    if entities:
        raise refusal("entities_missing", entities=", ".join(entities))
    actions = sorted(_missing_actions(hass, config))
    if actions:
        raise refusal("actions_missing", actions=", ".join(actions))
    copy = json.loads(json.dumps(config))
    try:
        await async_validate_config_item(hass, copy["id"], copy)
    except (vol.Invalid, HomeAssistantError) as err:
        raise refusal("automation_invalid", error=str(err)) from err


@callback
def only_tells(config: Mapping[str, Any]) -> bool:
    """Return whether an automation does nothing but tell somebody something."""
    return all(name.startswith(TELLING) for name in _actions(config.get("actions")))


def _missing_entities(hass: HomeAssistant, config: object) -> set[str]:
    return {
        entity_id
        for entity_id in _values(config, "entity_id")
        if valid_entity_id(entity_id)
        and entity_id not in DERIVED
        and hass.states.get(entity_id) is None
    }


def _missing_actions(hass: HomeAssistant, config: Mapping[str, Any]) -> set[str]:
    return {
        name
        for name in _actions(config.get("actions"))
        if "." in name and not hass.services.has_service(*name.split(".", 1))
    }


def _actions(steps: object) -> Iterator[str]:
    yield from _values(steps, "action")


def _values(node: object, key: str) -> Iterator[str]:
    """Yield the words under a key, however deep it lies."""
    if isinstance(node, Mapping):
        for name, value in node.items():
            if name == key:
                words = [value] if isinstance(value, str) else value
                if isinstance(words, list):
                    yield from (word for word in words if isinstance(word, str))
            if not isinstance(value, str):
                yield from _values(value, key)
    elif isinstance(node, list):
        for child in node:
            yield from _values(child, key)
