"""Reloaded again and again with everything turned on, it leaves nothing behind."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component

from tests.footprint import Footprint, footprint
from tests.llm.server import Server
from tests.scripted import Script, result

from .conftest import TEN, SetUp

TIMES = 20


async def test_reloaded_twenty_times_with_a_model_and_assist_and_notices(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
    unused_tcp_port: int,
) -> None:
    web = {"server_host": ["127.0.0.1"], "server_port": unused_tcp_port}
    assert await async_setup_component(hass, "http", {"http": web})
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    entry = (await set_up(**openai_options)).config_entry
    hass.config_entries.async_update_entry(
        entry, options={**entry.options, "notifications": {"how": "persistent"}}
    )
    counted: list[Footprint] = []
    for number in range(TIMES + 1):
        assert await hass.config_entries.async_reload(entry.entry_id)
        script.result = result(*TEN[: 1 + number % 2])
        await entry.runtime_data.async_analyze()
        counted.append(await footprint(hass))
    assert len(server.requests) >= 2
    assert counted[1]["coordinators"] == 1
    # Every second look finds the same, once the connections to the server are there.
    assert counted[-1] == counted[2]
