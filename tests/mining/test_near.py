"""What came nearest to a suggestion, and what it still lacks."""

from dataclasses import replace
import json
from math import nan

from hypothesis import given, strategies as st
import pytest

from custom_components.automation_scout.mining.near import (
    miss_to_dict,
    more_days,
    nearest,
)
from custom_components.automation_scout.mining.result import (
    FunnelStep,
    MiningResult,
    Proven,
    Rejection,
)
from custom_components.automation_scout.mining.rule_json import rule_from_dict
from custom_components.automation_scout.mining.rules import Action, Step

from .drafts import proven_of
from .worlds import rule_at

GATES = ("support", "significance", "holdout", "already_automated")


def stopped(
    entity: str, gate: str, measured: float, required: float = 1.0, minute: int = 60
) -> Rejection:
    return Rejection(rule_at(minute, entity=entity), gate, measured, required)


def result_of(*rejections: Rejection, proven: tuple[Proven, ...] = ()) -> MiningResult:
    funnel = tuple(FunnelStep(gate, 9, 9) for gate in GATES)
    return MiningResult(proven, rejections, funnel, 0, 0, 0, 0, {}, {}, ())


def test_who_came_farthest_is_nearest() -> None:
    early = stopped("light.a", "support", 0.9)
    late = stopped("light.b", "holdout", 0.2)
    later = stopped("light.c", "holdout", 0.3)
    assert nearest(result_of(early, late, later), 9) == [later, late, early]
    assert nearest(result_of(early, late, later), 2) == [later, late]
    assert nearest(result_of(), 9) == []


def test_one_for_each_action() -> None:
    one = stopped("light.a", "holdout", 0.3)
    two = stopped("light.a", "holdout", 0.2, minute=600)
    assert nearest(result_of(two, one), 9) == [one]


def test_what_is_served_misses_nothing() -> None:
    shadow = stopped("light.a", "holdout", 0.3)
    other = stopped("light.b", "holdout", 0.3)
    routine = replace(rule_at(720), more=(Step(Action("light.a", "on")),))
    assert nearest(result_of(shadow, other, proven=(proven_of(routine),)), 9) == [other]


@pytest.mark.parametrize(
    ("gate", "measured", "required", "expected"),
    [
        ("support", 3, 4, 5),
        ("significance", 4, 8, 14),
        ("significance", 7.9, 8, 1),
        ("support", 0, 4, None),
        ("support", 0.01, 4, None),
        ("holdout", 0.3, 0.35, None),
        ("stability", 0.001, 0.005, None),
    ],
)
def test_for_how_many_more_days(
    gate: str, measured: float, required: float, expected: int | None
) -> None:
    assert more_days(stopped("light.a", gate, measured, required), 14) == expected


@given(st.floats(0.5, 20), st.floats(0.5, 20), st.floats(1, 100))
def test_so_many_days_are_enough_and_one_less_is_not(
    measured: float, required: float, days: float
) -> None:
    more = more_days(stopped("light.a", "significance", measured, required), days)
    if more is None:
        assert measured >= required or days * (required / measured - 1) > 365
        return
    assert measured * (days + more) / days >= required * (1 - 1e-9)
    assert measured * (days + more - 1) / days < required * (1 + 1e-9)


def test_it_is_plain_json() -> None:
    miss = replace(stopped("light.a", "support", 3, 4), covered_by=("automation.x",))
    plain = json.loads(json.dumps(miss_to_dict(miss, 14), allow_nan=False))
    assert rule_from_dict(plain.pop("rule")) == miss.rule
    assert plain == {
        "entities": ["light.a"],
        "gate": "support",
        "measured": 3,
        "required": 4,
        "more_days": 5,
        "covered_by": ["automation.x"],
    }
    assert miss_to_dict(stopped("light.a", "odd", nan), 14)["measured"] is None
