"""`scripts/docs`: writes docs/reference.md anew."""

import asyncio
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from typing import Any, Final

from homeassistant import loader
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from custom_components.automation_scout.const import DOMAIN, NAME

from .document import reference

LOCAL: Final = "127.0.0.1"
TARGET: Final = Path(__file__).parent.parent / "docs" / "reference.md"


async def _written() -> str:
    """Set the integration up in a Home Assistant without a home, and describe it."""
    with TemporaryDirectory(prefix="automation-scout-docs-") as folder:
        async with async_test_home_assistant(config_dir=folder) as hass:
            try:
                hass.data.pop(loader.DATA_CUSTOM_COMPONENTS)
                if not await async_setup_component(hass, "http", _alone()):
                    raise RuntimeError("the web server could not be set up")
                entry = MockConfigEntry(domain=DOMAIN, title=NAME)
                entry.add_to_hass(hass)
                if not await hass.config_entries.async_setup(entry.entry_id):
                    raise RuntimeError(f"{NAME} could not be set up")
                await hass.async_block_till_done()
                return await reference(hass, entry)
            finally:
                await hass.async_stop(force=True)


def _alone() -> dict[str, Any]:
    """Return the settings of a web server that is in nobody's way."""
    with socket() as free:
        free.bind((LOCAL, 0))
        _, port = free.getsockname()
    return {"http": {"server_host": [LOCAL], "server_port": port}}


def main() -> None:
    """Write the file."""
    text = asyncio.run(_written())
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
