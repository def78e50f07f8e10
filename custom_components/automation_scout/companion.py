"""What is only of use beside another integration: Assist, the frontend.

Neither is needed, neither is waited for, and what belongs to them is imported only
where they are there.
"""

from collections.abc import Callable, Coroutine

from homeassistant.const import EVENT_COMPONENT_LOADED
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.setup import ATTR_COMPONENT, EventComponentLoaded

from .const import DOMAIN
from .coordinator import ScoutConfigEntry


@callback
def async_beside(
    hass: HomeAssistant,
    entry: ScoutConfigEntry,
    component: str,
    begin: Callable[[], Coroutine[None, None, None]],
) -> None:
    """Begin something once a component is there, if it comes while we are.

    Args:
        hass: Home Assistant.
        entry: who begins it; its end is `entry.async_on_unload`.
        component: the integration that it belongs to.
        begin: what to do then; cancelled where the entry is unloaded meanwhile.
    """

    @callback
    def start() -> None:
        entry.async_create_background_task(
            hass, begin(), f"{DOMAIN} beside {component}"
        )

    if component in hass.config.components:
        start()
        return

    @callback
    def is_it(data: EventComponentLoaded) -> bool:
        return data[ATTR_COMPONENT] == component

    @callback
    def follow(_event: Event[EventComponentLoaded]) -> None:
        start()

    entry.async_on_unload(
        hass.bus.async_listen(EVENT_COMPONENT_LOADED, follow, event_filter=is_it)
    )
