"""What is said of automations that do not do a habit, from the past and from papers."""

from dataclasses import replace

import pytest

from custom_components.automation_scout.mining.beside import Beside, beside
from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.facts import (
    Branch,
    ExistingAutomation,
    HomeFacts,
    Requirement,
)
from custom_components.automation_scout.mining.gates.already_automated import (
    left_to_do,
)
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.meeting import met_at
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import (
    Action,
    Condition,
    NumericCondition,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    WindowCondition,
)

from .test_automated import LAMP, MOTION, NOONS, PLACE, day_by_day, home
from .worlds import MINUTE, pulses

TRIGGER = StateTrigger(MOTION, "on")
RULE = Rule(TRIGGER, LAMP, 120)


def rows(share: float = 0.0, actor: str = "automation.a") -> list[Row]:
    """Let people follow a motion at noon, at some noons an automation."""
    around = [
        (NOONS[0] - 60 * MINUTE, "person.anna", "home", Origin.REPORT, ""),
        (NOONS[20] - 60 * MINUTE, "person.anna", "not_home", Origin.REPORT, ""),
        (NOONS[0] - 60 * MINUTE, "sensor.lux", "5", Origin.REPORT, ""),
    ]
    acts = home([t + MINUTE for t in NOONS], share=share, actor=actor)
    return [*around, *pulses(MOTION, NOONS), *acts]


def automation(
    state: str, *requirements: Requirement, enabled: bool = True
) -> ExistingAutomation:
    targets = frozenset({(LAMP.entity_id, state)})
    return ExistingAutomation(
        "automation.b",
        "B",
        enabled,
        (TRIGGER,),
        targets=targets,
        branches=(Branch((TRIGGER,), targets, requirements),),
    )


def past(facts: HomeFacts = PLACE, share: float = 0.0) -> History:
    return day_by_day(rows(share), facts)


def of(*automations: ExistingAutomation) -> HomeFacts:
    return replace(PLACE, automations=automations)


ANNA = StateCondition("person.anna", "home")
BEN = StateCondition("person.ben", "home")
NIGHT = WindowCondition(1300, 300)


@pytest.mark.parametrize(
    ("any_of", "holds", "met"),
    [
        ((ANNA,), True, True),
        ((ANNA,), False, False),
        ((StateCondition("person.anna", "not_home"),), True, False),
        ((StateCondition("person.anna", "work"), ANNA), True, True),
        ((NIGHT,), True, False),
        ((NIGHT,), False, True),
        ((NIGHT, ANNA), True, True),
        ((NumericCondition("sensor.lux", Side.BELOW, 10),), True, True),
        ((NumericCondition("sensor.lux", Side.ABOVE, 10),), True, False),
        # Of these nothing is known.
        ((BEN,), True, True),
        ((BEN,), False, True),
        ((NIGHT, BEN), True, True),
        ((NumericCondition("sensor.rain", Side.ABOVE, 10),), True, True),
    ],
)
def test_what_is_required_is_looked_up(
    any_of: tuple[Condition, ...], holds: bool, met: bool
) -> None:
    requirement = Requirement(any_of, holds)
    made = automation("on", requirement)
    assert met_at(past(), RULE)(made.branches[0]) is met
    left, covered = left_to_do(past(of(made)), RULE)
    assert (left, covered) == ((0.0, ("automation.b",)) if met else (1.0, ()))


def test_without_an_occasion_everything_is_met() -> None:
    nobody = Rule(TRIGGER, Action("light.lamp", "dim"), 120)
    made = automation("on", Requirement((NIGHT,)))
    assert met_at(past(), nobody)(made.branches[0])


def test_what_is_turned_off_is_said() -> None:
    off = automation("on", enabled=False)
    assert beside(past(of(off)), RULE) == Beside(("automation.b",), ())
    assert left_to_do(past(of(off)), RULE) == (1.0, ())
    unmet = automation("on", Requirement((NIGHT,)), enabled=False)
    assert beside(past(of(unmet)), RULE) == Beside((), ())


def test_the_opposite_is_said() -> None:
    assert beside(past(of(automation("off"))), RULE) == Beside((), ("automation.b",))
    asleep = automation("off", enabled=False)
    assert beside(past(of(asleep)), RULE) == Beside((), ())
    unmet = automation("off", Requirement((NIGHT,)))
    assert beside(past(of(unmet)), RULE) == Beside((), ())


@pytest.mark.parametrize(
    ("days", "covered_by"), [(0, ()), (1, ()), (3, ("automation.a",))]
)
def test_what_is_seen_now_and_then_is_said(
    days: int, covered_by: tuple[str, ...]
) -> None:
    """Of the last fourteen days."""
    found = rows()
    noons = {noon + MINUTE for noon in NOONS[-days:]} if days else set()
    shown = [
        (t, name, state, Origin.AUTOMATION, "automation.a")
        if name == LAMP.entity_id and t in noons
        else (t, name, state, origin, actor)
        for t, name, state, origin, actor in found
    ]
    assert beside(day_by_day(shown, PLACE), RULE) == Beside(covered_by, ())


def test_a_program_that_acts_as_a_user_has_no_entity() -> None:
    """It is known by its precision; what it does is no habit, and has no name."""
    acts = [
        row
        for t in NOONS
        for row in (
            (t + MINUTE, LAMP.entity_id, "on", Origin.USER, "0123456789abcdef"),
            (t + 90 * MINUTE, LAMP.entity_id, "off", Origin.USER, "anna"),
        )
    ]
    excluded = replace(PLACE, excluded_users=frozenset({"0123456789abcdef"}))
    history = day_by_day([*pulses(MOTION, NOONS), *acts], excluded)
    assert left_to_do(history, RULE) == (0.0, ())
