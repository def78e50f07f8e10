"""What an error says, in the language of a person instead of that of the home."""

from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

if TYPE_CHECKING:
    from homeassistant.exceptions import HomeAssistantError


async def async_error_text(
    hass: HomeAssistant, err: HomeAssistantError, language: str
) -> str:
    """Return a translated error in a language, any other error as it is."""
    domain = err.translation_domain
    if not domain or not err.translation_key:
        return str(err)
    texts = await async_get_translations(hass, language, "exceptions", [domain])
    template = texts.get(f"component.{domain}.exceptions.{err.translation_key}.message")
    if template is None:
        return str(err)
    return template.format(**(err.translation_placeholders or {}))
