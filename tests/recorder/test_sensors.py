"""Sensors that measure, read from a recorder; and what is known after a purge."""

from datetime import timedelta
from math import sin
from typing import Any

from homeassistant.components.recorder.db_schema import States
from homeassistant.helpers.recorder import get_instance, session_scope
import pytest
from sqlalchemy import update

from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts

from ..recorder_history import History
from .reading import (
    ANNA,
    HOME,
    START,
    ZONE,
    after_appearance,
    joined,
    quiet,
    read,
    windows,
)

WARM = "sensor.warm"
SENSORS = HomeFacts(
    ZONE.key,
    {
        name: EntityFacts(
            name, name, None, name, device_class, unit=unit, is_numeric=bool(unit)
        )
        for name, device_class, unit in (
            (WARM, "temperature", "°C"),
            ("sensor.plug", "power", "W"),
            ("sensor.machine", "enum", None),
            ("light.hall", None, None),
        )
    },
)


async def test_only_changes_that_matter(past: History) -> None:
    for value in ("20.0", "20.04", "20.1", "20.15", "20.31", "20.2", "20.44", "19.9"):
        past.later(300).state(WARM, value)
    assert await read(past, facts=SENSORS) == [
        (WARM, "20", "SYSTEM", ""),
        (WARM, "20.3", "REPORT", ""),
        (WARM, "19.9", "REPORT", ""),
    ]


async def test_a_sensor_that_says_nothing(past: History) -> None:
    for value in ("20", "unavailable", "unknown", "nan", "inf", "Error 5", "20", "21"):
        past.later(300).state(WARM, value)
    assert await read(past, facts=SENSORS) == [
        (WARM, "20", "SYSTEM", ""),
        (WARM, "unavailable", "SYSTEM", ""),
        (WARM, "20", "SYSTEM", ""),
        (WARM, "21", "REPORT", ""),
    ]


async def test_a_sensor_of_few_states_is_read_as_it_is(past: History) -> None:
    for value in ("wash", "spin", "unknown", "done", "wash"):
        past.later(300).state("sensor.machine", value)
    assert [row[1:3] for row in await read(past, facts=SENSORS)] == [
        ("wash", "SYSTEM"),
        ("spin", "REPORT"),
        ("unknown", "SYSTEM"),
        ("done", "SYSTEM"),
        ("wash", "REPORT"),
    ]


async def test_reports_of_the_same_number_do_not_matter(past: History) -> None:
    past.state(WARM, "20", None, {"seen": 1})
    for seen in range(2, 30):
        past.later(60).state(WARM, "20", None, {"seen": seen})
    assert await read(past, facts=SENSORS) == [(WARM, "20", "SYSTEM", "")]


async def test_windows_may_end_anywhere(past: History) -> None:
    for step in range(900):
        past.later(211.7).state(WARM, f"{20 + 3 * sin(step / 9) + step % 3 / 10:.2f}")
        past.state("sensor.plug", str(step * 7919 % 2000))
        if step % 97 == 96:
            past.state(WARM, "unavailable")
    end = past.later(60).now
    whole = joined(await windows(past.hass, end, SENSORS))
    assert 600 < len(whole) < 1300
    for hours in (1.3, 11):
        parts: list[tuple[int, str, str]] = []
        since_ms: int | None = None
        last: dict[str, str] = {}
        until = START
        while until < end:
            until = min(until + timedelta(hours=hours), end)
            found = await windows(
                past.hass, until, SENSORS, since_ms=since_ms, last_states=last
            )
            parts += joined(found)
            last.update({entity: state for _, entity, state in joined(found)})
            since_ms = found[-1].until_ms
        assert parts == whole


async def test_numbers_after_a_restart(past: History) -> None:
    past.state(WARM, "20")
    past.later(600).state(WARM, "21")
    await past.later(600).restart()
    past.later(60).state(WARM, "19")
    past.later(600).state(WARM, "18")
    assert [row[1:3] for row in await read(past, facts=SENSORS)] == [
        ("20", "SYSTEM"),
        ("21", "REPORT"),
        ("19", "SYSTEM"),
        ("18", "REPORT"),
    ]


# The recorder forgets what an entity was before.


async def purge(past: History) -> None:
    """Forget the states so far, as the recorder's purge does."""
    await past.written()

    def forget() -> None:
        with session_scope(hass=past.hass) as session:
            session.execute(update(States).values(old_state_id=None))
            session.query(States).delete()

    await get_instance(past.hass).async_add_executor_job(forget)
    get_instance(past.hass).states_manager.reset()


@pytest.mark.parametrize(
    ("known", "origin"),
    [({"light.hall": "off", "binary_sensor.door": "off"}, True), ({}, False)],
)
async def test_first_change_after_a_purge(
    past: History, known: dict[str, str], origin: bool
) -> None:
    quiet(past)
    since_ms = past.later(86_400).now_ms
    await purge(past)
    past.later(60).tap("light.hall", "on", ANNA)
    past.press("binary_sensor.door", "on")
    found = await read(past, facts=HOME, since_ms=since_ms, last_states=known)
    assert found == [
        ("binary_sensor.door", "on", "REPORT" if origin else "SYSTEM", ""),
        ("light.hall", "on", *(("USER", ANNA) if origin else ("SYSTEM", ""))),
    ]


async def test_first_change_after_a_restart(past: History) -> None:
    quiet(past)
    since_ms = past.later(3600).now_ms
    await past.restart()
    past.later(900).appear(light__hall="on", binary_sensor__door="off")
    known = {"light.hall": "off", "binary_sensor.door": "off"}
    found = await read(past, facts=HOME, since_ms=since_ms, last_states=known)
    assert found == [("light.hall", "on", "SYSTEM", "")]
    assert (await after_appearance(past))[0] == found[0]


async def test_a_sensor_of_any_other_name(past: History) -> None:
    """What nobody's facts name is not read, whatever it is."""
    more: dict[str, Any] = {"unit_of_measurement": "°C"}
    past.later(60).state("sensor.cold", "3", None, more)
    assert await read(past, facts=SENSORS) == []
