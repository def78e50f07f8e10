"""Windows of history, and a recorder that cannot be read."""

import asyncio
from datetime import UTC, datetime, timedelta
import threading
from typing import Any
from unittest.mock import patch

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
import pytest
from sqlalchemy.exc import OperationalError

from custom_components.automation_scout.recorder_source import (
    RecorderMigrating,
    RecorderMissing,
    async_ready,
)
from custom_components.automation_scout.recorder_source.reader import Reader

from ..recorder_history import History
from .reading import (
    ANNA,
    HOME,
    START,
    ZONE,
    after_appearance,
    home,
    joined,
    quiet,
    read,
    seen,
    windows,
)


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


async def test_recorder_that_migrates(past: History) -> None:
    await async_ready(past.hass)
    with (
        patch.object(get_instance(past.hass), "migration_in_progress", True),
        pytest.raises(RecorderMigrating),
    ):
        await async_ready(past.hass)


async def test_recorder_that_has_migrated(past: History) -> None:
    """It keeps the mark of a live migration until its next start."""
    with patch.object(get_instance(past.hass), "migration_is_live", True):
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


async def test_flush_has_a_limit(past: History) -> None:
    async def never(self: Recorder) -> None:
        await asyncio.Event().wait()

    flush = "custom_components.automation_scout.recorder_source.readiness"
    with (
        patch.object(Recorder, "async_block_till_done", never),
        patch(f"{flush}.FLUSH_TIMEOUT_S", 0.01),
    ):
        assert await windows(past.hass, START) == []
