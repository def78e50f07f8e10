"""The recorder's history as event logs, written and read through a real recorder."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
import threading
from types import MappingProxyType
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.helpers.recorder import get_instance
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from sqlalchemy.exc import OperationalError

from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.recorder_source import (
    RecorderMigrating,
    RecorderMissing,
    Window,
    async_ready,
    async_windows,
)
from custom_components.automation_scout.recorder_source.reader import Reader

from .recorder_history import History, user_id

ZONE = ZoneInfo("Europe/Amsterdam")
START = datetime(2026, 3, 2, 8, tzinfo=ZONE)
ANNA = user_id("anna")

type Seen = tuple[str, str, str, str]
"""Entity, state, name of the origin, actor."""


def home(*entity_ids: str, **members: Iterable[str]) -> HomeFacts:
    """Return a home in which each entity has a device, except the groups."""
    entities = {
        name: EntityFacts(name, name, device_id=f"device of {name}")
        for name in entity_ids
    }
    for name, of in members.items():
        entity_id = name.replace("__", ".")
        entities[entity_id] = EntityFacts(entity_id, entity_id, members=tuple(of))
    return HomeFacts(ZONE.key, entities)


HOME = home(
    "binary_sensor.door",
    "cover.blind",
    "light.hall",
    "light.stairs",
    "person.anna",
    "switch.fan",
    light__pair=("light.hall", "light.stairs"),
)


@pytest.fixture
def past(recorder_mock: Recorder, hass: HomeAssistant) -> History:
    return History(hass, START)


async def windows(  # noqa: PLR0917
    hass: HomeAssistant,
    until: datetime,
    facts: HomeFacts = HOME,
    since_ms: int | None = None,
    last_states: Mapping[str, str] = MappingProxyType({}),
    machine_users: frozenset[str] = frozenset(),
    own: frozenset[str] = frozenset(),
) -> list[Window]:
    until_ms = round(until.timestamp() * 1000)
    return [
        window
        async for window in async_windows(
            hass, facts, machine_users, since_ms, until_ms, last_states, own
        )
    ]


def seen(found: Iterable[Window]) -> list[Seen]:
    return [
        (
            window.log.entities[entity],
            window.log.states[state],
            Origin(origin).name,
            window.log.actors[actor],
        )
        for window in found
        for entity, state, origin, actor in zip(
            window.log.entity,
            window.log.state,
            window.log.origin,
            window.log.actor,
            strict=True,
        )
    ]


async def read(past: History, **options: Any) -> list[Seen]:
    """Return everything up to a minute from where the pen stands."""
    return seen(await windows(past.hass, past.now + timedelta(minutes=1), **options))


def quiet(past: History) -> History:
    """Let the entities of `HOME` appear, a minute before anything else happens."""
    past.appear(
        binary_sensor__door="off",
        cover__blind="closed",
        light__hall="off",
        light__stairs="off",
        light__pair="off",
        person__anna="home",
        switch__fan="off",
    )
    return past.later(60)


async def test_first_appearance_is_nobodys(past: History) -> None:
    quiet(past)
    assert {row[2] for row in await read(past)} == {"SYSTEM"}
    assert len(await read(past)) == len(HOME.entities)


async def after_appearance(past: History, **options: Any) -> list[Seen]:
    return (await read(past, **options))[len(HOME.entities) :]


# Who did it: the matrix of causes.


async def test_tap_in_the_interface(past: History) -> None:
    quiet(past).tap("light.hall", "on", ANNA)
    assert await after_appearance(past) == [("light.hall", "on", "USER", ANNA)]


async def test_press_at_the_device(past: History) -> None:
    quiet(past).press("light.hall", "on")
    assert await after_appearance(past) == [("light.hall", "on", "PHYSICAL", "")]


async def test_automation_by_a_state(past: History) -> None:
    cause = quiet(past).state("binary_sensor.door", "on")
    past.act("light.hall", "on", past.later(0.1).trigger("automation.door", cause))
    assert await after_appearance(past) == [
        ("binary_sensor.door", "on", "REPORT", ""),
        ("light.hall", "on", "AUTOMATION", "automation.door"),
    ]


async def test_automation_by_time(past: History) -> None:
    past.act("light.hall", "on", quiet(past).trigger("automation.dusk"))
    assert await after_appearance(past) == [
        ("light.hall", "on", "AUTOMATION", "automation.dusk")
    ]


async def test_own_automation(past: History) -> None:
    past.act("light.hall", "on", quiet(past).trigger("automation.ours"))
    found = await after_appearance(past, own=frozenset({"automation.ours"}))
    assert found == [("light.hall", "on", "OWN", "automation.ours")]


async def test_automation_that_a_user_triggers(past: History) -> None:
    pressed = quiet(past).call(
        "automation.trigger", {"entity_id": "automation.dusk"}, past.context(ANNA)
    )
    past.act("light.hall", "on", past.trigger("automation.dusk", pressed))
    assert await after_appearance(past) == [
        ("light.hall", "on", "AUTOMATION", "automation.dusk")
    ]


async def test_script_that_a_user_starts(past: History) -> None:
    past.act("light.hall", "on", quiet(past).script("script.x", past.context(ANNA)))
    assert await after_appearance(past) == [("light.hall", "on", "SCRIPT", "script.x")]


async def test_script_that_an_automation_starts(past: History) -> None:
    context = quiet(past).trigger("automation.dusk")
    past.act("light.hall", "on", past.script("script.x", context))
    assert await after_appearance(past) == [
        ("light.hall", "on", "AUTOMATION", "automation.dusk")
    ]


async def test_state_set_over_the_interface_for_programs(past: History) -> None:
    quiet(past).state("light.hall", "on", past.context(ANNA))
    assert await after_appearance(past) == [("light.hall", "on", "USER", ANNA)]


async def test_scene(past: History) -> None:
    context = quiet(past).call(
        "scene.turn_on", {"entity_id": "scene.film"}, past.context(ANNA)
    )
    past.act("light.hall", "on", context)
    assert await after_appearance(past) == [("light.hall", "on", "SCENE", "")]


async def test_change_in_the_context_of_an_automations_child(past: History) -> None:
    run = quiet(past).trigger("automation.dusk")
    past.act("light.hall", "on", past.context(parent=past.context(parent=run)))
    past.later(1).state("sensor.of_nobody", "5", middle := past.context(parent=run))
    past.later(1).act("light.stairs", "on", past.context(parent=middle))
    assert await after_appearance(past) == [
        ("light.hall", "on", "UNKNOWN", ""),
        ("light.stairs", "on", "AUTOMATION", "automation.dusk"),
    ]


# Users.


async def test_machine_user(past: History) -> None:
    quiet(past).tap("light.hall", "on", ANNA)
    found = await after_appearance(past, machine_users=frozenset({ANNA}))
    assert found == [("light.hall", "on", "AUTOMATION", ANNA)]


async def test_system_generated_user(past: History) -> None:
    user = MockUser(id=user_id("cast"), system_generated=True).add_to_hass(past.hass)
    quiet(past).tap("light.hall", "on", user.id)
    assert await after_appearance(past) == [("light.hall", "on", "AUTOMATION", user.id)]


async def test_user_that_was_deleted_is_a_person(past: History) -> None:
    assert await past.hass.auth.async_get_user(ANNA) is None
    quiet(past).tap("light.hall", "on", ANNA)
    assert await after_appearance(past) == [("light.hall", "on", "USER", ANNA)]


# Contexts that begin before the window.


@pytest.mark.parametrize("hours", [2, 30])
async def test_automation_with_a_delay(past: History, hours: int) -> None:
    run = quiet(past).trigger("automation.dusk")
    past.later(3600 * hours).act("light.hall", "on", run)
    assert await after_appearance(past) == [
        ("light.hall", "on", "AUTOMATION", "automation.dusk")
    ]


async def test_delay_before_an_incremental_read(past: History) -> None:
    run = quiet(past).trigger("automation.dusk")
    await past.written()
    since_ms = past.later(60).now_ms
    past.later(5400).act("light.hall", "on", run)
    assert await read(past, since_ms=since_ms) == [
        ("light.hall", "on", "AUTOMATION", "automation.dusk")
    ]


async def test_delay_of_a_parents_automation(past: History) -> None:
    run = quiet(past).trigger("automation.dusk")
    since_ms = past.later(600).now_ms
    past.later(1).state("light.hall", "on", past.context(parent=run))
    assert await read(past, since_ms=since_ms) == [
        ("light.hall", "on", "AUTOMATION", "automation.dusk")
    ]


async def test_context_of_which_the_id_tells_no_time(past: History) -> None:
    """The id of a context lies years after the instants of its events."""
    run = Context()
    quiet(past).event("automation_triggered", {"entity_id": "automation.dusk"}, run)
    since_ms = past.later(7200).now_ms
    past.later(1).act("light.hall", "on", run)
    assert await read(past, since_ms=since_ms) == [
        ("light.hall", "on", "AUTOMATION", "automation.dusk")
    ]


async def test_context_ids_that_the_recorder_cannot_keep(past: History) -> None:
    quiet(past)
    past.state("light.hall", "on", Context(id="no ulid", user_id=ANNA))
    past.later(30).state("light.stairs", "on", Context(id="no ulid"))
    past.event("automation_triggered", {"entity_id": "automation.x"}, Context(id="x"))
    assert await after_appearance(past) == [
        ("light.hall", "on", "USER", ANNA),
        ("light.stairs", "on", "PHYSICAL", ""),
    ]


# Calls and their targets.


@pytest.mark.parametrize(
    ("seconds", "origin"), [(8, "USER"), (15, "USER"), (16, "PHYSICAL")]
)
async def test_late_report(past: History, seconds: float, origin: str) -> None:
    quiet(past).call("light.turn_on", {"entity_id": "light.hall"}, past.context(ANNA))
    past.later(seconds).press("light.hall", "on")
    assert [row[2] for row in await after_appearance(past)] == [origin]


async def test_late_report_of_an_automations_call(past: History) -> None:
    run = quiet(past).trigger("automation.dusk")
    past.later(7200).call("light.turn_on", {"entity_id": "light.hall"}, run)
    past.later(9).press("light.hall", "on")
    assert await after_appearance(past) == [
        ("light.hall", "on", "AUTOMATION", "automation.dusk")
    ]


async def test_late_report_after_midnight(past: History) -> None:
    quiet(past).at(datetime(2026, 3, 2, 23, 59, 55, tzinfo=ZONE))
    past.call("light.turn_on", {"entity_id": "light.hall"}, past.context(ANNA))
    past.later(10).press("light.hall", "on")
    assert [row[2] for row in await after_appearance(past)] == ["USER"]


@pytest.mark.parametrize(
    "data",
    [
        {"entity_id": "light.hall"},
        {"entity_id": ["light.stairs", "light.hall"]},
        {"entity_id": "light.stairs, Light.Hall"},
        {"entity_id": "all"},
        {"target": {"entity_id": "light.hall"}},
    ],
)
async def test_forms_of_direct_targets(past: History, data: dict[str, Any]) -> None:
    quiet(past).call("light.turn_on", data, past.context(ANNA))
    past.later(9).press("light.hall", "on")
    past.press("switch.fan", "on")
    assert [row[2] for row in await after_appearance(past)] == ["USER", "PHYSICAL"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"entity_id": None},
        {"entity_id": {"a": 1}},
        {"entity_id": [1, None, ["x"]]},
        {"area_id": "nowhere", "device_id": 5, "label_id": [[]]},
    ],
)
async def test_junk_in_targets(past: History, data: dict[str, Any]) -> None:
    quiet(past).call("light.turn_on", data, past.context(ANNA))
    past.later(9).press("light.hall", "on")
    assert [row[2] for row in await after_appearance(past)] == ["PHYSICAL"]


async def test_call_that_was_too_long_to_be_kept(past: History) -> None:
    context = quiet(past).call(
        "light.turn_on",
        {"entity_id": "light.pair", "x": "y" * 33_000},
        past.context(ANNA),
    )
    past.state("light.hall", "on", context)
    assert await after_appearance(past) == [("light.hall", "on", "USER", ANNA)]


@pytest.mark.parametrize("target", ["area_id", "device_id", "label_id", "floor_id"])
async def test_indirect_targets(
    past: History,
    target: str,
    area_registry: ar.AreaRegistry,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
    floor_registry: Any,
    label_registry: lr.LabelRegistry,
) -> None:
    floor = floor_registry.async_create("Ground")
    area = area_registry.async_create("Hall", floor_id=floor.floor_id)
    label = label_registry.async_create("Night")
    entry = MockConfigEntry(domain="test")
    entry.add_to_hass(past.hass)
    device = device_registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("test", "1")}
    )
    device_registry.async_update_device(device.id, area_id=area.id)
    for domain, name in (("light", "hall"), ("switch", "fan")):
        known = entity_registry.async_get_or_create(
            domain, "test", name, device_id=device.id
        )
        entity_registry.async_update_entity(
            known.entity_id,
            new_entity_id=f"{domain}.{name}",
            labels={label.label_id},
        )
    ids = {
        "area_id": area.id,
        "device_id": device.id,
        "floor_id": floor.floor_id,
        "label_id": label.label_id,
    }
    quiet(past).call("light.turn_on", {target: [ids[target]]}, past.context(ANNA))
    past.later(9).press("light.hall", "on")
    past.press("switch.fan", "on")
    assert [row[2] for row in await after_appearance(past)] == ["USER", "PHYSICAL"]


# Groups, echoes, covers.


async def test_group_that_a_user_switches(past: History) -> None:
    context = quiet(past).call(
        "light.turn_on", {"entity_id": "light.pair"}, past.context(ANNA)
    )
    past.act("light.hall", "on", context)
    past.later(0.01).state("light.pair", "on", context)
    past.later(0.01).state("light.stairs", "on", context)
    assert await after_appearance(past) == [
        ("light.hall", "on", "UNKNOWN", ""),
        ("light.pair", "on", "USER", ANNA),
        ("light.stairs", "on", "UNKNOWN", ""),
    ]


async def test_group_of_which_a_member_is_switched(past: History) -> None:
    context = quiet(past).tap("light.hall", "on", ANNA)
    past.later(0.01).state("light.pair", "on", context)
    assert await after_appearance(past) == [
        ("light.hall", "on", "USER", ANNA),
        ("light.pair", "on", "UNKNOWN", ""),
    ]


async def test_group_that_is_not_watched_stands_for_its_members(past: History) -> None:
    past.state("group.all", "off", None, {"entity_id": ["light.hall", "group.more"]})
    past.state("group.more", "off", None, {"entity_id": ["light.stairs", "group.all"]})
    quiet(past).call(
        "homeassistant.turn_on", {"entity_id": "group.all"}, past.context(ANNA)
    )
    past.later(9).press("light.stairs", "on")
    assert await after_appearance(past) == [("light.stairs", "on", "USER", ANNA)]


async def test_group_that_is_not_recorded_hides_no_act(past: History) -> None:
    facts = home("light.hall", light__pair=("light.hall",))
    past.appear(light__hall="off")
    context = past.later(60).call(
        "light.turn_on", {"entity_id": "light.pair"}, past.context(ANNA)
    )
    past.act("light.hall", "on", context)
    assert (await read(past, facts=facts))[1:] == [("light.hall", "on", "USER", ANNA)]


async def test_echo_of_the_same_device(past: History) -> None:
    facts = HomeFacts(
        ZONE.key,
        {
            name: EntityFacts(name, name, device_id="plug")
            for name in ("light.plug", "switch.plug")
        },
    )
    past.appear(light__plug="off", switch__plug="off")
    past.later(60).press("switch.plug", "on")
    past.later(0.5).press("light.plug", "on")
    found = await read(past, facts=facts)
    assert [row[2] for row in found[2:]] == ["PHYSICAL", "UNKNOWN"]


@pytest.mark.parametrize("midnight", [False, True])
async def test_cover_comes_to_rest(past: History, *, midnight: bool) -> None:
    quiet(past)
    if midnight:
        past.at(datetime(2026, 3, 2, 23, 59, 40, tzinfo=ZONE))
    context = past.call(
        "cover.open_cover", {"entity_id": "cover.blind"}, past.context(ANNA)
    )
    past.later(0.2).state("cover.blind", "opening", context)
    past.later(40).press("cover.blind", "open")
    assert await after_appearance(past) == [("cover.blind", "open", "USER", ANNA)]


async def test_cover_that_turns_back_is_no_event(past: History) -> None:
    quiet(past).press("cover.blind", "opening")
    past.later(5).press("cover.blind", "closing")
    past.later(5).press("cover.blind", "closed")
    assert await after_appearance(past) == []


# Nobody's changes.


async def test_unavailable_and_back(past: History) -> None:
    quiet(past).press("light.hall", "unavailable")
    past.later(60).press("light.hall", "on")
    past.press("binary_sensor.door", "unknown")
    past.later(60).press("light.hall", "off")
    past.press("binary_sensor.door", "on")
    assert await after_appearance(past) == [
        ("light.hall", "unavailable", "SYSTEM", ""),
        ("binary_sensor.door", "unknown", "SYSTEM", ""),
        ("light.hall", "on", "SYSTEM", ""),
        ("binary_sensor.door", "on", "SYSTEM", ""),
        ("light.hall", "off", "PHYSICAL", ""),
    ]


async def test_restart(past: History) -> None:
    quiet(past).press("light.hall", "on")
    await past.restart()
    past.later(60).appear(
        light__hall="on", light__stairs="on", binary_sensor__door="on"
    )
    past.later(60).press("light.hall", "off")
    assert await after_appearance(past) == [
        ("light.hall", "on", "PHYSICAL", ""),
        ("binary_sensor.door", "on", "SYSTEM", ""),
        ("light.stairs", "on", "SYSTEM", ""),
        ("light.hall", "off", "PHYSICAL", ""),
    ]


async def test_entity_that_vanished_and_came_back(past: History) -> None:
    quiet(past)
    await past.written()
    past.hass.states.async_remove("light.hall")
    await past.written()
    until = datetime.now(UTC)
    past.at(until + timedelta(seconds=60)).press("light.hall", "on")
    found = await read(past)
    assert found[len(HOME.entities) :] == [
        ("light.hall", "", "SYSTEM", ""),
        ("light.hall", "on", "SYSTEM", ""),
    ]


async def test_repeated_state_and_attributes_are_no_events(past: History) -> None:
    quiet(past).press("light.hall", "on")
    past.later(5).state("light.hall", "on", None, {"brightness": 7})
    past.hass.states.async_set(
        "light.hall", "on", {}, True, timestamp=past.later(5).now.timestamp()
    )
    assert await after_appearance(past) == [("light.hall", "on", "PHYSICAL", "")]


# Event types that a person excluded from the recorder.

EXCLUDED = {
    "exclude": {
        "event_types": ["automation_triggered", "call_service", "script_started"]
    }
}


@pytest.mark.parametrize("recorder_config", [EXCLUDED])
async def test_without_events_states_of_runs_tell(past: History) -> None:
    quiet(past).appear(automation__dusk="on", script__x="off")
    past.later(60).act("light.hall", "on", run := past.trigger("automation.dusk"))
    past.later(7200).act("light.hall", "off", run)
    past.later(60).act("light.hall", "on", past.script("script.x", past.context(ANNA)))
    past.later(60).tap("light.hall", "off", ANNA)
    past.later(60).press("light.hall", "on")
    assert await after_appearance(past) == [
        ("light.hall", "on", "AUTOMATION", "automation.dusk"),
        ("light.hall", "off", "AUTOMATION", "automation.dusk"),
        ("light.hall", "on", "SCRIPT", "script.x"),
        ("light.hall", "off", "USER", ANNA),
        ("light.hall", "on", "PHYSICAL", ""),
    ]


async def test_automation_that_a_user_switches_off_ran_not(past: History) -> None:
    quiet(past).appear(automation__dusk="on")
    context = past.later(60).call(
        "homeassistant.turn_off", {"entity_id": "all"}, past.context(ANNA)
    )
    past.state("automation.dusk", "off", context)
    past.state("switch.fan", "on", context)
    assert await after_appearance(past) == [("switch.fan", "on", "USER", ANNA)]


# Windows.


def joined(found: Iterable[Window]) -> list[tuple[int, str, str]]:
    return [
        (int(t), window.log.entities[entity], window.log.states[state])
        for window in found
        for t, entity, state in zip(
            window.log.t, window.log.entity, window.log.state, strict=True
        )
    ]


async def test_windows_end_with_local_days(past: History) -> None:
    quiet(past)
    for hour in range(28 * 24):
        past.later(3600).press("light.hall", "on" if hour % 2 else "off")
    past.at(datetime(2026, 3, 30, 6, tzinfo=ZONE))
    found = await windows(past.hass, past.now)
    ends = [datetime.fromtimestamp(window.until_ms / 1000, ZONE) for window in found]
    assert ends[-1] == past.now
    assert [(end.hour, end.minute) for end in ends[:-1]] == [(0, 0)] * 28
    assert [end.day for end in ends[:-1]] == [*range(3, 31)]
    times = [row[0] for row in joined(found)]
    assert times == sorted(times)


async def test_incremental_reads_lose_and_repeat_nothing(past: History) -> None:
    quiet(past)
    for step in range(300):
        past.later(617.3).press("light.hall", "on" if step % 2 else "off")
        past.press("binary_sensor.door", "on" if step % 3 else "off")
    end = past.later(1).now
    whole = joined(await windows(past.hass, end))
    assert len(whole) > 400
    parts: list[tuple[int, str, str]] = []
    since_ms: int | None = None
    last: dict[str, str] = {}
    for hours in (3, 3.5, 20, 47, 1000):
        until = min(START + timedelta(hours=hours), end)
        found = await windows(past.hass, until, since_ms=since_ms, last_states=last)
        parts += joined(found)
        last.update({entity: state for _, entity, state in joined(found)})
        since_ms = found[-1].until_ms
        assert since_ms == round(until.timestamp() * 1000)
    assert parts == whole


async def test_watermark_falls_on_an_event(past: History) -> None:
    quiet(past).press("light.hall", "on")
    first = seen(await windows(past.hass, past.now))
    last = {row[0]: row[1] for row in first}
    assert last["light.hall"] == "off"
    found = await read(past, since_ms=past.now_ms, last_states=last)
    assert found == [("light.hall", "on", "PHYSICAL", "")]


async def test_state_before_the_first_window_is_remembered(past: History) -> None:
    quiet(past).press("light.hall", "on")
    since_ms = past.later(60).now_ms
    past.hass.states.async_set(
        "light.hall", "on", {}, True, timestamp=past.later(60).now.timestamp()
    )
    assert await read(past, since_ms=since_ms, last_states={"light.hall": "on"}) == []


async def test_empty_database(past: History) -> None:
    found = await windows(past.hass, START)
    assert [(len(window.log), window.rows) for window in found] == [(0, 0)]
    assert found[0].until_ms == round(START.timestamp() * 1000)


async def test_history_of_one_day(past: History) -> None:
    quiet(past).tap("light.hall", "on", ANNA)
    found = await windows(past.hass, past.now + timedelta(hours=1))
    assert [(window.rows, window.calls) for window in found] == [(8, 1)]


async def test_gaps_are_passed_over(past: History) -> None:
    quiet(past)
    past.at(START + timedelta(days=400)).press("light.hall", "on")
    found = await windows(past.hass, past.now + timedelta(days=400))
    assert len(found) == 4
    assert joined(found)[-1][1:] == ("light.hall", "on")
    assert found[-1].until_ms == past.now_ms + 400 * 86_400_000


async def test_clock_that_jumps(past: History) -> None:
    quiet(past)
    past.at(datetime(1970, 1, 1, 0, 5, tzinfo=UTC)).press("switch.fan", "on")
    past.at(START + timedelta(days=4000)).press("switch.fan", "off")
    past.at(START + timedelta(hours=2)).press("light.hall", "on")
    past.at(START + timedelta(hours=1)).press("light.hall", "off")
    past.at(START + timedelta(hours=3)).press("light.hall", "on")
    found = await windows(past.hass, past.now + timedelta(days=3))
    assert [row[1:] for row in joined(found)[len(HOME.entities) :]] == [
        ("light.hall", "on")
    ]
    assert found[-1].until_ms == past.now_ms + 3 * 86_400_000


async def test_only_entities_of_the_home_are_read(past: History) -> None:
    quiet(past).press("light.hall", "on")
    past.press("sensor.power", "1")
    assert {
        row[0] for row in await read(past, facts=home("light.hall", "light.x"))
    } == {"light.hall"}


async def test_home_without_entities(past: History) -> None:
    quiet(past).tap("light.hall", "on", ANNA)
    found = await windows(past.hass, past.now, facts=home())
    assert seen(found) == []


async def test_more_entities_than_fit_into_one_query(past: History) -> None:
    names = [f"light.l{number}" for number in range(1000)]
    for name in names:
        past.state(name, "off")
    past.later(60)
    for name in names:
        past.press(name, "on")
    found = await read(past, facts=home(*names))
    assert [row[0] for row in found] == sorted(names) * 2
    assert {row[2] for row in found[1000:]} == {"PHYSICAL"}


async def test_names_outside_ascii(past: History) -> None:
    facts = home("media_player.kuche", "input_select.modus")
    past.appear(media_player__kuche="aus", input_select__modus="Schlafen 🌙")
    automation = "automation.kuche"
    run = past.later(60).context()
    past.event(
        "automation_triggered", {"entity_id": automation, "name": "Küche 🍳"}, run
    )
    past.state("media_player.kuche", "Überall", run)
    past.press("input_select.modus", "寝る")
    assert (await read(past, facts=facts))[2:] == [
        ("input_select.modus", "寝る", "REPORT", ""),
        ("media_player.kuche", "Überall", "AUTOMATION", automation),
    ]


async def test_attributes_of_16_kib_do_not_matter(past: History) -> None:
    quiet(past).state("light.hall", "on", None, {"effect_list": ["x" * 99] * 200})
    assert await after_appearance(past) == [("light.hall", "on", "PHYSICAL", "")]


# The recorder itself.


async def test_no_recorder(hass: HomeAssistant) -> None:
    with pytest.raises(RecorderMissing):
        await async_ready(hass)
    with pytest.raises(RecorderMissing):
        await windows(hass, START)


@pytest.mark.parametrize("attribute", ["migration_in_progress", "migration_is_live"])
async def test_recorder_that_migrates(past: History, attribute: str) -> None:
    await async_ready(past.hass)
    with (
        patch.object(get_instance(past.hass), attribute, True),
        pytest.raises(RecorderMigrating),
    ):
        await async_ready(past.hass)


async def test_recorder_that_gave_up(past: History) -> None:
    with (
        patch.object(Recorder, "is_alive", return_value=False),
        pytest.raises(RecorderMissing),
    ):
        await async_ready(past.hass)


async def test_reads_only_in_the_recorders_workers(past: History) -> None:
    quiet(past)
    await past.written()
    names = set()
    read_really = Reader.read

    def spy(self: Reader, *args: Any) -> Any:
        names.add(threading.current_thread().name)
        return read_really(self, *args)

    with patch.object(Reader, "read", spy):
        await read(past)
    assert names
    assert all(name.startswith("DbWorker") for name in names)


async def test_deadlock_is_tried_again(past: History) -> None:
    quiet(past)
    failures = [OperationalError("", {}, Exception("deadlock"))] * 2
    read_really = Reader.read

    def read_at_last(self: Reader, *args: Any) -> Any:
        if failures:
            raise failures.pop()
        return read_really(self, *args)

    with patch.object(Reader, "read", read_at_last):
        assert len(await read(past)) == len(HOME.entities)


async def test_database_that_stays_in_the_way(past: History) -> None:
    quiet(past)
    error = OperationalError("", {}, Exception("disk full"))
    with (
        patch.object(Reader, "read", side_effect=error),
        pytest.raises(OperationalError),
    ):
        await read(past)


async def test_recorder_that_is_held_up(past: History) -> None:
    """What may not be written yet is left for the next read."""
    quiet(past).press("light.hall", "on")
    await past.written()
    until = past.now + timedelta(hours=1)
    with patch(
        "custom_components.automation_scout.recorder_source.windows.async_flush",
        return_value=False,
    ):
        found = await windows(past.hass, until)
    assert found[-1].until_ms == past.now_ms
    rest = await windows(
        past.hass,
        until,
        since_ms=past.now_ms,
        last_states={row[1]: row[2] for row in joined(found)},
    )
    assert seen(rest) == [("light.hall", "on", "PHYSICAL", "")]
