"""What people decide, as they see it: by actions, on a clock, over several nights."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.lifecycle.memory import COOLING, LATER
from custom_components.automation_scout.mining.facts import EntityFacts
from custom_components.automation_scout.mining.rules import Action, Step

from .helpers import pass_time
from .scripted import DOOR, EVENING, FACTS, MORNING, Script, at, proven, result, when
from .test_services import DECISIONS, call

DAY_S = 86_400
KEY = MORNING.rule.key


async def status_of(scout: ScoutCoordinator, key: str) -> str:
    (row,) = [item for item in await scout.async_list() if item["id"] == key]
    return str(row["status"])


def held(response: dict[str, Any]) -> dict[str, int]:
    """Return how many each step after the gates held back."""
    steps = response["funnel"][-4:]
    return {step["gate"]: step["in"] - step["out"] for step in steps}


@pytest.fixture
async def found(scout: ScoutCoordinator, script: Script) -> None:
    """Have three suggestions open."""
    script.result = result(MORNING, DOOR, EVENING)
    await scout.async_analyze()


@pytest.mark.usefixtures("found")
async def test_snoozed_comes_back_by_itself(
    hass: HomeAssistant, scout: ScoutCoordinator, freezer: FrozenDateTimeFactory
) -> None:
    news = async_capture_events(hass, "automation_scout_suggestion_new")
    until = (dt_util.utcnow() + timedelta(days=3)).isoformat()
    answer = await call(hass, "snooze", suggestion_id=KEY, days=3)
    assert answer == {
        "suggestion_id": KEY,
        "status": "snoozed",
        "snoozed_until": until,
    }
    response = await scout.async_analyze()
    assert response["open"] == 2
    assert held(response)["snooze"] == 1
    await pass_time(hass, freezer, 3 * DAY_S - 60)
    assert len(scout.data.open) == 2
    await pass_time(hass, freezer, 61)
    assert scout.data.open[0]["id"] == KEY
    assert scout.data.open[0]["snoozed_until"] is None
    assert [event.data["id"] for event in news] == [KEY]


@pytest.mark.usefixtures("found")
async def test_several_snoozes_end_one_after_the_other(
    hass: HomeAssistant, scout: ScoutCoordinator, freezer: FrozenDateTimeFactory
) -> None:
    for days, item in ((2, MORNING), (1, DOOR), (3, EVENING)):
        await scout.async_snooze(item.rule.key, days)
    await scout.async_snooze(EVENING.rule.key, 4)
    seen = []
    for _ in range(4):
        await pass_time(hass, freezer, DAY_S + 1)
        seen.append({item["id"] for item in scout.data.open})
    door, evening = DOOR.rule.key, EVENING.rule.key
    assert seen == [{door}, {door, KEY}, {door, KEY}, {door, KEY, evening}]


@pytest.mark.usefixtures("found")
async def test_snooze_that_ended_while_home_assistant_was_off(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    await scout.async_snooze(KEY, 1)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await pass_time(hass, freezer, DAY_S + 1)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert len(entry.runtime_data.data.open) == 3


@pytest.mark.usefixtures("found")
async def test_snoozed_follows_its_habit_and_waits_for_it(
    scout: ScoutCoordinator, script: Script, freezer: FrozenDateTimeFactory
) -> None:
    await scout.async_snooze(KEY, 20)
    script.result = result(proven(at(436, (0, 1, 2, 3, 4)), score=5.5))
    await scout.async_analyze()
    (moved,) = await scout.async_list(["snoozed"])
    assert "07:16" in moved["title"]
    assert moved["snoozed_until"] is not None
    script.result = result()
    freezer.tick(timedelta(days=21))
    await scout.async_analyze()
    assert await status_of(scout, KEY) == "snoozed"
    script.result = result(MORNING)
    assert (await scout.async_analyze())["new"] == 1
    assert await status_of(scout, KEY) == "open"


@pytest.mark.usefixtures("found")
async def test_snoozed_without_support_for_two_months_is_over(
    scout: ScoutCoordinator, script: Script, freezer: FrozenDateTimeFactory
) -> None:
    await scout.async_snooze(KEY, 7)
    script.result = result()
    freezer.tick(timedelta(days=59))
    await scout.async_analyze()
    assert await status_of(scout, KEY) == "snoozed"
    freezer.tick(timedelta(days=2))
    assert (await scout.async_analyze())["expired"] == 1
    assert await status_of(scout, KEY) == "expired"


@pytest.mark.usefixtures("found")
async def test_relatives_of_a_dismissed_idea_are_held_back_and_counted(
    scout: ScoutCoordinator, script: Script
) -> None:
    await scout.async_dismiss(KEY, "not_useful")
    near = proven(at(400, (0, 1, 2, 3, 4)), score=4.5)
    script.result = result(MORNING, near, DOOR, EVENING)
    response = await scout.async_analyze()
    assert (response["new"], response["open"]) == (0, 2)
    assert held(response) == {"verdict": 1, "snooze": 0, "relatives": 1, "attention": 0}
    other = proven(at(600, (0, 1, 2, 3, 4)), score=4.5)
    script.result = result(MORNING, other, DOOR, EVENING)
    assert (await scout.async_analyze())["new"] == 1


@pytest.mark.usefixtures("found")
async def test_dismissed_comes_back_after_a_season_in_a_changed_home(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    freezer: FrozenDateTimeFactory,
) -> None:
    await scout.async_dismiss(KEY, "wrong")
    lamp = EntityFacts("light.desk", "Desk lamp", "hall")
    moved = replace(FACTS, entities={**FACTS.entities, "light.desk": lamp})
    script.facts = moved
    freezer.tick(COOLING - timedelta(days=1))
    assert (await scout.async_analyze())["new"] == 0
    script.facts = FACTS
    freezer.tick(timedelta(days=2))
    assert (await scout.async_analyze())["new"] == 0
    script.facts = moved
    assert (await scout.async_analyze(days=3))["new"] == 0
    news = async_capture_events(hass, "automation_scout_suggestion_new")
    assert (await scout.async_analyze())["new"] == 1
    assert [event.data["id"] for event in news] == [KEY]
    assert await status_of(scout, KEY) == "open"
    stored = await scout._stores.suggestions.verdicts(KEY)
    assert [(item.verdict, item.reason) for item in stored] == [("dismissed", "wrong")]


@pytest.mark.usefixtures("found")
async def test_not_now_is_asked_again_after_four_weeks(
    scout: ScoutCoordinator, freezer: FrozenDateTimeFactory
) -> None:
    await scout.async_dismiss(KEY, "not_now")
    freezer.tick(LATER - timedelta(days=1))
    assert (await scout.async_analyze())["open"] == 2
    freezer.tick(timedelta(days=1))
    assert (await scout.async_analyze())["open"] == 3


async def test_never_closes_everything_about_the_device_until_it_is_restored(
    scout: ScoutCoordinator, script: Script
) -> None:
    entities = dict(FACTS.entities)
    for name in ("light.desk", "light.porch"):
        entities[name] = replace(entities[name], device_id="double")
    script.facts = replace(FACTS, entities=entities)
    porch = proven(at(1200), "light.porch", score=2.0)
    after = proven(when("light.desk", "on"), "light.hall", score=1.0)
    script.result = result(MORNING, porch, after, EVENING)
    await scout.async_analyze()
    assert len(scout.data.open) == 4
    await scout.async_dismiss(KEY, "never_this_device")
    assert [item["id"] for item in scout.data.open] == [EVENING.rule.key]
    response = await scout.async_analyze()
    assert response["open"] == 1
    assert held(response)["relatives"] == 2
    await scout.async_restore(KEY)
    assert (await scout.async_analyze())["open"] == 4


async def test_what_is_opened_in_spite_of_never_stays(
    scout: ScoutCoordinator, script: Script, freezer: FrozenDateTimeFactory
) -> None:
    off = proven(at(1320), "light.desk", "off")
    script.result = result(MORNING, off)
    await scout.async_analyze()
    await scout.async_dismiss(KEY, "never_this_device")
    assert scout.data.open == ()
    freezer.tick(60)
    await scout.async_restore(off.rule.key)
    assert (await scout.async_analyze())["open"] == 1
    assert await status_of(scout, KEY) == "dismissed"


@pytest.mark.usefixtures("found")
async def test_restored_is_not_taken_away_by_the_next_night(
    scout: ScoutCoordinator, script: Script, freezer: FrozenDateTimeFactory
) -> None:
    script.result = result()
    freezer.tick(timedelta(days=40))
    assert (await scout.async_analyze())["open"] == 0
    await scout.async_restore(KEY)
    freezer.tick(timedelta(days=1))
    assert (await scout.async_analyze())["open"] == 1


@pytest.mark.parametrize("status", ["snoozed", "dismissed", "expired", "superseded"])
@pytest.mark.usefixtures("found")
async def test_restore_opens_whatever_is_closed(
    scout: ScoutCoordinator, status: str
) -> None:
    await scout._stores.suggestions.set_status(KEY, status, at="2026-01-01T00:00:00Z")
    assert (await scout.async_restore(KEY))["status"] == "open"
    assert (await scout.async_analyze())["open"] == 3


@pytest.mark.parametrize(("action", "data"), DECISIONS)
@pytest.mark.usefixtures("found")
async def test_what_is_installed_can_only_be_undone(
    hass: HomeAssistant, scout: ScoutCoordinator, action: str, data: dict[str, Any]
) -> None:
    await scout._stores.suggestions.set_status(KEY, "accepted", at="2026-01-01T00:00Z")
    with pytest.raises(ServiceValidationError) as raised:
        await call(hass, action, suggestion_id=KEY, **data)
    assert raised.value.translation_key == "undo_first"
    assert await status_of(scout, KEY) == "accepted"


async def test_part_is_superseded_and_comes_back_with_the_routine_gone(
    scout: ScoutCoordinator, script: Script, freezer: FrozenDateTimeFactory
) -> None:
    desk, hall = proven(at(1200), score=5.0), proven(at(1200), "light.hall", score=4.0)
    script.result = result(desk, hall)
    await scout.async_analyze()
    both = replace(desk.rule, more=(Step(Action("light.hall", "on")),))
    script.result = result(replace(desk, rule=both))
    response = await scout.async_analyze()
    assert (response["open"], response["expired"]) == (1, 0)
    (old,) = await scout.async_list(["superseded"])
    part = next(item for item in (desk, hall) if item.rule.key == old["id"])
    script.result = result(part)
    assert (await scout.async_analyze())["new"] == 0
    freezer.tick(timedelta(days=20))
    assert (await scout.async_analyze())["expired"] == 1
    assert (await scout.async_analyze())["new"] == 1
    assert await status_of(scout, old["id"]) == "open"
