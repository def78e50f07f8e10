"""Templates that say the same at any time, as what they say.

What names an area, a label or the members of a group hangs on the registries alone;
what asks for states or for the trigger is left as it is.
"""

from collections.abc import Mapping
import re
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import TemplateError
from homeassistant.helpers.template import Template

from ..mining.written.pieces import is_template

_NAMES: Final = re.compile(
    r"\b(?:area|device|floor|integration|label)_(?:entities|devices|areas|id)\b"
    r"|\bexpand\b"
)
_MOVES: Final = re.compile(
    r"\b(?:states?|is_state|state_attr|has_value|now|utcnow|today_at|trigger|this|wait"
    r"|repeat|random|input_\w+|selectattr|rejectattr)\b"
)
"""What may be different the next time; filters by attributes ask for states."""


def settled(hass: HomeAssistant, config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a configuration in which such templates are what they say now."""
    variables = config.get("variables")
    known = {
        name: value
        for name, value in (variables.items() if isinstance(variables, Mapping) else ())
        if not is_template(value)
    }
    found = _settled(hass, config, known)
    return found if isinstance(found, Mapping) else config


def _settled(hass: HomeAssistant, value: object, known: dict[str, Any]) -> object:
    match value:
        case str() if is_template(value) and _NAMES.search(value):
            return value if _MOVES.search(value) else _said(hass, value, known)
        case list():
            return [_settled(hass, item, known) for item in value]
        case Mapping():
            return {key: _settled(hass, item, known) for key, item in value.items()}
    return value


def _said(hass: HomeAssistant, text: str, known: dict[str, Any]) -> object:
    try:
        said = Template(text, hass).async_render(known, strict=True)
    except TemplateError:
        return text
    return list(said) if isinstance(said, list | tuple | set) else said
