"""`scripts/bench ingest`: reading the recorder, against the bare fetch of its rows."""

from argparse import ArgumentParser, Namespace
import asyncio
from collections.abc import Iterable, Iterator
from contextlib import closing
import logging
from pathlib import Path
from random import Random
import sqlite3
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final, NamedTuple

from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import async_initialize_recorder, get_instance
from homeassistant.setup import async_setup_component
from homeassistant.util.ulid import ulid_at_time, ulid_to_bytes
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from custom_components.automation_scout.mining.facts import (
    ACTUATOR_DOMAINS,
    EntityFacts,
    HomeFacts,
    domain_of,
)
from custom_components.automation_scout.recorder_source import async_windows

from .report import Row, table

ROWS: Final = 200_000
DAYS: Final = 10
START_S: Final = 1_772_000_000
LIGHTS: Final = 50
ACTUATORS: Final = 60
"""Lights that can be dimmed, and thermostats that report what they measure."""
REPORTERS: Final = 240
"""Actuators and binary sensors."""
WATCHED: Final = 300
"""These and thermometers."""
NOISE: Final = 200
"""Entities that are recorded and not read, with as many rows as the others."""
ACTS: Final = 0.2
"""Share of the read rows that are changes of actuators."""
UPDATES: Final = 0.2
"""Share of the read rows that are other attributes of actuators in the same state."""
SETS: Final = 0.3
"""Share of the changes of actuators that bring another brightness or temperature."""
MEASURED: Final = 0.3
"""Share of the read rows that are numbers."""
USER: Final = b"\x01" * 16
TYPES: Final = ("call_service", "automation_triggered")
REPEATS: Final = 3

COLUMNS: Final = "metadata_id, state, last_updated_ts, state_id, old_state_id"
ATTRIBUTES: Final = "last_changed_ts, shared_attrs"
CONTEXT: Final = "context_id_bin, context_user_id_bin, context_parent_id_bin"
CHANGED: Final = "(last_changed_ts is null or last_changed_ts = last_updated_ts)"


class Change(NamedTuple):
    """A row of states, by the names of its columns."""

    state_id: int
    state: str
    last_updated_ts: float
    old_state_id: int | None
    context_id_bin: bytes
    context_user_id_bin: bytes | None
    metadata_id: int
    attributes_id: int | None
    last_changed_ts: float | None


class Event(NamedTuple):
    """A row of events, by the names of its columns."""

    event_id: int
    time_fired_ts: float
    context_id_bin: bytes
    context_user_id_bin: bytes | None
    event_type_id: int
    data_id: int


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--rows", type=int, default=ROWS)


def names() -> list[str]:
    """Return the entity ids; the place in the list is the metadata id less one."""
    return [
        *(f"light.l{number}" for number in range(LIGHTS)),
        *(f"climate.c{number}" for number in range(ACTUATORS - LIGHTS)),
        *(f"binary_sensor.b{number}" for number in range(REPORTERS - ACTUATORS)),
        *(f"sensor.t{number}" for number in range(WATCHED - REPORTERS)),
        *(f"sensor.s{number}" for number in range(NOISE)),
    ]


class History(NamedTuple):
    """Rows of a recorder."""

    changes: list[Change]
    events: list[Event]
    data: dict[str, int]
    """Data of events to their ids; equal data share one."""
    attributes: dict[str, int]
    """Attributes to their ids."""


def history(rows: int, random: Random) -> History:
    """Return `rows` rows that are read, as many that are not, and their events."""
    found = History([], [], {}, {})
    changes, events, data, attributes = found
    known = names()
    last: dict[int, int] = {}
    levels: dict[int, float] = {}

    def fire(change: Change, type_id: int, text: str) -> None:
        data_id = data.setdefault(text, len(data) + 1)
        events.append(Event(len(events) + 1, change[2], *change[4:6], type_id, data_id))

    moments = sorted(random.random() * DAYS * 86_400 for _ in range(2 * rows))
    for state_id, moment in enumerate(moments, 1):
        share = 2 * random.random()
        acts = share < ACTS
        updates = ACTS <= share < ACTS + UPDATES
        state = ("off", "on")[state_id // 7 % 2]
        cause = random.random() if acts else 1.0
        if acts or updates:
            place = random.randrange(ACTUATORS)
        elif share < ACTS + UPDATES + MEASURED:
            place = random.randrange(REPORTERS, WATCHED)
            state = f"{20 + 3 * random.random():.2f}"
        elif share < 1:
            place = random.randrange(ACTUATORS, REPORTERS)
        else:
            place = random.randrange(WATCHED, WATCHED + NOISE)
        if acts and random.random() < SETS:
            levels[place] = random.random()
        text = _attributes(place, state, levels.get(place, 0.5), random)
        at = START_S + moment
        change = Change(
            state_id,
            state,
            at,
            last.get(place),
            ulid_to_bytes(ulid_at_time(at)),
            USER if cause < 0.4 else None,
            place + 1,
            attributes.setdefault(text, len(attributes) + 1),
            at - 60 if updates else None,
        )
        if 0.4 <= cause < 0.7:
            fire(change, 2, _trigger(place))
        if cause < 0.7:
            fire(change, 1, _call(known[place]))
        changes.append(change)
        last[place] = state_id
    return found


def _attributes(place: int, state: str, level: float, random: Random) -> str:
    name = f'"friendly_name":"Device {place}"'
    if place < LIGHTS:
        bright = round(255 * level) if state == "on" else "null"
        modes = '"supported_color_modes":["brightness"],"color_mode":"brightness"'
        return f'{{{modes},"brightness":{bright},{name},"supported_features":44}}'
    if place < ACTUATORS:
        warm, goal = random.randrange(180, 240) / 10, round(18 + 4 * level, 1)
        now = f'"current_temperature":{warm},"temperature":{goal}'
        return f'{{"hvac_modes":["heat","off"],"min_temp":7,{now},{name}}}'
    return f"{{{name}}}"


def _call(entity_id: str) -> str:
    data = f'"service_data":{{"entity_id":["{entity_id}"]}}'
    return f'{{"domain":"light","service":"turn_on",{data}}}'


def _trigger(number: int) -> str:
    return f'{{"name":"Dusk","entity_id":"automation.a{number}","source":"time"}}'


def fill(path: Path, rows: int) -> None:
    """Insert a history into the recorder's own, empty tables."""
    changes, events, data, attributes = history(rows, Random(1))
    tables: dict[str, Iterable[tuple[object, ...]]] = {
        "states_meta (metadata_id, entity_id)": enumerate(names(), 1),
        "event_types (event_type_id, event_type)": enumerate(TYPES, 1),
        "state_attributes (shared_attrs, attributes_id)": attributes.items(),
        f"states ({', '.join(Change._fields)})": changes,
        "event_data (shared_data, data_id)": data.items(),
        f"events ({', '.join(Event._fields)})": events,
    }
    with closing(sqlite3.connect(path)) as database, database:
        for statement, values in tables.items():
            marks = ",".join("?" * (statement.count(",") + 1))
            database.execute(f"delete from {statement.split()[0]}")  # noqa: S608
            database.executemany(
                f"insert into {statement} values ({marks})",  # noqa: S608
                values,
            )
        database.execute("analyze")


def queries() -> Iterator[str]:
    """Yield a statement for actuators, for other entities, and for events."""
    for columns, acts in (
        (f"{COLUMNS}, {CONTEXT}, states.attributes_id, {ATTRIBUTES}", True),
        (COLUMNS, False),
    ):
        ids = ",".join(
            str(number)
            for number, name in enumerate(names()[:WATCHED], 1)
            if (domain_of(name) in ACTUATOR_DOMAINS) is acts
        )
        others = "left join state_attributes using (attributes_id)" if acts else ""
        changed = "true" if acts else CHANGED
        yield (
            f"select {columns} from states {others}"  # noqa: S608
            f" where metadata_id in ({ids})"
            f" and last_updated_ts >= ? and last_updated_ts < ? and {changed}"
        )
    yield (
        "select time_fired_ts, event_id, event_type_id, context_id_bin,"
        " context_user_id_bin, context_parent_id_bin, shared_data"
        " from events left join event_data using (data_id)"
        " where event_type_id in (1, 2) and time_fired_ts >= ? and time_fired_ts < ?"
    )


def bare(path: Path, days: int) -> tuple[int, float]:
    """Fetch the rows with sqlite3 in so many parts; return their number and seconds."""
    step = DAYS * 86_400 / days
    with closing(sqlite3.connect(path)) as database:
        started = perf_counter()
        count = sum(
            len(
                database.execute(
                    query, (START_S + part * step, START_S + (part + 1) * step)
                ).fetchall()
            )
            for part in range(days)
            for query in queries()
        )
        return count, perf_counter() - started


def _facts(name: str) -> EntityFacts:
    if domain_of(name) != "sensor":
        return EntityFacts(name, name, device_id=name)
    return EntityFacts(
        name, name, None, name, "temperature", unit="°C", is_numeric=True
    )


async def ours(hass: HomeAssistant) -> tuple[int, float]:
    """Read with the integration; return the number of events and seconds."""
    facts = HomeFacts(
        "Europe/Amsterdam",
        {name: _facts(name) for name in names()[:WATCHED]},
    )
    until_ms = (START_S + DAYS * 86_400) * 1000
    started = perf_counter()
    found = [
        len(window.log)
        async for window in async_windows(hass, facts, None, until_ms, {}, frozenset())
    ]
    return sum(found), perf_counter() - started


async def measure(rows: int) -> list[Row]:
    """Fill a recorder's database and read it in turns; the best turn counts."""
    results: list[Row] = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "recorder.db"
        async with async_test_home_assistant() as hass:
            async_initialize_recorder(hass)
            config: dict[str, Any] = {
                "db_url": f"sqlite:///{path}",
                "auto_purge": False,
            }
            assert await async_setup_component(hass, "recorder", {"recorder": config})
            await hass.async_start()
            await hass.async_block_till_done()
            await get_instance(hass).async_block_till_done()
            await hass.async_add_executor_job(fill, path, rows)
            whole, daily, reader = [], [], []
            for _ in range(REPEATS):
                whole.append(await hass.async_add_executor_job(bare, path, 1))
                daily.append(await hass.async_add_executor_job(bare, path, DAYS))
                reader.append(await ours(hass))
            await hass.async_stop(force=True)
    count, least = whole[0][0], min(seconds for _, seconds in whole)
    for name, seconds in (
        ("bare sqlite3, one statement", least),
        ("bare sqlite3, day by day", min(seconds for _, seconds in daily)),
        ("automation_scout", min(seconds for _, seconds in reader)),
    ):
        results.append(
            {
                "reader": name,
                "rows": count,
                "seconds": round(seconds, 3),
                "us a row": round(1e6 * seconds / count, 2),
                "x bare": round(seconds / least, 2),
            }
        )
    return results


def run(options: Namespace) -> list[Row]:
    """Read a recorder's database of so many rows and print the seconds."""
    logging.disable(logging.WARNING)
    rows = asyncio.run(measure(options.rows))
    print(table(rows))
    return rows
