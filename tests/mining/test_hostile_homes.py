"""Homes with everything that goes wrong in one: no error, no warning, only numbers."""

from dataclasses import replace
from datetime import date
import json
from math import isfinite

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.events import (
    EventLog,
    Row,
    log_of_rows,
)
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.near import miss_to_dict
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.result import MiningResult
from custom_components.automation_scout.mining.rule_json import rule_to_dict
from custom_components.automation_scout.mining.rules import (
    HOME,
    SUN,
    Action,
    Kind,
    SunTrigger,
)
from custom_components.automation_scout.mining.settings import MiningSettings

from .checks import DAYS, PLACE, PLANTED, RENAMED, planted_rows, renamed
from .test_hostile import numbers
from .worlds import (
    BARE,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    clock_habit,
    facts_of,
    history_of,
    instant,
    pulses,
    rules_of,
)

NUMBERS = ("nan", "inf", "-inf", "1e400", "-1e400", "1e308", "-1e308", "5e-324", "-0")
TEXTS = (*NUMBERS, "", " ", "on", "0x10", "1_000", "١٢", "12,5", "21 °C", "unknown")
PLACES = {
    "nowhere": BARE,
    "no longitude": replace(PLACE, longitude=None),
    "no latitude": replace(PLACE, latitude=None),
    "island": replace(BARE, latitude=0.0, longitude=0.0),
    "north": replace(BARE, latitude=78.2, longitude=15.6),
    "pole": replace(BARE, latitude=90.0, longitude=0.0),
    "south pole": replace(BARE, latitude=-90.0, longitude=180.0),
    "date line": HomeFacts("Pacific/Kiritimati", latitude=1.9, longitude=-180.0),
}


def survived(log: EventLog, facts: HomeFacts = PLACE) -> MiningResult:
    """Mine a log; every number that is said is one, and fits into JSON."""
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        result = mine(log, facts, MiningSettings())
    assert result.errors == ()
    assert all(isfinite(number) for number in numbers(result))
    rules = [item.rule for item in result.proven]
    plain = [rule_to_dict(rule) for rule in rules]
    plain += [miss_to_dict(rejection, 28.0) for rejection in result.rejections]
    json.dumps(plain, allow_nan=False)
    return result


def mined(rows: list[Row], facts: HomeFacts = PLACE) -> MiningResult:
    return survived(log_of_rows(rows), facts)


def planted_actions(result: MiningResult) -> set[Action]:
    """Return which of the planted actions are proven."""
    planted = {action for _, action in PLANTED.values()}
    return planted & {rule.action for rule in rules_of(result)}


def every_action() -> set[Action]:
    return {action for _, action in PLANTED.values()}


def report(entity_id: str, states: list[str], every_ms: int = HOUR) -> list[Row]:
    """Let an entity report one state after the other over the planted days."""
    start = instant(0, 0)
    return [
        (start + i * every_ms, entity_id, state, int(Origin.REPORT), "")
        for i, state in enumerate(states)
    ]


@pytest.mark.parametrize("entity_id", ["select.mode", "sensor.text", "event.bell"])
@pytest.mark.parametrize("n_states", [1, 2, 12, 13, 4000])
def test_entities_of_few_and_of_thousands_of_states(
    entity_id: str, n_states: int
) -> None:
    """Enums and text tell nothing here, and hide nothing."""
    steps = DAYS * DAY // (10 * MINUTE)
    states = [f"state {i % n_states}" for i in range(steps)]
    noise = report(entity_id, states, 10 * MINUTE)
    assert planted_actions(mined(planted_rows() + noise)) == every_action()


@pytest.mark.parametrize("entity_id", ["sensor.odd", "sensor.damp", "select.odd"])
def test_numbers_that_are_none(entity_id: str) -> None:
    """Also in between those of a sensor that people act on."""
    odd = [TEXTS[i % len(TEXTS)] for i in range(DAYS * 4)]
    rows = planted_rows() + report(entity_id, odd, 6 * HOUR)
    facts = replace(
        PLACE,
        entities={
            name: EntityFacts(
                name,
                name,
                area_id=name.partition(".")[2],
                device_class="motion" if name == "binary_sensor.room" else None,
                is_numeric=name.startswith("sensor"),
            )
            for name in {row[1] for row in rows}
        },
    )
    for known in (PLACE, facts):
        found = planted_actions(mined(rows, known))
        assert found >= every_action() - {PLANTED["numeric"][1]}


@pytest.mark.parametrize(
    "course",
    [
        ("1e308", "-1e308"),
        ("20", "20", "20"),
        ("0", "1e-300", "5e-324", "-0"),
        ("1e15", "1000000000000000.1", "1e15"),
        tuple(f"{i}" for i in range(3000)),
        ("85", "21.5", "21.4", "85", "-127", "21.6"),
    ],
)
def test_numbers_that_jump_or_repeat(course: tuple[str, ...]) -> None:
    """A broken sensor that people even seem to act on."""
    steps = DAYS * 24
    values = [course[i % len(course)] for i in range(steps)]
    rows = planted_rows() + report("sensor.odd", values)
    rows += [
        (t + 20 * SECOND, "fan.odd", ("on", "off")[i % 2], int(Origin.USER), "")
        for i, (t, *_) in enumerate(report("sensor.odd", values)[::7])
    ]
    assert planted_actions(mined(rows)) == every_action()


@pytest.mark.parametrize("told", [True, False])
def test_months_of_outage(told: bool) -> None:
    """Two weeks, three months of nothing, two weeks: days without data do not count."""
    half, gap = instant(14, 0), 13 * 7 * DAY
    rows = [row for row in planted_rows() if row[0] < half]
    rows += [(t + gap, e, s, o, a) for t, e, s, o, a in planted_rows() if t >= half]
    if told:
        for name in {row[1] for row in rows}:
            rows.append((half, name, "unavailable", int(Origin.SYSTEM), ""))
            rows.append((half + gap - 1, name, "off", int(Origin.SYSTEM), ""))
    found = mined(rows)
    # In three months the sun moves, and so does what it is compared with.
    without_sun = every_action() - {PLANTED["sun"][1]}
    assert planted_actions(found) >= without_sun
    assert all(p.evidence.days_observed <= DAYS + 2 for p in found.proven)


@pytest.mark.parametrize("last", ["not_home", "unavailable", "home"])
def test_a_person_who_moved_out(last: str) -> None:
    """After ten days there is only one, and what the other did is no habit."""
    rows = planted_rows()
    for day in range(DAYS):
        for name in ("anna", "ben") if day < 10 else ("anna",):
            gone = instant(day, 500 + (7 * day + len(name)) % 60)
            for t, state in ((gone, "not_home"), (gone + 9 * HOUR, "home")):
                rows.append((t, f"person.{name}", state, int(Origin.REPORT), ""))
    rows.append((instant(10, 0), "person.ben", last, int(Origin.SYSTEM), ""))
    rows += clock_habit("light.ben", 1380, range(10), seed=3)
    found = mined(rows)
    assert planted_actions(found) == every_action()
    assert Action("light.ben", "on") not in {rule.action for rule in rules_of(found)}


def test_two_homes_in_one() -> None:
    """A guest house, three hours later: habits of both, none of one by the other."""
    late = 3 * HOUR
    rows = planted_rows()
    rows += [(t + late, RENAMED[e], s, o, a) for t, e, s, o, a in planted_rows(9)]
    found = mined(rows)
    assert planted_actions(found) == every_action()
    for rule in rules_of(found):
        twins = {name in RENAMED.values() for name in rule.entities}
        assert len(twins) == 1
    alone = {renamed(r, RENAMED).action for r in rules_of(mined(planted_rows(9)))}
    assert len(alone & {rule.action for rule in rules_of(found)}) >= len(PLANTED) - 1


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "Australia/Lord_Howe", "UTC"])
@pytest.mark.parametrize("first", [date(2026, 10, 12), date(2026, 3, 16)])
def test_clocks_that_are_put_back_and_forward(zone: str, first: date) -> None:
    """A habit in the hour that comes twice, or not at all."""
    facts = HomeFacts(zone, latitude=-31.5, longitude=159.1)
    rows = clock_habit("light.lamp", 150, range(28), zone=zone, first=first)
    rows += clock_habit("light.desk", 1200, range(28), zone=zone, first=first)
    found = {rule.action for rule in rules_of(mined(rows, facts))}
    assert found == {Action("light.lamp", "on"), Action("light.desk", "on")}


def test_a_clock_that_stood_wrong_for_a_day() -> None:
    """One day of the log is told again, an hour and a week before."""
    rows = planted_rows()
    day = [row for row in rows if instant(20, 0) <= row[0] < instant(21, 0)]
    for back in (HOUR, 7 * DAY, 40 * 365 * DAY):
        again = [(t - back, e, s, o, a) for t, e, s, o, a in day]
        assert planted_actions(mined(rows + again)) >= every_action() - {
            PLANTED["sun"][1]
        }


ALONE = (
    "light.lamp",
    "light.lamp#brightness",
    "light.lamp#",
    "light.lamp#no#such",
    "#brightness",
    "light",
    "light.",
    ".",
    "",
    "sensor.room",
    "person.anna",
    "climate.room#temperature",
    "media_player.tv#source",
    HOME,
    SUN,
)


@pytest.mark.parametrize("origin", [Origin.USER, Origin.REPORT, Origin.SYSTEM])
@pytest.mark.parametrize("entity_id", ALONE)
def test_one_event_of_anything(entity_id: str, origin: Origin) -> None:
    for state in ("on", "40", "0", "nan", "occupied", "home", "", "unavailable"):
        result = mined([(instant(0, 0), entity_id, state, int(origin), "")])
        assert result.proven == ()
        assert result.events == 1


@pytest.mark.parametrize("facts", PLACES.values(), ids=PLACES)
def test_no_event_anywhere(facts: HomeFacts) -> None:
    assert mined([], facts).proven == ()
    log = log_of_rows(planted_rows())
    # Nothing is left of it but the names.
    assert survived(log.between(0, 1), facts).proven == ()
    assert survived(log.between(int(log.t[5]), int(log.t[5]) + 1), facts).proven == ()


@pytest.mark.parametrize("facts", PLACES.values(), ids=PLACES)
def test_homes_anywhere(facts: HomeFacts) -> None:
    """Where there is no sun, nothing is said of it; all else is found everywhere."""
    found = mined(planted_rows(), facts)
    of_clock = {PLANTED["time"][1], PLANTED["sun"][1]}
    assert planted_actions(found) >= every_action() - of_clock
    if facts.latitude is None or facts.longitude is None or facts.latitude > 75:
        triggers = [rule.trigger for rule in rules_of(found)]
        assert not any(isinstance(trigger, SunTrigger) for trigger in triggers)


def test_settings_of_text() -> None:
    """Where numbers should be there is text, and a number where there is no setting."""
    rows = planted_rows()
    for day in range(DAYS):
        at = instant(day, 1170 + day % 5)
        text = TEXTS[day % len(TEXTS)]
        for name in ("light.lamp#brightness", "light.lamp#color_temp", "fan.bath#x"):
            rows.append((at + day * SECOND, name, text, int(Origin.USER), ""))
        for name in ("climate.room#temperature", "media_player.tv#source"):
            rows.append((at, name, f"{text} ", int(Origin.USER), ""))
            rows.append((at - 5 * HOUR, name, "20", int(Origin.USER), ""))
    found = mined(rows)
    assert planted_actions(found) >= {PLANTED["state"][1], PLANTED["time"][1]}
    for item in found.proven:
        for _, value in item.rule.values:
            assert isinstance(value, str) or isfinite(value)


def test_what_the_home_derives_may_be_in_the_log_too() -> None:
    """A recorded `zone.home` and `sun.sun` are no second ones."""
    rows = planted_rows()
    for day in range(DAYS):
        for name in ("anna", "ben"):
            rows.append((instant(day, 540), f"person.{name}", "not_home", 9, ""))
            rows.append((instant(day, 1020), f"person.{name}", "home", 9, ""))
        for minute, number in ((540, "1"), (541, "0"), (1020, "1"), (1021, "2")):
            rows.append((instant(day, minute), HOME, number, 9, ""))
        rows.append((instant(day, 510), SUN, "above_horizon", 9, ""))
        rows.append((instant(day, 1010), SUN, "below_horizon", 9, ""))
    assert planted_actions(mined(rows)) == every_action()
    assert SUN not in {name for name, _ in history_of(rows).edge_index.kinds}
    of_home = [kind for kind in history_of(rows).edge_index.kinds if kind[0] == HOME]
    assert sorted(of_home) == [(HOME, "0"), (HOME, "occupied")]


def test_everybody_is_excluded() -> None:
    rows = [(t, e, s, o, "anna") for t, e, s, o, _ in planted_rows()]
    facts = replace(PLACE, excluded_users=frozenset({"anna"}))
    result = mined(rows, facts)
    assert (result.proven, result.human_actions) == ((), 0)


def test_a_group_of_itself_and_a_device_of_all() -> None:
    names = {row[1] for row in planted_rows()}
    odd = [EntityFacts(n, "", "a", "one", members=(n, *names)) for n in names]
    facts = replace(facts_of(*odd), latitude=52.1, longitude=5.1)
    found = mined(planted_rows(), facts)
    assert {rule.kind for rule in rules_of(found)} <= {Kind.TIME, Kind.SUN}


@st.composite
def wild_logs(draw: st.DrawFn) -> EventLog:
    """Return logs of anything at all, some of it every day."""
    rows: list[Row] = []
    for _ in range(draw(st.integers(0, 12))):
        name = draw(st.sampled_from((*ALONE, "person.ben", "binary_sensor.a", "fan.x")))
        state = draw(st.sampled_from((*TEXTS, "off", "home", "40", "Radio", "heat")))
        origin = draw(st.sampled_from((Origin.USER, *Origin)))
        minute = draw(st.integers(0, 1439))
        every = draw(st.sampled_from((1, 1, 2, 7, 50)))
        spread = draw(st.sampled_from((0, 1, 17, 300)))
        for day in range(0, draw(st.sampled_from((1, 9, 40))), every):
            at = instant(day, minute + spread * (day * 7 % 11) / 11)
            rows.append((at, name, state, int(origin), draw(st.just("anna"))))
            if draw(st.booleans()):
                rows.append((at + 5 * MINUTE, name, "off", int(Origin.USER), ""))
    return log_of_rows(rows)


@given(wild_logs(), st.sampled_from(tuple(PLACES.values())))
@settings(max_examples=120)
def test_anything_at_all(log: EventLog, facts: HomeFacts) -> None:
    result = survived(log, facts)
    assert result.events == len(log)
    entered = [(step.entered, step.left) for step in result.funnel]
    assert all(left >= 0 for _, left in entered)


def test_a_sensor_that_flaps_for_a_month() -> None:
    """Every ten seconds for days, in a room in which people live."""
    start = instant(0, 0)
    flaps = [start + i * 20 * SECOND for i in range(20_000)]
    rows = planted_rows() + pulses("binary_sensor.flap", flaps, 10 * SECOND)
    assert planted_actions(mined(rows)) == every_action()
