"""A tick in the to-do list sets an automation up, and never what needs confirmation."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
import pytest

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.result import Tier

from ..scripted import DOOR, MORNING, Script, at, proven, result
from .conftest import Automations

LIST = "todo.automation_scout_suggestions"
HEATING = proven(
    at(360), "climate.study", "heat", tier=Tier.CONFIRM, reasons=("heating",)
)


async def tick(hass: HomeAssistant, item: str) -> None:
    await hass.services.async_call(
        "todo",
        "update_item",
        {"entity_id": LIST, "item": item, "status": "completed"},
        blocking=True,
    )


async def left(hass: HomeAssistant) -> list[str]:
    answer: Any = await hass.services.async_call(
        "todo", "get_items", {"entity_id": LIST}, blocking=True, return_response=True
    )
    return [item["uid"] for item in answer[LIST]["items"]]


async def test_a_tick_sets_up_and_undo_brings_it_back(
    hass: HomeAssistant, home: ScoutCoordinator, file: Automations
) -> None:
    key = MORNING.rule.key
    await tick(hass, key)
    await hass.async_block_till_done()
    [written] = file.data()
    assert written["id"] == f"{DOMAIN}_{key}"
    [entity_id] = hass.states.async_entity_ids("automation")
    state = hass.states.get(entity_id)
    assert state
    assert state.state == "on"
    assert key not in await left(hass)
    assert DOOR.rule.key in await left(hass)
    with pytest.raises(ServiceValidationError) as raised:
        await tick(hass, key)
    assert raised.value.translation_key == "item_not_found"
    await home.acceptance.async_undo(key)
    assert file.data() == []


async def test_a_tick_is_no_confirmation(
    hass: HomeAssistant, home: ScoutCoordinator, file: Automations, script: Script
) -> None:
    script.result = result(HEATING)
    await home.async_analyze()
    key = HEATING.rule.key
    before = file.read()
    for _ in range(2):
        with pytest.raises(ServiceValidationError) as raised:
            await tick(hass, key)
        assert raised.value.translation_key == "confirmation_needed"
        assert "Accept it with confirm" in str(raised.value)
    assert key in await left(hass)
    assert file.read() == before
    assert hass.states.async_entity_ids("automation") == []
    await home.acceptance.async_accept(key, confirm=True)
    assert key not in await left(hass)
