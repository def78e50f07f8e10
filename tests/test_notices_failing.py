"""Digests that do not arrive, or only in part; and what was decided meanwhile."""

from unittest.mock import patch

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.store.errors import StoreLocked
from custom_components.automation_scout.store.notices import NoticeStore

from .scripted import MORNING, Script
from .test_notices import Clock, SetUp, clock, find, read, set_up, shown

__all__ = ["clock", "set_up"]


def issue(hass: HomeAssistant) -> ir.IssueEntry | None:
    return ir.async_get(hass).async_get_issue(DOMAIN, "notify_failed")


async def test_who_was_reached_is_not_told_again_for_another(
    hass: HomeAssistant, set_up: SetUp, script: Script, clock: Clock
) -> None:
    async def refuse(_call: ServiceCall) -> None:
        raise HomeAssistantError("no route")

    mailed = async_mock_service(hass, "notify", "mail")
    hass.services.async_register("notify", "send_message", refuse)
    hass.states.async_set("notify.hall", "unknown")
    scout = await set_up(
        "notify", notify_entity="notify.hall", notify_action="notify.mail"
    )
    await find(scout, script, MORNING)
    found = issue(hass)
    assert found
    assert found.translation_placeholders == {
        "target": "notify.hall",
        "error": "no route",
    }
    await clock(11, 8)
    await clock(12, 8)
    assert len(mailed) == 1


@pytest.mark.parametrize("state", [None, "unavailable"])
async def test_an_entity_that_is_not_there_is_no_arrival(
    hass: HomeAssistant,
    set_up: SetUp,
    script: Script,
    clock: Clock,
    state: str | None,
) -> None:
    sent = async_mock_service(hass, "notify", "send_message")
    if state:
        hass.states.async_set("notify.gone", state)
    scout = await set_up("notify", notify_entity="notify.gone")
    await find(scout, script, MORNING)
    assert issue(hass)
    assert sent == []
    hass.states.async_set("notify.gone", "unknown")
    await clock(11, 8)
    assert len(sent) == 1
    assert issue(hass) is None


async def test_a_locked_store_is_asked_again(
    hass: HomeAssistant, set_up: SetUp, script: Script, clock: Clock
) -> None:
    scout = await set_up()
    await clock(11, 3)
    await find(scout, script, MORNING)
    with patch.object(NoticeStore, "untold", side_effect=StoreLocked("busy")):
        await clock(11, 8)
    assert read(hass) == ""
    await clock(11, 9)
    assert "Desk lamp" in read(hass)


async def test_what_did_not_arrive_is_mended_by_a_decision(
    hass: HomeAssistant, set_up: SetUp, script: Script, clock: Clock
) -> None:
    scout = await set_up("notify", notify_action="nobody")
    await find(scout, script, MORNING)
    assert issue(hass)
    await scout.async_dismiss(MORNING.rule.key, None)
    await clock(11, 9)
    assert issue(hass) is None


async def test_nothing_is_told_of_what_is_decided_at_the_last_moment(
    hass: HomeAssistant, set_up: SetUp, script: Script, clock: Clock
) -> None:
    scout = await set_up()
    await clock(11, 3)
    await find(scout, script, MORNING)
    untold = NoticeStore.untold
    asked: list[NoticeStore] = []

    async def decided(store: NoticeStore) -> list[str]:
        found = await untold(store)
        asked.append(store)
        if len(asked) == 2:
            await scout.async_dismiss(MORNING.rule.key, None)
        return found

    with patch.object(NoticeStore, "untold", decided):
        await clock(11, 8)
    assert len(asked) >= 2
    assert shown(hass) == {}
