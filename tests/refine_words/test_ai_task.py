"""An instruction in words, through a real AI Task entity."""

import json
from typing import Any

from homeassistant.components.ai_task import GenDataTask
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from tests.words_run.ai_task_entity import ENTITY_ID, Talker, set_up_talker

from .conftest import BULB, DIMMED, LAMP, ON_WEEKDAYS, WORDS, Words, refine, saying

pytestmark = [
    pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey"),
    pytest.mark.usefixtures("talker_flow"),
]


async def test_an_entity_is_asked_in_the_form_of_the_schema(
    hass: HomeAssistant, words: Words
) -> None:
    """What Home Assistant makes of the schema takes the answer as it is."""
    answer = saying(summary="Dimmed.", conditions=ON_WEEKDAYS, actions=DIMMED)

    def answered(task: GenDataTask) -> Any:
        assert task.structure is not None
        checked: dict[str, Any] = task.structure(answer)
        return checked

    talker = Talker(answered)
    await set_up_talker(hass, talker)
    await words(provider="ai_task", ai_task_entity=ENTITY_ID)
    found = await refine(hass)
    assert (found["changed"], found["version"]) == (True, 2)
    assert found["changes"] == {"conditions": ON_WEEKDAYS, "actions": DIMMED}
    assert "weekdays" in found["title"]
    [task] = talker.tasks
    assert task.name == "Automation Scout refine"
    facts = json.loads(task.instructions.partition("\n\n{")[2].join(("{", "")))
    assert facts["instruction"] == WORDS
    assert {LAMP, BULB} <= {thing["entity_id"] for thing in facts["things"]}


@pytest.mark.parametrize(
    ("entity_id", "key"),
    [(ENTITY_ID, "model_busy"), ("ai_task.none", "model_unusable")],
)
async def test_an_entity_that_fails_or_is_not_there(
    hass: HomeAssistant, words: Words, entity_id: str, key: str
) -> None:
    def fails(_task: GenDataTask) -> Any:
        raise ZeroDivisionError

    await set_up_talker(hass, Talker(fails))
    scout = await words(provider="ai_task", ai_task_entity=entity_id)
    before = await scout.async_list()
    with pytest.raises(HomeAssistantError) as raised:
        await refine(hass)
    assert raised.value.translation_key == key
    assert await scout.async_list() == before
