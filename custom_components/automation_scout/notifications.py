"""Notifications inside Home Assistant, shown and taken back by a name.

They end with the process, so what it has shown is all there is to take back; Home
Assistant itself tells nobody which there are.
"""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN

_SHOWN: Final[HassKey[set[str]]] = HassKey(f"{DOMAIN}_shown")
"""Names under which something was shown, whether it is there still or not."""


@callback
def async_show(hass: HomeAssistant, name: str, title: str, message: str) -> None:
    """Show a notification in the place of the one of this name.

    Args:
        hass: Home Assistant.
        name: end of its id.
        title: shown as it is.
        message: Markdown, so what others have named stands in it `literal`.
    """
    # It brings the web server along, which nothing else here needs at the start.
    from homeassistant.components.persistent_notification import (  # noqa: PLC0415
        async_create,
    )

    hass.data.setdefault(_SHOWN, set()).add(name)
    async_create(hass, message, title, f"{DOMAIN}_{name}")


@callback
def async_take_back_all(hass: HomeAssistant) -> None:
    """Take back everything that was shown."""
    for name in hass.data.pop(_SHOWN, set()):
        async_take_back(hass, name)


@callback
def async_take_back(hass: HomeAssistant, name: str) -> None:
    """Take back what was shown under a name, if it was."""
    from homeassistant.components.persistent_notification import (  # noqa: PLC0415
        async_dismiss,
    )

    if _SHOWN in hass.data:
        hass.data[_SHOWN].discard(name)
    async_dismiss(hass, f"{DOMAIN}_{name}")
