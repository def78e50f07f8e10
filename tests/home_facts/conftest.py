"""An automation that is set up."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.automation_scout.mining.facts import ExistingAutomation

from .samples import SetUp, collected


@pytest.fixture
async def automation(hass: HomeAssistant) -> AsyncIterator[SetUp]:
    """Return a function that sets up one automation and tells what is known of it."""

    async def set_up(config: Mapping[str, Any]) -> ExistingAutomation:
        assert await async_setup_component(hass, "homeassistant", {})
        assert await async_setup_component(
            hass, "automation", {"automation": [{"id": "1", "alias": "It", **config}]}
        )
        await hass.async_block_till_done()
        (found,) = collected(hass).automations
        return found

    yield set_up
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )
