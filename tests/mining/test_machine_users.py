"""Who acts to the second is no person."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
import numpy as np
import pytest

from custom_components.automation_scout.mining.events import EventLog, Row, log_of_rows
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.machine_users import (
    machine_precise,
)
from custom_components.automation_scout.mining.origin import HUMAN, Origin
from custom_components.automation_scout.mining.rules import Action, SunEvent

from .strategies import logs
from .worlds import BARE, SECOND, ZONE, clock_habit, history_of, idle_use, instant

PUMP = "switch.pump"
PLACE = HomeFacts(ZONE, latitude=52.1, longitude=5.1)


def schedule(
    days: int,
    *,
    spread_s: float = 0.5,
    minute: int = 1200,
    origin: Origin = Origin.USER,
    actor: str = "program",
    entity_id: str = PUMP,
) -> list[Row]:
    """Switch at a time and back an hour later, as exact as the spread says."""
    rng = np.random.default_rng(days)
    rows: list[Row] = []
    for day in range(days):
        for at, state in ((minute, "on"), (minute + 60, "off")):
            late = round(SECOND * rng.normal(2, spread_s))
            rows.append((instant(day, at) + late, entity_id, state, origin, actor))
    return rows


def by_people(rows: list[Row]) -> list[Row]:
    """Return the rows as those of one person."""
    return [(t, entity, state, origin, "anna") for t, entity, state, origin, _ in rows]


def test_a_program_with_a_user_of_its_own() -> None:
    rows = schedule(12) + idle_use("light.lamp", 12, 4)
    history = history_of(rows)
    [machine] = history.machines.found
    assert (machine.name, machine.is_user, machine.days, machine.acts) == (
        "program", True, 12, 24,
    )  # fmt: skip
    assert 0.1 < machine.spread_s < 1.5
    assert Action(PUMP, "on") not in history.acts
    assert Action("light.lamp", "on") in history.acts


def test_who_is_a_person_may_be_as_exact_as_they_like() -> None:
    """Somebody has said so; another user who acts the same way is still a program."""
    rows = schedule(12) + schedule(12, minute=600, actor="other", entity_id="fan.hall")
    history = history_of(rows, replace(BARE, people=frozenset({"program"})))
    assert [machine.name for machine in history.machines.found] == ["other"]
    assert len(history.acts[Action(PUMP, "on")]) == 12
    assert Action("fan.hall", "on") not in history.acts


def test_all_that_a_machine_does_is_a_machines() -> None:
    extra = (instant(3, 700), PUMP, "on", Origin.USER, "program")
    history = history_of([*schedule(12), extra])
    assert Action(PUMP, "on") not in history.acts


def test_a_person_whose_account_a_program_uses_keeps_their_own_acts() -> None:
    """One schedule runs under Anna's token; the lamp she switches herself."""
    rows = [*schedule(12, actor="anna"), *by_people(idle_use("light.lamp", 12, 6))]
    own = (instant(5, 840), PUMP, "on", Origin.USER, "anna")
    history = history_of([*rows, own])
    [machine] = history.machines.found
    assert (machine.name, machine.is_user, machine.acts) == ("anna", False, 24)
    assert history.acts[Action(PUMP, "on")].t.tolist() == [own[0]]
    assert len(history.acts[Action("light.lamp", "on")]) > 20


def test_the_schedule_of_a_device() -> None:
    """Its knob is still turned by people."""
    by_hand: list[Row] = [
        (
            instant(day, 600 + 37 * day),
            PUMP,
            ("on", "off")[day % 2],
            Origin.PHYSICAL,
            "",
        )
        for day in range(9)
    ]
    rows = schedule(9, origin=Origin.PHYSICAL, actor="")
    history = history_of(rows + by_hand)
    [machine] = history.machines.found
    assert (machine.name, machine.is_user, machine.days) == (PUMP, False, 9)
    kept = sum(len(acts) for acts in history.acts.values())
    assert kept == len(by_hand)


def test_a_device_is_named_without_the_setting() -> None:
    rows = [
        (
            t,
            "climate.a#temperature",
            "21" if state == "on" else "17",
            Origin.PHYSICAL,
            "",
        )
        for t, _, state, _, _ in schedule(9)
    ]
    assert [m.name for m in history_of(rows).machines.found] == ["climate.a"]


def test_by_the_sun_to_the_second() -> None:
    """A flow of another program at sunset is as exact, on the sun's dial."""
    bare = history_of([(instant(0, 0), PUMP, "off", Origin.SYSTEM, "")], PLACE)
    days = np.arange(20_465, 20_485)
    rows: list[Row] = []
    for number, t in enumerate(bare.sun_events(SunEvent.SUNSET, days).tolist()):
        rows.append((t + 700 + 13 * number, PUMP, "on", Origin.USER, "flow"))
        off = instant(number, 1300 + 7 * (number % 9))
        rows.append((off, PUMP, "off", Origin.USER, "flow"))
    assert [m.name for m in history_of(rows, PLACE).machines.found] == ["flow"]
    assert history_of(rows).machines.found == ()


@pytest.mark.parametrize("jitter_min", [0.75, 1.0, 2.0])
@pytest.mark.parametrize("days", [14, 90])
def test_punctual_people_are_people(jitter_min: float, days: int) -> None:
    for seed in range(8):
        rows = clock_habit("light.lamp", 1200, range(days), jitter_min=jitter_min,
                           seed=seed)  # fmt: skip
        assert history_of(rows).machines.found == ()


def test_few_days_need_to_be_more_exact() -> None:
    assert history_of(schedule(7, spread_s=0.3)).machines.found
    assert not history_of(schedule(7, spread_s=9.0)).machines.found
    assert not history_of(schedule(6, spread_s=0.1)).machines.found


def test_a_further_time_of_a_known_schedule_needs_fewer_days() -> None:
    """Three weekends of another time, beside thirteen workdays."""
    workdays = [row for row in schedule(20) if day_of(row) % 7 < 5]
    weekend = [row for row in schedule(20, minute=540) if day_of(row) % 7 >= 5]
    history = history_of(workdays + weekend)
    assert history.acts == {}


def day_of(row: Row) -> int:
    """Return the day of a row, 0 being the first Monday."""
    return (row[0] - instant(0, 0)) // (24 * 3600 * SECOND)


def test_over_a_change_of_the_clock() -> None:
    first = date(2026, 3, 23)
    rows = [
        (instant(day, 1200, first=first) + 400, PUMP, state, Origin.USER, "program")
        for day in range(14)
        for state in ("on",)
    ]
    rows += [(t + 3_600_000, PUMP, "off", Origin.USER, "program") for t, *_ in rows]
    [machine] = history_of(rows).machines.found
    assert machine.days == 14


@settings(max_examples=60)
@given(logs())
def test_only_human_rows_are_taken_and_names_are_known(log: EventLog) -> None:
    found = machine_precise(History(log, BARE))
    assert found.rows.shape == (len(log),)
    assert np.isin(log.origin[found.rows], HUMAN).all()
    assert bool(found.rows.any()) == bool(found.found)
    known = {*log.actors, *(name.partition("#")[0] for name in log.entities)}
    assert {machine.name for machine in found.found} <= known


def test_an_empty_log_has_none() -> None:
    found = machine_precise(History(log_of_rows([]), BARE))
    assert (found.rows.tolist(), found.found) == ([], ())


def test_exact_acts_among_many_others_are_chance() -> None:
    """Ten acts in one span of seconds, and forty beside it, are a busy hour."""
    rng = np.random.default_rng(4)
    rows: list[Row] = []
    for day in range(10):
        at = [1200.0, *rng.uniform(1192, 1208, 4)]
        for minute in at:
            rows.append((instant(day, minute), PUMP, "on", Origin.USER, "anna"))
            rows.append((instant(day, minute) + 1, PUMP, "off", Origin.SYSTEM, ""))
    assert history_of(rows).machines.found == ()


@pytest.mark.parametrize(
    ("entity_id", "by_a_machine"),
    [("climate.hall#temperature", True), ("vacuum.robot", True), ("light.lamp", False)],
)
def test_a_schedule_that_is_asked_for_now_and_then(
    entity_id: str, by_a_machine: bool
) -> None:
    """A thermostat that is polled shows its own programme up to five minutes late."""
    rng = np.random.default_rng(3)
    names = ("21", "17") if "#" in entity_id else ("cleaning", "docked")
    states = ("on", "off") if entity_id.startswith("light") else names
    rows: list[Row] = [
        (
            instant(day, at) + round(rng.uniform(0, 290) * SECOND),
            entity_id,
            state,
            Origin.PHYSICAL,
            "",
        )
        for day in range(14)
        for at, state in zip((390, 1320), states, strict=True)
    ]
    assert bool(history_of(rows).machines.found) is by_a_machine


def test_people_who_turn_the_dial_are_people() -> None:
    rows = clock_habit(
        "climate.hall", 420, range(30), state="on", jitter_min=4, origin=Origin.PHYSICAL
    )
    assert not history_of(rows).machines.found
