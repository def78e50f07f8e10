"""Logs that nobody would wish for: never a warning, never a NaN, never an exception."""

from dataclasses import fields
from math import isfinite
from time import perf_counter

import numpy as np
import pytest

from custom_components.automation_scout.mining.events import (
    EventLog,
    Row,
    log_of_rows,
)
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.localtime import local_days, local_ms
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.result import MiningResult
from custom_components.automation_scout.mining.rules import Action
from custom_components.automation_scout.mining.settings import MiningSettings

from .checks import planted_rows
from .worlds import (
    BARE,
    DAY,
    MINUTE,
    ZONE,
    clock_habit,
    columns_of,
    edges_of,
    facts_of,
    history_of,
    idle_use,
    instant,
    mined,
    occasions,
    pulses,
    reaction,
    rules_of,
)


def numbers(result: MiningResult) -> list[float]:
    """Return every number of a result."""
    found: list[float] = [r.measured for r in result.rejections]
    found += [r.required for r in result.rejections]
    for item in result.proven:
        found += [item.score, item.confidence]
        evidence = item.evidence
        found += [evidence.precision, evidence.precision_low, evidence.coverage]
        found += [evidence.saved_per_week, evidence.unwanted_per_week]
        found += [
            value
            for field in fields(evidence)
            if isinstance(value := getattr(evidence, field.name), int)
        ]
    return found


@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_few_events(n: int) -> None:
    with np.errstate(all="raise"):
        result = mined(sorted(planted_rows())[:n])
    assert result.proven == ()
    assert result.events == n


def test_a_hundred_thousand_events() -> None:
    """The habits are found in ten times as much noise, and every number is one."""
    rng = np.random.default_rng(4)
    start = instant(0, 0)
    rows = planted_rows()
    for sensor in range(20):
        at = np.sort(rng.uniform(start, start + 28 * DAY, 5000)).astype(np.int64)
        name = f"binary_sensor.noise_{sensor}"
        rows += [
            (int(t), name, ("on", "off")[i % 2], int(Origin.REPORT), "")
            for i, t in enumerate(at)
        ]
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        result = mined(rows)
    assert result.events == len(rows) > 100_000
    assert rules_of(result) == rules_of(mined(planted_rows()))
    assert all(isfinite(number) for number in numbers(result))


def test_names_of_every_length_and_script() -> None:
    """Names are opaque: emoji, Arabic, 10,000 characters."""
    lamp, sensor = "light." + "ю" * 10_000, "binary_sensor.дверь_門_🚪"
    at = occasions(range(28), 3, 4)
    rows = pulses(sensor, at) + reaction(lamp, at, seed=4)
    rows += clock_habit("switch.büro", 1170, range(28))
    facts = facts_of(
        EntityFacts(lamp, "\u202e門ю" * 3000),
        EntityFacts(sensor, ""),
        EntityFacts("switch.büro", "Büro 🏠"),
    )
    result = mined(rows, facts)
    assert edges_of(result, Action(lamp, "on")) == {(sensor, "on")}
    assert Action("switch.büro", "on") in {rule.action for rule in rules_of(result)}


def test_seventy_thousand_states() -> None:
    """More than 16 bits can number, of one entity that is no switch."""
    start = instant(0, 0)
    rows: list[Row] = [
        (start + i * 30_000, "select.text", f"state {i}", int(Origin.REPORT), "")
        for i in range(70_000)
    ]
    log = log_of_rows(rows + planted_rows())
    assert len(log.states) > 70_000
    assert len({row[2] for row in columns_of(log)}) == len(log.states)
    result = mine(log, BARE, MiningSettings())
    assert result.errors == ()
    assert rules_of(result) == rules_of(mined(planted_rows()))


def test_a_clock_that_went_back() -> None:
    """Rows may come in any order; a log that is not sorted cannot be made."""
    rows = planted_rows()
    for later in (rows[::-1], rows[7:] + rows[:7]):
        assert columns_of(log_of_rows(later)) == columns_of(log_of_rows(rows))
    log = log_of_rows(rows)
    with pytest.raises(ValueError, match="not sorted"):
        EventLog(
            log.t[::-1].copy(), log.entity, log.state, log.origin, log.actor,
            log.entities, log.states,
        )  # fmt: skip
    with pytest.raises(ValueError, match="differ in length"):
        EventLog(
            log.t[1:], log.entity, log.state, log.origin, log.actor,
            log.entities, log.states,
        )  # fmt: skip


def test_an_hour_that_happened_twice() -> None:
    """The system clock jumped back: the same minutes again, with other changes."""
    rows = planted_rows()
    again = [
        (t - 3_600_000, e, s, o, a) for t, e, s, o, a in rows if t > instant(14, 0)
    ]
    before = [row for row in rows if row[0] <= instant(14, 0)]
    result = mined(before + again)
    assert all(isfinite(number) for number in numbers(result))


def test_an_event_from_before_the_clock_was_set() -> None:
    """A device that starts up in 1970: a day more, and no habits less.

    Ten seconds are a hundred times what it takes.
    """
    rows = planted_rows()
    rows.append((1000, "binary_sensor.hall", "on", Origin.REPORT, ""))
    started = perf_counter()
    result = mined(rows)
    assert perf_counter() - started < 10
    assert {p.evidence.days_observed for p in result.proven} == {28}
    assert history_of(rows).span[0] == history_of(planted_rows()).span[0]
    assert rules_of(result) == rules_of(mined(planted_rows()))


def test_an_event_from_the_future() -> None:
    """The system clock stood at 2106 once: the home's history is still its history."""
    rows = planted_rows()
    rows.append((4_294_967_295_000, "binary_sensor.hall", "on", Origin.REPORT, ""))
    assert rules_of(mined(rows)) == rules_of(mined(planted_rows()))


def test_slices_share_memory_and_keep_the_vocabulary() -> None:
    log = log_of_rows(planted_rows())
    start, end = int(log.t[10]), int(log.t[50])
    part = log.between(start, end)
    assert columns_of(part) == [r for r in columns_of(log) if start <= r[0] < end]
    assert np.shares_memory(part.t, log.t)
    of_lamp = log.entity == log.entities.index("light.lamp")
    lamp = log.where(of_lamp)
    assert columns_of(lamp) == [r for r in columns_of(log) if r[1] == "light.lamp"]
    assert lamp.entities == part.entities == log.entities
    with pytest.raises(ValueError, match="read-only"):
        log.t[0] = 0


def test_restarts_and_dead_devices() -> None:
    """Unavailable in between, the habit is what it was."""
    rows = planted_rows()
    for day in (3, 9, 10, 20):
        for entity_id in ("light.lamp", "light.desk", "binary_sensor.door"):
            at = instant(day, 200)
            rows.append((at, entity_id, "unavailable", int(Origin.SYSTEM), ""))
            rows.append((at + MINUTE, entity_id, "off", int(Origin.SYSTEM), ""))
    with np.errstate(all="raise"):
        result = mined(rows)
    plain = mined(planted_rows())
    assert {r.action for r in rules_of(result)} == {r.action for r in rules_of(plain)}
    assert result.origins["system"] == 16


@pytest.mark.parametrize("state", ["unavailable", "unknown", "", "on"])
def test_states_that_never_change(state: str) -> None:
    rows: list[Row] = [
        (instant(day, 600), "light.lamp", state, int(Origin.SYSTEM), "")
        for day in range(30)
    ]
    with np.errstate(all="raise"):
        result = mined(rows)
    assert result.proven == ()
    assert result.n_tested == 0


@pytest.mark.parametrize("minutes", [1, 60, 1440])
def test_a_history_of_a_day(minutes: int) -> None:
    start = instant(0, 600)
    rows = [r for r in planted_rows() if start <= r[0] < start + minutes * MINUTE]
    rows += [
        (start + i * 1000 * minutes, "light.lamp", ("on", "off")[i % 2],
         int(Origin.USER), "")
        for i in range(60)
    ]  # fmt: skip
    with np.errstate(all="raise"):
        result = mined(rows)
    assert result.proven == ()
    assert all(isfinite(number) for number in numbers(result))


def test_a_home_with_hundreds_of_lamps_is_silent() -> None:
    """More hypotheses, more chances to be fooled; the gates know how many."""
    rows: list[Row] = []
    for lamp in range(120):
        rows += idle_use(f"light.lamp_{lamp}", 14, 1, seed=lamp)
    assert rules_of(mined(rows)) == set()


def test_origins_are_counted_for_actuators_only() -> None:
    result = mined(planted_rows())
    sensors = ("binary_sensor", "sensor")
    rows = [row for row in planted_rows() if row[1].split(".")[0] not in sensors]
    assert sum(result.origins.values()) == len(rows)
    assert set(result.origins) == {"user", "automation"}


def test_empty_columns_have_local_days() -> None:
    none = np.zeros(0, np.int64)
    assert local_ms(none, ZONE).dtype == np.int64
    assert local_days(none, ZONE).tolist() == []
    history = History(log_of_rows([]), HomeFacts(ZONE))
    assert history.span == (0, 0)
    assert history.acts == {}
    assert history.count_origins() == {}
    assert history.edge_index.kinds == ()


def test_unavailable_is_no_mode() -> None:
    """Not even where provenance takes it for somebody's act."""
    rows: list[Row] = []
    for day in range(28):
        at = instant(day, 1200)
        rows.append((at, "climate.hall", "unavailable", Origin.USER, ""))
        rows.append((at + 60 * MINUTE, "climate.hall", "heat", Origin.REPORT, ""))
    assert rules_of(mined(rows)) == set()
