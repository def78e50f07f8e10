"""Windows of one local day, one job on the recorder's executor each."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Final

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
from sqlalchemy.exc import OperationalError

from ..mining.events import EventLog, log_of_rows
from ..mining.facts import HomeFacts
from .reader import Reader, Reading
from .readiness import async_flush, async_ready
from .targets import target_index

EARLIEST_MS: Final = 1_379_376_000_000
"""17 September 2013, the first release of Home Assistant: what is older comes from a
clock that was not set."""
TRIES: Final = 3
"""A deadlock with the recorder's own writing or purge is over at the next try."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """History up to an instant, as far as it was not read before."""

    log: EventLog
    until_ms: int
    """Where the next read has to begin."""
    rows: int
    """Rows of states that were read for it."""
    calls: int
    """Service calls that were read for it."""


async def async_windows(
    hass: HomeAssistant,
    facts: HomeFacts,
    since_ms: int | None,
    until_ms: int,
    last_states: Mapping[str, str],
    automation_ids_own: frozenset[str],
) -> AsyncIterator[Window]:
    """Yield the recorder's history in [since_ms, until_ms), oldest first.

    Each window ends with a local day, the last one at `until_ms`, or earlier where
    the recorder has not written so far. Without `since_ms` the first begins with the
    oldest change there is. Days without any history at all are passed over.

    Args:
        hass: Home Assistant.
        facts: The home; only its entities are read.
        since_ms: End of the last window of the read before, ms UTC.
        until_ms: End of the read, ms UTC.
        last_states: State at `since_ms`, by name in the log.
        automation_ids_own: Entity ids of automations that are the integration's own.

    Raises:
        RecorderMissing: There is no recorder.
        RecorderMigrating: It is busy with its own database.
    """
    await async_ready(hass)
    instance = get_instance(hass)
    reader = Reader(
        hass,
        instance,
        facts,
        target_index(facts),
        await _async_system_users(hass),
        automation_ids_own,
    )
    flushed = await async_flush(instance)
    oldest = since_ms
    if oldest is None:
        oldest = await _async_job(instance, reader.oldest_ms, EARLIEST_MS)
    if not flushed:
        newest = await _async_job(instance, reader.newest_ms, until_ms)
        until_ms = min(until_ms, newest or 0)
    start = until_ms if oldest is None else oldest
    zone = (
        await dt_util.async_get_time_zone(facts.time_zone)
        or dt_util.get_default_time_zone()
    )
    states = dict(last_states)
    if oldest is None and flushed:
        yield Window(log_of_rows([]), until_ms, 0, 0)
    while start < until_ms:
        day, end = _midnights_ms(start, zone)
        end = min(end, until_ms)
        reading = await _async_read(instance, reader, (start, end, day), states)
        states.update(reading.last_states)
        if reading.rows:
            start = end
        else:
            start = until_ms if reading.next_ms is None else max(end, reading.next_ms)
        yield Window(reading.log, min(start, until_ms), reading.rows, reading.calls)


async def _async_read(
    instance: Recorder,
    reader: Reader,
    span: tuple[int, int, int],
    last_states: Mapping[str, str],
) -> Reading:
    start_ms, end_ms, day_ms = span

    def read(start_ms: int) -> Reading:
        return reader.read(start_ms, end_ms, day_ms, last_states)

    return await _async_job(instance, read, start_ms)


async def _async_job[T](
    instance: Recorder, job: Callable[[int], T], moment_ms: int
) -> T:
    """Run a job on the recorder's executor, again where the database was in the way."""
    for _ in range(TRIES - 1):
        try:
            return await instance.async_add_executor_job(job, moment_ms)
        except OperationalError:
            continue
    return await instance.async_add_executor_job(job, moment_ms)


async def _async_system_users(hass: HomeAssistant) -> frozenset[str]:
    return frozenset(
        user.id for user in await hass.auth.async_get_users() if user.system_generated
    )


def _midnights_ms(moment_ms: int, zone: tzinfo) -> tuple[int, int]:
    """Return when the local day of an instant begins and ends, ms UTC."""
    day = datetime.fromtimestamp(moment_ms / 1000, zone).date()
    midnight = datetime.combine(day, time.min, zone)
    tomorrow = datetime.combine(day + timedelta(days=1), time.min, zone)
    return int(midnight.timestamp() * 1000), int(tomorrow.timestamp() * 1000)
