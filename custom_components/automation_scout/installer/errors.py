"""Errors as a person is told of them."""

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from ..const import DOMAIN


def refusal(key: str, **placeholders: str) -> ServiceValidationError:
    """Return that what was asked for cannot be done, and why."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def failure(key: str, **placeholders: str) -> HomeAssistantError:
    """Return that something went wrong, and what."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )
