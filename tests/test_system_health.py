"""System health over the WebSocket: in numbers, without names."""

from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.store.errors import StoreLocked

from .scripted import DOOR, MORNING, Script, result

pytestmark: Final = pytest.mark.usefixtures("socket_enabled")


async def info(hass: HomeAssistant, client: Any) -> dict[str, Any]:
    """Return what is told, also what is told a moment later."""
    await client.send_json_auto_id({"type": "system_health/info"})
    assert (await client.receive_json())["success"]
    found: dict[str, Any] = {}
    while True:
        event = (await client.receive_json())["event"]
        if event["type"] == "finish":
            return found
        if event["type"] == "initial":
            found = event["data"][DOMAIN]
            assert found["manage_url"].endswith(DOMAIN)
            found = dict(found["info"])


def sizes(file: Path) -> tuple[int, int]:
    """Return how many bytes the database has, and the log beside it."""
    return file.stat().st_size, file.with_name(f"{file.name}-wal").stat().st_size


async def test_numbers(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    database_file: Path,
) -> None:
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    client = await hass_ws_client(hass)
    before = await info(hass, client)
    assert before["last_analysis"] == "-"
    script.result = result(MORNING, DOOR, errors=("state: KeyError: 'light.desk'",))
    await scout.async_analyze()
    told = await info(hass, client)
    finished = dt_util.parse_datetime(told["last_analysis"]["value"])
    assert finished
    assert abs((dt_util.utcnow() - finished).total_seconds()) < 60
    file, log = await hass.async_add_executor_job(sizes, database_file)
    assert log > file
    size = round((file + log) / 1_000_000, 1)
    assert size > 0
    assert told | {"last_analysis": ""} == {
        "loaded": True,
        "store": f"{size} MB",
        "history_days": scout_days(told),
        "last_analysis": "",
        "errors": 1,
        "open_suggestions": 2,
        "recorder_days": "-",
        "words": "built_in",
    }
    texts = await async_get_translations(hass, "en", "system_health", {DOMAIN})
    start = f"component.{DOMAIN}.system_health.info."
    assert {name.removeprefix(start) for name in texts} == set(told)
    text = str(told)
    for name in ("light.", "Desk", "Hall", "anna"):
        assert name not in text
    del entry


def scout_days(told: dict[str, Any]) -> int:
    days = told["history_days"]
    assert isinstance(days, int)
    assert 1 <= days <= 2
    return days


async def test_a_store_that_fails_is_said(
    hass: HomeAssistant, scout: ScoutCoordinator, hass_ws_client: WebSocketGenerator
) -> None:
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    client = await hass_ws_client(hass)
    with patch(
        "custom_components.automation_scout.coordinator.archive_stats",
        side_effect=StoreLocked("x"),
    ):
        told = await info(hass, client)
    assert told["store"] == {"type": "failed", "error": "store_locked"}
    assert told["open_suggestions"] == 0
    del scout


async def test_it_is_not_loaded(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    client = await hass_ws_client(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert await info(hass, client) == {"loaded": False}
    del scout
