"""The logbook: what it says about our events, and about the event entity."""

from typing import Any

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.automation_scout.coordinator import ScoutCoordinator

from .scripted import DOOR, MORNING, Script, result


@pytest.fixture
def persistent_database() -> bool:
    """Keep the database in a file: one in memory may be read from every thread."""
    return True


@pytest.fixture
async def recorded(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    """Have a recorder and a logbook."""
    assert await async_setup_component(hass, "logbook", {})
    await hass.async_block_till_done()


async def read(hass: HomeAssistant, ws: Any, start: str) -> list[dict[str, Any]]:
    await async_wait_recording_done(hass)
    await ws.send_json_auto_id({"type": "logbook/get_events", "start_time": start})
    answer = await ws.receive_json()
    assert answer["success"], answer
    found: list[dict[str, Any]] = answer["result"]
    return found


async def test_what_the_logbook_says(
    recorded: None,
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    ws = await hass_ws_client()
    start = dt_util.utcnow().isoformat()
    script.result = result(MORNING, DOOR)
    await scout.async_analyze()
    await hass.async_block_till_done()
    entries = await read(hass, ws, start)
    ours = [one for one in entries if one.get("domain") == "automation_scout"]
    assert {one["name"] for one in ours} == {"Automation Scout"}
    assert [one["message"] for one in ours] == [
        "suggests: Turn on Desk lamp at 07:00 on weekdays",
        "suggests: Turn on Hall light when Front door opens",
        "has looked for habits. New suggestions: 2. Open: 2.",
    ]
    icons = ["mdi:lightbulb-on-outline"] * 2 + ["mdi:magnify-scan"]
    assert [one["icon"] for one in ours] == icons
    told = [
        one
        for one in entries
        if one.get("entity_id") == "event.automation_scout_suggestion"
    ]
    # On Home Assistant 2026.3 two events of the same millisecond are one state.
    assert told
    # Home Assistant 2026.3 has no attributes in the logbook.
    said = [one["attributes"] for one in told if "attributes" in one]
    assert said[-2:] in ([], [{"event_type": "new"}] * 2)
    sensors = {one["entity_id"] for one in entries if "entity_id" in one}
    # Those of the suggestions are numbers, which no logbook has.
    assert not any("turn_on" in entity_id for entity_id in sensors)

    # While the entry is not loaded there are no words, and the title is enough.
    assert await hass.config_entries.async_unload(entry.entry_id)
    entries = await read(hass, ws, start)
    ours = [one for one in entries if one.get("domain") == "automation_scout"]
    assert ours[0]["message"] == "Turn on Desk lamp at 07:00 on weekdays"
