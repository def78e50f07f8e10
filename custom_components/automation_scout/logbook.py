"""What the logbook says about suggestions that arrive and analyses that end."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components.logbook import (  # type: ignore[attr-defined]
    LOGBOOK_ENTRY_ICON,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
    LazyEventPartialState,
)
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN, EVENT_ANALYSIS_FINISHED, EVENT_SUGGESTION_NEW, NAME
from .coordinator import ScoutConfigEntry

ICONS: Final = {"new": "mdi:lightbulb-on-outline", "finished": "mdi:magnify-scan"}
"""As in `icons.json`, which the logbook does not read."""

type Describe = Callable[[LazyEventPartialState], dict[str, Any]]


@callback
def async_describe_events(
    hass: HomeAssistant, async_describe_event: Callable[[str, str, Describe], None]
) -> None:
    """Describe the events that are fired on the bus.

    The words come with the entry. Where it is not loaded, only the title is told.
    """

    def entry(key: str, otherwise: str, **told: str | int) -> dict[str, Any]:
        loaded: list[ScoutConfigEntry] = hass.config_entries.async_loaded_entries(
            DOMAIN
        )
        for found in loaded:
            otherwise = found.runtime_data.data.words.fill("logbook", key, **told)
        return {
            LOGBOOK_ENTRY_NAME: NAME,
            LOGBOOK_ENTRY_MESSAGE: otherwise,
            LOGBOOK_ENTRY_ICON: ICONS[key],
        }

    @callback
    def describe_new(event: LazyEventPartialState) -> dict[str, Any]:
        title = str(event.data.get("title", ""))
        return entry("new", title, title=title)

    @callback
    def describe_finished(event: LazyEventPartialState) -> dict[str, Any]:
        counted = {key: int(event.data.get(key, 0)) for key in ("new", "open")}
        return entry("finished", "", **counted)

    async_describe_event(DOMAIN, EVENT_SUGGESTION_NEW, describe_new)
    async_describe_event(DOMAIN, EVENT_ANALYSIS_FINISHED, describe_finished)
