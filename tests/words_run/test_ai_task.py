"""Asking a real AI Task entity."""

from importlib import import_module
from logging import DEBUG
from traceback import format_exception
from typing import Any

from homeassistant.components.ai_task import AITaskEntityFeature, GenDataTask
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.llm import selector_serializer
import pytest

from custom_components.automation_scout.llm.ai_task import (
    AITaskModel,
    structure_of,
    usable_entity,
)
from custom_components.automation_scout.llm.budget import Budget
from custom_components.automation_scout.llm.calling import TIMEOUT, Caller
from custom_components.automation_scout.llm.limits import Limits
from custom_components.automation_scout.llm.model import (
    ModelBusy,
    ModelError,
    ModelUnusable,
    Question,
)

from .ai_task_entity import ENTITY_ID, Talker, prefer, set_up_talker

pytestmark = [
    pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey"),
    pytest.mark.usefixtures("talker_flow"),
]

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string", "description": "A few words"},
        "priority": {"enum": ["low", "high"]},
        "sure": {"type": "boolean"},
        "percent": {"type": "number"},
        "days": {"type": "array", "items": {"type": "string"}},
        "trigger": {
            "type": "object",
            "properties": {"at": {"type": "string"}},
            "required": ["at"],
        },
        "actions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"entity": {"type": "string"}},
                "required": ["entity"],
            },
        },
    },
    "required": ["title", "priority"],
    "additionalProperties": False,
}


def question(schema: dict[str, Any] = SCHEMA) -> Question:
    return Question("text", "Say it nicely.", '{"lamp": "on"}', schema, 100)


async def test_it_answers(hass: HomeAssistant) -> None:
    talker = Talker(lambda _task: {"title": "Light"})
    await set_up_talker(hass, talker)
    model = AITaskModel(hass, ENTITY_ID)
    answer = await model.ask(question(), 5)
    assert answer.data == {"title": "Light"}
    assert (model.source, model.name, answer.model) == ("ai_task", ENTITY_ID, ENTITY_ID)
    assert (answer.tokens_in, answer.tokens_out) == (None, None)
    (task,) = talker.tasks
    assert task.name == "Automation Scout text"
    assert task.instructions == 'Say it nicely.\n\n{"lamp": "on"}'
    assert task.structure is not None
    assert {str(key) for key in task.structure.schema} == set(SCHEMA["properties"])


async def test_the_structure_says_what_the_schema_says() -> None:
    try:
        to_openapi = import_module("probatio").to_openapi
    except ImportError:
        # What did it before Home Assistant 2026.9.
        to_openapi = import_module("voluptuous_openapi").convert

    structure = structure_of(SCHEMA)
    assert structure is not None
    said = to_openapi(structure, custom_serializer=selector_serializer)
    assert sorted(said["required"]) == ["priority", "title"]
    properties = said["properties"]
    assert properties["title"] == {"type": "string", "description": "A few words"}
    assert properties["priority"] == {"type": "string", "enum": ["low", "high"]}
    assert properties["sure"] == {"type": "boolean"}
    assert properties["percent"]["type"] == "number"
    assert properties["days"] == {"type": "array", "items": {"type": "string"}}
    assert properties["trigger"]["properties"] == {"at": {"type": "string"}}
    assert properties["trigger"]["required"] == ["at"]
    assert properties["actions"]["items"]["required"] == ["entity"]


@pytest.mark.parametrize(
    "node",
    [
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"type": ["string", "null"]},
        {"type": "object", "properties": {"inner": {"type": "null"}}},
        {"type": "object"},
        {"type": "array", "items": {"type": "array"}},
    ],
)
async def test_what_a_structure_cannot_say_is_said_in_words(
    hass: HomeAssistant, node: dict[str, Any]
) -> None:
    talker = Talker(lambda _task: '{"change": null}')
    await set_up_talker(hass, talker)
    schema = {"type": "object", "properties": {"change": node}}
    answer = await AITaskModel(hass, ENTITY_ID).ask(question(schema), 5)
    assert answer.data == '{"change": null}'
    (task,) = talker.tasks
    assert task.structure is None
    assert '"change"' in task.instructions
    assert task.instructions.endswith('\n\n{"lamp": "on"}')


async def test_the_preferred_entity_is_asked(hass: HomeAssistant) -> None:
    talker = Talker(lambda _task: {"title": "Light"})
    await set_up_talker(hass, talker)
    model = AITaskModel(hass, None)
    assert model.name == ""
    with pytest.raises(ModelUnusable, match="no preferred"):
        await model.ask(question(), 5)
    prefer(hass, ENTITY_ID)
    assert model.name == ENTITY_ID
    await model.ask(question(), 5)
    assert len(talker.tasks) == 1


async def test_without_the_component(hass: HomeAssistant) -> None:
    assert AITaskModel(hass, None).name == ""
    with pytest.raises(ModelUnusable, match="not set up"):
        await AITaskModel(hass, ENTITY_ID).ask(question(), 5)


async def test_entities_that_cannot_be_asked(hass: HomeAssistant) -> None:
    entry = await set_up_talker(
        hass, Talker(features=AITaskEntityFeature.GENERATE_IMAGE)
    )
    with pytest.raises(ModelUnusable, match=r"there is no ai_task\.other"):
        usable_entity(hass, "ai_task.other")
    hass.states.async_set("light.desk", "on", {"supported_features": 1})
    with pytest.raises(ModelUnusable, match=r"there is no light\.desk"):
        usable_entity(hass, "light.desk")
    with pytest.raises(ModelUnusable, match="does not generate data"):
        usable_entity(hass, ENTITY_ID)
    assert await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ModelBusy, match="unavailable"):
        usable_entity(hass, ENTITY_ID)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (HomeAssistantError("no: sk-secret, Anna"), "HomeAssistantError"),
        (
            HomeAssistantError(
                translation_domain="talker",
                translation_key="no_credit",
                translation_placeholders={"error": "sk-secret"},
            ),
            "HomeAssistantError talker.no_credit",
        ),
        (KeyError("sk-secret"), "KeyError"),
        (TimeoutError(), "TimeoutError"),
    ],
)
async def test_whatever_an_entity_raises_is_a_call_without_an_answer(
    hass: HomeAssistant,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    said: str,
) -> None:
    """What it says of it may hold the question or a key, and is in the log alone."""
    # By its name: whatever another test has set above it, it speaks.
    caplog.set_level(DEBUG, "custom_components.automation_scout.llm.ai_task")

    def fail(_task: GenDataTask) -> Any:
        raise error

    await set_up_talker(hass, Talker(fail))
    with pytest.raises(ModelError) as caught:
        await AITaskModel(hass, ENTITY_ID).ask(question(), 5)
    assert caught.value.is_passing
    assert str(caught.value) == f"{ENTITY_ID}: {said} (see the debug log)"
    assert str(error) in caplog.text
    assert "sk-secret" not in "".join(format_exception(caught.value))


async def test_it_is_not_waited_for_too_long(hass: HomeAssistant) -> None:
    talker = Talker(takes_s=30)
    await set_up_talker(hass, talker)
    limits = Limits(tries=1, call_s=0.05)
    caller = Caller(AITaskModel(hass, ENTITY_ID), Budget("2026-11"), limits)
    with pytest.raises(ModelBusy, match="no answer in 0 s"):
        await caller.ask(question(), bool)
    assert talker.under_way == 0
    assert [call.outcome for call in caller.calls] == [TIMEOUT]
