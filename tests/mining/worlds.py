"""Small homes written out by hand: rows in, with the truth in the test's own words.

Day 0 is Monday 2026-01-12; the next change of the clock is ten weeks away.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.automation_scout.mining.events import (
    EventLog,
    Row,
    log_of_rows,
)
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.result import MiningResult
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    StateTrigger,
    TimeTrigger,
)
from custom_components.automation_scout.mining.settings import MiningSettings
from custom_components.automation_scout.mining.sun import sun_events

ZONE: Final = "Europe/Amsterdam"
FIRST: Final = date(2026, 1, 12)
SECOND: Final = 1000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
OPPOSITE: Final = {"on": "off", "off": "on", "open": "closed", "closed": "open"}
BARE: Final = HomeFacts(ZONE)


def instant(
    day: int, minute: float, zone: str = ZONE, first: date = FIRST, fold: int = 0
) -> int:
    """Return ms UTC at which the clock on the wall shows a minute of a day."""
    wall = datetime(first.year, first.month, first.day) + timedelta(
        days=day, minutes=minute
    )
    aware = wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def clock_habit(
    entity_id: str,
    minute: int,
    days: Iterable[int],
    *,
    seed: int = 0,
    state: str = "on",
    jitter_min: float = 3,
    keep: float = 1.0,
    origin: Origin = Origin.USER,
    zone: str = ZONE,
    first: date = FIRST,
) -> list[Row]:
    """Do it around a time; hours before, at no particular time, somebody undoes it."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for day in days:
        undone = minute - rng.uniform(120, 600)
        done = minute + rng.normal(0, jitter_min)
        kept = rng.random() < keep
        at = instant(day, undone, zone, first)
        rows.append((at, entity_id, OPPOSITE[state], origin, ""))
        if kept:
            rows.append((instant(day, done, zone, first), entity_id, state, origin, ""))
    return rows


def dusk_habit(
    entity_id: str, offset_min: float, days: Iterable[int], *, seed: int = 0
) -> list[Row]:
    """Close it around sunset in Utrecht on most days; a timer opens it at eight."""
    rng = np.random.default_rng(seed)
    local = np.array([(FIRST - date(1970, 1, 1)).days + day for day in days])
    _, sets = sun_events(local, 52.1, 5.1, ZONE)
    rows: list[Row] = []
    for day, t in zip(days, sets.tolist(), strict=True):
        opened = instant(day, 480)
        rows.append((opened, entity_id, "open", Origin.AUTOMATION, ""))
        if rng.random() < 0.9:
            done = t + round(MINUTE * (offset_min + rng.normal(0, 4)))
            rows.append((done, entity_id, "closed", Origin.USER, ""))
    return rows


def pulses(entity_id: str, at: Iterable[int], length: int = MINUTE) -> list[Row]:
    """Let a sensor report on, and off again after `length` ms."""
    rows: list[Row] = []
    for t in at:
        rows.append((t, entity_id, "on", Origin.REPORT, ""))
        rows.append((t + length, entity_id, "off", Origin.REPORT, ""))
    return rows


def framed(rows: Sequence[Row], days: int, first: date = FIRST) -> list[Row]:
    """Return rows in a log that holds every day from end to end."""
    start, end = instant(0, 0, first=first), instant(days, 0, first=first)
    frame = pulses("binary_sensor.frame", [start], end - 1 - start)
    return [*frame, *rows]


def occasions(days: Iterable[int], a_day: int, seed: int = 0) -> list[int]:
    """Return instants between 8 and 23 o'clock, at least half an hour apart."""
    rng = np.random.default_rng(seed)
    found: list[int] = []
    for day in days:
        slots = rng.permutation(15)[:a_day]
        found += [instant(day, 480 + 60 * int(s) + rng.uniform(0, 30)) for s in slots]
    return sorted(found)


def reaction(
    entity_id: str,
    at: Iterable[int],
    *,
    seed: int = 0,
    keep: float = 0.9,
    lag_s: float = 15,
    state: str = "on",
    origin: Origin = Origin.USER,
) -> list[Row]:
    """Do it some seconds after each occasion; a timer undoes it 16 to 28 min later."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for t in at:
        done = t + round(SECOND * lag_s * rng.uniform(0.5, 1.5))
        undone = done + round(MINUTE * rng.uniform(16, 28))
        if rng.random() < keep:
            rows.append((done, entity_id, state, origin, ""))
            rows.append((undone, entity_id, OPPOSITE[state], Origin.AUTOMATION, ""))
    return rows


def swells(entity_id: str, at: Iterable[int], base: float = 50) -> list[Row]:
    """Let a number rise past `base` + 10 at each instant, and fall within the hour."""
    course = ((-2, 6), (0, 14), (3, 22), (15, 17), (25, 7), (28, 2))
    return [
        (t + minute * MINUTE, entity_id, f"{base + more:g}", Origin.REPORT, "")
        for t in at
        for minute, more in course
    ]


def visits(
    sensor: str, light: str, at: Iterable[int], still_min: int, *, seed: int = 0
) -> list[Row]:
    """Light a room for some minutes; mostly somebody puts it out once all is still."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for t in at:
        left = t + round(MINUTE * rng.uniform(1, 8))
        rows.append((t, sensor, "on", Origin.REPORT, ""))
        rows.append((t + 2 * SECOND, light, "on", Origin.AUTOMATION, ""))
        rows.append((left, sensor, "off", Origin.REPORT, ""))
        out = left + still_min * MINUTE + round(SECOND * rng.uniform(10, 40))
        if rng.random() < 0.85:
            rows.append((out, light, "off", Origin.USER, ""))
        else:
            rows.append((t + 29 * MINUTE, light, "off", Origin.AUTOMATION, ""))
    return rows


def idle_use(entity_id: str, days: int, a_day: float, seed: int = 0) -> list[Row]:
    """Switch something on and off again at times that mean nothing."""
    rng = np.random.default_rng(seed)
    span = instant(days, 0) - instant(0, 0)
    times = np.sort(rng.uniform(0, span, 2 * round(days * a_day / 2)))
    start = instant(0, 0)
    return [
        (start + int(t), entity_id, ("on", "off")[i % 2], Origin.USER, "")
        for i, t in enumerate(times)
    ]


def rule_at(minute: int, weekdays: Sequence[int] = range(7), entity: str = "") -> Rule:
    """Return the rule of a habit of the clock."""
    trigger = TimeTrigger(minute, tuple(weekdays))
    return Rule(trigger, Action(entity or "light.lamp", "on"), 900)


def mined(
    rows: Sequence[Row], facts: HomeFacts = BARE, settings: MiningSettings | None = None
) -> MiningResult:
    """Mine rows; a detector or gate that failed is an error of the test."""
    result = mine(log_of_rows(rows), facts, settings or MiningSettings())
    assert result.errors == ()
    return result


def rules_of(result: MiningResult) -> set[Rule]:
    """Return the proven rules."""
    return {item.rule for item in result.proven}


def times_of(result: MiningResult, action: Action) -> list[tuple[int, tuple[int, ...]]]:
    """Return minute and weekdays of proven clock habits with an action, by time."""
    return sorted(
        (item.rule.trigger.minute, item.rule.trigger.weekdays)
        for item in result.proven
        if action in item.rule.actions and isinstance(item.rule.trigger, TimeTrigger)
    )


def edges_of(result: MiningResult, action: Action) -> set[tuple[str, str]]:
    """Return the edges that proven reactions with an action hang on."""
    return {
        (item.rule.trigger.entity_id, item.rule.trigger.state)
        for item in result.proven
        if action in item.rule.actions and isinstance(item.rule.trigger, StateTrigger)
    }


def facts_of(*entities: EntityFacts, zone: str = ZONE) -> HomeFacts:
    """Return the facts of a home that has these entities and no others."""
    return HomeFacts(zone, {entity.entity_id: entity for entity in entities})


def history_of(rows: Sequence[Row], facts: HomeFacts = BARE) -> History:
    """Return the history of rows."""
    return History(log_of_rows(rows), facts)


def columns_of(log: EventLog) -> list[Row]:
    """Return a log as the rows that it was built from."""
    return [
        (
            int(log.t[i]),
            log.entities[log.entity[i]],
            log.states[log.state[i]],
            int(log.origin[i]),
            log.actors[log.actor[i]],
        )
        for i in range(len(log))
    ]
