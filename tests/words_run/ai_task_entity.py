"""A real AI Task entity, in an integration of its own, that says what a test wants."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, override

from homeassistant.components.ai_task import (
    AITaskEntity,
    AITaskEntityFeature,
    GenDataTask,
    GenDataTaskResult,
)
from homeassistant.components.ai_task.const import DATA_PREFERENCES
from homeassistant.components.conversation import AssistantContent, ChatLog
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddEntitiesCallback
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    MockPlatform,
    mock_integration,
    mock_platform,
)

DOMAIN = "talker"
ENTITY_ID = "ai_task.talker"


@dataclass
class Talker:
    """What the entity does, and what it was asked."""

    answer: Callable[[GenDataTask], Any] = lambda _task: {}
    """Returns what is answered, or raises."""
    features: AITaskEntityFeature = AITaskEntityFeature.GENERATE_DATA
    takes_s: float = 0.0
    tasks: list[GenDataTask] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0


class TalkerEntity(AITaskEntity):
    """The entity."""

    _attr_name = "Talker"
    _attr_unique_id = "talker"

    def __init__(self, talker: Talker) -> None:
        """Do as the talker says."""
        self._talker = talker
        self._attr_supported_features = talker.features

    @override
    async def _async_generate_data(
        self, task: GenDataTask, chat_log: ChatLog
    ) -> GenDataTaskResult:
        talker = self._talker
        talker.tasks.append(task)
        talker.under_way += 1
        talker.most_under_way = max(talker.most_under_way, talker.under_way)
        try:
            await asyncio.sleep(talker.takes_s)
            data = talker.answer(task)
        finally:
            talker.under_way -= 1
        chat_log.async_add_assistant_content_without_tools(
            AssistantContent(self.entity_id, str(data))
        )
        return GenDataTaskResult(chat_log.conversation_id, data)


async def set_up_talker(hass: HomeAssistant, talker: Talker) -> MockConfigEntry:
    """Set up AI Task, and an integration with the entity."""

    async def forward(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        await hass.config_entries.async_forward_entry_setups(entry, ["ai_task"])
        return True

    async def unload(hass: HomeAssistant, entry: ConfigEntry) -> bool:
        return await hass.config_entries.async_unload_platforms(entry, ["ai_task"])

    async def add(
        _hass: HomeAssistant,
        _entry: ConfigEntry,
        async_add_entities: AddEntitiesCallback,
    ) -> None:
        async_add_entities([TalkerEntity(talker)])

    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "ai_task", {})
    mock_integration(
        hass, MockModule(DOMAIN, async_setup_entry=forward, async_unload_entry=unload)
    )
    mock_platform(hass, f"{DOMAIN}.config_flow")
    mock_platform(hass, f"{DOMAIN}.ai_task", MockPlatform(async_setup_entry=add))
    entry = MockConfigEntry(domain=DOMAIN)
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


def prefer(hass: HomeAssistant, entity_id: str | None) -> None:
    """Make an entity the one that Home Assistant prefers."""
    hass.data[DATA_PREFERENCES].async_set_preferences(gen_data_entity_id=entity_id)
