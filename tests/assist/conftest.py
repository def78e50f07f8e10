"""A home with suggestions, Home Assistant's own conversation, and people in it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from homeassistant.components import conversation
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.helpers import llm
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.result import Tier

from ..installer.conftest import calls, file, folder
from ..scripted import DOOR, EVENING, MORNING, Script, at, proven, result

__all__ = ["calls", "file", "folder"]

type Say = Callable[..., Awaitable[str]]
type Use = Callable[..., Awaitable[dict[str, Any]]]

HEAT = proven(at(390), "climate.study", "heat", score=2.0, tier=Tier.CONFIRM)
FOUND = (MORNING, DOOR, EVENING, HEAT)
LAMP = "Turn on Desk lamp at 07:00 on weekdays"


@pytest.fixture
async def home(
    hass: HomeAssistant,
    folder: Any,
    calls: list[ServiceCall],
    script: Script,
    entry: MockConfigEntry,
) -> AsyncIterator[ScoutCoordinator]:
    """Have four suggestions open; the last has to be confirmed."""
    for component in ("homeassistant", "conversation", "automation"):
        assert await async_setup_component(hass, component, {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    script.result = result(*FOUND)
    coordinator: ScoutCoordinator = entry.runtime_data
    await coordinator.async_analyze()
    yield coordinator
    # What waits for a time of the day would outlive the test.
    for entity_id in hass.states.async_entity_ids("automation"):
        await hass.services.async_call(
            "automation", "turn_off", {"entity_id": entity_id}, blocking=True
        )


@pytest.fixture
def resident(hass: HomeAssistant) -> MockUser:
    """Return somebody who is no administrator."""
    user = MockUser(name="Ben")
    user.add_to_hass(hass)
    return user


@pytest.fixture
def say(hass: HomeAssistant, hass_admin_user: MockUser) -> Say:
    """Say something to Assist, and return what it answers."""

    async def said(
        text: str, user: MockUser | None = hass_admin_user, context: Any = None
    ) -> str:
        context = context or Context(user_id=user.id if user else None)
        answer = await conversation.async_converse(hass, text, None, context, "en")
        speech: str = answer.response.speech["plain"]["speech"]
        return speech

    return said


def llm_context(user: MockUser | None) -> llm.LLMContext:
    """Return the context of a request by somebody, outside of any conversation."""
    context = Context(user_id=user.id if user else None)
    return llm.LLMContext("test", context, "en", "conversation", None)


@pytest.fixture
def use(hass: HomeAssistant, hass_admin_user: MockUser) -> Use:
    """Call a tool of an API, and return what it answers."""

    async def used(
        tool: str,
        user: MockUser | None = hass_admin_user,
        api: str = DOMAIN,
        **arguments: Any,
    ) -> dict[str, Any]:
        instance = await llm.async_get_api(hass, api, llm_context(user))
        answer: Any = await instance.async_call_tool(
            llm.ToolInput(f"{DOMAIN}__{tool}", arguments)
        )
        data: dict[str, Any] = getattr(answer, "data", answer)
        assert getattr(answer, "error", "error" in data) is ("error" in data)
        return data

    return used
