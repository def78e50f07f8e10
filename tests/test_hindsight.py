"""What is known from before: verdicts as feedback, routines in the place of parts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.hindsight import (
    MOST_MISSES,
    absorbed,
    feedback_from,
    funnel_of,
    misses_of,
    rules_of,
)
from custom_components.automation_scout.mining.events import log_of_rows
from custom_components.automation_scout.mining.feedback import Feedback
from custom_components.automation_scout.mining.result import Proven, Rejection
from custom_components.automation_scout.mining.rule_json import rule_to_dict
from custom_components.automation_scout.mining.rules import (
    Action,
    Kind,
    Rule,
    Step,
)
from custom_components.automation_scout.store.suggestions import SuggestionRow

from .scripted import DOOR, EVENING, FACTS, MORNING, Script, at, proven, result, when

DAY_MS = 86_400_000
DESK, HALL = Action("light.desk", "on"), Action("light.hall", "on")
PORCH = Action("light.porch", "on")


def row(rule: Rule | None, status: str) -> SuggestionRow:
    plain: Mapping[str, Any] = rule_to_dict(rule) if rule else {"kind": "odd"}
    return SuggestionRow("x", status, "time", 0.9, 1.0, {**plain}, {}, 1, "", "")


def routine(*actions: Action, minute: int = 1200) -> Rule:
    return Rule(
        at(minute), actions[0], 900, more=tuple(Step(action) for action in actions[1:])
    )


def test_only_verdicts_are_feedback() -> None:
    statuses = ("open", "snoozed", "expired", "superseded")
    rows = {status: row(MORNING.rule, status) for status in statuses}
    assert feedback_from(rows, FACTS) == Feedback()
    rows |= {"a": row(MORNING.rule, "accepted"), "d": row(DOOR.rule, "dismissed")}
    rows |= {"odd": row(None, "dismissed")}
    counts = feedback_from(rows, FACTS).counts
    assert counts["kind:time"] == (1, 0)
    assert counts["kind:state"] == (0, 1)
    assert counts["area:study"] == (1, 0)
    assert counts["area:hall"] == (0, 1)


def test_what_is_no_rule_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    rows = {"a": row(MORNING.rule, "open"), "odd": row(None, "open")}
    assert rules_of(rows) == {"a": MORNING.rule}
    assert "The rule of suggestion odd cannot be read" in caplog.text


def test_a_routine_takes_the_place_of_its_parts() -> None:
    both = replace(MORNING, rule=routine(DESK, HALL))
    known = {
        "part": routine(HALL, minute=1195),
        "other time": routine(HALL, minute=600),
        "other act": routine(PORCH),
        "more": routine(DESK, HALL, PORCH),
        "same": routine(DESK, HALL),
        "edge": Rule(when("binary_sensor.door", "on"), HALL, 300),
    }
    assert absorbed(known, [("new", both)]) == {"part": "new"}
    assert absorbed(known, [("part", both)]) == {}
    alone = replace(MORNING, rule=routine(DESK))
    assert absorbed({"a": routine(DESK)}, [("new", alone)]) == {}


def test_a_habit_takes_the_place_of_the_idea_that_it_was() -> None:
    idea = replace(DOOR.rule, special=Kind.OPPORTUNITY)
    assert absorbed({"idea": idea}, [("new", DOOR)]) == {"idea": "new"}
    assert absorbed({"idea": idea}, [("new", MORNING)]) == {}
    other = replace(DOOR, rule=idea)
    assert absorbed({"habit": DOOR.rule}, [("new", other)]) == {}


def test_the_funnel_begins_with_what_was_read() -> None:
    found = result(MORNING, DOOR)
    assert funnel_of(found) == [
        {"gate": "provenance", "in": 100, "out": 60},
        {"gate": "detection", "in": 500, "out": 9},
        {"gate": "support", "in": 9, "out": 4},
        {"gate": "holdout", "in": 4, "out": 2},
    ]


def test_misses_know_how_long_the_home_was_watched() -> None:
    ends = [(t, "light.desk", "on", 1, "") for t in (0, 14 * DAY_MS)]
    misses = tuple(
        Rejection(proven(at(600), f"light.l{n:02}").rule, "support", 3, 4)
        for n in range(MOST_MISSES + 5)
    )
    found = replace(result(MORNING), rejections=misses)
    told = misses_of(found, log_of_rows(ends))
    assert len(told) == MOST_MISSES
    assert {item["more_days"] for item in told} == {5}
    assert misses_of(found, log_of_rows([]))[0]["more_days"] in {0, None}


async def test_verdicts_reach_the_miner(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING, DOOR, EVENING)
    await scout.async_analyze()
    assert script.settings[-1].feedback == Feedback()
    await scout.async_dismiss(DOOR.rule.key, None)
    await scout.async_analyze()
    counts = script.settings[-1].feedback.counts
    assert counts == {
        "kind:state": (0, 1),
        "pair:state>light": (0, 1),
        "area:hall": (0, 1),
    }
    (run, _) = await scout.async_runs(5)
    assert run.misses == []


async def test_a_part_makes_room_for_the_routine(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    one = replace(MORNING, rule=routine(DESK), score=5.0)
    two = replace(MORNING, rule=routine(HALL), score=4.0)
    script.result = result(one, two)
    await scout.async_analyze()
    both: Proven = replace(MORNING, rule=routine(DESK, HALL))
    script.result = result(both)
    response = await scout.async_analyze()
    assert response["open"] == 1
    (shown,) = await scout.async_list(["open"])
    assert shown["kind"] == "routine"
