"""What the model took, and the store, as sensors show it."""

from datetime import datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.asking import async_book
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.llm.budget import Usage
from custom_components.automation_scout.llm.calling import OK, Call
from custom_components.automation_scout.model_sensors import MODEL_SENSORS
from tests.helpers import pass_time
from tests.llm.server import Fault, Server
from tests.scripted import Script, result

from .conftest import TEN, SetUp


def state_of(hass: HomeAssistant, key: str) -> State:
    state = hass.states.get(f"sensor.automation_scout_{key}")
    assert state is not None
    return state


@pytest.fixture
async def all_enabled(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    entity_registry: er.EntityRegistry,
    entry: MockConfigEntry,
) -> ScoutCoordinator:
    """Have every sensor turned on."""
    for description in MODEL_SENSORS:
        entity_registry.async_get_or_create(
            "sensor",
            "automation_scout",
            f"{entry.entry_id}_{description.key}",
            suggested_object_id=f"automation_scout_{description.key}",
            config_entry=entry,
            disabled_by=None,
        )
    return await set_up(**openai_options)


async def test_sensors_show_the_month(
    hass: HomeAssistant,
    all_enabled: ScoutCoordinator,
    server: Server,
    script: Script,
) -> None:
    for key in ("tokens_this_month", "cost_this_month", "saved_calls_this_month"):
        assert float(state_of(hass, key).state) == 0
    script.result = result(*TEN[:3])
    server.usage = {"prompt_tokens": 1000, "completion_tokens": 200}
    server.faults = [Fault("status", times=1, value=(500, "oops"))]
    await all_enabled.async_analyze()
    await all_enabled.async_analyze()
    await hass.async_block_till_done()
    tokens = state_of(hass, "tokens_this_month")
    assert tokens.state == "3600"
    assert tokens.attributes["tokens_in"] == 3000
    assert tokens.attributes["tokens_out"] == 600
    assert tokens.attributes["is_estimated"] is False
    assert tokens.attributes["state_class"] == "total"
    began = datetime.fromisoformat(tokens.attributes["last_reset"])
    now = dt_util.now()
    assert (began.year, began.month, began.day) == (now.year, now.month, 1)
    cost = state_of(hass, "cost_this_month")
    assert float(cost.state) == pytest.approx(0.009)
    assert cost.attributes["unit_of_measurement"] == hass.config.currency
    assert cost.attributes["device_class"] == "monetary"
    failed = state_of(hass, "failed_calls_this_month")
    assert failed.state == "1"
    assert failed.attributes["calls"] == 4
    assert state_of(hass, "saved_calls_this_month").state == "3"
    assert float(state_of(hass, "model_time_this_month").state) > 0
    writes = state_of(hass, "store_write_time")
    assert float(writes.state) > 0
    assert writes.attributes["writes"] > 3
    assert "last_reset" not in writes.attributes


async def test_a_month_begins_at_local_midnight(
    hass: HomeAssistant,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
) -> None:
    zone = dt_util.get_time_zone(hass.config.time_zone)
    freezer.move_to(datetime(2026, 11, 29, 23, 59, 50, tzinfo=zone))
    scout = await set_up()
    usage = Usage(1000, 200, 0.5)
    now = dt_util.utcnow().isoformat()
    call = Call("text", "m", "openai", "2026-11", now, 900, usage, OK)
    await async_book(scout.keeper.stores, [call])
    await scout.async_refresh()

    async def at(seconds: float) -> tuple[float, float, int]:
        await pass_time(hass, freezer, seconds)
        tokens = state_of(hass, "tokens_this_month")
        began = datetime.fromisoformat(tokens.attributes["last_reset"])
        cost = state_of(hass, "cost_this_month")
        return float(tokens.state), float(cost.state), began.month

    assert await at(20) == (1200, 0.5, 11)
    assert await at(86_385) == (1200, 0.5, 11)
    assert await at(10) == (0, 0, 12)


async def test_only_tokens_and_costs_are_shown_unasked(
    hass: HomeAssistant, scout: ScoutCoordinator, entity_registry: er.EntityRegistry
) -> None:
    entry_id = scout.config_entry.entry_id
    there = {
        item.unique_id.removeprefix(f"{entry_id}_"): item
        for item in er.async_entries_for_config_entry(entity_registry, entry_id)
    }
    for description in MODEL_SENSORS:
        item = there[description.key]
        shown = description.key in {"tokens_this_month", "cost_this_month"}
        assert (item.disabled_by is None) is shown
        assert item.entity_category == "diagnostic"
