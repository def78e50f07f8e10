"""Who caused a change, as the recorder tells it."""

from datetime import UTC, datetime, timedelta

from homeassistant.core import Context
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from ..recorder_history import History, user_id
from .reading import (
    ANNA,
    HOME,
    after_appearance,
    quiet,
    read,
)


async def test_first_appearance_is_nobodys(past: History) -> None:
    quiet(past)
    assert {row[2] for row in await read(past)} == {"SYSTEM"}
    assert len(await read(past)) == len(HOME.entities)


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
    past.later(5).state("light.hall", "on", None, {"effect": "rain"})
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
