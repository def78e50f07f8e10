"""Triggers, conditions and replays agree with their slow twins."""

from collections.abc import Sequence
from dataclasses import replace as with_

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.automation_scout.mining.events import (
    EventLog,
    Ints,
    Row,
    log_of_rows,
)
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.holding import all_hold, holds
from custom_components.automation_scout.mining.occasions import occasions
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.replay import due_times, replay
from custom_components.automation_scout.mining.rules import (
    HOME,
    Action,
    Condition,
    NumericCondition,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
    WindowCondition,
)

from . import naive, naive_occasions
from .strategies import ACTIONS, bursts, homes, instants, logs, shared_homes
from .worlds import BARE, HOUR, SECOND, history_of, instant

PLACE = with_(BARE, latitude=52.1, longitude=5.1)
NORTH = HomeFacts("Europe/Oslo", latitude=69.6, longitude=18.9)
FACTS = (BARE, PLACE, NORTH, with_(PLACE, longitude=None))
TEXTS = ("19", "20", "20.0", "21", "21.5", "-3", "nan", "inf", "1e400", "", "unknown")
STATE_TRIGGERS = st.builds(
    StateTrigger,
    st.sampled_from(
        ("binary_sensor.motion", "light.desk", "light.lamp", "person.anna", HOME)
    ),
    st.sampled_from(("on", "off", "home", "not_home", "0", "occupied")),
    st.sampled_from((0, 0, 1, 60, 120, 600, 86_400)),
    st.sampled_from((0, 0, 60, 120, 3600, 86_400)),
)
NUMERIC_TRIGGERS = st.builds(
    NumericTrigger,
    st.just("sensor.room"),
    st.sampled_from(Side),
    st.sampled_from((19.5, 20.0, 21.0)),
    st.sampled_from((0, 0, 60, 120, 3600)),
)
CONDITIONS = st.one_of(
    st.sampled_from(
        (
            WeekdayCondition((0, 1, 2, 3, 4)),
            WeekdayCondition((6,)),
            WindowCondition(720, 1200),
            WindowCondition(1320, 721),
            WindowCondition(0, 1440),
            WindowCondition(720, 720),
            StateCondition("binary_sensor.motion", "on"),
            StateCondition("light.desk", "off"),
            StateCondition("person.anna", "home"),
            StateCondition("light.never", "on"),
            StateCondition("light.desk", "never"),
            StateCondition(HOME, "0"),
            StateCondition(HOME, "occupied"),
        )
    ),
    st.builds(
        NumericCondition,
        st.sampled_from(("sensor.room", "sensor.never")),
        st.sampled_from(Side),
        st.sampled_from((19.5, 20.0, 21.0)),
    ),
)


def ints(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)


@st.composite
def measured(draw: st.DrawFn) -> EventLog:
    """Return logs in which a number changes among other things."""
    log = draw(logs(most=30) | bursts())
    found = [
        (row.t, row.entity_id, row.state, row.origin, row.actor)
        for row in naive.changes(log)
    ]
    at = instant(0, 700)
    for _ in range(draw(st.integers(0, 20))):
        at += draw(st.sampled_from((0, 1, 59, 60, 119, 120, 121, 3600))) * SECOND
        text = draw(st.sampled_from(TEXTS))
        found.append((at, "sensor.room", text, Origin.REPORT, ""))
    return log_of_rows(found)


@given(measured() | shared_homes(), homes(), STATE_TRIGGERS | NUMERIC_TRIGGERS)
@settings(max_examples=200)
def test_occasions(
    log: EventLog, facts: HomeFacts, trigger: StateTrigger | NumericTrigger
) -> None:
    t, days = occasions(History(log, facts), trigger)
    home = naive.Home(log, facts)
    expected = naive_occasions.occasions(home, trigger)
    assert t.tolist() == expected
    assert days.tolist() == [naive_occasions.day_of(home, at) for at in expected]


@pytest.mark.parametrize(
    ("for_s", "fires"),
    [(0, [0, 300, 1000]), (60, [60, 360, 1060]), (100, [400, 1100]), (201, [])],
)
def test_a_stay_ends_with_the_log(for_s: int, fires: list[int]) -> None:
    """A change at the very instant comes first; after the log nothing is known."""
    at = instant(0, 0)
    course = ((0, "on"), (100, "off"), (300, "on"), (500, "off"), (1000, "on"))
    rows: list[Row] = [
        (at + s * SECOND, "binary_sensor.a", state, Origin.REPORT, "")
        for s, state in course
    ]
    rows.append((at + 1100 * SECOND, "person.a", "home", Origin.REPORT, ""))
    trigger = StateTrigger("binary_sensor.a", "on", for_s)
    t, _ = occasions(history_of(rows), trigger)
    assert t.tolist() == [at + s * SECOND for s in fires]


@pytest.mark.parametrize(
    ("quiet_s", "fires"), [(0, [0, 300, 900]), (200, [300, 900]), (201, [900])]
)
def test_quiet_before_the_log_is_not_known(quiet_s: int, fires: list[int]) -> None:
    at = instant(0, 0)
    course = ((0, "on"), (100, "off"), (300, "on"), (400, "off"), (900, "on"))
    rows: list[Row] = [
        (at + s * SECOND, "binary_sensor.a", state, Origin.REPORT, "")
        for s, state in course
    ]
    trigger = StateTrigger("binary_sensor.a", "on", quiet_s=quiet_s)
    t, _ = occasions(history_of(rows), trigger)
    assert t.tolist() == [at + s * SECOND for s in fires]


@given(measured() | shared_homes(), homes(), CONDITIONS, instants())
@settings(max_examples=200)
def test_holds(
    log: EventLog, facts: HomeFacts, condition: Condition, times: list[int]
) -> None:
    times = [*times, *(int(t) + k for t in log.t[:20] for k in (0, 1))]
    held = holds(History(log, facts), condition, ints(times))
    assert held.dtype == bool
    home = naive.Home(log, facts)
    expected = [naive_occasions.holds(home, condition, t) for t in times]
    assert held.tolist() == expected


@given(measured(), st.lists(CONDITIONS, max_size=2), instants())
def test_all_hold(log: EventLog, conditions: list[Condition], times: list[int]) -> None:
    held = all_hold(History(log, BARE), tuple(conditions), ints(times))
    home = naive.Home(log, BARE)
    expected = [naive_occasions.all_hold(home, conditions, t) for t in times]
    assert held.tolist() == expected


def test_of_what_is_not_known_nothing_holds() -> None:
    """Before its first change an entity is in no state and measures nothing."""
    at = instant(0, 600)
    rows: list[Row] = [
        (at - HOUR, "light.lamp", "on", Origin.USER, ""),
        (at, "light.desk", "on", Origin.USER, ""),
        (at, "sensor.room", "25", Origin.REPORT, ""),
    ]
    history = history_of(rows)
    times = ints([at - 1, at, at + 1])
    for condition in (
        StateCondition("light.desk", "on"),
        NumericCondition("sensor.room", Side.ABOVE, 20),
    ):
        assert holds(history, condition, times).tolist() == [False, False, True]
    below = NumericCondition("sensor.room", Side.BELOW, 20)
    for condition in (StateCondition("light.desk", "off"), below):
        assert not holds(history, condition, times).any()


@pytest.mark.parametrize(
    ("start", "end", "held"),
    [
        (1320, 360, {0, 359, 1320, 1439}),
        (360, 1320, {360, 1319}),
        (360, 360, set()),
        (0, 1440, {0, 359, 360, 1319, 1320, 1439}),
    ],
)
def test_a_window_over_midnight(start: int, end: int, held: set[int]) -> None:
    minutes = (0, 359, 360, 1319, 1320, 1439)
    t = ints([instant(3, minute) + 59_999 for minute in minutes])
    mask = holds(history_of([]), WindowCondition(start, end), t)
    assert {m for m, is_held in zip(minutes, mask, strict=True) if is_held} == held


@given(
    measured() | shared_homes(),
    st.sampled_from(FACTS),
    st.one_of(
        STATE_TRIGGERS,
        NUMERIC_TRIGGERS,
        st.builds(TimeTrigger, st.sampled_from((0, 715, 740))),
        st.builds(
            SunTrigger,
            st.sampled_from(SunEvent),
            st.sampled_from((0, -240, 180)),
            st.sampled_from((tuple(range(7)), (0, 2, 6))),
        ),
    ),
    st.lists(CONDITIONS, max_size=2),
    st.sampled_from(ACTIONS),
    st.sampled_from((1, 60, 900, 7200)),
    st.sampled_from((0, 0, 20_466, 20_468)),
)
@settings(max_examples=250)
def test_replay_of_any_rule(
    log: EventLog,
    facts: HomeFacts,
    trigger: Trigger,
    conditions: list[Condition],
    action: Action,
    window_s: int,
    since: int,
) -> None:
    rule = Rule(trigger, action, window_s, tuple(conditions), since=since)
    played = replay(History(log, facts), rule)
    fired = naive_occasions.replay(naive.Home(log, facts), rule)
    assert played.fired.tolist() == [f.t for f in fired]
    assert played.day.tolist() == [f.day for f in fired]
    assert played.hit.tolist() == [f.hit for f in fired]
    assert played.explained.tolist() == sorted({i for f in fired for i in f.explained})


@given(
    logs(),
    st.sampled_from(FACTS),
    st.sampled_from(SunEvent),
    st.integers(-360, 360),
    st.sampled_from((60, 1800)),
)
def test_due_times_of_the_sun(
    log: EventLog, facts: HomeFacts, event: SunEvent, offset: int, window_s: int
) -> None:
    trigger = SunTrigger(event, offset)
    days, due = due_times(History(log, facts), trigger, window_s)
    expected = naive_occasions.due_times(naive.Home(log, facts), trigger, window_s)
    assert list(zip(days.tolist(), due.tolist(), strict=True)) == expected


@pytest.mark.parametrize("event", SunEvent)
def test_where_the_sun_does_not_rise_nothing_is_due(event: SunEvent) -> None:
    """Tromso in January: the log begins on the 12th, the sun comes back on the 21st."""
    rows: list[Row] = [
        (instant(day, 720), "light.lamp", ("on", "off")[day % 2], Origin.USER, "")
        for day in range(20)
    ]
    history = history_of(rows, NORTH)
    days, due = due_times(history, SunTrigger(event), 900)
    # The last event is told until the window behind it is over.
    first = int(history.days[0])
    assert days.tolist() == [first + day for day in range(9, len(days) + 9)]
    assert 9 + len(days) in (19, 20)
    assert np.all(np.diff(due) > 20 * HOUR)
    nowhere = history_of(rows, BARE)
    assert len(due_times(nowhere, SunTrigger(event), 900)[0]) == 0
