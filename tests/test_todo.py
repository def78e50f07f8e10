"""The to-do list: what it says, who may decide by it, and what is refused."""

import asyncio
from collections.abc import Iterator
from typing import Any, Final
from unittest.mock import patch

from homeassistant.auth.const import GROUP_ID_ADMIN, GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import intent
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.automation_scout.acceptance import Acceptance
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.result import Tier

from .scripted import DOOR, EVENING, MORNING, Script, at, proven, result

TODO: Final = "todo"
LIST: Final = "todo.automation_scout_suggestions"
HEATING: Final = proven(
    at(360), "climate.study", "heat", score=2.0, tier=Tier.CONFIRM, reasons=("heating",)
)
ONLY: Final = "Only administrators can."


@pytest.fixture
async def found(scout: ScoutCoordinator, script: Script) -> ScoutCoordinator:
    """Have four suggestions open."""
    script.result = result(MORNING, DOOR, EVENING, HEATING)
    await scout.async_analyze()
    await scout.hass.async_block_till_done()
    return scout


@pytest.fixture
def accepted() -> Iterator[list[str]]:
    """Collect what is accepted, without a folder for it."""
    ids: list[str] = []

    async def accept(_self: Acceptance, suggestion_id: str) -> dict[str, str]:
        ids.append(suggestion_id)
        return {}

    with patch.object(Acceptance, "async_accept", accept):
        yield ids


async def items(hass: HomeAssistant) -> list[dict[str, Any]]:
    answer: Any = await hass.services.async_call(
        TODO, "get_items", {"entity_id": LIST}, blocking=True, return_response=True
    )
    listed: list[dict[str, Any]] = answer[LIST]["items"]
    return listed


async def change(
    hass: HomeAssistant, item: str, context: Context | None = None, **data: Any
) -> None:
    await hass.services.async_call(
        TODO,
        "update_item",
        {"entity_id": LIST, "item": item, **data},
        blocking=True,
        context=context,
    )


async def delete(
    hass: HomeAssistant, *uids: str, context: Context | None = None
) -> None:
    await hass.services.async_call(
        TODO,
        "remove_item",
        {"entity_id": LIST, "item": list(uids)},
        blocking=True,
        context=context,
    )


async def who(hass: HomeAssistant, group_id: str) -> Context:
    """Return the context of what a new user of a group does."""
    group = await hass.auth.async_get_group(group_id)
    assert group
    return Context(user_id=MockUser(groups=[group]).add_to_hass(hass).id)


@pytest.mark.usefixtures("found")
async def test_an_item_is_an_open_suggestion(hass: HomeAssistant) -> None:
    state = hass.states.get(LIST)
    assert state
    assert state.state == "4"
    listed = {item["uid"]: item for item in await items(hass)}
    assert list(listed) == [one.rule.key for one in (MORNING, DOOR, EVENING, HEATING)]
    morning = listed[MORNING.rule.key]
    assert morning["summary"] == "Turn on Desk lamp at 07:00 on weekdays"
    assert morning["status"] == "needs_action"
    described, evidence, hint = morning["description"].split("\n\n")
    assert described.endswith("It does nothing where that is already so.")
    assert evidence.startswith("In the last 28 days it would have run 21 times")
    assert hint == f"Tick it to accept it, delete it to dismiss it. {ONLY}"
    reminder = listed[EVENING.rule.key]["description"]
    assert reminder.endswith(hint)
    heating = listed[HEATING.rule.key]["description"]
    assert "A tick is not enough for it" in heating
    assert heating.endswith(ONLY)


async def test_it_speaks_the_language_of_the_home(
    hass: HomeAssistant, found: ScoutCoordinator
) -> None:
    hass.config.language = "de"
    await found.async_refresh()
    for item in await items(hass):
        assert item["description"].endswith("Das können nur Administratoren.")


async def test_what_only_tidies_up_is_not_to_be_ticked(
    hass: HomeAssistant, found: ScoutCoordinator
) -> None:
    tidy = {**found.data.open[0], "kind": "tidy"}
    found.async_set_updated_data(
        type(found.data)(found.data.words, (tidy,), found.data.last_run)
    )
    [item] = await items(hass)
    assert item["description"].endswith(
        f"There is nothing to accept. Delete it to dismiss it. {ONLY}"
    )


async def test_ticked_is_accepted_and_deleted_is_dismissed(
    hass: HomeAssistant, found: ScoutCoordinator, accepted: list[str]
) -> None:
    admin = await who(hass, GROUP_ID_ADMIN)
    await change(hass, MORNING.rule.key, admin, status="completed")
    # By name, and without a user, as an automation would.
    await change(hass, "Turn on Hall light when Front door opens", status="completed")
    assert accepted == [MORNING.rule.key, DOOR.rule.key]
    await delete(hass, DOOR.rule.key, EVENING.rule.key, context=admin)
    assert {
        item["id"]: item["status"] for item in await found.async_list(["dismissed"])
    } == dict.fromkeys((DOOR.rule.key, EVENING.rule.key), "dismissed")
    state = hass.states.get(LIST)
    assert state
    assert state.state == "2"


async def test_the_dialog_of_the_frontend_sends_all_that_it_shows(
    hass: HomeAssistant, found: ScoutCoordinator, accepted: list[str]
) -> None:
    item = (await items(hass))[0]
    texts = {"rename": item["summary"], "description": item["description"]}
    await change(hass, item["uid"], status="needs_action", **texts)
    assert accepted == []
    await change(hass, item["uid"], status="completed", **texts)
    assert accepted == [item["uid"]]
    assert len(found.data.open) == 4


@pytest.mark.parametrize(
    "data",
    [
        {"rename": "Buy milk"},
        {"description": "and eggs"},
        {"description": None, "rename": "x", "status": "completed"},
    ],
)
@pytest.mark.usefixtures("found")
async def test_nothing_is_rewritten(
    hass: HomeAssistant, accepted: list[str], data: dict[str, Any]
) -> None:
    before = await items(hass)
    with pytest.raises(ServiceValidationError) as raised:
        await change(hass, MORNING.rule.key, **data)
    assert raised.value.translation_key == "todo_read_only"
    assert "Tick one to accept it" in str(raised.value)
    assert await items(hass) == before
    assert accepted == []


@pytest.mark.usefixtures("found")
async def test_nobody_else_decides(hass: HomeAssistant, accepted: list[str]) -> None:
    before = await items(hass)
    for context, error in (
        (await who(hass, GROUP_ID_USER), Unauthorized),
        (Context(user_id="gone"), UnknownUser),
    ):
        with pytest.raises(error) as raised:
            await change(hass, MORNING.rule.key, context, status="completed")
        said = raised.value.translation_key
        assert said == ("administrators_only" if error is Unauthorized else None)
        with pytest.raises(error):
            await delete(hass, MORNING.rule.key, DOOR.rule.key, context=context)
    assert await items(hass) == before
    assert accepted == []


async def look(hass: HomeAssistant, context: Context) -> None:
    await hass.services.async_call(
        TODO,
        "get_items",
        {"entity_id": LIST},
        blocking=True,
        return_response=True,
        context=context,
    )


async def say(hass: HomeAssistant, name: str, item: str, context: Context) -> None:
    slots = {
        "item": {"value": item},
        "name": {"value": "Automation Scout Suggestions"},
    }
    await intent.async_handle(hass, "test", name, slots, context=context)


@pytest.mark.parametrize("name", ["HassListCompleteItem", "HassListRemoveItem"])
@pytest.mark.usefixtures("found")
async def test_assist_does_not_decide_with_the_context_of_somebody_else(
    hass: HomeAssistant, accepted: list[str], name: str
) -> None:
    """The intents of to-do lists go past the actions, and tell nobody's context."""
    assert await async_setup_component(hass, "intent", {})
    await hass.async_block_till_done()
    admin, guest = await who(hass, GROUP_ID_ADMIN), await who(hass, GROUP_ID_USER)
    before = await items(hass)
    item = before[0]["summary"]
    await asyncio.sleep(0)
    refused: list[BaseException | None] = []
    with pytest.raises(intent.IntentError) as raised:
        await say(hass, name, item, guest)
    refused.append(raised.value.__cause__)
    # In one task, one after the other.
    await look(hass, admin)
    await asyncio.sleep(0)
    with pytest.raises(intent.IntentError) as raised:
        await say(hass, name, item, guest)
    refused.append(raised.value.__cause__)
    # In two tasks, in the same turn of the event loop.
    _, error = await asyncio.gather(
        look(hass, admin), say(hass, name, item, guest), return_exceptions=True
    )
    assert isinstance(error, intent.IntentError)
    refused.append(error.__cause__)
    for cause in refused:
        assert isinstance(cause, ServiceValidationError)
        assert cause.translation_key == "todo_unknown_caller"
    assert await items(hass) == before
    assert accepted == []


@pytest.mark.usefixtures("found")
async def test_nothing_can_be_added_or_is_completed(hass: HomeAssistant) -> None:
    with pytest.raises(HomeAssistantError):
        await hass.services.async_call(
            TODO, "add_item", {"entity_id": LIST, "item": "Milk"}, blocking=True
        )
    before = await items(hass)
    await hass.services.async_call(
        TODO, "remove_completed_items", {"entity_id": LIST}, blocking=True
    )
    assert await items(hass) == before
