"""Edges and timelines that no entity of the log has agree with their slow twins."""

from collections.abc import Sequence
from dataclasses import replace as with_
from datetime import UTC, datetime
from itertools import pairwise

from astral import Observer
from astral.sun import elevation
from hypothesis import given, settings, strategies as st
import numpy as np

from custom_components.automation_scout.mining.events import (
    EventLog,
    Ints,
    Row,
    log_of_rows,
)
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.holding import holds
from custom_components.automation_scout.mining.localtime import DAY_MS
from custom_components.automation_scout.mining.occasions import occasions
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import (
    HOME,
    SUN,
    StateCondition,
    StateTrigger,
)
from custom_components.automation_scout.mining.sun import HORIZON

from . import naive, naive_occasions
from .strategies import homes, shared_homes
from .worlds import BARE, MINUTE, ZONE, history_of, instant

PLACE = with_(BARE, latitude=52.1, longitude=5.1)
NORTH = HomeFacts("Europe/Oslo", latitude=69.6, longitude=18.9)


def ints(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)


@given(shared_homes())
@settings(max_examples=150)
def test_presence(log: EventLog) -> None:
    history, home = History(log, BARE), naive.Home(log, BARE)
    timeline = history.timeline(HOME)
    course = [
        (int(t), history.states[code])
        for t, code in zip(timeline.t, timeline.state, strict=True)
    ]
    assert course == naive_occasions.presence(home)
    # One after the other, never twice the same.
    assert all(a[1] != b[1] for a, b in pairwise(course))
    assert history.several_persons == (len(naive_occasions.persons(home)) > 1)


def test_presence_of_two_over_an_outage() -> None:
    """Who is not known to have left is still where they were."""
    at = instant(0, 600)
    course = (
        (0, "anna", "home"),
        (1, "ben", "not_home"),
        (2, "anna", "unavailable"),
        (3, "anna", "not_home"),
        (4, "ben", "unknown"),
        (5, "ben", "home"),
    )
    rows: list[Row] = [
        (at + minute * MINUTE, f"person.{name}", state, Origin.REPORT, "")
        for minute, name, state in course
    ]
    history = history_of(rows)
    timeline = history.timeline(HOME)
    states = [history.states[code] for code in timeline.state]
    # Ben was at home before his first report, and so was somebody all along.
    assert ((timeline.t - at) // MINUTE).tolist() == [3, 5]
    assert states == ["0", "occupied"]


@given(shared_homes(), homes())
@settings(max_examples=150)
def test_edges_with_those_of_the_home(log: EventLog, facts: HomeFacts) -> None:
    index = History(log, facts).edge_index
    home = naive.Home(log, facts)
    slow = naive_occasions.edges(home)
    assert sorted(index.kinds) == list(slow)
    assert index.find("light.never", "on") is None
    for edge, times in slow.items():
        code = index.find(*edge)
        assert code is not None
        assert index.kinds[code] == edge
        assert index.count()[code] == len(times)
        assert index.of(code).tolist() == times
        days = [naive_occasions.day_of(home, t) for t in times]
        assert index.days_of(code).tolist() == days


def test_edges_of_a_slice_without_events() -> None:
    """Its vocabularies still name everybody."""
    at = instant(0, 0)
    log = log_of_rows(
        [(at, name, "home", 9, "") for name in ("person.a", "person.b", "light.a")]
    )
    history = History(log.between(at + 1, at + 2), BARE)
    assert len(history.log.entities) == 3
    assert history.edge_index.kinds == ()
    assert history.edge_index.find("person.a", "home") is None
    assert occasions(history, StateTrigger(HOME, "0"))[0].tolist() == []
    assert history.days.tolist() == []
    assert history.acts == {}


def test_measurements_and_settings_are_no_edges() -> None:
    at = instant(0, 600)
    rows: list[Row] = [
        (at, "sensor.room", "21", Origin.REPORT, ""),
        (at, "light.desk#brightness", "40", Origin.USER, ""),
        (at, "sensor.mode", "eco", Origin.REPORT, ""),
        (at, "climate.room", "heat", Origin.USER, ""),
    ]
    facts = HomeFacts(
        ZONE,
        {
            name: EntityFacts(name, name, is_numeric=name == "sensor.room")
            for name in ("sensor.room", "light.desk", "sensor.mode", "climate.room")
        },
    )
    known = {entity_id for entity_id, _ in history_of(rows, facts).edge_index.kinds}
    assert known == {"sensor.mode", "climate.room"}
    # Without facts a sensor is taken for one that measures.
    bare = {entity_id for entity_id, _ in history_of(rows).edge_index.kinds}
    assert bare == {"climate.room"}


@given(st.lists(st.integers(0, 300 * 24 * 60), min_size=1, max_size=40))
def test_sunlight(minutes: list[int]) -> None:
    """As high as the horizon or above it, all year, at places of every kind."""
    start = instant(0, 0)
    rows: list[Row] = [
        (start, "light.lamp", "on", Origin.USER, ""),
        (start + 300 * DAY_MS, "light.lamp", "off", Origin.USER, ""),
    ]
    for facts in (PLACE, NORTH):
        history = history_of(rows, facts)
        t = ints([start + minute * MINUTE for minute in minutes])
        codes = history.timeline(SUN).at(t)
        for at, code in zip(t.tolist(), codes.tolist(), strict=True):
            assert facts.latitude is not None
            assert facts.longitude is not None
            height = elevation(
                Observer(facts.latitude, facts.longitude),
                datetime.fromtimestamp(at / 1000, UTC),
                with_refraction=False,
            )
            if abs(height - HORIZON) > 0.5:
                up = history.states[code] == "above_horizon"
                assert up == (height > HORIZON)


def test_without_a_place_there_is_no_sun() -> None:
    rows: list[Row] = [(instant(d, 0), "light.a", "on", 1, "") for d in range(3)]
    for facts in (BARE, with_(BARE, latitude=52.1), with_(BARE, longitude=5.1)):
        history = history_of(rows, facts)
        t = ints([instant(1, 720)])
        assert history.timeline(SUN).at(t).tolist() == [-1]
        for state in ("above_horizon", "below_horizon"):
            assert not holds(history, StateCondition(SUN, state), t).any()


def test_noon_and_midnight() -> None:
    rows: list[Row] = [(instant(d, 0), "light.a", "on", 1, "") for d in range(3)]
    history = history_of(rows, PLACE)
    t = ints([instant(1, 0), instant(1, 720)])
    up = holds(history, StateCondition(SUN, "above_horizon"), t)
    down = holds(history, StateCondition(SUN, "below_horizon"), t)
    assert up.tolist() == [False, True]
    assert down.tolist() == [True, False]
