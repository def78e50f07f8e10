"""A scripted model behind Home Assistant's real conversation."""

from dataclasses import dataclass, field
from typing import Any, override

from homeassistant.components import conversation
from homeassistant.components.conversation import ConversationInput, ConversationResult
from homeassistant.components.conversation.chat_log import (
    AssistantContent,
    async_get_chat_log,
)
from homeassistant.components.conversation.models import AbstractConversationAgent
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import intent, llm
from homeassistant.helpers.chat_session import async_get_chat_session
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.automation_scout.const import DOMAIN


@dataclass
class Model(AbstractConversationAgent):
    """Calls, in each turn, the tools that it is scripted to call."""

    hass: HomeAssistant
    plans: list[list[tuple[str, dict[str, Any]]]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    conversation_id: str | None = None
    api: list[str] = field(default_factory=lambda: [DOMAIN])

    @property
    @override
    def supported_languages(self) -> list[str] | Any:
        return "*"

    @override
    async def async_process(self, user_input: ConversationInput) -> ConversationResult:
        with (
            async_get_chat_session(self.hass, user_input.conversation_id) as session,
            async_get_chat_log(self.hass, session, user_input) as log,
        ):
            await log.async_provide_llm_data(
                user_input.as_llm_context("test"), self.api, None, None
            )
            for tool, arguments in self.plans.pop(0):
                asked = llm.ToolInput(f"{DOMAIN}__{tool}", arguments)
                content = AssistantContent("test", None, tool_calls=[asked])
                async for answered in log.async_add_assistant_content(content):
                    told: Any = getattr(answered, "result", None)
                    if told is None:
                        told = answered.tool_result
                    self.answers.append(getattr(told, "data", told))
            log.async_add_assistant_content_without_tools(
                AssistantContent("test", "So it is.")
            )
        response = intent.IntentResponse(language="en")
        response.async_set_speech("So it is.")
        return ConversationResult(response, session.conversation_id)

    async def hears(
        self, text: str, user: MockUser, *plan: tuple[str, dict[str, Any]]
    ) -> dict[str, Any]:
        """Have somebody say something; return the answer to the last tool called."""
        self.plans.append(list(plan))
        result = await conversation.async_converse(
            self.hass,
            text,
            self.conversation_id,
            Context(user_id=user.id),
            "en",
            "model",
        )
        assert result.response.response_type is not intent.IntentResponseType.ERROR
        self.conversation_id = result.conversation_id
        return self.answers[-1]


def model_in(hass: HomeAssistant, api: str = DOMAIN) -> Model:
    """Give Home Assistant a model to talk to."""
    entry = MockConfigEntry(domain="test", entry_id="model")
    entry.add_to_hass(hass)
    model = Model(hass, api=[api])
    conversation.async_set_agent(hass, entry, model)
    return model
