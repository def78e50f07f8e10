"""Runs: what they answer, keep and change, and who shares one."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
import threading

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.lifecycle.plan import ABSENCE
from custom_components.automation_scout.mining.facts import ExistingAutomation
from custom_components.automation_scout.mining.result import Safety, Tier
from custom_components.automation_scout.mining.rules import Action, Kind, TimeTrigger
from custom_components.automation_scout.store.stores import Stores

from .helpers import rows
from .scripted import DOOR, EVENING, FACTS, MORNING, Script, at, proven, result

PHASES = [
    "facts",
    "ingest",
    "prune",
    "load",
    "mine",
    "watch",
    "decisions",
    "review",
    "identity",
    "text",
    "store",
    "publish",
]


async def test_a_run_answers_with_its_counters_and_keeps_its_phases(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING, DOOR, EVENING)
    response = await scout.async_analyze()
    assert set(response) == {
        "run_id",
        "started_at",
        "finished_at",
        "duration_s",
        "events_read",
        "events_archived",
        "human_actions",
        "candidates",
        "funnel",
        "new",
        "updated",
        "expired",
        "open",
        "errors",
    }
    assert response["events_read"] == response["events_archived"] == 2
    assert (response["new"], response["updated"], response["open"]) == (3, 0, 3)
    assert response["funnel"] == [
        {"gate": "provenance", "in": 100, "out": 60},
        {"gate": "detection", "in": 500, "out": 9},
        {"gate": "support", "in": 9, "out": 4},
        {"gate": "holdout", "in": 4, "out": 3},
        {"gate": "verdict", "in": 3, "out": 3},
        {"gate": "snooze", "in": 3, "out": 3},
        {"gate": "relatives", "in": 3, "out": 3},
        {"gate": "attention", "in": 3, "out": 3},
    ]
    assert response["duration_s"] >= 0
    (run,) = await scout.async_runs(5)
    assert run.status == "finished"
    assert [phase["name"] for phase in run.phases] == PHASES
    assert all(phase["error"] is None for phase in run.phases)
    assert all(phase["seconds"] >= 0 for phase in run.phases)


async def test_second_run_on_the_same_changes_nothing(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    scout: ScoutCoordinator,
    script: Script,
    database_file: Path,
) -> None:
    script.result = result(MORNING, DOOR, EVENING)
    await scout.async_analyze()
    before = await scout.async_list()
    freezer.tick(3600)
    response = await scout.async_analyze()
    assert await scout.async_list() == before
    assert (response["new"], response["updated"], response["expired"]) == (0, 0, 0)
    assert response["open"] == 3
    assert await rows(database_file, "SELECT count(*) FROM suggestion") == [(3,)]
    assert await rows(database_file, "SELECT count(*) FROM suggestion_version") == [
        (0,)
    ]


async def test_a_habit_that_moves_is_the_same_suggestion(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    script.result = result(proven(at(436, (0, 1, 2, 3, 4)), hits=24, score=5.5))
    response = await scout.async_analyze()
    assert (response["new"], response["updated"], response["open"]) == (0, 1, 1)
    (suggestion,) = await scout.async_list()
    assert suggestion["id"] == MORNING.rule.key
    assert suggestion["version"] == 2
    assert "07:16" in suggestion["title"]


async def test_only_the_best_are_open_and_the_funnel_says_so(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(
        *(proven(at(60 + 90 * n), score=float(10 - n)) for n in range(8))
    )
    response = await scout.async_analyze()
    assert response["open"] == response["new"] == 5
    assert response["funnel"][-1] == {"gate": "attention", "in": 8, "out": 5}
    assert len(await scout.async_list()) == 5

    best = (await scout.async_list())[0]
    await scout.async_dismiss(best["id"], None)
    response = await scout.async_analyze()
    assert (response["new"], response["open"]) == (1, 5)
    assert response["funnel"][-4] == {"gate": "verdict", "in": 8, "out": 7}


async def test_dismissed_stays_dismissed(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    await scout.async_dismiss(MORNING.rule.key, "wrong")
    script.result = result(proven(at(425, (0, 1, 2, 3, 4)), hits=30, score=9.0))
    response = await scout.async_analyze()
    assert (response["new"], response["updated"], response["open"]) == (0, 0, 0)
    (suggestion,) = await scout.async_list()
    assert suggestion["status"] == "dismissed"


async def test_unproven_expires_after_two_weeks_and_opens_again(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    scout: ScoutCoordinator,
    script: Script,
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    script.result = result()
    freezer.tick(timedelta(days=13))
    response = await scout.async_analyze()
    assert (response["expired"], response["open"]) == (0, 1)
    freezer.tick(timedelta(days=2))
    response = await scout.async_analyze()
    assert (response["expired"], response["open"]) == (1, 0)
    assert [item["status"] for item in await scout.async_list()] == ["expired"]

    script.result = result(MORNING)
    news = async_capture_events(hass, "automation_scout_suggestion_new")
    response = await scout.async_analyze()
    assert (response["new"], response["open"]) == (1, 1)
    assert [event.data["id"] for event in news] == [MORNING.rule.key]
    assert len(await scout.async_list()) == 1


async def test_what_is_about_a_vanished_entity_is_not_kept_long(
    scout: ScoutCoordinator, script: Script, freezer: FrozenDateTimeFactory
) -> None:
    """It keeps its place for some days; what a person excluded leaves at once."""
    script.result = result(MORNING, DOOR)
    await scout.async_analyze()
    script.facts = replace(
        FACTS,
        entities={
            key: value
            for key, value in FACTS.entities.items()
            if key != "binary_sensor.door"
        },
    )
    response = await scout.async_analyze()
    assert (response["expired"], response["open"]) == (0, 2)
    freezer.tick(ABSENCE + timedelta(hours=1))
    response = await scout.async_analyze()
    assert (response["expired"], response["open"]) == (1, 1)
    response = await scout.async_analyze()
    assert (response["new"], response["open"]) == (0, 1)


async def test_what_is_excluded_leaves_at_once(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING, DOOR)
    await scout.async_analyze()
    hass.states.async_set("light.hall", "off")
    script.facts = replace(
        FACTS,
        entities={
            key: value for key, value in FACTS.entities.items() if key != "light.hall"
        },
    )
    response = await scout.async_analyze()
    assert (response["expired"], response["open"]) == (1, 1)


async def test_what_an_automation_does_by_now_makes_room_at_once(
    scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING, DOOR)
    await scout.async_analyze()
    action = MORNING.rule.action
    automation = ExistingAutomation(
        "automation.morning",
        "Morning",
        enabled=True,
        triggers=(TimeTrigger(425),),
        targets=frozenset({(action.entity_id, action.state)}),
    )
    script.facts = replace(FACTS, automations=(replace(automation, enabled=False),))
    script.result = result(DOOR)
    assert (await scout.async_analyze())["open"] == 2
    script.facts = replace(FACTS, automations=(automation,))
    response = await scout.async_analyze()
    assert (response["expired"], response["open"]) == (1, 1)


@pytest.mark.parametrize("kind", [Kind.TIDY, Kind.ADJUST])
async def test_what_is_about_an_automation_goes_with_its_reason(
    scout: ScoutCoordinator, script: Script, kind: Kind
) -> None:
    """It is shown though the automation is no entity in scope, and leaves at once."""
    action = Action("automation.a", "off") if kind is Kind.TIDY else DOOR.rule.action
    tier = Tier.NOTIFY if kind is Kind.TIDY else Tier.OK
    rule = replace(DOOR.rule, action=action, special=kind, replaces="automation.a")
    about = replace(DOOR, rule=rule, safety=Safety(tier, ("duplicate",)))
    automation = ExistingAutomation("automation.a", "Evening", enabled=True)
    script.facts = replace(FACTS, automations=(automation,))
    script.result = result(MORNING, about)
    response = await scout.async_analyze()
    assert response["errors"] == []
    assert response["open"] == 2
    [shown] = [item for item in await scout.async_list() if item["kind"] == kind]
    assert "Evening" in shown["title"]
    script.result = result(MORNING)
    script.facts = replace(FACTS, automations=(replace(automation, enabled=False),))
    response = await scout.async_analyze()
    assert (response["expired"], response["open"]) == (1, 1)


async def test_a_look_at_a_few_days_leaves_what_is_stored(
    scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    (stored,) = await scout.async_list()
    script.result = result(replace(MORNING, confidence=0.4), DOOR)
    response = await scout.async_analyze(days=3)
    assert (response["new"], response["updated"]) == (1, 0)
    assert stored in await scout.async_list()


async def test_bus_events_tell_of_the_run_and_of_what_is_new(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    finished = async_capture_events(hass, "automation_scout_analysis_finished")
    news = async_capture_events(hass, "automation_scout_suggestion_new")
    script.result = result(MORNING, DOOR)
    response = await scout.async_analyze()
    await hass.async_block_till_done()
    assert [event.data for event in finished] == [response]
    assert [event.data["id"] for event in news] == [MORNING.rule.key, DOOR.rule.key]
    assert news[0].data["title"] == "Turn on Desk lamp at 07:00 on weekdays"
    await scout.async_analyze()
    assert len(news) == 2


async def test_second_request_joins_the_running_one(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.hold = threading.Event()
    script.result = result(MORNING)
    first = asyncio.create_task(scout.async_analyze())
    await script.until_mining()
    second = asyncio.create_task(scout.async_analyze(days=7))
    await asyncio.sleep(0)
    script.hold.set()
    assert await first == await second
    assert len(script.mined) == 1
    assert len(await scout.async_runs(5)) == 1


async def test_a_caller_who_gives_up_does_not_stop_the_run(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.hold = threading.Event()
    script.result = result(MORNING)
    impatient = asyncio.create_task(scout.async_analyze())
    await script.until_mining()
    patient = asyncio.create_task(scout.async_analyze())
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    script.hold.set()
    assert (await patient)["open"] == 1


async def test_unload_cancels_the_run_and_says_so(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script, entry: MockConfigEntry
) -> None:
    script.hold = threading.Event()
    task = asyncio.create_task(scout.async_analyze())
    await script.until_mining()
    unload = asyncio.create_task(hass.config_entries.async_unload(entry.entry_id))
    with pytest.raises(HomeAssistantError) as raised:
        await task
    assert raised.value.translation_key == "analysis_cancelled"
    script.hold.set()
    assert await unload

    assert await hass.config_entries.async_setup(entry.entry_id)
    (run,) = await entry.runtime_data.async_runs(5)
    assert run.status == "interrupted"


async def test_days_limit_what_is_looked_at(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    scout: ScoutCoordinator,
    script: Script,
) -> None:
    await scout.async_analyze()
    freezer.tick(timedelta(days=10))
    await scout.async_analyze(days=3)
    await scout.async_analyze()
    whole, recent, again = (len(log) for log in script.mined)
    assert whole == 2
    assert recent < again


async def test_old_days_are_pruned(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    scout: ScoutCoordinator,
    script: Script,
) -> None:
    await scout.async_analyze()
    freezer.tick(timedelta(days=400))
    await scout.async_analyze()
    stats = await scout.async_archive_stats()
    assert stats.events == 0


async def test_clock_that_was_put_back_reads_a_day_again(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    scout: ScoutCoordinator,
    script: Script,
) -> None:
    freezer.tick(timedelta(days=300))
    await scout.async_analyze()
    freezer.tick(timedelta(days=-300))
    await scout.async_analyze()
    now_ms = int(dt_util.utcnow().timestamp() * 1000)
    assert script.since[0] is None
    assert script.since[1] is not None
    assert script.since[1] == now_ms - 86_400_000
    freezer.tick(60)
    await scout.async_analyze()
    assert script.since[2] == now_ms


async def test_restored_one_takes_the_place_of_the_weakest(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(
        *(proven(at(60 + 90 * n), score=float(10 - n)) for n in range(6))
    )
    await scout.async_analyze()
    ids = [item["id"] for item in await scout.async_list()]
    await scout.async_dismiss(ids[0], None)
    await scout.async_analyze()
    await scout.async_restore(ids[0])
    open_now = await scout.async_list(["open"])
    assert len(open_now) == 5
    assert open_now[0]["id"] == ids[0]


async def test_rule_that_cannot_be_read_is_passed_over(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script, database_file: Path
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    stores: Stores = scout._stores
    (row,) = await stores.suggestions.list()
    await stores.suggestions.store_suggestion(
        replace(row, id="s0-old", rule={"kind": "time"})
    )
    response = await scout.async_analyze()
    assert response["errors"] == []
    assert response["open"] == 2
