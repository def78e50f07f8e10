"""The whole way with nothing replaced: a real recorder's history to open suggestions.

Thirty days of a home, over the night in which the clocks change. Anna has three habits
(the app on weekdays, a wall switch after the door, a group at night). An automation, a
script and nightly restarts do other things just as regularly, and nobody wants those.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
)
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_capture_events,
)

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator

from .helpers import rows
from .recorder_history import History, user_id

ZONE = ZoneInfo("Europe/Amsterdam")
FIRST = datetime(2026, 3, 9, tzinfo=ZONE)
DAYS = 30
NOW = FIRST + timedelta(days=DAYS, hours=2)
ANNA = user_id("anna")
AT_REST = {
    "light__desk": "off",
    "light__hall": "off",
    "light__bed_left": "off",
    "light__bed_right": "off",
    "light__bedroom": "off",
    "light__porch": "off",
    "light__film": "off",
    "light__stray": "off",
    "switch__pump": "on",
    "binary_sensor__door": "off",
    "automation__porch": "on",
    "script__film": "off",
}
AUTOMATED = ("light.porch", "light.film", "switch.pump")

NAMES = {
    "light.desk": "Desk lamp",
    "light.hall": "Hall light",
    "light.bed_left": "Left bed light",
    "light.bed_right": "Right bed light",
    "light.porch": "Porch light",
    "light.film": "Film light",
    "light.stray": "Stray light",
    "switch.pump": "Pump",
    "binary_sensor.door": "Front door",
}

type Step = tuple[datetime, Callable[[History], None]]


@pytest.fixture
def persistent_database() -> bool:
    """Keep the recorder's database in a file: one in memory hides a wrong thread."""
    return True


@pytest.fixture
def home(recorder_mock: Recorder, hass: HomeAssistant) -> None:
    """Register the devices of the home and put them into rooms."""
    owner = MockConfigEntry(domain="test", entry_id="devices")
    owner.add_to_hass(hass)
    hall = ar.async_get(hass).async_create("Hall")
    for entity_id, name in NAMES.items():
        domain, _, slug = entity_id.partition(".")
        device = dr.async_get(hass).async_get_or_create(
            config_entry_id=owner.entry_id, identifiers={("test", slug)}, name=name
        )
        entity = er.async_get(hass).async_get_or_create(
            domain,
            "test",
            slug,
            object_id_base=slug,
            device_id=device.id,
            config_entry=owner,
            original_name=name,
            original_device_class="door" if slug == "door" else None,
        )
        er.async_get(hass).async_update_entity(
            entity.entity_id,
            new_entity_id=entity_id,
        )
        if slug in {"hall", "door"}:
            dr.async_get(hass).async_update_device(device.id, area_id=hall.id)


def at(day: int, hour: int, minute: float) -> datetime:
    """Return a local time of a day of the history."""
    whole = int(minute)
    date = (FIRST + timedelta(days=day)).date()
    return datetime.combine(date, time(hour, whole, int(60 * (minute - whole))), ZONE)


def day_of(day: int, chance: Random) -> list[Step]:
    """Return what happens on one day, in any order."""
    steps: list[Step] = []

    def add(moment: datetime, step: Callable[[History], Any]) -> None:
        steps.append((moment, step))

    if (FIRST + timedelta(days=day)).weekday() < 5 and day not in {8, 22}:
        on = at(day, 7, chance.uniform(0, 5))
        add(on, lambda past: past.tap("light.desk", "on", ANNA))
        off = on + timedelta(minutes=chance.uniform(20, 240))
        add(off, lambda past: past.tap("light.desk", "off", ANNA))
    for hour in sorted(chance.sample(range(8, 21), 3)):
        opened = at(day, hour, chance.uniform(0, 40))
        add(opened, lambda past: past.state("binary_sensor.door", "on"))
        add(
            opened + timedelta(seconds=chance.uniform(6, 20)),
            lambda past: past.press("light.hall", "on"),
        )
        add(
            opened + timedelta(seconds=60),
            lambda past: past.state("binary_sensor.door", "off"),
        )
        add(
            opened + timedelta(minutes=chance.uniform(4, 17)),
            lambda past: past.press("light.hall", "off"),
        )
    add(at(day, 18, 30), porch("on"))
    add(at(day, 22, 0), porch("off"))
    add(at(day, 20, 0), film("on"))
    add(at(day, 21, 45), film("off"))
    add(at(day, 21, chance.uniform(0, 4)), bedroom("on"))
    add(at(day, 22, chance.uniform(40, 44)), bedroom("off"))
    stray = at(day, chance.randrange(8, 22), chance.uniform(0, 59))
    add(stray, lambda past: past.tap("light.stray", "on", ANNA))
    add(
        stray + timedelta(minutes=chance.uniform(5, 50)),
        lambda past: past.tap("light.stray", "off", ANNA),
    )
    add(at(day, 4, 0), lambda past: past.state("switch.pump", "unavailable"))
    add(at(day, 4, 1), lambda past: past.state("switch.pump", "on"))
    return steps


def porch(state: str) -> Callable[[History], None]:
    """Return an automation that starts by time."""

    def run(past: History) -> None:
        past.act("light.porch", state, past.trigger("automation.porch"))

    return run


def film(state: str) -> Callable[[History], None]:
    """Return a script that Anna starts."""

    def run(past: History) -> None:
        past.act("light.film", state, past.script("script.film", past.context(ANNA)))

    return run


def bedroom(state: str) -> Callable[[History], None]:
    """Return a group that Anna switches: one act, three changes."""

    def run(past: History) -> None:
        context = past.tap("light.bedroom", state, ANNA)
        for member in ("light.bed_left", "light.bed_right"):
            past.state(member, state, context)

    return run


@pytest.fixture
async def scout(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    home: None,
    entry: MockConfigEntry,
) -> ScoutCoordinator:
    """Write the history and set up the integration after it."""
    await hass.config.async_set_time_zone(ZONE.key)
    chance = Random(11)  # noqa: S311
    freezer.move_to(FIRST)
    past = History(hass, FIRST)
    past.appear(**AT_REST)
    for day in range(DAYS):
        for moment, step in sorted(day_of(day, chance), key=lambda pair: pair[0]):
            step(past.at(moment))
        if day == 14:
            await past.at(at(day, 23, 30)).restart()
            past.later(60).appear(**AT_REST)
    members = {"entity_id": ["light.bed_left", "light.bed_right"]}
    past.state("light.bedroom", "off", attributes=members)
    for state in hass.states.async_all():
        if state.entity_id in NAMES:
            named = {"friendly_name": NAMES[state.entity_id]}
            past.state(state.entity_id, state.state, attributes=named)
    await past.written()
    freezer.move_to(NOW)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    coordinator: ScoutCoordinator = entry.runtime_data
    return coordinator


async def call(hass: HomeAssistant, action: str, **data: Any) -> dict[str, Any]:
    response = await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )
    assert isinstance(response, dict)
    return response


def about(suggestion: dict[str, Any]) -> str:
    """Return in brief what a suggestion would do."""
    (action,) = suggestion["automation"]["actions"]
    return f"{action['action']} {action['target']['entity_id']}"


@pytest.mark.usefixtures("recorder_mock", "scout")
async def test_history_becomes_suggestions(hass: HomeAssistant) -> None:
    finished = async_capture_events(hass, "automation_scout_analysis_finished")
    news = async_capture_events(hass, "automation_scout_suggestion_new")
    response = await call(hass, "analyze")
    await hass.async_block_till_done()

    assert response["errors"] == []
    assert response["events_archived"] > 25 * DAYS
    assert response["human_actions"] > 10 * DAYS
    assert response["new"] == response["open"] >= 3
    assert [event.data for event in finished] == [response]

    suggestions = (await call(hass, "list_suggestions"))["suggestions"]
    assert {event.data["id"] for event in news} == {item["id"] for item in suggestions}
    by_act = {about(item): item for item in suggestions}
    assert len(by_act) == len(suggestions)

    desk = by_act["light.turn_on light.desk"]
    assert desk["kind"] == "time"
    assert desk["title"].startswith("Turn on Desk lamp at 07:0")
    assert desk["title"].endswith("on weekdays")
    assert set(desk["evidence"]["provenance"]) == {"user"}
    assert desk["evidence"]["hits"] >= 18

    hall = by_act["light.turn_on light.hall"]
    assert hall["kind"] == "state"
    assert hall["title"] == "Turn on Hall light when Front door opens"
    assert set(hall["evidence"]["provenance"]) == {"physical"}
    assert hall["areas"] == ["hall"]
    assert hall["evidence"]["holdout"]["hits"] > 0

    room = {"light.bedroom", "light.bed_left", "light.bed_right"}
    nights = [act.split()[0] for act in by_act if act.split()[1] in room]
    assert nights
    assert len(set(nights)) == len(nights)
    for entity_id in AUTOMATED:
        assert not any(entity_id in item["entities"] for item in suggestions)


@pytest.mark.usefixtures("recorder_mock")
async def test_suggestions_are_seen_as_entities(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entity_registry: er.EntityRegistry,
) -> None:
    await call(hass, "analyze")
    await hass.async_block_till_done()
    suggestions = (await call(hass, "list_suggestions"))["suggestions"]
    own = er.async_entries_for_config_entry(
        entity_registry, scout.config_entry.entry_id
    )
    sensors = [
        item
        for item in own
        if (item.domain, item.translation_key) == ("sensor", "suggestion")
    ]
    assert len(sensors) == len(suggestions) > 0
    listed = hass.states.get("sensor.automation_scout_suggestions")
    assert listed
    assert listed.state == str(len(suggestions))
    for item in suggestions:
        (shown,) = [
            state
            for state in hass.states.async_all("sensor")
            if state.attributes.get("suggestion_id") == item["id"]
        ]
        assert shown.state == str(round(100 * item["confidence"]))
        assert item["title"] in shown.name
        assert shown.entity_id in {entity.entity_id for entity in own}


@pytest.mark.usefixtures("recorder_mock", "scout")
async def test_same_history_gives_the_same_suggestions(
    hass: HomeAssistant, database_file: Path, freezer: FrozenDateTimeFactory
) -> None:
    first = await call(hass, "analyze")
    suggestions = (await call(hass, "list_suggestions"))["suggestions"]
    news = async_capture_events(hass, "automation_scout_suggestion_new")

    freezer.tick(60)
    second = await call(hass, "analyze")
    await hass.async_block_till_done()
    assert (await call(hass, "list_suggestions"))["suggestions"] == suggestions
    assert (second["new"], second["updated"], second["expired"]) == (0, 0, 0)
    assert second["events_archived"] == 0
    assert news == []
    assert await rows(
        database_file,
        "SELECT (SELECT count(*) FROM suggestion),"
        " (SELECT count(*) FROM suggestion_version)",
    ) == [(len(suggestions), 0)]

    gone = suggestions[0]["id"]
    await call(hass, "dismiss", suggestion_id=gone, reason="not_useful")
    freezer.tick(60)
    third = await call(hass, "analyze")
    assert third["open"] == first["open"] - 1
    after = (await call(hass, "list_suggestions"))["suggestions"]
    assert {item["id"] for item in after} == {item["id"] for item in suggestions}
    for item in after:
        assert item["status"] == ("dismissed" if item["id"] == gone else "open")


@pytest.mark.usefixtures("recorder_mock")
async def test_a_suggestion_that_is_tested_has_the_runs_of_its_evidence(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    await call(hass, "analyze")
    for row in await scout._stores.suggestions.list(["open"]):
        found = await scout.async_backtest(row.payload["automation_yaml"])
        evidence = row.payload["evidence"]
        assert found["unsupported"] == []
        assert (found["hits"], found["missed"]) == (
            evidence["hits"],
            evidence["missed"],
        )
        assert found["opportunities"] == evidence["opportunities"]
        assert found["days_observed"] == evidence["days_observed"]


@pytest.mark.usefixtures("recorder_mock", "scout")
async def test_a_day_of_history_says_nothing_and_fails_nothing(
    hass: HomeAssistant,
) -> None:
    response = await call(hass, "analyze", days=1)
    assert response["errors"] == []
    assert response["open"] == 0


async def test_an_empty_recorder_says_nothing_and_fails_nothing(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    entry: MockConfigEntry,
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    response = await call(hass, "analyze")
    assert response["errors"] == []
    assert (response["events_read"], response["open"]) == (0, 0)


async def test_no_recorder_is_a_message(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    with pytest.raises(Exception, match="the recorder is not running"):
        await call(hass, "analyze")


@pytest.mark.usefixtures("recorder_mock")
async def test_excluded_is_neither_read_nor_suggested(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    scope = {"exclude_entities": ["light.hall"], "exclude_users": [ANNA]}
    hass.config_entries.async_update_entry(scout.config_entry, options={"scope": scope})
    await hass.config_entries.async_reload(scout.config_entry.entry_id)
    response = await call(hass, "analyze")
    assert response["events_archived"] > 10 * DAYS
    assert (response["human_actions"], response["open"]) == (0, 0)


@pytest.mark.usefixtures("recorder_mock")
async def test_thinking_better_of_it_gives_the_past_back(
    hass: HomeAssistant, scout: ScoutCoordinator
) -> None:
    whole = await call(hass, "analyze")
    entry = scout.config_entry
    for scope in (
        {"exclude_entities": ["light.hall"], "exclude_users": [ANNA]},
        {},
    ):
        hass.config_entries.async_update_entry(entry, options={"scope": scope})
        await hass.config_entries.async_reload(entry.entry_id)
        response = await call(hass, "analyze")
        assert (response["human_actions"] == 0) is bool(scope)
    assert response["human_actions"] == whole["human_actions"] > 0
    assert response["open"] == whole["open"] > 0
