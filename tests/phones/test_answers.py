"""Buttons of a notification: administrators decide, others do not."""

from dataclasses import replace
from datetime import timedelta

from homeassistant.components import persistent_notification
from homeassistant.core import Context, HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.automation_scout.answers import EVENT_ANSWER
from custom_components.automation_scout.const import (
    ANSWER_ACCEPT,
    ANSWER_DISMISS,
    ANSWER_LATER,
)
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.result import Tier

from ..rendering import text_of
from ..scripted import DOOR, MORNING, Script, at, proven, result
from .conftest import Phone, SetUp

KEY = DOOR.rule.key


def said(hass: HomeAssistant) -> dict[str, str]:
    """Return the notifications that are shown, message by id."""
    shown = persistent_notification._async_get_or_create_notifications(hass)
    return {key: text_of(item["message"]) for key, item in shown.items()}


async def status(scout: ScoutCoordinator, key: str = KEY) -> str:
    found: dict[str, str] = {
        item["id"]: item["status"] for item in await scout.async_list()
    }
    return found[key]


async def told(scout: ScoutCoordinator, script: Script) -> None:
    """Find one suggestion, of which the phone is told."""
    script.result = result(DOOR)
    await scout.async_analyze()
    await scout.hass.async_block_till_done(wait_background_tasks=True)


async def test_one_suggestion_comes_with_buttons_and_accept_sets_it_up(
    hass: HomeAssistant, set_up: SetUp, script: Script, phone: Phone
) -> None:
    scout = await set_up(how="notify", notify_action=phone.action)
    await told(scout, script)
    [push] = phone.pushed()
    assert push["title"] == "Automation Scout: 1 new suggestion"
    assert push["message"].startswith("Turn on Hall light when Front door opens\n\n")
    assert [item["title"] for item in push["data"]["actions"]] == [
        "Accept",
        "Dismiss",
        "Later",
    ]
    await phone.press("Accept")
    assert await status(scout) == "accepted"
    [automation] = hass.states.async_entity_ids("automation")
    state = hass.states.get(automation)
    assert state
    assert state.state == "on"
    assert said(hass) == {}
    # A second press, on another phone perhaps, changes nothing.
    await phone.answer(f"{ANSWER_ACCEPT}{KEY}")
    assert hass.states.async_entity_ids("automation") == [automation]
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": automation}, blocking=True
    )


async def test_what_is_decided_elsewhere_goes_from_the_phone_that_was_told(
    set_up: SetUp,
    script: Script,
    phone: Phone,
    childs_phone: Phone,
    entry: MockConfigEntry,
) -> None:
    scout = await set_up(how="notify", notify_action=phone.action)
    await told(scout, script)
    [push] = phone.pushed()
    # Another phone is to be told from now on.
    assert await scout.hass.config_entries.async_unload(entry.entry_id)
    scout = await set_up(how="notify", notify_action=childs_phone.action)
    await scout.async_dismiss(KEY, None)
    await scout.hass.async_block_till_done(wait_background_tasks=True)
    [_, clear] = phone.pushed()
    assert clear["message"] == "clear_notification"
    assert clear["data"] == {"tag": push["data"]["tag"]}
    await scout.async_restore(KEY)
    await scout.async_dismiss(KEY, None)
    await scout.hass.async_block_till_done(wait_background_tasks=True)
    assert len(phone.pushed()) == 2
    assert childs_phone.pushed() == []


async def test_a_phone_that_is_gone_keeps_what_it_shows(
    hass: HomeAssistant, set_up: SetUp, script: Script, phone: Phone
) -> None:
    scout = await set_up(how="notify", notify_action=phone.action)
    await told(scout, script)
    hass.services.async_remove("notify", phone.action.removeprefix("notify."))
    await scout.async_dismiss(KEY, None)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(phone.pushed()) == 1
    assert await scout.keeper.stores.notices.standing() == ("", frozenset({KEY}))


async def test_dismiss(set_up: SetUp, script: Script, phone: Phone) -> None:
    scout = await set_up(how="notify", notify_action=phone.action)
    await told(scout, script)
    await phone.press("Dismiss")
    assert await status(scout) == "dismissed"


async def test_later_is_a_week(set_up: SetUp, script: Script, phone: Phone) -> None:
    scout = await set_up(how="notify", notify_action=phone.action)
    await told(scout, script)
    await phone.press("Later")
    [suggestion] = await scout.async_list(["snoozed"])
    until = dt_util.parse_datetime(suggestion["snoozed_until"])
    assert until
    assert abs(until - dt_util.utcnow() - timedelta(days=7)) < timedelta(minutes=1)


@pytest.mark.parametrize("answer", [ANSWER_ACCEPT, ANSWER_DISMISS, ANSWER_LATER])
async def test_who_is_no_administrator_decides_nothing(
    hass: HomeAssistant, set_up: SetUp, script: Script, childs_phone: Phone, answer: str
) -> None:
    scout = await set_up(how="notify", notify_action=childs_phone.action)
    await told(scout, script)
    await childs_phone.answer(f"{answer}{KEY}")
    assert await status(scout) == "open"
    assert hass.states.async_entity_ids("automation") == []
    assert said(hass) == {
        "automation_scout_answer": "Only administrators decide about suggestions."
        " Nothing was changed."
    }
    assert childs_phone.pushed()[-1]["message"].startswith("Only administrators")


@pytest.mark.parametrize("user_id", [None, "nobody"])
async def test_nobody_decides_nothing(
    hass: HomeAssistant, set_up: SetUp, script: Script, user_id: str | None
) -> None:
    """An automation can fire the event as well, and has no user."""
    scout = await set_up()
    await told(scout, script)
    hass.bus.async_fire(
        EVENT_ANSWER,
        {"action": f"{ANSWER_ACCEPT}{KEY}"},
        context=Context(user_id=user_id),
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert await status(scout) == "open"
    assert "automation_scout_answer" in said(hass)


async def test_what_needs_confirmation_says_so(
    hass: HomeAssistant, set_up: SetUp, script: Script, phone: Phone
) -> None:
    scout = await set_up(how="notify", notify_action=phone.action)
    careful = proven(at(420), "climate.study", "heat", tier=Tier.CONFIRM)
    script.result = result(careful)
    await scout.async_analyze()
    await hass.async_block_till_done(wait_background_tasks=True)
    await phone.press("Accept")
    assert await status(scout, careful.rule.key) == "open"
    assert "confirm" in said(hass)["automation_scout_answer"]
    assert "confirm" in phone.pushed()[-1]["message"]


async def test_names_are_text_in_an_answer(
    hass: HomeAssistant, set_up: SetUp, script: Script, phone: Phone
) -> None:
    """Inside Home Assistant it is Markdown, on a phone it is not."""
    scout = await set_up(how="notify", notify_action=phone.action)
    study = replace(script.facts.entities["climate.study"], name="S(https://x.test)")
    script.facts = replace(
        script.facts, entities={**script.facts.entities, "climate.study": study}
    )
    script.result = result(proven(at(420), "climate.study", "heat", tier=Tier.CONFIRM))
    await scout.async_analyze()
    await hass.async_block_till_done(wait_background_tasks=True)
    await phone.press("Accept")
    assert "S(https://x.test)" in said(hass)["automation_scout_answer"]
    assert "S(https://x.test)" in phone.pushed()[-1]["message"]


async def test_an_answer_to_what_is_gone_is_said(
    hass: HomeAssistant, set_up: SetUp, phone: Phone
) -> None:
    await set_up()
    await phone.answer(f"{ANSWER_DISMISS}nothing")
    assert said(hass)["automation_scout_answer"] == (
        "There is no suggestion with the id nothing."
    )
    await phone.answer("SOMETHING_ELSE")
    assert len(said(hass)) == 1


async def test_nobody_listens_after_unloading(
    hass: HomeAssistant,
    set_up: SetUp,
    script: Script,
    phone: Phone,
    entry: MockConfigEntry,
) -> None:
    scout = await set_up()
    await told(scout, script)
    assert EVENT_ANSWER in hass.bus.async_listeners()
    assert await hass.config_entries.async_unload(entry.entry_id)
    await phone.answer(f"{ANSWER_DISMISS}{KEY}")
    assert EVENT_ANSWER not in hass.bus.async_listeners()
    assert said(hass) == {}


async def test_several_come_with_a_link(
    hass: HomeAssistant, set_up: SetUp, script: Script, phone: Phone
) -> None:
    scout = await set_up(how="notify", notify_action=phone.action)
    script.result = result(MORNING, DOOR)
    await scout.async_analyze()
    await hass.async_block_till_done(wait_background_tasks=True)
    [push] = phone.pushed()
    assert push["title"] == "Automation Scout: 2 new suggestions"
    assert push["message"].count("\n- ") == 1
    assert "actions" not in push["data"]
    assert push["data"]["url"] == push["data"]["clickAction"]
    assert push["data"]["url"].startswith("/")


@pytest.mark.parametrize("answer", [ANSWER_LATER, ANSWER_DISMISS, ANSWER_ACCEPT])
async def test_a_button_of_yesterday_turns_no_decision(
    hass: HomeAssistant,
    set_up: SetUp,
    script: Script,
    hass_admin_user: MockUser,
    answer: str,
) -> None:
    scout = await set_up()
    await told(scout, script)
    await scout.async_dismiss(KEY, "wrong")
    hass.bus.async_fire(
        EVENT_ANSWER, {"action": answer + KEY}, context=Context(hass_admin_user.id)
    )
    await hass.async_block_till_done()
    assert await status(scout) == "dismissed"
    assert "Front door" in said(hass)["automation_scout_answer"]
