"""An automation runs, a person overrules it, and the analysis says what it should be.

Nothing is replaced: Home Assistant runs the automation, its recorder writes down what
happens, and the person acts through its actions.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.automation_scout.const import DOMAIN

LAMP: Final = "input_boolean.lamp"
EVENING: Final = "automation.evening"
MONDAY: Final = datetime(2026, 3, 2, 12, tzinfo=dt_util.UTC)
CONFIG: Final = {
    "id": "evening",
    "alias": "Evening",
    "triggers": [{"trigger": "time", "at": "22:30:00"}],
    "conditions": [],
    "actions": [{"action": "input_boolean.turn_on", "target": {"entity_id": LAMP}}],
    "mode": "single",
}

type Until = Callable[[int, float], Awaitable[None]]


@pytest.fixture
def persistent_database() -> bool:
    """Keep the recorder's database in a file: one in memory hides a wrong thread."""
    return True


@pytest.fixture
async def until(
    recorder_mock: Recorder, hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> AsyncIterator[Until]:
    """Return a function that lets time pass until a minute of a day."""
    del recorder_mock
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(MONDAY)
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"lamp": {"name": "Lamp"}}}
    )
    assert await async_setup_component(hass, "automation", {"automation": [CONFIG]})
    await hass.async_block_till_done()

    async def passing(day: int, minute: float) -> None:
        midnight = MONDAY.replace(hour=0)
        freezer.move_to(midnight + timedelta(days=day, minutes=minute))
        async_fire_time_changed(hass)
        await hass.async_block_till_done()

    yield passing
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": EVENING}, blocking=True
    )


async def call(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    response = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )
    assert isinstance(response, dict)
    return response


async def test_five_evenings_of_overruling(
    until: Until,
    hass: HomeAssistant,
    entry: MockConfigEntry,
    hass_admin_user: MockUser,
) -> None:
    async def by_hand(action: str) -> None:
        context = Context(user_id=hass_admin_user.id)
        await hass.services.async_call(
            "input_boolean", action, {"entity_id": LAMP}, True, context
        )
        await hass.async_block_till_done()

    for day in range(6):
        late = day * 37 % 11 / 10
        await until(day, 1350)
        lamp = hass.states.get(LAMP)
        assert lamp
        assert lamp.state == "on"
        if day < 5:
            await until(day, 1351 + late)
            await by_hand("turn_off")
            await until(day, 1370 + late)
            await by_hand("turn_on")
        await until(day, 1420 + late)
        await by_hand("turn_off")
    await until(6, 120)
    await async_wait_recording_done(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()

    answer = await call(hass, "analyze")
    assert answer["errors"] == []
    await hass.async_block_till_done()
    [found] = (await call(hass, "list_suggestions", kind=["adjust"]))["suggestions"]
    assert found["automation"]["triggers"] == [{"trigger": "time", "at": "22:50:00"}]
    assert (found["evidence"]["hits"], found["evidence"]["opportunities"]) == (5, 6)
    assert found["rationale"] == (
        "In the last 6 days, Evening was overruled 5 of 6 times: undone within ten"
        " minutes, or done by hand before. 22:50 instead of 22:30 would have agreed"
        " with you 5 of 6 times; as it was, it agreed 1 of 6 times."
    )
    assert found["title"] == "Adjust Evening: turn on Lamp at 22:50 every day"
    told = hass.states.get("event.automation_scout_suggestion")
    assert told
    assert told.attributes["event_type"] == "needs_attention"
    assert told.attributes["automation"] == EVENING
    assert (told.attributes["runs"], told.attributes["undone"]) == (6, 5)
    saved = hass.states.get("sensor.automation_scout_saved_actions")
    assert saved
    assert saved.attributes["automations"][EVENING]["undone"] == 5

    changes = {"conditions": {"add": {"weekdays": ["mon", "tue", "wed", "thu"]}}}
    answer = await call(hass, "refine", suggestion_id=found["id"], changes=changes)
    assert answer["kind"] == "adjust"
    assert answer["version"] == 2
    assert answer["automation"]["conditions"] == [
        {"condition": "time", "weekday": ["mon", "tue", "wed", "thu"]}
    ]
    await call(hass, "analyze")
    [again] = (await call(hass, "list_suggestions", kind=["adjust"]))["suggestions"]
    assert again["id"] == found["id"]
    assert again["version"] == 2
