"""Repair issues for automations that Home Assistant did not take."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir

from ..const import DOMAIN, ISSUE_AUTOMATIONS_LEFT, LOGGER
from .errors import failure
from .places import AUTOMATION
from .text import block_of

_PREFIX: Final = "install_"


class NotLoaded(Exception):  # noqa: N818
    """The automation was written, and Home Assistant does not have it."""

    def __init__(self, key: str, detail: str = "") -> None:
        """Keep the key of the reason, and what Home Assistant said."""
        super().__init__(key)
        self.key = key
        self.detail = detail


NOT_INCLUDED: Final = "install_not_included"
REJECTED: Final = "install_rejected"
UNREADABLE: Final = "install_unreadable"


@callback
def async_report(
    hass: HomeAssistant, config: Mapping[str, Any], reason: NotLoaded
) -> HomeAssistantError:
    """Raise the issue that says what to do; return what the caller is told."""
    told = {"alias": str(config["alias"]), "error": reason.detail or "-"}
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{_PREFIX}{config['id']}",
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=reason.key,
        translation_placeholders={**told, "yaml": block_of(config)},
    )
    return failure(reason.key, **told)


@callback
def async_clear(hass: HomeAssistant, automation_id: str) -> None:
    """Take back what was reported of an automation."""
    ir.async_delete_issue(hass, DOMAIN, f"{_PREFIX}{automation_id}")


@callback
def async_clear_all(hass: HomeAssistant) -> None:
    """Take back everything that was reported."""
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.startswith(_PREFIX):
            ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def async_tell_what_stays(hass: HomeAssistant) -> None:
    """Say which automations stay when the integration is removed."""
    left = sorted(
        entry.entity_id
        for entry in er.async_get(hass).entities.values()
        if entry.platform == AUTOMATION and entry.unique_id.startswith(f"{DOMAIN}_")
    )
    if not left:
        return
    names = ", ".join(left)
    LOGGER.warning("These automations stay, and work on without it: %s", names)
    ir.async_create_issue(
        hass,
        DOMAIN,
        ISSUE_AUTOMATIONS_LEFT,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_AUTOMATIONS_LEFT,
        translation_placeholders={"automations": names},
    )
