"""Repair issues for automations that Home Assistant did not take."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir

from ..const import DOMAIN, ISSUE_AUTOMATIONS_LEFT, LOGGER
from ..markdown import literal
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
_OF_CONFIG: Final = frozenset({NOT_INCLUDED, UNREADABLE})
"""What keeps every automation from being loaded, not one."""


@callback
def async_report(
    hass: HomeAssistant,
    config: Mapping[str, Any],
    reason: NotLoaded,
    *,
    enabled: bool,
    is_named: bool,
) -> HomeAssistantError:
    """Raise the issue that says what to do; return what the caller is told.

    Args:
        hass: Home Assistant.
        config: of the automation.
        reason: why it was not taken.
        enabled: whether it was to be on.
        is_named: whether a person chose the alias; else it goes with the suggestion.
    """
    told = {"alias": str(config["alias"]), "error": reason.detail or "-"}
    data: dict[str, str | int | float | None] = {
        "suggestion_id": str(config["id"]).removeprefix(f"{DOMAIN}_"),
        "alias": told["alias"] if is_named else "",
        "enabled": int(enabled),
    }
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{_PREFIX}{config['id']}",
        data=data,
        is_fixable=True,
        # What has to be mended may need a restart.
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=reason.key,
        translation_placeholders={
            "alias": told["alias"],
            "detail": literal(told["error"]),
            "yaml": block_of(config),
        },
    )
    return failure(reason.key, **told)


@callback
def async_clear(hass: HomeAssistant, automation_id: str) -> None:
    """Take back what was reported of an automation that is set up, or is not wanted."""
    ir.async_delete_issue(hass, DOMAIN, f"{_PREFIX}{automation_id}")


@callback
def async_clear_config(hass: HomeAssistant) -> None:
    """Take back that the file is not loaded: an automation was set up in it."""
    for issue in list(ir.async_get(hass).issues.values()):
        if issue.domain == DOMAIN and issue.translation_key in _OF_CONFIG:
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)


@callback
def async_clear_all(hass: HomeAssistant) -> None:
    """Take back everything that was reported."""
    async_keep_for(hass, ())


@callback
def async_keep_for(hass: HomeAssistant, suggestion_ids: Iterable[str]) -> None:
    """Take back what was reported of all suggestions but these."""
    kept = {f"{_PREFIX}{DOMAIN}_{suggestion_id}" for suggestion_id in suggestion_ids}
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN and issue_id.startswith(_PREFIX) and issue_id not in kept:
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
        is_persistent=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_AUTOMATIONS_LEFT,
        translation_placeholders={"automations": names},
    )
