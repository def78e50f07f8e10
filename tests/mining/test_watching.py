"""Runs of automations, and what people made of them."""

from dataclasses import replace

import pytest

from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.facts import (
    ExistingAutomation,
    HomeFacts,
)
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import StateTrigger, TimeTrigger
from custom_components.automation_scout.mining.watched import (
    Counts,
    Watched,
    counts_of,
    saved_this_week,
    watched_from_dict,
    watched_to_dict,
)
from custom_components.automation_scout.mining.watching import (
    UNDONE_MS,
    runs_of,
    watch,
)

from .overruled import (
    AT,
    EVENING,
    ahead,
    automation,
    by_clock,
    facts_with,
    kept,
    lived,
    person,
    ran,
    undone,
)
from .worlds import HOUR, MINUTE, SECOND, history_of, instant


def only(rows: list[Row], facts: HomeFacts | None = None) -> Watched:
    history = history_of([*rows, *lived(21)], facts or by_clock())
    [found] = watch(history, runs_of(history))
    return found


def test_runs_undone_and_saved() -> None:
    found = only(kept(range(10)) + undone(range(10, 14)))
    assert found.total == Counts(runs=14, undone=4, by_hand=0, saved=10)
    assert found.entity_id == EVENING
    assert not found.is_own
    assert not found.needs_attention


def test_weeks_are_counted_back_from_the_end() -> None:
    found = only(kept(range(3)) + undone(range(8, 10)) + kept(range(15, 20)))
    assert [(week.runs, week.undone, week.saved) for week in found.weeks] == [
        (5, 0, 5),
        (2, 2, 0),
        (3, 0, 3),
    ]
    assert sum(week.runs for week in found.weeks) == found.total.runs


@pytest.mark.parametrize(("later", "count"), [(0, 1), (1, 0)])
def test_ten_minutes_are_the_limit(later: int, count: int) -> None:
    at = instant(3, AT)
    rows = [ran(at), person(at + 300 + UNDONE_MS + later, "off")]
    assert only(rows).total.undone == count


def test_what_is_no_undoing() -> None:
    at = instant(3, AT)
    other = "automation.night"
    for row in (
        (at + MINUTE, "light.lamp", "off", Origin.AUTOMATION, other),
        (at + MINUTE, "light.lamp", "off", Origin.UNKNOWN, ""),
        (at + MINUTE, "light.lamp", "unavailable", Origin.USER, ""),
        (at + MINUTE, "light.other", "off", Origin.USER, ""),
    ):
        history = history_of([ran(at), row, *lived(21)], by_clock())
        assert not runs_of(history)[EVENING].undone.any(), row


def test_what_another_automation_undid_first_is_not_the_first_ones() -> None:
    at = instant(3, AT)
    night = (at + MINUTE, "light.lamp", "off", Origin.AUTOMATION, "automation.night")
    rows = [ran(at), night, person(at + 2 * MINUTE, "on"), *lived(21)]
    runs = runs_of(history_of(rows, by_clock()))
    assert not runs[EVENING].undone.any()
    assert runs["automation.night"].undone.all()


def test_a_user_who_is_excluded_undoes_nothing() -> None:
    facts = replace(by_clock(), excluded_users=frozenset({"anna"}))
    assert only(undone(range(6)), facts).total.undone == 0


def test_several_changes_are_one_run() -> None:
    """A lamp at once, a blind that needs half a minute; a brightness is no act."""
    facts = facts_with(
        ExistingAutomation(
            EVENING,
            "Evening",
            True,
            (TimeTrigger(AT),),
            targets=frozenset({("light.lamp", "on"), ("cover.blind", "closed")}),
        )
    )
    rows: list[Row] = []
    for day in range(6):
        at = instant(day, AT)
        moves = ("light.lamp#brightness", "40"), ("cover.blind", "closing")
        rows += [ran(at), person(at + 3 * HOUR + 7 * day * MINUTE, "off")]
        rows += [
            (at + 400, name, state, Origin.AUTOMATION, EVENING) for name, state in moves
        ]
        closed = (at + 30 * SECOND, "cover.blind", "closed", Origin.AUTOMATION, EVENING)
        opened = (at + 9 * HOUR, "cover.blind", "open", Origin.AUTOMATION, "")
        rows += [closed, opened]
    found = only(rows, facts)
    assert (found.total.runs, found.total.saved) == (6, 12)


def test_a_dimmed_lamp_is_a_correction() -> None:
    at = instant(3, AT)
    lamp = "light.lamp#brightness"
    rows = [
        ran(at),
        (at + 300, lamp, "100", Origin.AUTOMATION, EVENING),
        (at + MINUTE, lamp, "30", Origin.USER, "anna"),
    ]
    assert only(rows).total == Counts(runs=1, undone=1, by_hand=0, saved=1)


def test_by_hand_is_what_people_did_about_its_time() -> None:
    morning = [
        person(instant(day, 480) + day * 97 * SECOND, "on") for day in range(6, 11)
    ]
    found = only(kept(range(5, 10)) + ahead(range(10, 14), 45) + morning)
    assert found.total.by_hand == 4
    facts = facts_with(automation(StateTrigger("binary_sensor.door", "on")))
    found = only(kept(range(5, 10)) + ahead(range(10, 14), 45) + morning, facts)
    assert found.total.by_hand == 9


def test_of_what_is_older_than_the_automation_nothing_counts() -> None:
    one = replace(automation(TimeTrigger(AT)), created_ms=instant(5, 0))
    found = only(ahead(range(5), 30) + kept(range(5, 9)), facts_with(one))
    assert found.since_ms == instant(5, 0)
    assert found.total == Counts(runs=4, undone=0, by_hand=0, saved=4)


def test_an_automation_that_was_registered_anew_ran_before() -> None:
    one = replace(automation(TimeTrigger(AT)), created_ms=instant(20, 0))
    found = only(kept(range(15, 20)), facts_with(one))
    assert found.since_ms == instant(15, AT) + 300
    assert (found.total.runs, found.recent.runs, found.weeks[0].runs) == (5, 5, 5)


def test_people_who_keep_undoing_it_call_for_attention() -> None:
    assert only(undone(range(5))).needs_attention
    assert not only(undone(range(4))).needs_attention
    assert not only(undone(range(5)) + kept(range(5, 11))).needs_attention


def test_own_automations_save_acts() -> None:
    found = only(kept(range(21), origin=Origin.OWN))
    assert found.is_own
    assert found.weeks[0].saved == 7
    assert saved_this_week({EVENING: found}) == 7
    assert saved_this_week({EVENING: only(kept(range(21)))}) == 0
    assert saved_this_week({}) == 0
    assert counts_of({EVENING: found}, EVENING) == found.total
    assert counts_of({}, EVENING) == Counts()


def test_what_is_gone_is_not_watched() -> None:
    gone = (instant(2, AT), "light.lamp", "on", Origin.AUTOMATION, "automation.gone")
    assert only([*kept(range(5)), gone]).entity_id == EVENING
    history = history_of([], by_clock())
    assert watch(history, runs_of(history)) == ()


def test_as_plain_values_and_back() -> None:
    found = only(undone(range(6)))
    plain = watched_to_dict(found)
    assert plain["needs_attention"] is True
    assert watched_from_dict(plain) == found
    for broken in ({}, {**plain, "total": {"speed": 1}}, {**plain, "weeks": None}):
        with pytest.raises(ValueError, match="no counts"):
            watched_from_dict(broken)
