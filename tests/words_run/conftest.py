"""Fixtures of the words of a run: a real server, a real hass, a real store."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
import logging
from typing import Any

from homeassistant.config_entries import ConfigFlow
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_config_flow,
)

from custom_components.automation_scout.coordinator import ScoutCoordinator
from tests.llm.server import Body, Server, facts_of, reply_of
from tests.scripted import Script, at, proven

from .ai_task_entity import DOMAIN

for chatty in ("openai", "httpx", "httpcore", "httpx2", "httpcore2"):
    logging.getLogger(chatty).setLevel(logging.WARNING)

type SetUp = Callable[..., Awaitable[ScoutCoordinator]]
"""Sets the integration up with options about words."""


TEN = tuple(proven(at(60 + 90 * n), score=float(20 - n)) for n in range(10))
"""Ten habits that are not relatives."""


def answer(body: Body) -> object:
    """Answer as a good model does, to whatever question."""
    facts = facts_of(body)
    if not facts:
        return {"ok": True}
    return {"groups": []} if "proposals" in facts else reply_of(body)


@pytest.fixture
def talker_flow() -> Iterator[None]:
    """Let the integration with the AI Task entity have config entries."""
    with mock_config_flow(DOMAIN, ConfigFlow):
        yield


@pytest.fixture
async def server(socket_enabled: None) -> AsyncIterator[Server]:
    """Yield a server that listens, and a good model behind it."""
    async with Server(answer=answer) as listening:
        yield listening


@pytest.fixture
def openai_options(server: Server) -> dict[str, Any]:
    """Return the options of the server's model."""
    return {
        "provider": "openai",
        "api_key": "sk-good",
        "base_url": server.url,
        "model": "good-model",
        "price_in": 1.0,
        "price_out": 10.0,
        "concurrency": 5,
        "pseudonyms": False,
    }


@pytest.fixture
def set_up(hass: HomeAssistant, script: Script, entry: MockConfigEntry) -> SetUp:
    """Return what sets the integration up."""

    async def with_words(**words: Any) -> ScoutCoordinator:
        hass.config_entries.async_update_entry(
            entry, options={"suggestions": {"max_open": 10}, "words": words}
        )
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        coordinator: ScoutCoordinator = entry.runtime_data
        return coordinator

    return with_words
