"""The beginning and the end of what Assist has of us."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import llm

from ..coordinator import ScoutConfigEntry
from ..llm import TOOLS
from .desk import Desk
from .naming import words_of
from .sentences import Listener, languages_for
from .tools import ScoutAPI, ScoutTools


async def async_start(hass: HomeAssistant, entry: ScoutConfigEntry) -> None:
    """Register tools and sentences until the entry is unloaded."""
    languages = await hass.async_add_executor_job(languages_for, hass.config.language)
    fillers = frozenset(
        word
        for language in languages
        for filler in language.fillers
        for word in words_of(filler)
    )
    desk = Desk(hass, entry.runtime_data, fillers)
    for language in languages:
        for stop in Listener(desk, language).register():
            entry.async_on_unload(stop)
    tools = ScoutTools(desk)
    entry.async_on_unload(llm.async_register_api(hass, ScoutAPI(hass, tools)))
    hass.data[TOOLS] = tools.for_built_in

    @callback
    def withdraw() -> None:
        hass.data.pop(TOOLS, None)

    entry.async_on_unload(withdraw)
