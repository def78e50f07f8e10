"""Suggestions by voice and in a chat: tools for a model, sentences without one.

`desk` decides, and answers with an `Outcome`; `tools` says it to a model, `sentences`
to a person. Both know who asks by the context of the request alone.
"""

from collections.abc import Callable, Coroutine

from homeassistant.core import HomeAssistant, callback

from ..companion import async_beside
from ..coordinator import ScoutConfigEntry

type Start = Callable[[HomeAssistant, ScoutConfigEntry], Coroutine[None, None, None]]


@callback
def async_setup_assist(hass: HomeAssistant, entry: ScoutConfigEntry) -> None:
    """Offer the tools and the sentences while the entry is loaded."""

    async def begin() -> None:
        start = await hass.async_add_import_executor_job(_load)
        await start(hass, entry)

    async_beside(hass, entry, "conversation", begin)


def _load() -> Start:
    """Import the rest. Blocks: for the executor for imports."""
    from .start import async_start  # noqa: PLC0415

    return async_start
