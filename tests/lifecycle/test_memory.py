"""What answers hold back, and for how long."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.automation_scout.lifecycle import (
    ACCEPTED,
    EXPIRED,
    OPEN,
    SUPERSEDED,
    Home,
    Known,
    barred,
)
from custom_components.automation_scout.lifecycle.memory import COOLING, LATER, sift
from custom_components.automation_scout.lifecycle.statuses import NEVER, REASONS
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.result import Proven
from custom_components.automation_scout.mining.rules import Kind

from ..scripted import at, proven
from .homes import (
    ELSEWHERE,
    FACTS,
    HALL,
    MORNING,
    MOTION,
    NOW,
    OCCUPANCY,
    dismissed,
    edge,
    having,
    known,
    snoozed,
    without,
)

LONG = COOLING.days + 1
MOVED = having(FACTS, EntityFacts("light.hall", "Hall", "study", "lamp"))
SIBLING = proven(edge(OCCUPANCY), "light.hall")


def stopped_by(
    before: dict[str, Known], item: Proven, key: str = "x", home: HomeFacts = FACTS
) -> str | None:
    """Return the step that holds a rule back, None where it is free."""
    sifted = sift(before, [(key, item)], Home(home), NOW)
    stops = [step.gate for step in sifted.steps if step.left < step.entered]
    assert len(stops) + len(sifted.free) == 1
    return next(iter(stops), None)


def test_nothing_is_held_back_without_a_reason() -> None:
    before = {"a": known(HALL), "b": replace(known(MORNING), status=EXPIRED)}
    assert stopped_by(before, HALL, "a") is None
    assert stopped_by(before, MORNING, "b") is None
    assert stopped_by(before, SIBLING) is None


@pytest.mark.parametrize("reason", [None, *REASONS])
def test_dismissed_and_its_relatives_are_away(reason: str | None) -> None:
    before = {"a": dismissed(HALL, reason)}
    assert stopped_by(before, HALL, "a") == "verdict"
    assert stopped_by(before, SIBLING) == "relatives"
    assert stopped_by(before, proven(edge(ELSEWHERE), "light.desk")) is None


@pytest.mark.parametrize("reason", [None, "wrong", "not_useful", "already_done"])
def test_it_takes_time_and_a_change(reason: str | None) -> None:
    early = {"a": dismissed(HALL, reason, COOLING.days - 0.01)}
    late = {"a": dismissed(HALL, reason, COOLING.days)}
    assert stopped_by(early, HALL, "a", MOVED) == "verdict"
    assert stopped_by(late, HALL, "a") == "verdict"
    assert stopped_by(late, HALL, "a", MOVED) is None
    assert stopped_by(late, SIBLING) == "relatives"
    assert stopped_by(late, SIBLING, home=MOVED) is None


def test_few_days_show_no_change() -> None:
    before = {"a": dismissed(HALL, days=LONG)}
    sifted = sift(before, [("a", HALL)], Home(MOVED, whole=False), NOW)
    assert sifted.free == ()


def test_not_now_is_four_weeks() -> None:
    before = {"a": dismissed(HALL, "not_now", LATER.days - 0.01)}
    assert stopped_by(before, HALL, "a") == "verdict"
    before = {"a": dismissed(HALL, "not_now", LATER.days)}
    assert stopped_by(before, HALL, "a") is None
    assert stopped_by(before, SIBLING) is None


def test_never_holds_for_the_device_and_for_good() -> None:
    before = {"a": dismissed(HALL, NEVER, 5 * LONG)}
    assert stopped_by(before, HALL, "a", MOVED) == "verdict"
    for about in (
        proven(at(999), "light.hall", "off"),
        proven(edge("light.hall"), "light.desk"),
        proven(at(60), "light.all"),
    ):
        assert stopped_by(before, about) == "relatives"
    assert stopped_by(before, proven(edge(MOTION), "light.desk")) is None
    gone = without(FACTS, "light.hall")
    renewed = having(gone, EntityFacts("light.hall_2", "Hall", "hall", "lamp"))
    assert stopped_by(before, proven(at(60), "light.hall_2"), home=renewed)


def test_never_closes_what_is_open_but_for_what_was_opened_after_it() -> None:
    about = proven(edge("light.hall"), "light.desk")
    before = {
        "a": dismissed(HALL, NEVER, 5),
        "b": replace(known(about), decided_at=None),
        "c": known(about, days=6),
        "d": known(about, days=4),
        "e": known(MORNING),
    }
    assert barred(before, FACTS) == {"a", "b", "c"}
    assert barred(before) == {"a", "b", "c"}
    assert stopped_by(before, about, "b") == "relatives"
    assert stopped_by(before, about, "d") is None


def test_snooze_holds_relatives_back_until_it_ends() -> None:
    assert stopped_by({"a": snoozed(HALL, 1)}, HALL, "a") == "snooze"
    assert stopped_by({"a": snoozed(HALL, 1)}, SIBLING) == "relatives"
    assert stopped_by({"a": snoozed(HALL, 0)}, HALL, "a") is None
    assert stopped_by({"a": snoozed(HALL, 0)}, SIBLING) is None


def test_end_of_a_snooze_is_a_promise_that_relatives_do_not_break() -> None:
    before = {"a": dismissed(HALL), "b": snoozed(SIBLING, 0)}
    assert stopped_by(before, SIBLING, "b") is None
    before["a"] = dismissed(HALL, NEVER)
    assert stopped_by(before, SIBLING, "b") == "relatives"


def test_what_is_left_open_beside_a_dismissed_relative_stays() -> None:
    before = {"a": dismissed(HALL), "b": known(SIBLING)}
    assert stopped_by(before, SIBLING, "b") is None
    before["b"] = replace(before["b"], status=EXPIRED)
    assert stopped_by(before, SIBLING, "b") == "relatives"


def test_accepted_habit_is_not_proposed_next_to_itself() -> None:
    before = {"a": known(MORNING, ACCEPTED)}
    later = proven(at(440), "light.desk")
    assert stopped_by(before, MORNING, "a") == "verdict"
    assert stopped_by(before, later) == "relatives"
    adjust = replace(
        later,
        rule=replace(later.rule, special=Kind.ADJUST, replaces="automation.morning"),
    )
    assert stopped_by(before, adjust) is None
    assert stopped_by({"a": known(HALL, ACCEPTED)}, SIBLING) is None


def test_dismissed_habit_leaves_adjustments_of_an_automation() -> None:
    adjust = replace(
        MORNING,
        rule=replace(MORNING.rule, special=Kind.ADJUST, replaces="automation.a"),
    )
    assert stopped_by({"a": dismissed(MORNING)}, adjust) is None
    assert stopped_by({"a": dismissed(adjust)}, adjust, "a") == "verdict"


def test_superseded_waits_for_its_successor() -> None:
    before = {"a": known(MORNING, SUPERSEDED), "b": known(MORNING, OPEN)}
    assert stopped_by(before, MORNING, "a") == "relatives"
    before["b"] = known(HALL)
    assert stopped_by(before, MORNING, "a") is None


def test_sensor_that_was_replaced_is_still_a_relative() -> None:
    """The old one is not there any more; the rule remembers where it was."""
    before = {"a": dismissed(HALL)}
    home = without(FACTS, MOTION)
    assert stopped_by(before, SIBLING, home=home) == "relatives"
    late = {"a": dismissed(HALL, days=LONG)}
    assert stopped_by(late, SIBLING, home=home) is None


def test_what_cannot_be_read_holds_only_itself() -> None:
    before = {"a": replace(dismissed(HALL), rule=None)}
    assert stopped_by(before, HALL, "a") == "verdict"
    assert stopped_by(before, SIBLING) is None
    undated = {"a": replace(dismissed(HALL, days=LONG), decided_at=None)}
    assert stopped_by(undated, HALL, "a", MOVED) == "verdict"


def test_a_snooze_without_an_end_is_over() -> None:
    row = replace(snoozed(HALL, 1), snoozed_until=None)
    assert row.is_due(NOW)
    assert not snoozed(HALL, 1).is_due(NOW)
    assert snoozed(HALL, 1).is_due(NOW + timedelta(days=1))
