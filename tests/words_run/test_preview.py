"""What is shown of a prompt is what is sent, to the letter."""

from collections.abc import Mapping
from dataclasses import replace
import json
import re
import sys
from typing import Any
from unittest.mock import patch

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.automation import automation_config
from custom_components.automation_scout.mining.result import Proven
from custom_components.automation_scout.suggestion import (
    payload_of,
    proven_of,
    row_of,
)
from custom_components.automation_scout.words.catalogue import load
from custom_components.automation_scout.words.templates import describe
from tests.llm import homes
from tests.llm.server import Server
from tests.scripted import DOOR, MORNING, Script, result

from .ai_task_entity import ENTITY_ID, Talker, prefer, set_up_talker
from .conftest import SetUp

OPPOSED = ("automation.dampfalarm",)


def all_kinds() -> list[Proven]:
    """Return a rule of every kind, one of which an automation opposes."""
    found = [homes.proven_of(name) for name in homes.RULES]
    return [replace(found[0], conflicts=OPPOSED), *found[1:]]


async def preview(hass: HomeAssistant, suggestion_id: str) -> dict[str, Any]:
    """Call the action."""
    shown = await hass.services.async_call(
        "automation_scout",
        "preview_prompt",
        {"suggestion_id": suggestion_id},
        blocking=True,
        return_response=True,
    )
    assert shown is not None
    return {**shown}


async def previews(scout: ScoutCoordinator) -> dict[str, dict[str, Any]]:
    """Return the prompts of all suggestions, by their ids."""
    ids = [item["id"] for item in await scout.async_list()]
    return {id_: await preview(scout.hass, id_) for id_ in ids}


async def loaded_anew(
    scout: ScoutCoordinator, words: Mapping[str, Any]
) -> ScoutCoordinator:
    """Change the options about words; nothing is left in memory."""
    hass, entry = scout.hass, scout.config_entry
    options = {**entry.options, "words": words}
    hass.config_entries.async_update_entry(entry, options=options)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    return entry.runtime_data


def sent(server: Server) -> dict[str, str]:
    """Return the system texts of what the server got, by the user's message."""
    return {
        body["messages"][1]["content"]: body["messages"][0]["content"]
        for body in server.requests
    }


@pytest.mark.parametrize("name", homes.RULES)
def test_what_is_stored_is_all_that_a_prompt_is_made_of(name: str) -> None:
    wanted = replace(homes.proven_of(name), conflicts=OPPOSED, covered_by=("a", "b"))
    text = describe(wanted, homes.FACTS, load("en"))
    payload = payload_of(wanted, text, homes.FACTS, automation_config)
    row = row_of("s1", wanted, payload, None, "2026-11-01T03:00:00+00:00")
    stored = {
        part: json.loads(json.dumps(getattr(row, part)))
        for part in ("rule", "payload", "beside")
    }
    assert proven_of(replace(row, **stored)) == wanted


@pytest.mark.parametrize("hidden", [True, False])
async def test_it_is_what_a_run_sends(
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
    hidden: bool,
) -> None:
    words = {**openai_options, "pseudonyms": hidden}
    script.facts = homes.FACTS
    script.result = result(*all_kinds())
    # The first texts are of the templates: nobody has been asked about them.
    scout = await set_up(**{**words, "provider": "built_in"})
    await scout.async_analyze()
    unchosen = await previews(scout)
    scout = await loaded_anew(scout, words)
    before = await previews(scout)
    assert server.requests == []
    response = await scout.async_analyze()
    assert response["words"]["asked"] == len(before) == len(homes.RULES)

    got = sent(server)
    assert {one["user"]: one["system"] for one in before.values()} == got
    for body in server.requests:
        schema = body["response_format"]["json_schema"]["schema"]
        assert all(one["schema"] == schema for one in before.values())
    # The texts are the model's by now, and the question is the same.
    after = await previews(scout)
    again = await previews(await loaded_anew(scout, words))
    for shown in (unchosen, after, again):
        assert {one["user"]: one["system"] for one in shown.values()} == got
    assert after == again

    named = ["Rumpelfunzel", "light.rumpel", "automation.dampfalarm", "Piratensender"]
    whole = "".join(got)
    assert [name in whole for name in named] == [not hidden] * len(named)
    assert '"opposed_by"' in whole
    assert '"instead_of"' in whole


async def test_it_says_what_the_tokens_stand_for(
    set_up: SetUp, openai_options: dict[str, Any], script: Script
) -> None:
    script.facts = homes.FACTS
    script.result = result(*all_kinds())
    scout = await set_up(**{**openai_options, "pseudonyms": True})
    await scout.async_analyze(words=False)
    for one in (await previews(scout)).values():
        tokens = set(re.findall(r"[A-Z][a-z]+_\d{6}", one["user"]))
        assert tokens == set(one["pseudonyms"]) != set()
    shown = await preview(scout.hass, homes.RULES["routine"].key)
    assert "Ondas Piratensender" in shown["pseudonyms"].values()
    scout = await loaded_anew(scout, openai_options)
    for one in (await previews(scout)).values():
        assert one["pseudonyms"] == {}


async def test_the_question_for_headlines_is_what_a_run_sends(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
) -> None:
    script.facts = homes.FACTS
    words = {**openai_options, "pseudonyms": True, "headlines": True}
    script.result = result(*all_kinds()[:2])
    scout = await set_up(**words)
    await scout.async_analyze(words=False)
    few = await previews(scout)
    assert [one["headlines"] for one in few.values()] == [None, None]
    script.result = result(*all_kinds())
    await scout.async_analyze(words=False)
    before = [one["headlines"] for one in (await previews(scout)).values()]
    assert all(one == before[0] for one in before)
    assert not before[0]["answer_kept"]
    await scout.async_analyze()
    tasks = [body["response_format"]["json_schema"] for body in server.requests]
    [asked] = [n for n, task in enumerate(tasks) if task["name"] == "group"]
    said = [message["content"] for message in server.requests[asked]["messages"]]
    assert said == [before[0]["system"], before[0]["user"]]
    assert tasks[asked]["schema"] == before[0]["schema"]
    tokens = set(re.findall(r"[A-Z][a-z]+_\d{6}", before[0]["user"]))
    assert tokens == set(before[0]["pseudonyms"]) != set()
    # No groups were found: that is an answer, too.
    after = [one["headlines"] for one in (await previews(scout)).values()]
    assert all(one == {**before[0], "answer_kept": True} for one in after)


async def test_an_answer_that_was_refused_once_is_not_kept(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
) -> None:
    server.answer = lambda _: {"title": "https://evil.example"}
    script.result = result(MORNING)
    scout = await set_up(**openai_options)
    for kept in (False, True):
        await scout.async_analyze()
        assert (await preview(hass, MORNING.rule.key))["answer_kept"] is kept
    await scout.async_analyze()
    assert len(server.requests) == 2


async def test_it_says_whose_answer_is_kept(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
) -> None:
    script.result = result(MORNING)
    scout = await set_up(**openai_options)
    await scout.async_analyze(words=False)
    shown = await preview(hass, MORNING.rule.key)
    assert (shown["provider"], shown["model"]) == ("openai", "good-model")
    assert shown["answer_kept"] is False
    await scout.async_analyze()
    assert (await preview(hass, MORNING.rule.key))["answer_kept"] is True
    await loaded_anew(scout, {**openai_options, "model": "other-model"})
    shown = await preview(hass, MORNING.rule.key)
    assert (shown["model"], shown["answer_kept"]) == ("other-model", False)
    await loaded_anew(scout, {"provider": "built_in"})
    shown = await preview(hass, MORNING.rule.key)
    assert (shown["provider"], shown["model"]) == ("built_in", None)
    assert shown["answer_kept"] is False
    assert len(server.requests) == 1


async def test_no_package_is_needed(
    hass: HomeAssistant, set_up: SetUp, openai_options: dict[str, Any], script: Script
) -> None:
    script.result = result(MORNING)
    scout = await set_up(**openai_options)
    with patch.dict(sys.modules, {"openai": None}):
        await scout.async_analyze(words=False)
        shown = await preview(hass, MORNING.rule.key)
    assert json.loads(shown["user"])["trigger"]["at"] == "07:00"


@pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey")
@pytest.mark.usefixtures("talker_flow")
async def test_an_ai_task_entity_is_told_the_same(
    hass: HomeAssistant, set_up: SetUp, script: Script
) -> None:
    talker = Talker()
    await set_up_talker(hass, talker)
    script.result = result(MORNING)
    scout = await set_up(provider="ai_task")
    await scout.async_analyze(words=False)
    shown = await preview(hass, MORNING.rule.key)
    assert (shown["provider"], shown["model"]) == ("ai_task", None)
    prefer(hass, ENTITY_ID)
    shown = await preview(hass, MORNING.rule.key)
    assert (shown["provider"], shown["model"]) == ("ai_task", ENTITY_ID)
    await scout.async_analyze()
    (task,) = talker.tasks
    assert task.instructions == f"{shown['system']}\n\n{shown['user']}"


async def test_what_a_person_changed_is_shown_changed(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
) -> None:
    script.result = result(MORNING, DOOR)
    scout = await set_up(**openai_options)
    await scout.async_analyze()
    changes = {"trigger": {"at": "07:10"}}
    await scout.refining.async_refine(MORNING.rule.key, changes)
    scout = await loaded_anew(scout, openai_options)
    shown = await preview(hass, MORNING.rule.key)
    facts = json.loads(shown["user"])
    assert facts["trigger"]["at"] == "07:10"
    assert facts["instead_of"]["trigger"]["at"] == "07:00"
    del server.requests[:]
    await scout.async_analyze()
    assert sent(server) == {shown["user"]: shown["system"]}


async def test_another_home_another_prompt(
    hass: HomeAssistant, set_up: SetUp, openai_options: dict[str, Any], script: Script
) -> None:
    script.result = result(DOOR)
    scout = await set_up(**openai_options)
    await scout.async_analyze(words=False)
    entities = {**script.facts.entities}
    entities["light.hall"] = replace(entities["light.hall"], name="Chandelier")
    script.facts = replace(script.facts, entities=entities)
    shown = await preview(hass, DOOR.rule.key)
    assert "Chandelier" in json.loads(shown["user"])["plain_title"]
    assert "Hall light" not in shown["user"]


async def test_a_fact_that_is_missing(
    hass: HomeAssistant, set_up: SetUp, openai_options: dict[str, Any], script: Script
) -> None:
    script.result = result(DOOR, MORNING)
    scout = await set_up(**openai_options)
    await scout.async_analyze(words=False)
    entities = {**script.facts.entities}
    del entities["light.hall"]
    script.facts = replace(script.facts, entities=entities)
    with pytest.raises(ServiceValidationError, match=r"light\.hall") as caught:
        await preview(hass, DOOR.rule.key)
    assert caught.value.translation_key == "prompt_incomplete"
    await preview(hass, MORNING.rule.key)


async def test_what_another_version_stored(
    hass: HomeAssistant, set_up: SetUp, openai_options: dict[str, Any], script: Script
) -> None:
    script.result = result(DOOR, MORNING)
    scout = await set_up(**openai_options)
    await scout.async_analyze(words=False)
    suggestions = scout.keeper.stores.suggestions
    row = await suggestions.required(DOOR.rule.key)
    await suggestions.store_suggestion(replace(row, payload={"title": "Old"}))
    with pytest.raises(ServiceValidationError) as caught:
        await preview(hass, DOOR.rule.key)
    assert caught.value.translation_key == "prompt_incomplete"
    await preview(hass, MORNING.rule.key)


async def test_who_may_ask_and_about_what(
    hass: HomeAssistant, set_up: SetUp, hass_read_only_user: MockUser, script: Script
) -> None:
    script.result = result(MORNING)
    scout = await set_up()
    await scout.async_analyze()
    with pytest.raises(ServiceValidationError) as caught:
        await preview(hass, "s1-nothing")
    assert caught.value.translation_key == "unknown_suggestion"
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            "automation_scout",
            "preview_prompt",
            {"suggestion_id": MORNING.rule.key},
            blocking=True,
            return_response=True,
            context=Context(user_id=hass_read_only_user.id),
        )
