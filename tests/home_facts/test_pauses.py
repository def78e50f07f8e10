"""The event loop is left to others while the home is looked at."""

import asyncio

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.automation_scout import home_facts
from custom_components.automation_scout.home_facts import Scope, collect

from .samples import ACTION, collected, register

AUTOMATIONS = 20


@pytest.fixture
async def busy(hass: HomeAssistant) -> HomeAssistant:
    register(hass, "light.hall")
    event = {"trigger": "event", "event_type": "never"}
    config = [
        {
            "id": str(number),
            "alias": f"A {number}",
            "triggers": [event],
            "actions": [ACTION],
        }
        for number in range(AUTOMATIONS)
    ]
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "automation", {"automation": config})
    await hass.async_block_till_done()
    return hass


async def test_others_have_their_turn(
    busy: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_facts, "SLICE_S", 0.0)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    facts = await collect(busy, Scope())
    task.cancel()
    assert len(facts.automations) == AUTOMATIONS
    assert turns > AUTOMATIONS


async def test_what_is_found_hangs_on_no_pause(
    busy: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home_facts, "SLICE_S", 0.0)
    slowly = await collect(busy, Scope())
    monkeypatch.setattr(home_facts, "SLICE_S", 1000.0)
    assert await collect(busy, Scope()) == slowly == collected(busy)
