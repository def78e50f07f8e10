"""What automations do by way of others."""

from dataclasses import replace

from custom_components.automation_scout.mining.chains import later, with_chains
from custom_components.automation_scout.mining.doing import does
from custom_components.automation_scout.mining.facts import (
    Branch,
    ExistingAutomation,
    Requirement,
)
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    WEEKDAYS,
    Action,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
)

HELPER = "input_boolean.night"
ASKED = (Requirement((StateCondition("person.anna", "home"),)),)


def one(
    name: str, trigger: Trigger, *targets: tuple[str, str], enabled: bool = True
) -> ExistingAutomation:
    return ExistingAutomation(
        f"automation.{name}",
        name,
        enabled,
        (trigger,),
        targets=frozenset(targets),
    )


FIRST = one("first", TimeTrigger(1320), (HELPER, "on"))
SECOND = one("second", StateTrigger(HELPER, "on", 600), ("light.a", "off"))
THIRD = one("third", StateTrigger("light.a", ""), ("light.b", "off"))
RULE = Rule(TimeTrigger(1330), Action("light.b", "off"), 900)


def test_a_chain_of_three() -> None:
    first, second, third = with_chains((FIRST, SECOND, THIRD))
    assert [branch.through for branch in first.branches] == [
        "",
        "automation.second",
        "automation.third",
    ]
    assert [branch.triggers for branch in first.branches[1:]] == [
        (TimeTrigger(1330),),
        (TimeTrigger(1330),),
    ]
    assert does(first, RULE)
    assert first.targets == FIRST.targets
    assert [branch.through for branch in second.branches] == ["", "automation.third"]
    assert third == THIRD


def test_what_is_off_or_waits_for_something_else_is_no_link() -> None:
    off = replace(SECOND, enabled=False)
    assert with_chains((FIRST, off, THIRD))[0] == FIRST
    opposite = one("second", StateTrigger(HELPER, "off"), ("light.a", "off"))
    assert with_chains((FIRST, opposite))[0] == FIRST


def test_a_ring_ends() -> None:
    back = one("back", StateTrigger("light.b", "off"), (HELPER, "on"))
    first, *_ = with_chains((FIRST, SECOND, THIRD, back))
    assert len(first.branches) == 4


def test_conditions_and_days_of_both_count() -> None:
    second = replace(
        SECOND,
        branches=(Branch(SECOND.triggers, SECOND.targets, ASKED, WEEKDAYS),),
    )
    first, _ = with_chains((replace(FIRST, weekdays=(0, 6)), second))
    _, follower = first.branches
    assert follower.requirements == ASKED
    assert follower.weekdays == (0,)


def test_later() -> None:
    assert later(TimeTrigger(1430, (0, 6)), 1200) == TimeTrigger(10, (0, 1))
    assert later(TimeTrigger(10, ALL_DAYS), 60) == TimeTrigger(11)
    assert later(SunTrigger(SunEvent.SUNSET, -10), 1800) == SunTrigger(
        SunEvent.SUNSET, 20
    )
    assert later(SunTrigger(SunEvent.SUNSET, 300), 7200) is None
    assert later(StateTrigger("a.b", "on", 5), 10) == StateTrigger("a.b", "on", 15)
    numeric = NumericTrigger("sensor.t", Side.ABOVE, 5)
    assert later(numeric, 10) == replace(numeric, for_s=10)
