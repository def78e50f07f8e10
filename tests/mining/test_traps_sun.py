"""Traps of habits of the sun: exactly one of sun and clock reaches a person."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Final

import numpy as np
import pytest

from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.result import MiningResult
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    Action,
    Kind,
    SunEvent,
    SunTrigger,
    TimeTrigger,
)
from custom_components.automation_scout.mining.sun import sun_events

from .worlds import (
    BARE,
    MINUTE,
    OPPOSITE,
    ZONE,
    clock_habit,
    idle_use,
    instant,
    mined,
    times_of,
)

PLACE: Final = replace(BARE, latitude=52.1, longitude=5.1)
ON: Final = Action("light.lamp", "on")
SPRING: Final = date(2026, 3, 2)
MIDWINTER: Final = date(2025, 12, 8)
EPOCH: Final = date(1970, 1, 1)


def sun_habit(
    action: Action,
    event: SunEvent,
    offset_min: float,
    days: Iterable[int],
    *,
    first: date = SPRING,
    jitter_min: float = 4,
    keep: float = 1.0,
) -> list[Row]:
    """Do it around an event of the sun; hours before, somebody undoes it."""
    rng = np.random.default_rng(9)
    local = np.array([(first - EPOCH).days + day for day in days])
    rise, sets = sun_events(local, 52.1, 5.1, ZONE)
    rows: list[Row] = []
    for t in (rise if event is SunEvent.SUNRISE else sets).tolist():
        done = t + round(MINUTE * (offset_min + rng.normal(0, jitter_min)))
        undone = done - round(MINUTE * rng.uniform(120, 400))
        opposite = OPPOSITE.get(action.state, "open")
        rows.append((undone, action.entity_id, opposite, Origin.USER, ""))
        if rng.random() < keep:
            rows.append((done, action.entity_id, action.state, Origin.USER, ""))
    return rows


def of_dials(result: MiningResult, action: Action) -> list[Kind]:
    """Return the kinds of the proven rules of an action that hang on a dial."""
    return [
        item.rule.trigger_kind
        for item in result.proven
        if item.rule.action == action
        and item.rule.trigger_kind in (Kind.SUN, Kind.TIME)
    ]


def with_noise(rows: list[Row], days: int) -> list[Row]:
    return [*rows, *idle_use("switch.fan", days, 2)]


@pytest.mark.parametrize("days", [30, 60])
@pytest.mark.parametrize("event", SunEvent)
@pytest.mark.parametrize("offset", [-30, 0, 45])
def test_what_follows_the_sun_is_of_the_sun(
    event: SunEvent, offset: int, days: int
) -> None:
    rows = sun_habit(ON, event, offset, range(days), keep=0.9)
    result = mined(rows, PLACE)
    assert of_dials(result, ON) == [Kind.SUN]
    [item] = [p for p in result.proven if p.rule.action == ON]
    trigger = item.rule.trigger
    assert isinstance(trigger, SunTrigger)
    assert trigger.event is event
    assert abs(trigger.offset_min - offset) <= 5
    assert trigger.weekdays == ALL_DAYS
    assert item.evidence.precision >= 0.8
    assert item.evidence.missed == 0


@pytest.mark.parametrize("minute", [1085, 1130])
def test_what_keeps_to_the_clock_is_of_the_clock(minute: int) -> None:
    """At the time at which the sun sets in these weeks, by a lamp."""
    rows = clock_habit("light.lamp", minute, range(30), first=SPRING, jitter_min=4)
    result = mined(rows, PLACE)
    assert of_dials(result, ON) == [Kind.TIME]
    assert times_of(result, ON) == [(minute, ALL_DAYS)]


@pytest.mark.parametrize(
    ("action", "event", "expected"),
    [
        (Action("cover.blind", "closed"), SunEvent.SUNSET, Kind.SUN),
        (Action("light.lamp", "on"), SunEvent.SUNSET, Kind.SUN),
        (Action("light.lamp", "off"), SunEvent.SUNRISE, Kind.SUN),
        (Action("light.lamp", "off"), SunEvent.SUNSET, Kind.TIME),
        (Action("switch.heater", "on"), SunEvent.SUNSET, Kind.TIME),
    ],
)
def test_at_the_solstice_what_it_is_for_decides(
    action: Action, event: SunEvent, expected: Kind
) -> None:
    """Within two weeks of December the sun moves by minutes: both explain it."""
    rows = sun_habit(action, event, 0, range(16), first=MIDWINTER, jitter_min=5)
    assert of_dials(mined(rows, PLACE), action) == [expected]


def test_without_a_place_there_is_only_the_clock() -> None:
    rows = sun_habit(ON, SunEvent.SUNSET, 0, range(14), first=MIDWINTER)
    assert of_dials(mined(rows), ON) == [Kind.TIME]


def test_one_habit_of_each() -> None:
    """Lit at dusk by the sun and at seven by the clock: two rules."""
    rows = sun_habit(ON, SunEvent.SUNSET, 20, range(40))
    rows += clock_habit("light.lamp", 420, range(40), first=SPRING)
    assert sorted(of_dials(mined(rows, PLACE), ON)) == [Kind.SUN, Kind.TIME]


def test_on_some_days_of_the_week() -> None:
    days = [day for day in range(56) if day % 7 in (1, 3, 5)]
    rows = with_noise(sun_habit(ON, SunEvent.SUNSET, 30, days), 56)
    rows += [
        (instant(day, 1410, first=SPRING), "light.lamp", "off", Origin.USER, "")
        for day in days
    ]
    [found] = [p.rule.trigger for p in mined(rows, PLACE).proven if p.rule.action == ON]
    assert isinstance(found, SunTrigger)
    assert found.weekdays == (1, 3, 5)


def test_over_a_change_of_the_clock_the_sun_goes_on() -> None:
    """The wall's reading of sunset jumps by an hour on 2026-03-29."""
    rows = sun_habit(ON, SunEvent.SUNSET, 15, range(28), first=date(2026, 3, 16))
    assert of_dials(mined(rows, PLACE), ON) == [Kind.SUN]


def test_where_the_sun_does_not_set_it_explains_nothing() -> None:
    facts = HomeFacts("Arctic/Longyearbyen", latitude=78.2, longitude=15.6)
    rows = clock_habit("light.lamp", 1200, range(30), zone="Arctic/Longyearbyen",
                       first=date(2026, 6, 1))  # fmt: skip
    result = mined(rows, facts)
    assert of_dials(result, ON) == [Kind.TIME]


@pytest.mark.parametrize("seed", range(6))
def test_random_times_are_no_habit_of_the_sun(seed: int) -> None:
    rows = idle_use("light.lamp", 30, 6, seed=seed)
    assert of_dials(mined(rows, PLACE), ON) == []


def test_a_rejected_twin_says_what_was_measured() -> None:
    rows = sun_habit(ON, SunEvent.SUNSET, 0, range(30))
    lost = [r for r in mined(rows, PLACE).rejections if r.gate == "sun_or_clock"]
    assert [isinstance(r.rule.trigger, TimeTrigger) for r in lost] == [True] * len(lost)
    assert lost
    assert all(r.measured < r.required for r in lost)


@pytest.mark.parametrize("seed", range(3))
def test_a_clock_habit_that_moved_is_not_of_the_sun(seed: int) -> None:
    """In a spring's mornings the sun lies loosely around both of its times."""
    off = Action("light.lamp", "off")
    rows = clock_habit("light.lamp", 440, range(15), first=SPRING, state="off")
    rows += clock_habit(
        "light.lamp", 380, range(15, 30), first=SPRING, state="off", seed=seed
    )
    rows += idle_use("switch.fan", 30, 2, seed)
    result = mined(rows, PLACE)
    assert times_of(result, off) == [(380, ALL_DAYS)]
    assert of_dials(result, off) == [Kind.TIME]
