"""What happens to suggestions, told to whoever listens: the event entity above all.

Whoever decides something about a suggestion calls `async_announce`; nobody has to know
who listens.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import (
    async_dispatcher_connect,
    async_dispatcher_send,
)

from .const import DOMAIN, EVENT_SUGGESTION_NEW

NEW: Final = "new"
ACCEPTED: Final = "accepted"
DISMISSED: Final = "dismissed"
EXPIRED: Final = "expired"
UNDONE: Final = "undone"
NEEDS_ATTENTION: Final = "needs_attention"
NEWS: Final = (NEW, ACCEPTED, DISMISSED, EXPIRED, UNDONE, NEEDS_ATTENTION)
"""Every kind of news of the public contract."""

TOLD: Final = ("id", "kind", "title", "category", "priority", "confidence", "entities")
"""What the event entity is told of a suggestion."""
NOTIFYING: Final = (*TOLD, "description", "rationale", "areas")
"""What the bus is told of a new one: enough for a notification."""

type Told = Callable[[str, dict[str, Any]], None]
"""Takes the kind of the news and what is told."""

_SIGNAL: Final = f"{DOMAIN}_news"


@callback
def async_announce(
    hass: HomeAssistant,
    kind: str,
    suggestion: Mapping[str, Any] | None = None,
    **more: Any,  # noqa: ANN401 - attributes of a state
) -> None:
    """Tell that something happened.

    Args:
        hass: Home Assistant.
        kind: one of `NEWS`.
        suggestion: what it happened to, in the public shape; None for an automation
            that no suggestion is about.
        more: what else is to be told, by name: `automation`, `reason`, `runs`.
    """
    if kind == NEW and suggestion:
        fired = {key: suggestion[key] for key in NOTIFYING}
        hass.bus.async_fire(EVENT_SUGGESTION_NEW, fired)
    told = {key: suggestion[key] for key in TOLD} if suggestion else {}
    if "id" in told:
        told["suggestion_id"] = told.pop("id")
    async_dispatcher_send(hass, _SIGNAL, kind, {**told, **more})


@callback
def async_listen(hass: HomeAssistant, told: Told) -> CALLBACK_TYPE:
    """Call back at every piece of news, until the returned function is called."""
    return async_dispatcher_connect(hass, _SIGNAL, told)
