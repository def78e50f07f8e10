"""Whether an automation does what a rule would."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.automation_scout.mining.doing import does, for_sure, undoes
from custom_components.automation_scout.mining.facts import (
    Branch,
    ExistingAutomation,
    Requirement,
)
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    HOME,
    WEEKDAYS,
    WEEKEND,
    Action,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    Step,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
)

LAMP = Action("light.lamp", "on")
WARM = Action("climate.hall#temperature", "21")
SUN = {SunEvent.SUNSET: 19 * 60}
DOOR = "binary_sensor.door"


def numeric(bound: float) -> NumericTrigger:
    return NumericTrigger("sensor.t", Side.ABOVE, bound)


def automation(
    *triggers: Trigger,
    weekdays: tuple[int, ...] = ALL_DAYS,
    further: tuple[tuple[str, str], ...] = (),
) -> ExistingAutomation:
    """Return an automation that turns on the lamp."""
    return ExistingAutomation(
        "automation.it",
        "It",
        True,
        triggers,
        weekdays,
        frozenset({("light.lamp", "on"), *further}),
    )


@pytest.mark.parametrize(
    ("trigger", "wanted", "same"),
    [
        (TimeTrigger(1200), TimeTrigger(1230), True),
        (TimeTrigger(1200), TimeTrigger(1231), False),
        (TimeTrigger(1430), TimeTrigger(10), True),
        (TimeTrigger(1200, WEEKDAYS), TimeTrigger(1200), True),
        (TimeTrigger(1200, WEEKEND), TimeTrigger(1200), False),
        (TimeTrigger(1200, WEEKDAYS), TimeTrigger(1200, WEEKEND), False),
        (SunTrigger(SunEvent.SUNSET), SunTrigger(SunEvent.SUNSET, -20), True),
        (SunTrigger(SunEvent.SUNSET), SunTrigger(SunEvent.SUNSET, 21), False),
        (SunTrigger(SunEvent.SUNSET), SunTrigger(SunEvent.SUNRISE), False),
        (SunTrigger(SunEvent.SUNSET), TimeTrigger(19 * 60 + 30), True),
        (TimeTrigger(18 * 60 + 40), SunTrigger(SunEvent.SUNSET, -45), True),
        (SunTrigger(SunEvent.SUNSET, 60), TimeTrigger(19 * 60), False),
        (SunTrigger(SunEvent.SUNRISE), TimeTrigger(19 * 60), False),
        (StateTrigger(DOOR, "on"), StateTrigger(DOOR, "on"), True),
        (StateTrigger(DOOR, ""), StateTrigger(DOOR, "on"), True),
        (StateTrigger(DOOR, "off"), StateTrigger(DOOR, "on"), False),
        (StateTrigger(DOOR, "on"), StateTrigger(DOOR, "on", quiet_s=3600), True),
        (StateTrigger(DOOR, "on"), StateTrigger(DOOR, "on", 600), True),
        (StateTrigger(DOOR, "on", 600), StateTrigger(DOOR, "on", 300), True),
        (StateTrigger(DOOR, "on", 3600), StateTrigger(DOOR, "on", 300), False),
        (StateTrigger(HOME, "0"), StateTrigger(HOME, "0"), True),
        (NumericTrigger("sensor.t", Side.ABOVE, 24), numeric(25), True),
        (NumericTrigger("sensor.t", Side.ABOVE, 15), numeric(25), False),
        (NumericTrigger("sensor.t", Side.BELOW, 25), numeric(25), False),
        (NumericTrigger("sensor.u", Side.ABOVE, 25), numeric(25), False),
        (TimeTrigger(1200), StateTrigger(DOOR, "on"), False),
    ],
)
def test_triggers(trigger: Trigger, wanted: Trigger, same: bool) -> None:
    rule = Rule(wanted, LAMP, 900)
    assert does(automation(trigger), rule, SUN) is same
    other = StateTrigger("binary_sensor.other", "on")
    assert does(automation(other, trigger), rule, SUN) is same


def test_without_a_sun_a_time_is_a_time() -> None:
    at_sunset = automation(SunTrigger(SunEvent.SUNSET))
    assert not does(at_sunset, Rule(TimeTrigger(19 * 60), LAMP, 900))


def test_days_of_its_conditions_count() -> None:
    rule = Rule(StateTrigger(DOOR, "on"), LAMP, 900, (WeekdayCondition(WEEKEND),))
    assert does(automation(StateTrigger(DOOR, "on")), rule)
    assert not does(automation(StateTrigger(DOOR, "on"), weekdays=WEEKDAYS), rule)
    assert not does(automation(StateTrigger(DOOR, "on"), weekdays=()), rule)


def test_a_routine_is_done_when_all_of_it_is() -> None:
    rule = Rule(TimeTrigger(1200), LAMP, 900, more=(Step(WARM),))
    lamp_alone = automation(TimeTrigger(1200))
    assert not does(lamp_alone, rule)
    for setting, same in (("21", True), ("20.5", True), ("19", False), ("x", False)):
        both = automation(TimeTrigger(1200), further=((WARM.entity_id, setting),))
        assert does(both, rule) is same


def test_what_is_to_be_adjusted_does_not_do_it() -> None:
    rule = Rule(TimeTrigger(1200), LAMP, 900)
    made = automation(TimeTrigger(1210))
    assert does(made, rule)
    assert not does(made, replace(rule, replaces="automation.it"))
    assert does(made, replace(rule, replaces="automation.other"))


@given(st.integers(0, 1439), st.integers(0, 1439))
def test_either_way_round(one: int, two: int) -> None:
    there = does(automation(TimeTrigger(one)), Rule(TimeTrigger(two), LAMP, 900))
    assert there == does(
        automation(TimeTrigger(two)), Rule(TimeTrigger(one), LAMP, 900)
    )


def off_at(trigger: Trigger, state: str = "off") -> ExistingAutomation:
    """Return an automation that brings the lamp into a state."""
    made = automation(trigger)
    return replace(made, targets=frozenset({("light.lamp", state)}))


@pytest.mark.parametrize(
    ("trigger", "wanted", "opposite"),
    [
        (TimeTrigger(1200), TimeTrigger(1205), True),
        (TimeTrigger(1200), TimeTrigger(1225), False),
        (StateTrigger(DOOR, "on"), StateTrigger(DOOR, "on"), True),
        (StateTrigger(DOOR, "on", 300), StateTrigger(DOOR, "on"), False),
        (StateTrigger(DOOR, "off"), StateTrigger(DOOR, "on"), False),
        (SunTrigger(SunEvent.SUNSET), SunTrigger(SunEvent.SUNSET, 15), False),
        (numeric(25), numeric(25), True),
    ],
)
def test_the_opposite(trigger: Trigger, wanted: Trigger, opposite: bool) -> None:
    rule = Rule(wanted, LAMP, 900)
    assert undoes(off_at(trigger), rule, SUN) is opposite
    assert not undoes(off_at(trigger, "on"), rule, SUN)
    assert not undoes(off_at(trigger), replace(rule, replaces="automation.it"), SUN)
    toggled = replace(
        off_at(trigger),
        targets=frozenset({("light.lamp", "on"), ("light.lamp", "off")}),
    )
    assert not undoes(toggled, rule, SUN)


def test_what_is_done_at_another_trigger_is_not_done_at_this_one() -> None:
    morning, night = TimeTrigger(420), TimeTrigger(1320)
    made = replace(
        automation(morning, night),
        targets=frozenset({("light.lamp", "on"), ("light.lamp", "off")}),
        branches=(
            Branch((morning,), frozenset({("light.lamp", "on")})),
            Branch((night,), frozenset({("light.lamp", "off")})),
        ),
    )
    assert does(made, Rule(morning, LAMP, 900))
    assert not does(made, Rule(night, LAMP, 900))
    assert undoes(made, Rule(night, LAMP, 900))
    assert not undoes(made, Rule(morning, LAMP, 900))


def test_what_is_required_is_judged_by_who_knows() -> None:
    asked = (Requirement((StateCondition("person.anna", "home"),)),)
    branch = Branch((TimeTrigger(420),), frozenset({("light.lamp", "on")}), asked)
    made = replace(automation(TimeTrigger(420)), branches=(branch,))
    rule = Rule(TimeTrigger(420), LAMP, 900)
    assert does(made, rule)
    assert does(made, rule, SUN, lambda one: one.requirements == asked)
    assert not does(made, rule, SUN, for_sure)
    assert does(automation(TimeTrigger(420)), rule, SUN, for_sure)


def test_steps_of_a_routine_may_come_from_several_branches() -> None:
    first = Branch((TimeTrigger(1200),), frozenset({("light.lamp", "on")}))
    later = Branch((TimeTrigger(1201),), frozenset({(WARM.entity_id, "21")}))
    made = replace(automation(TimeTrigger(1200)), branches=(first, later))
    assert does(made, Rule(TimeTrigger(1200), LAMP, 900, more=(Step(WARM),)))
    assert not does(
        replace(made, branches=(first,)),
        Rule(TimeTrigger(1200), LAMP, 900, more=(Step(WARM),)),
    )
