"""Generated automations, run by Home Assistant: they act when they should."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers.sun import get_astral_event_date
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.automation_scout.mining.automation import automation_config
from custom_components.automation_scout.mining.rules import (
    HOME,
    Action,
    NumericCondition,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    Step,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    WindowCondition,
)

LAMP: Final = Action("light.hall", "on")
MOTION: Final = "binary_sensor.hall"
MONDAY: Final = datetime(2026, 3, 2, 12)

type Install = Callable[[Rule], Awaitable[list[ServiceCall]]]


@pytest.fixture
async def install(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> AsyncIterator[Install]:
    """Return a function that sets up the automation of a rule; it is Monday noon.

    The function returns the calls that the automation makes.
    """
    await hass.config.async_set_time_zone("Europe/Amsterdam")
    freezer.move_to(MONDAY.replace(tzinfo=dt_util.get_default_time_zone()))
    calls = async_mock_service(hass, "light", "turn_on")

    async def set_up(rule: Rule) -> list[ServiceCall]:
        config = {"id": "scout", **automation_config(rule, "It", "It.")}
        assert await async_setup_component(hass, "automation", {"automation": config})
        await hass.async_block_till_done()
        assert hass.states.get("automation.it").state == "on"  # type: ignore[union-attr]
        return calls

    yield set_up
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )


async def _react() -> None:
    """Let what is set react, without waiting for the end of a run that pauses."""
    for _ in range(100):
        await asyncio.sleep(0)


@pytest.fixture
def wait(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> Callable[[float], Awaitable[None]]:
    """Return a function that lets seconds pass."""

    async def passing(seconds: float) -> None:
        await _react()
        freezer.tick(timedelta(seconds=seconds))
        async_fire_time_changed(hass)
        await hass.async_block_till_done()

    return passing


type Wait = Callable[[float], Awaitable[None]]


async def test_a_time_on_its_weekdays(install: Install, wait: Wait) -> None:
    calls = await install(Rule(TimeTrigger(13 * 60, (0, 2)), LAMP, 900))
    await wait(3599)
    assert calls == []
    fired = []
    for _ in range(7):
        await wait(1)
        fired.append(len(calls))
        await wait(86_399)
    assert fired == [1, 1, 2, 2, 2, 2, 2]


@pytest.mark.parametrize("offset", [0, 20, -35])
async def test_the_sun(
    hass: HomeAssistant, install: Install, wait: Wait, offset: int
) -> None:
    event = get_astral_event_date(hass, "sunset", dt_util.now().date())
    assert event is not None
    calls = await install(Rule(SunTrigger(SunEvent.SUNSET, offset), LAMP, 900))
    await wait(60 * offset + (event - dt_util.now()).total_seconds() - 30)
    assert calls == []
    await wait(31)
    assert len(calls) == 1
    await wait(3600)
    assert len(calls) == 1


async def test_a_number_that_crosses(
    hass: HomeAssistant, install: Install, wait: Wait
) -> None:
    hass.states.async_set("sensor.t", "25")
    calls = await install(Rule(NumericTrigger("sensor.t", Side.ABOVE, 24), LAMP, 900))
    for value, expected in (("26", 0), ("24", 0), ("24.1", 1), ("30", 1), ("20", 1)):
        hass.states.async_set("sensor.t", value)
        await wait(60)
        assert len(calls) == expected, value


async def test_a_number_that_comes_back_has_not_crossed(
    hass: HomeAssistant, install: Install, wait: Wait
) -> None:
    calls = await install(Rule(NumericTrigger("sensor.t", Side.ABOVE, 24), LAMP, 900))
    for value in ("26", "unavailable", "27", "unknown", "26"):
        hass.states.async_set("sensor.t", value)
        await wait(60)
    assert calls == []
    for value in ("20", "25"):
        hass.states.async_set("sensor.t", value)
        await wait(60)
    assert len(calls) == 1


async def test_a_number_that_stays(
    hass: HomeAssistant, install: Install, wait: Wait
) -> None:
    hass.states.async_set("sensor.t", "20")
    trigger = NumericTrigger("sensor.t", Side.BELOW, 18.5, for_s=300)
    calls = await install(Rule(trigger, LAMP, 900))
    hass.states.async_set("sensor.t", "18")
    await wait(200)
    hass.states.async_set("sensor.t", "19")
    await wait(200)
    assert calls == []
    hass.states.async_set("sensor.t", "18")
    await wait(299)
    assert calls == []
    await wait(2)
    assert len(calls) == 1


async def test_no_movement_for_ten_minutes(
    hass: HomeAssistant, install: Install, wait: Wait
) -> None:
    calls = await install(Rule(StateTrigger(MOTION, "off", for_s=600), LAMP, 900))
    for state, seconds in (("on", 900), ("off", 599), ("on", 5), ("off", 599)):
        hass.states.async_set(MOTION, state)
        await wait(seconds)
    assert calls == []
    await wait(2)
    assert len(calls) == 1


async def test_the_first_movement_after_quiet(
    hass: HomeAssistant, install: Install, wait: Wait
) -> None:
    calls = await install(Rule(StateTrigger(MOTION, "on", quiet_s=3600), LAMP, 900))
    fired = []
    for state, seconds in (
        ("on", 60),  # What was before is not known.
        ("off", 3599),
        ("on", 60),
        ("off", 3600),
        ("on", 60),
        ("off", 7200),
        ("on", 7200),
    ):
        hass.states.async_set(MOTION, state)
        await wait(0)
        fired.append(len(calls))
        await wait(seconds)
    assert fired == [0, 0, 0, 0, 1, 1, 2]


async def test_run_by_hand_it_looks_at_no_quiet(
    hass: HomeAssistant, install: Install
) -> None:
    """With its conditions, there is no trigger to ask: it does not run, and says no."""
    calls = await install(Rule(StateTrigger(MOTION, "on", quiet_s=3600), LAMP, 900))
    for skip, expected in ((False, 0), (True, 1)):
        await hass.services.async_call(
            "automation",
            "trigger",
            {"entity_id": "automation.it", "skip_condition": skip},
            blocking=True,
        )
        assert len(calls) == expected


async def test_the_last_one_leaves_and_the_first_comes(
    hass: HomeAssistant, install: Install, wait: Wait
) -> None:
    hass.states.async_set(HOME, "2")
    calls = await install(Rule(StateTrigger(HOME, "0"), LAMP, 900))
    for count, expected in (("1", 0), ("0", 1), ("1", 1), ("2", 1), ("0", 2)):
        hass.states.async_set(HOME, count)
        await wait(60)
        assert len(calls) == expected


async def test_the_first_one_comes_home(
    hass: HomeAssistant, install: Install, wait: Wait
) -> None:
    hass.states.async_set(HOME, "0")
    calls = await install(Rule(StateTrigger(HOME, "occupied"), LAMP, 900))
    for count, expected in (("1", 1), ("2", 1), ("1", 1), ("0", 1), ("2", 2)):
        hass.states.async_set(HOME, count)
        await wait(60)
        assert len(calls) == expected


@pytest.mark.parametrize(
    ("hours", "lux", "somebody", "expected"),
    [
        (10.5, "3", "1", 1),
        (13.9, "3", "2", 1),
        (14, "3", "1", 0),
        (9.9, "3", "1", 0),
        (10.5, "10", "1", 0),
        (10.5, "unavailable", "1", 0),
        (10.5, "3", "0", 0),
    ],
)
async def test_conditions(
    hass: HomeAssistant,
    install: Install,
    wait: Wait,
    hours: float,
    lux: str,
    somebody: str,
    expected: int,
) -> None:
    """Between ten in the evening and two, while it is dark and somebody is there."""
    rule = Rule(
        StateTrigger(MOTION, "on"),
        LAMP,
        900,
        (
            WindowCondition(22 * 60, 2 * 60),
            NumericCondition("sensor.lux", Side.BELOW, 10),
            StateCondition(HOME, "occupied"),
        ),
    )
    hass.states.async_set(MOTION, "off")
    hass.states.async_set("sensor.lux", lux)
    hass.states.async_set(HOME, somebody)
    calls = await install(rule)
    await wait(hours * 3600)
    hass.states.async_set(MOTION, "on")
    await wait(0)
    assert len(calls) == expected


async def test_a_routine_in_its_order(
    hass: HomeAssistant, install: Install, wait: Wait
) -> None:
    """The lamp that is on already keeps its brightness; the others follow."""
    hass.states.async_set("light.hall", "on")
    hass.states.async_set("light.desk", "off")
    rule = Rule(
        StateTrigger(MOTION, "on"),
        Action("light.porch", "on"),
        900,
        more=(
            Step(LAMP, (("brightness", 20.0),)),
            Step(Action("light.desk", "on"), (("brightness", 40.0),), delay_s=90),
        ),
    )
    calls = await install(rule)
    hass.states.async_set(MOTION, "on")
    await _react()
    assert [call.data["entity_id"] for call in calls] == [["light.porch"]]
    await wait(91)
    assert [call.data["entity_id"] for call in calls] == [
        ["light.porch"],
        ["light.desk"],
    ]
    assert calls[1].data["brightness_pct"] == 40
