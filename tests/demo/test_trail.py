"""Rows and events of the past are those that Home Assistant writes."""

from collections import Counter
from datetime import datetime
from itertools import pairwise

import pytest

from demo.custom_components.demo_home.devices import COVER_TRAVEL_S, DEVICES
from demo.days import DAYS, ZONE, Calendar
from demo.home import (
    MOVIE_SCRIPT,
    PEOPLE,
    PORCH_AUTOMATION,
    PORCH_LIGHT,
    PORCH_MINUTE,
)
from demo.rows import EventRow, Trail

from .past import CONTROLLED, USERS, changes, state_before

DIMMABLE = {device.entity_id for device in DEVICES if device.dimmable}
"""Their brightness changes, which the recorder does not keep."""


def test_only_real_changes_are_recorded(trail: Trail) -> None:
    for row in trail.states:
        if row.previous is None:
            continue
        before = trail.states[row.previous]
        assert before.entity_id == row.entity_id
        assert before.at < row.at
        same = before.state == row.state
        assert row.changed_at == (before.changed_at if same else row.at)
        if same and row.entity_id in CONTROLLED - DIMMABLE:
            assert before.attributes != row.attributes


def events_by_context(trail: Trail) -> dict[bytes, list[EventRow]]:
    found: dict[bytes, list[EventRow]] = {}
    for event in trail.events:
        found.setdefault(event.context.id, []).append(event)
    return found


def test_who_did_it_shows_as_in_a_real_home(trail: Trail) -> None:
    events = events_by_context(trail)
    origins: Counter[str] = Counter()
    for row in trail.states:
        if row.entity_id not in CONTROLLED:
            continue
        caused = events.get(row.context.id, [])
        kinds = {event.event_type for event in caused}
        assert row.context.parent is None
        assert all(event.context == row.context for event in caused)
        if "automation_triggered" in kinds:
            assert row.entity_id == PORCH_LIGHT
            assert row.context.user is None
            origins["automation"] += 1
        elif "script_started" in kinds:
            assert row.context.user == USERS["ben"]
            origins["script"] += 1
        elif row.context.user is not None:
            (call,) = caused
            assert call.event_type == "call_service"
            assert call.data["service_data"]["entity_id"] == row.entity_id
            assert 0 < row.at - call.at < 0.1
            origins["user"] += 1
        else:
            assert not caused
            origins["nobody"] += 1
    assert origins["automation"] >= 80
    assert origins["script"] >= 3
    assert origins["user"] > 500
    assert origins["nobody"] > 1000


def test_the_automation_runs_every_evening_in_one_context(trail: Trail) -> None:
    triggered = [row for row in trail.events if row.event_type.startswith("automation")]
    for event in triggered:
        local = datetime.fromtimestamp(event.at, ZONE)
        assert local.hour * 60 + local.minute == PORCH_MINUTE
        assert event.data["entity_id"] == PORCH_AUTOMATION
    assert len(triggered) == DAYS + 1
    runs = Counter(
        (row.context.id, row.entity_id)
        for row in trail.states
        if row.entity_id in (PORCH_AUTOMATION, PORCH_LIGHT)
        and row.context.id in {event.context.id for event in triggered[:-1]}
    )
    assert set(runs.values()) == {2}


def test_a_cover_arrives_in_nobodys_name(trail: Trail) -> None:
    rows = [row for row in trail.states if row.entity_id == "cover.bedroom_blinds"]
    arrivals = 0
    for before, row in pairwise(rows):
        if before.state in ("opening", "closing") and row.state in ("open", "closed"):
            assert row.at - before.at == pytest.approx(COVER_TRAVEL_S)
            assert row.context.user is None
            assert row.context.id != before.context.id
            arrivals += 1
    assert arrivals >= 15


def test_the_script_is_started_by_ben(trail: Trail) -> None:
    started = [row for row in trail.events if row.event_type == "script_started"]
    assert len(started) >= 3
    for event in started:
        assert event.context.user == USERS["ben"]
        states = [
            row.state
            for row in trail.states
            if row.entity_id == MOVIE_SCRIPT and row.context == event.context
        ]
        assert states == ["on", "off"]


def test_nobody_does_anything_on_holiday(trail: Trail, calendar: Calendar) -> None:
    away = [day for day in calendar.days if day.away]
    assert len(away) == 5
    begin, end = away[0].at(9 * 60), away[-1].at(23 * 60)
    assert all(
        row.entity_id == PORCH_LIGHT
        for row in trail.states
        if begin < row.at < end and row.entity_id in CONTROLLED
    )
    for person in PEOPLE:
        rows = changes(trail, person.entity_id)
        assert state_before(rows, (begin + end) / 2) == "not_home"


def test_a_restart_begins_with_a_burst_of_unavailable(trail: Trail) -> None:
    (_, stopped), (up, _) = trail.runs
    burst = [row for row in trail.states if row.at == up]
    assert all(row.previous is None for row in burst)
    lost = {row.entity_id for row in burst if row.state == "unavailable"}
    assert lost == {device.entity_id for device in DEVICES}
    for entity_id in lost:
        rows = [row for row in trail.states if row.entity_id == entity_id]
        index = next(n for n, row in enumerate(rows) if row.at == up)
        assert rows[index + 1].state == rows[index - 1].state
        assert rows[index - 1].at < stopped
    kinds = [row.event_type for row in trail.events if stopped - 1 < row.at <= up]
    assert kinds == [
        "homeassistant_stop",
        "homeassistant_start",
        "homeassistant_started",
    ]


def test_a_lamp_is_out_of_reach_for_a_night(trail: Trail) -> None:
    rows = [row for row in trail.states if row.entity_id == "light.desk_lamp"]
    index = next(n for n, row in enumerate(rows) if row.state == "unavailable")
    assert rows[index + 1].at - rows[index].at > 6 * 3600
    assert rows[index + 1].state == rows[index - 1].state
