"""Runs whose words a real AI Task entity writes."""

import json
from typing import Any

from homeassistant.components.ai_task import AITaskEntityFeature, GenDataTask
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest

from tests.scripted import Script, at, proven, result

from .ai_task_entity import ENTITY_ID, Talker, prefer, set_up_talker
from .conftest import TEN, SetUp

pytestmark = [
    pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey"),
    pytest.mark.usefixtures("talker_flow"),
]

OPTIONS = {"provider": "ai_task", "pseudonyms": False}


def facts_of(task: GenDataTask) -> dict[str, Any]:
    """Return the facts that a task holds, behind what is to be done."""
    facts: dict[str, Any] = json.loads(task.instructions.rpartition("\n\n")[2])
    return facts


def warm(task: GenDataTask) -> dict[str, str]:
    """Answer as a good model does."""
    title = facts_of(task)["plain_title"]
    return {
        "title": f"{title[:80]}, for you",
        "description": f"So that you need not think of it: {title}.",
        "rationale": "You do this by hand again and again.",
        "category": "comfort",
        "priority": "high",
    }


async def test_ten_suggestions_get_their_words_side_by_side(
    hass: HomeAssistant, set_up: SetUp, script: Script
) -> None:
    talker = Talker(warm, takes_s=1.0)
    await set_up_talker(hass, talker)
    scout = await set_up(**OPTIONS, ai_task_entity=ENTITY_ID)
    script.result = result(*TEN)
    response = await scout.async_analyze()
    (run,) = await scout.async_runs(1)
    (took,) = [p["seconds"] for p in run.phases if p["name"] == "words"]
    assert took <= 2.5
    assert talker.most_under_way == 5
    assert response["errors"] == []
    assert (response["words"]["asked"], response["words"]["written"]) == (10, 10)
    for item in await scout.async_list():
        assert item["text"] == {
            "source": "ai_task",
            "language": "en",
            "model": ENTITY_ID,
        }
        assert item["title"].endswith(", for you")
    # No entity says what it took, so it is estimated.
    assert scout.data.month.is_estimated
    assert response["words"]["tokens"] > 0

    response = await scout.async_analyze()
    assert response["words"]["saved_by_cache"] == 10
    assert len(talker.tasks) == 10


async def test_every_third_fails_for_good(
    hass: HomeAssistant, set_up: SetUp, script: Script
) -> None:
    bad = {item.rule.trigger for item in TEN[::3]}

    def answer(task: GenDataTask) -> dict[str, str]:
        at = facts_of(task)["trigger"]["at"]
        hour, minute = map(int, at.split(":"))
        if any(getattr(t, "minute", None) == 60 * hour + minute for t in bad):
            raise HomeAssistantError("no credit")
        return warm(task)

    talker = Talker(answer)
    await set_up_talker(hass, talker)
    scout = await set_up(**OPTIONS, ai_task_entity=ENTITY_ID)
    script.result = result(*TEN)
    response = await scout.async_analyze()
    assert response["open"] == 10
    words = response["words"]
    assert (words["asked"], words["written"], words["failed"]) == (10, 6, 4)
    assert len(talker.tasks) == 6 + 4 * 3
    said = [item["text"]["source"] for item in await scout.async_list()]
    assert sorted(said) == ["ai_task"] * 6 + ["template"] * 4
    (error,) = response["errors"]
    why = f"{ENTITY_ID}: HomeAssistantError (see the debug log)"
    assert error == f"words: 4 of 10 kept their template: {why}"


async def test_without_an_entity_the_run_is_complete_and_says_so(
    hass: HomeAssistant, set_up: SetUp, script: Script
) -> None:
    scout = await set_up(**OPTIONS)
    script.result = result(*TEN)
    response = await scout.async_analyze()
    assert response["open"] == 10
    assert response["errors"] == ["words: AI Task is not set up in Home Assistant"]

    talker = Talker(warm)
    unload = await set_up_talker(hass, talker)
    response = await scout.async_analyze()
    assert response["errors"] == [
        "words: Home Assistant has no preferred AI Task entity"
    ]

    prefer(hass, ENTITY_ID)
    response = await scout.async_analyze()
    assert response["errors"] == []
    assert response["words"]["written"] == 10

    assert await hass.config_entries.async_unload(unload.entry_id)
    response = await scout.async_analyze()
    # Nobody needs it, so nobody is told.
    assert response["errors"] == []
    assert response["words"]["saved_by_cache"] == 10
    assert {item["text"]["source"] for item in scout.data.open} == {"ai_task"}
    script.result = result(proven(at(66), score=20.0), *TEN[1:])
    response = await scout.async_analyze()
    assert response["errors"] == [f"words: {ENTITY_ID} is unavailable"]
    assert response["words"]["failed"] == 1


async def test_an_entity_for_pictures_only(
    hass: HomeAssistant, set_up: SetUp, script: Script
) -> None:
    await set_up_talker(hass, Talker(features=AITaskEntityFeature.GENERATE_IMAGE))
    scout = await set_up(**OPTIONS, ai_task_entity=ENTITY_ID)
    script.result = result(*TEN)
    response = await scout.async_analyze()
    assert response["errors"] == [f"words: {ENTITY_ID} does not generate data"]
    assert response["words"]["failed"] == 10
