"""When a home is another one for a suggestion."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from custom_components.automation_scout.lifecycle.change import (
    Basis,
    has_changed,
    places_of,
)
from custom_components.automation_scout.mining.evidence import Evidence
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.rules import HOME, StateTrigger

from ..scripted import proven
from .homes import FACTS, HALL, MOTION, having, rule, without

PLACES = places_of(HALL.rule, FACTS)


def seen(hits: int, opportunities: int, days: int = 28) -> Evidence:
    return replace(
        HALL.evidence, hits=hits, opportunities=opportunities, days_observed=days
    )


def basis(hits: int, opportunities: int, days: int = 28) -> Basis:
    then = seen(hits, opportunities, days)
    return Basis(PLACES, (), hits, opportunities, then.saved_per_week)


def test_where_entities_belong() -> None:
    assert PLACES == {
        MOTION: ("sense", "hall", "motion"),
        "light.hall": ("lamp", "hall", None),
    }
    nobody = rule(StateTrigger(HOME, "0"), "light.gone", "off")
    assert places_of(nobody, FACTS) == {}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda home: home, False),
        (lambda home: without(home, "light.desk"), False),
        (lambda home: without(home, "light.hall"), True),
        (lambda home: having(home, EntityFacts("light.hall", "x", "hall", "y")), True),
        (lambda home: having(home, EntityFacts("light.hall", "x", "y", "lamp")), True),
        (
            lambda home: having(home, EntityFacts("light.hall", "x", "hall", "lamp")),
            False,
        ),
    ],
)
def test_devices(change: Callable[[HomeFacts], HomeFacts], expected: bool) -> None:
    now = seen(19, 21)
    assert has_changed(basis(19, 21), now, change(FACTS), ()) is expected


def test_automation_that_did_it_is_gone_or_off() -> None:
    before = replace(basis(19, 21), covered_by=("automation.a",))
    assert not has_changed(before, seen(19, 21), FACTS, {"automation.a"})
    assert has_changed(before, seen(19, 21), FACTS, {"automation.b"})


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        # As often and as surely, more of it, less of it.
        ((12, 20), (12, 20), False),
        ((12, 20), (36, 60, 84), False),
        ((12, 20), (2, 20), False),
        # So much surer that chance in either count does not explain it.
        ((12, 20), (22, 28), False),
        ((12, 20), (55, 60, 84), True),
        # Twice as often, and by more than one a week.
        ((8, 9), (16, 18), True),
        ((8, 9), (15, 18), False),
        ((3, 3), (6, 6), False),
        ((3, 3), (7, 7), True),
    ],
)
def test_habit_that_is_clearer(
    then: tuple[int, ...], now: tuple[int, ...], expected: bool
) -> None:
    assert has_changed(basis(*then), seen(*now), FACTS, ()) is expected


def test_where_nothing_was_noted_nothing_has_changed() -> None:
    assert not has_changed(Basis(), proven(HALL.rule.trigger).evidence, FACTS, ())
