"""How people want to be told of suggestions: one section of the options."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
import re
from typing import TYPE_CHECKING, Any, Final, Self

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import selector
from homeassistant.util import dt as dt_util

if TYPE_CHECKING:
    # What `voluptuous` is an alias of since Home Assistant 2026.9.
    import probatio as vol
else:
    import voluptuous as vol

SECTION_NOTIFICATIONS: Final = "notifications"
CONF_HOW: Final = "how"
CONF_ENTITY: Final = "notify_entity"
CONF_ACTION: Final = "notify_action"
CONF_NOT_BEFORE: Final = "not_before"
CONF_NOT_AFTER: Final = "not_after"

NOTIFY: Final = "notify"
NO_TARGET: Final = "notify_target_missing"
NO_ACTION: Final = "notify_action_invalid"
"""Errors of the form."""
_ACTION: Final = re.compile(r"[a-z0-9_]*")
_GENERAL: Final = frozenset({"send_message", "persistent_notification"})
"""Actions of the domain that send to no particular target."""
_MORNING: Final = time(8)
_EVENING: Final = time(21)


class How(StrEnum):
    """How people are told."""

    NONE = "none"
    PERSISTENT = "persistent"
    NOTIFY = "notify"


@dataclass(frozen=True, slots=True)
class NoticeOptions:
    """What a person chose, with the default where nothing was chosen."""

    how: How = How.NONE
    entity_id: str = ""
    """Entity of the domain `notify`, "" for none."""
    action: str = ""
    """Name of an action of the domain `notify`, "" for none."""
    not_before: time = _MORNING
    not_after: time = _EVENING
    """Local. Of the same time twice, any time is right."""

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Self:
        """Read the options of a config entry."""
        chosen = options.get(SECTION_NOTIFICATIONS, {})
        return cls(
            How(chosen.get(CONF_HOW, How.NONE)),
            str(chosen.get(CONF_ENTITY) or ""),
            str(chosen.get(CONF_ACTION) or "").removeprefix(f"{NOTIFY}."),
            dt_util.parse_time(str(chosen.get(CONF_NOT_BEFORE, ""))) or _MORNING,
            dt_util.parse_time(str(chosen.get(CONF_NOT_AFTER, ""))) or _EVENING,
        )


@callback
def notices_schema(hass: HomeAssistant) -> vol.Schema:
    """Return the fields of the section, with the targets that this home has."""
    actions = sorted(
        f"{NOTIFY}.{name}"
        for name in hass.services.async_services_for_domain(NOTIFY)
        if name not in _GENERAL
    )
    return vol.Schema(
        {
            vol.Required(CONF_HOW, default=How.NONE.value): selector.SelectSelector(
                selector.SelectSelectorConfig(
                    options=[how.value for how in How], translation_key="notify_how"
                )
            ),
            vol.Optional(CONF_ACTION): selector.SelectSelector(
                selector.SelectSelectorConfig(
                    options=actions,
                    custom_value=True,
                    mode=selector.SelectSelectorMode.DROPDOWN,
                )
            ),
            vol.Optional(CONF_ENTITY): selector.EntitySelector(
                selector.EntitySelectorConfig(filter={"domain": NOTIFY})
            ),
            vol.Required(
                CONF_NOT_BEFORE, default=_MORNING.isoformat()
            ): selector.TimeSelector(),
            vol.Required(
                CONF_NOT_AFTER, default=_EVENING.isoformat()
            ): selector.TimeSelector(),
        }
    )


def trouble_with(chosen: Mapping[str, Any]) -> dict[str, str]:
    """Return the errors of what was chosen in all sections, as a form shows them."""
    wanted = NoticeOptions.of(chosen)
    if not _ACTION.fullmatch(wanted.action):
        return {"base": NO_ACTION}
    if wanted.how is How.NOTIFY and not (wanted.entity_id or wanted.action):
        return {"base": NO_TARGET}
    return {}
