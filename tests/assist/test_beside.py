"""Assist and the frontend are neither needed nor waited for."""

from importlib.util import find_spec
import sys

from homeassistant.components.conversation.agent_manager import get_agent_manager
from homeassistant.core import HomeAssistant
from homeassistant.helpers import llm
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout import llm as platform
from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator

PACKAGE = "custom_components.automation_scout"


async def test_without_a_conversation_nothing_is_loaded(
    hass: HomeAssistant, entry: MockConfigEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith(f"{PACKAGE}.assist.")]:
        monkeypatch.delitem(sys.modules, name)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert not [name for name in sys.modules if name.startswith(f"{PACKAGE}.assist.")]
    assert DOMAIN not in {api.id for api in llm.async_get_apis(hass)}
    assert platform.async_get_tools(hass, None, "assist") is None


async def test_a_conversation_that_comes_later(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert DOMAIN in {api.id for api in llm.async_get_apis(hass)}
    assert get_agent_manager(hass).trigger_sentences


async def test_a_conversation_that_comes_too_late(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    """Nothing waits for it any more once the entry is unloaded."""
    before = hass.bus.async_listeners().get("component_loaded", 0)
    assert await hass.config_entries.async_unload(scout.config_entry.entry_id)
    assert hass.bus.async_listeners().get("component_loaded", 0) == before - 2
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    await hass.async_block_till_done(wait_background_tasks=True)
    assert DOMAIN not in {api.id for api in llm.async_get_apis(hass)}
    assert get_agent_manager(hass).trigger_sentences == []


async def test_an_end_while_it_begins(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert DOMAIN not in {api.id for api in llm.async_get_apis(hass)}
    assert get_agent_manager(hass).trigger_sentences == []
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert DOMAIN in {api.id for api in llm.async_get_apis(hass)}


async def test_home_assistant_finds_the_tools_off_the_event_loop(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    """The package of our own models is also the platform that it looks for."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    await hass.async_block_till_done(wait_background_tasks=True)
    context = llm.LLMContext("test", None, "en", "conversation", None)
    instance = await llm.async_get_api(hass, "assist", context)
    names = {tool.name for tool in instance.tools}
    asks = find_spec("homeassistant.components.llm") is not None
    assert (f"{DOMAIN}__list_suggestions" in names) is asks
    assert f"{DOMAIN}__accept_suggestion" not in names
