"""Digests: one a day, never at night, never twice, over restarts too."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any, Final
from unittest.mock import patch
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import persistent_notification
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.automation_scout.answers import EVENT_ANSWER
from custom_components.automation_scout.const import ANSWER_ACCEPT, DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.notice_options import (
    NoticeOptions,
    trouble_with,
)
from custom_components.automation_scout.notices import due_at
from custom_components.automation_scout.store.errors import StoreLocked
from custom_components.automation_scout.store.notices import NoticeStore
from custom_components.automation_scout.tidings import Tidings
from custom_components.automation_scout.words.catalogue import load

from .rendering import seen
from .scripted import DOOR, EVENING, MORNING, Script, at, proven, result

ZONE: Final = ZoneInfo("Europe/Amsterdam")
DIGEST: Final = "automation_scout_digest"

type SetUp = Callable[..., Awaitable[ScoutCoordinator]]


@pytest.fixture
async def clock(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> Callable[[int, int], Awaitable[None]]:
    """Move to a day of November and an hour; what is due by then happens."""
    await hass.config.async_set_time_zone(ZONE.key)

    async def moved(day: int, hour: int) -> None:
        freezer.move_to(datetime(2026, 11, day, hour, 0, 1, tzinfo=ZONE))
        async_fire_time_changed(hass)
        await hass.async_block_till_done(wait_background_tasks=True)

    await moved(10, 12)
    return moved


type Clock = Callable[[int, int], Awaitable[None]]


@pytest.fixture
def set_up(hass: HomeAssistant, entry: MockConfigEntry, clock: Clock) -> SetUp:
    """Set up the integration, told as the test wants to be."""
    del clock

    async def done(how: str = "persistent", **more: str) -> ScoutCoordinator:
        notifications = {"how": how, **more}
        hass.config_entries.async_update_entry(
            entry,
            options={
                # Nothing but the test starts an analysis.
                "schedule": {"run_at": "23:30:00", "retention_days": 180},
                "notifications": notifications,
            },
        )
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        coordinator: ScoutCoordinator = entry.runtime_data
        return coordinator

    return done


def shown(hass: HomeAssistant) -> dict[str, Any]:
    """Return the digest that is shown, empty where there is none."""
    found = persistent_notification._async_get_or_create_notifications(hass)
    return dict(found.get(DIGEST, {}))


def read(hass: HomeAssistant) -> str:
    """Return what the digest says, and take it away as its reader does."""
    message = str(shown(hass).get("message", ""))
    if message:
        persistent_notification.async_dismiss(hass, DIGEST)
    return message


async def find(scout: ScoutCoordinator, script: Script, *found: Any) -> None:
    script.result = result(*found)
    await scout.async_analyze()
    await scout.hass.async_block_till_done(wait_background_tasks=True)


async def test_nothing_is_said_by_default(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    await find(scout, script, MORNING)
    assert shown(hass) == {}


async def test_one_digest_for_all_and_never_twice(
    hass: HomeAssistant, set_up: SetUp, script: Script, clock: Clock
) -> None:
    scout = await set_up()
    await find(scout, script, MORNING, DOOR)
    assert shown(hass)["title"] == "Automation Scout: 2 new suggestions"
    first = read(hass)
    assert [line for line in seen(first)[0] if line.startswith("- ")] == [
        "- Turn on Desk lamp at 07:00 on weekdays",
        "- Turn on Hall light when Front door opens",
    ]
    assert "](/todo?entity_id=todo.automation_scout_suggestions)" in first

    await find(scout, script, MORNING, DOOR)
    await clock(11, 9)
    await find(scout, script, MORNING, DOOR)
    assert read(hass) == ""


async def test_at_most_one_a_day(
    hass: HomeAssistant, set_up: SetUp, script: Script, clock: Clock
) -> None:
    scout = await set_up()
    await find(scout, script, MORNING)
    assert "Desk lamp" in read(hass)
    await find(scout, script, MORNING, DOOR)
    await clock(10, 20)
    assert read(hass) == ""
    await clock(11, 7)
    assert read(hass) == ""
    await clock(11, 8)
    only = read(hass)
    assert "Hall light" in only
    assert "Desk lamp" not in only
    assert "In the last 28 days" in only


async def test_what_is_found_at_night_waits_for_the_morning_over_a_restart(
    hass: HomeAssistant,
    set_up: SetUp,
    script: Script,
    clock: Clock,
    entry: MockConfigEntry,
) -> None:
    scout = await set_up()
    await clock(11, 3)
    await find(scout, script, MORNING)
    assert shown(hass) == {}
    assert await hass.config_entries.async_unload(entry.entry_id)
    await clock(11, 9)
    assert shown(hass) == {}
    await clock(12, 3)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await clock(12, 7)
    assert shown(hass) == {}
    await clock(12, 8)
    assert "Desk lamp" in read(hass)

    assert await hass.config_entries.async_reload(entry.entry_id)
    await clock(13, 12)
    assert read(hass) == ""


async def test_later_asks_again_and_what_one_restored_is_known(
    hass: HomeAssistant, set_up: SetUp, script: Script, clock: Clock
) -> None:
    scout = await set_up()
    await find(scout, script, MORNING, DOOR)
    read(hass)
    await scout.async_snooze(MORNING.rule.key, 2)
    await scout.async_dismiss(DOOR.rule.key, None)
    await scout.async_restore(DOOR.rule.key)
    await clock(11, 12)
    await find(scout, script, MORNING, DOOR)
    assert read(hass) == ""
    await clock(12, 13)
    again = read(hass)
    assert "Desk lamp" in again
    assert "Hall light" not in again
    await clock(13, 13)
    assert read(hass) == ""


async def test_what_was_decided_before_the_morning_is_not_told(
    hass: HomeAssistant, set_up: SetUp, script: Script, clock: Clock
) -> None:
    scout = await set_up()
    await clock(11, 3)
    await find(scout, script, MORNING, DOOR)
    await scout.async_dismiss(MORNING.rule.key, None)
    await scout.async_restore(MORNING.rule.key)
    await scout.async_dismiss(DOOR.rule.key, None)
    await clock(11, 8)
    assert read(hass) == ""


async def test_names_are_text(
    hass: HomeAssistant, set_up: SetUp, script: Script, clock: Clock
) -> None:
    """A name may hold what would be a link, a picture or a heading."""
    scout = await set_up()
    await find(scout, script, MORNING)
    read(hass)
    hostile = "[free](https://evil.test) <img src=x> ![x](y) `code`"
    facts = script.facts.entities
    script.facts = replace(
        script.facts,
        entities={
            **facts,
            "light.porch": replace(facts["light.porch"], name=hostile),
        },
    )
    await find(scout, script, MORNING, proven(at(1111), "light.porch"))
    await clock(11, 8)
    lines, links = seen(read(hass))
    assert "(https://evil.test) !x(y)" in lines[0]
    assert links == ["/todo?entity_id=todo.automation_scout_suggestions"]


@pytest.mark.parametrize("is_loaded_again", [False, True])
async def test_a_digest_goes_when_all_of_it_is_decided(
    hass: HomeAssistant,
    set_up: SetUp,
    script: Script,
    entry: MockConfigEntry,
    is_loaded_again: bool,
) -> None:
    scout = await set_up()
    await find(scout, script, MORNING, DOOR)
    await scout.async_dismiss(MORNING.rule.key, None)
    if is_loaded_again:
        assert await hass.config_entries.async_unload(entry.entry_id)
        scout = await set_up("none")
    await scout.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "Hall light" in shown(hass)["message"]
    await scout.async_snooze(DOOR.rule.key, 2)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass) == {}


async def test_a_digest_goes_with_what_is_decided_while_it_is_sent(
    hass: HomeAssistant, set_up: SetUp, script: Script
) -> None:
    scout = await set_up()
    tell = NoticeStore.tell

    async def decided(store: NoticeStore, keys: list[str], at: str) -> None:
        await tell(store, keys, at)
        await scout.async_dismiss(MORNING.rule.key, None)

    with patch.object(NoticeStore, "tell", decided):
        await find(scout, script, MORNING)
    assert shown(hass) == {}
    assert await scout.keeper.stores.notices.untold() == []


async def test_the_digest_of_a_new_day_stands_for_itself(
    hass: HomeAssistant, set_up: SetUp, script: Script, clock: Clock
) -> None:
    scout = await set_up()
    await find(scout, script, MORNING)
    await clock(11, 7)
    await find(scout, script, MORNING, DOOR)
    await clock(11, 8)
    await scout.async_dismiss(MORNING.rule.key, None)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert "Hall light" in shown(hass)["message"]
    await scout.async_dismiss(DOOR.rule.key, None)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass) == {}


async def test_a_locked_store_is_asked_at_the_next_decision(
    hass: HomeAssistant, set_up: SetUp, script: Script
) -> None:
    scout = await set_up()
    await find(scout, script, MORNING)
    with patch.object(NoticeStore, "standing", side_effect=StoreLocked("busy")):
        await scout.async_dismiss(MORNING.rule.key, None)
        await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass)
    await scout.async_refresh()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert shown(hass) == {}


async def test_what_was_mailed_cannot_be_taken_back(
    hass: HomeAssistant, set_up: SetUp, script: Script
) -> None:
    mailed = async_mock_service(hass, "notify", "mail")
    scout = await set_up("notify", notify_action="mail")
    await find(scout, script, MORNING)
    await scout.async_dismiss(MORNING.rule.key, None)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(mailed) == 1


async def test_what_is_shown_stays_when_unloaded_and_goes_with_the_integration(
    hass: HomeAssistant, set_up: SetUp, script: Script, entry: MockConfigEntry
) -> None:
    scout = await set_up()
    await find(scout, script, MORNING)
    [suggestion] = await scout.async_list()
    Tidings(tried=[suggestion["id"]]).tell(
        hass, {suggestion["id"]: suggestion}, (), load("en")
    )
    hass.bus.async_fire(EVENT_ANSWER, {"action": f"{ANSWER_ACCEPT}nobodys"})
    await hass.async_block_till_done(wait_background_tasks=True)
    persistent_notification.async_create(hass, "Of somebody else", None, "other")
    ours = {DIGEST, f"{DOMAIN}_answer", f"{DOMAIN}_trial_{suggestion['id']}"}
    there = persistent_notification._async_get_or_create_notifications(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert there.keys() == ours | {"other"}
    assert await hass.config_entries.async_remove(entry.entry_id)
    assert there.keys() == {"other"}


async def test_without_the_to_do_list_the_link_leads_to_the_integration(
    hass: HomeAssistant, set_up: SetUp, script: Script
) -> None:
    scout = await set_up()
    er.async_get(hass).async_update_entity(
        "todo.automation_scout_suggestions",
        disabled_by=er.RegistryEntryDisabler.USER,
    )
    await find(scout, script, MORNING)
    assert "](/config/integrations/integration/automation_scout)" in read(hass)


async def test_an_entity_and_another_action_get_text(
    hass: HomeAssistant, set_up: SetUp, script: Script
) -> None:
    sent = async_mock_service(hass, "notify", "send_message")
    mailed = async_mock_service(hass, "notify", "mail")
    hass.states.async_set("notify.hall", "unknown")
    scout = await set_up(
        "notify", notify_entity="notify.hall", notify_action="notify.mail"
    )
    await find(scout, script, MORNING)
    assert [call.data["entity_id"] for call in sent] == ["notify.hall"]
    assert set(mailed[0].data) == {"title", "message"}
    assert mailed[0].data["message"] == sent[0].data["message"]
    assert shown(hass) == {}


async def test_what_does_not_arrive_is_told_another_day(
    hass: HomeAssistant, set_up: SetUp, script: Script, clock: Clock
) -> None:
    fails = [True]
    sent: list[ServiceCall] = []

    async def mail(call: ServiceCall) -> None:
        if fails[0]:
            raise HomeAssistantError("no route")
        sent.append(call)

    scout = await set_up("notify", notify_action="mail")
    await find(scout, script, MORNING)
    issues = ir.async_get(hass)
    issue = issues.async_get_issue(DOMAIN, "notify_failed")
    assert issue
    assert issue.translation_placeholders
    assert issue.translation_placeholders["target"] == "notify.mail"
    hass.services.async_register("notify", "mail", mail)
    await clock(10, 20)
    assert sent == []
    await clock(11, 8)
    assert sent == []
    assert issues.async_get_issue(DOMAIN, "notify_failed")
    fails[0] = False
    await clock(11, 20)
    assert sent == []
    await clock(12, 8)
    assert len(sent) == 1
    assert not issues.async_get_issue(DOMAIN, "notify_failed")
    await clock(13, 8)
    assert len(sent) == 1


async def test_another_target_is_tried_at_once(
    hass: HomeAssistant,
    set_up: SetUp,
    script: Script,
    clock: Clock,
    entry: MockConfigEntry,
) -> None:
    scout = await set_up("notify", notify_action="nobody")
    await find(scout, script, MORNING)
    issues = ir.async_get(hass)
    assert issues.async_get_issue(DOMAIN, "notify_failed")
    assert await hass.config_entries.async_unload(entry.entry_id)
    scout = await set_up("persistent")
    assert "Desk lamp" in read(hass)
    assert not issues.async_get_issue(DOMAIN, "notify_failed")
    await find(scout, script, MORNING, DOOR)
    await clock(10, 20)
    assert read(hass) == ""
    await clock(11, 8)
    assert "Hall light" in read(hass)


async def test_the_alarm_ends_with_the_entry(
    hass: HomeAssistant,
    set_up: SetUp,
    script: Script,
    clock: Clock,
    entry: MockConfigEntry,
) -> None:
    scout = await set_up()
    await clock(11, 3)
    await find(scout, script, EVENING)
    # The plugin fails a test after which a timer is left.
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert shown(hass) == {}


def ams(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "last", "hours", "due"),
    [
        ("2026-11-10T12:00", None, (8, 21), "2026-11-10T12:00"),
        ("2026-11-10T03:00", None, (8, 21), "2026-11-10T08:00"),
        ("2026-11-10T21:00", None, (8, 21), "2026-11-11T08:00"),
        ("2026-11-10T20:59", None, (8, 21), "2026-11-10T20:59"),
        ("2026-11-10T12:00", "2026-11-10T00:30", (8, 21), "2026-11-11T08:00"),
        ("2026-11-10T12:00", "2026-11-09T23:59", (8, 21), "2026-11-10T12:00"),
        # Who works at night wants to be told in the evening.
        ("2026-11-10T12:00", None, (20, 6), "2026-11-10T20:00"),
        ("2026-11-10T03:00", None, (20, 6), "2026-11-10T03:00"),
        ("2026-11-10T06:00", None, (20, 6), "2026-11-10T20:00"),
        # At any time.
        ("2026-11-10T03:00", None, (8, 8), "2026-11-10T03:00"),
        ("2026-11-10T03:00", "2026-11-10T01:00", (8, 8), "2026-11-11T00:00"),
        # The clock was wrong when the last one went out.
        ("2026-11-10T12:00", "2027-01-01T12:00", (8, 21), "2026-11-10T12:00"),
    ],
)
def test_when_the_next_digest_is_due(
    now: str, last: str | None, hours: tuple[int, int], due: str
) -> None:
    options = NoticeOptions(not_before=time(hours[0]), not_after=time(hours[1]))
    earlier = ams(last) if last else None
    assert due_at(ams(now), earlier, options) == ams(due)


@pytest.mark.parametrize(
    ("now", "due_utc"),
    [
        # In the night before, the clocks go forward, and back.
        ("2026-03-28T22:00", "2026-03-29T06:00"),
        ("2026-10-24T22:00", "2026-10-25T07:00"),
    ],
)
def test_the_morning_after_the_clocks_change(now: str, due_utc: str) -> None:
    due = due_at(ams(now), None, NoticeOptions())
    assert due.astimezone(UTC) == datetime.fromisoformat(due_utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("chosen", "error"),
    [
        ({}, None),
        ({"how": "none"}, None),
        ({"how": "persistent"}, None),
        ({"how": "notify"}, "notify_target_missing"),
        ({"how": "notify", "notify_action": "notify."}, "notify_target_missing"),
        ({"how": "notify", "notify_action": "notify.my_phone"}, None),
        ({"how": "notify", "notify_action": "my_phone"}, None),
        ({"how": "notify", "notify_entity": "notify.hall"}, None),
        ({"how": "none", "notify_action": "My phone"}, "notify_action_invalid"),
    ],
)
def test_what_the_form_says(chosen: dict[str, str], error: str | None) -> None:
    expected = {"base": error} if error else {}
    assert trouble_with({"notifications": chosen}) == expected
