"""The card for dashboards: one file, served and loaded where there is a frontend."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from .companion import async_beside
from .const import DOMAIN
from .coordinator import ScoutConfigEntry

FILE: Final = Path(__file__).parent / "frontend" / "automation-scout-card.js"
PATH: Final = f"/{DOMAIN}/{FILE.name}"
_SERVED: Final[HassKey[bool]] = HassKey(f"{DOMAIN}_card_served")
"""Whether the path is there already: it cannot be taken away again."""


def async_setup_card(hass: HomeAssistant, entry: ScoutConfigEntry) -> None:
    """Have the frontend load the card while the entry is loaded."""

    async def begin() -> None:
        # Loaded by now; without a frontend nothing of it is imported.
        from homeassistant.components.frontend import (  # noqa: PLC0415
            add_extra_js_url,
            remove_extra_js_url,
        )
        from homeassistant.components.http import (  # type: ignore[attr-defined] # noqa: PLC0415
            StaticPathConfig,
        )

        if not hass.data.get(_SERVED):
            hass.data[_SERVED] = True
            await hass.http.async_register_static_paths(
                [StaticPathConfig(PATH, str(FILE), cache_headers=True)]
            )
        url = f"{PATH}?v={await hass.async_add_executor_job(_version)}"
        add_extra_js_url(hass, url)
        entry.async_on_unload(lambda: remove_extra_js_url(hass, url))

    async_beside(hass, entry, "frontend", begin)


def _version() -> str:
    """Return what is another one for another file: browsers keep it for a month."""
    return sha256(FILE.read_bytes()).hexdigest()[:12]
