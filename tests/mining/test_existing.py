"""What the automations and devices that are there suggest, beside habits."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.automation_scout.mining.automation import automation_config
from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.existing import opportunities, untidy
from custom_components.automation_scout.mining.facts import (
    EntityFacts,
    ExistingAutomation,
    HomeFacts,
)
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.result import Proven, Tier
from custom_components.automation_scout.mining.rules import (
    SUN,
    WEEKEND,
    Action,
    Kind,
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

from .worlds import (
    DAY,
    HOUR,
    MINUTE,
    ZONE,
    clock_habit,
    framed,
    history_of,
    instant,
    mined,
    pulses,
)

LAMP = Action("light.lamp", "on")
EVENING = ExistingAutomation(
    "automation.evening",
    "Evening",
    True,
    (TimeTrigger(1140),),
    targets=frozenset({("light.lamp", "on")}),
)


def with_automation(**changes: Any) -> HomeFacts:
    return HomeFacts(ZONE, automations=(replace(EVENING, **changes),))


def only(rows: list[Row], facts: HomeFacts) -> list[Proven]:
    """Return what is found of the lamp's going on."""
    return [item for item in mined(rows, facts).proven if item.rule.action == LAMP]


def undone(minute: int, hand: int, days: range = range(30)) -> list[Row]:
    """Let the automation act; somebody undoes it at once, and does it at their time."""
    rows: list[Row] = []
    for day in days:
        at = instant(day, minute)
        wobble = (day * 37 % 7 - 3) * MINUTE
        rows += [
            (at + 300, "light.lamp", "on", Origin.AUTOMATION, "automation.evening"),
            (at + 5 * MINUTE + wobble, "light.lamp", "off", Origin.USER, ""),
            (instant(day, hand) + wobble, "light.lamp", "on", Origin.USER, ""),
            (instant(day, 1380) + wobble, "light.lamp", "off", Origin.USER, ""),
        ]
    return rows


@pytest.mark.parametrize("hand", [1120, 1080])
def test_what_people_do_before_the_automation_adjusts_it(hand: int) -> None:
    rows = clock_habit("light.lamp", hand, range(30), jitter_min=2)
    [found] = only(rows, with_automation())
    assert (found.rule.kind, found.rule.replaces) == (Kind.ADJUST, "automation.evening")
    assert isinstance(found.rule.trigger, TimeTrigger)
    assert abs(found.rule.trigger.minute - hand) <= 5
    assert found.evidence.hits >= 25
    assert found.confidence > 0.5


@pytest.mark.parametrize("hand", [1200, 1260])
def test_what_people_undo_and_do_later_adjusts_it(hand: int) -> None:
    [found] = only(undone(1140, hand), with_automation())
    assert (found.rule.kind, found.rule.replaces) == (Kind.ADJUST, "automation.evening")
    assert abs(found.rule.trigger.minute - hand) <= 5  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "other",
    [
        {"enabled": False},
        {"triggers": (TimeTrigger(600),)},
        {"triggers": (SunTrigger(SunEvent.SUNSET),)},
        {"weekdays": WEEKEND},
        {"targets": frozenset({("light.lamp", "off")})},
    ],
)
def test_what_has_nothing_to_do_with_it_is_not_adjusted(other: dict[str, Any]) -> None:
    rows = clock_habit("light.lamp", 1080, range(30), jitter_min=2)
    [found] = only(rows, with_automation(**other))
    assert found.rule.kind is Kind.TIME


def test_a_second_habit_beside_an_automation_is_no_adjustment() -> None:
    """It acts at seven and nobody minds; people do it again at nine."""
    rows: list[Row] = []
    for day in range(30):
        wobble = (day * 37 % 7 - 3) * MINUTE
        for minute, state, origin in (
            (1140, "on", Origin.AUTOMATION),
            (1230, "off", Origin.USER),
            (1260, "on", Origin.USER),
            (1380, "off", Origin.USER),
        ):
            late = wobble if origin is Origin.USER else 300
            actor = "" if origin is Origin.USER else "automation.evening"
            at = instant(day, minute) + late
            rows.append((at, "light.lamp", state, origin, actor))
    [found] = only(rows, with_automation())
    assert found.rule.kind is Kind.TIME


def tidied(
    trigger: Trigger, rows: list[Row] | None = None, **changes: Any
) -> tuple[str, ...]:
    """Return what is wrong with an automation after 90 days."""
    values = {"created_ms": instant(0, 0), "triggers": (trigger,), **changes}
    lived = clock_habit("switch.fan", 700, range(90))
    history = history_of(framed([*lived, *(rows or [])], 90), with_automation(**values))
    return tuple(reason for item in untidy(history) for reason in item.safety.reasons)


def test_an_automation_that_never_ran() -> None:
    at = TimeTrigger(1140)
    assert tidied(at) == ("never_ran",)
    assert tidied(SunTrigger(SunEvent.SUNSET)) == ("never_ran",)
    assert tidied(at, enabled=False) == ()
    assert tidied(at, created_ms=instant(40, 0)) == ()
    assert tidied(at, created_ms=None) == ()
    assert tidied(at, last_triggered_ms=instant(20, 0)) == ("never_ran",)
    assert tidied(at, last_triggered_ms=instant(40, 0)) == ()


def test_what_waits_for_what_seldom_happens_is_not_idle() -> None:
    smoke = StateTrigger("binary_sensor.smoke", "on")
    assert tidied(smoke) == ()
    times = [instant(day, 800) for day in range(0, 90, 30)]
    assert tidied(smoke, pulses("binary_sensor.smoke", times)) == ()
    often = [instant(day, 800) for day in range(90)]
    assert tidied(smoke, pulses("binary_sensor.smoke", often)) == ("never_ran",)
    assert tidied(NumericTrigger("sensor.t", Side.BELOW, -20)) == ()


def test_what_is_missing_and_what_is_double() -> None:
    assert tidied(
        TimeTrigger(1140), missing=("light.gone",), last_triggered_ms=instant(89, 0)
    ) == ("missing",)
    one = replace(EVENING, fingerprint="x")
    two = replace(one, entity_id="automation.other", name="Other")
    off = replace(one, entity_id="automation.zzz", enabled=False)
    bare = replace(one, entity_id="automation.bare", fingerprint="")
    facts = HomeFacts(ZONE, automations=(one, two, off, bare))
    [found] = untidy(history_of([], facts))
    assert found.rule.replaces == "automation.other"
    assert found.covered_by == ("automation.evening",)
    assert found.safety.reasons == ("duplicate",)
    assert found.safety.tier is Tier.NOTIFY
    assert found.rule.kind is Kind.TIDY
    calls = automation_config(found.rule, "A", "B", found.safety.tier)["actions"]
    assert [call["action"] for call in calls] == ["persistent_notification.create"]


def area(entity_id: str, area_id: str | None, klass: str | None = None) -> EntityFacts:
    return EntityFacts(entity_id, entity_id, area_id, device_class=klass)


HALL = HomeFacts(
    ZONE,
    {
        item.entity_id: item
        for item in (
            area("binary_sensor.hall", "hall", "motion"),
            area("light.hall", "hall"),
            area("light.hall_2", "hall"),
            area("light.attic", "attic"),
            area("light.nowhere", None),
            area("binary_sensor.bath", "bath", "motion"),
            area("binary_sensor.attic", "attic", "door"),
            area("switch.fan", "hall"),
        )
    },
    latitude=52.37,
    longitude=4.9,
)


def used(entity_id: str, days: int = 20, a_day: int = 1) -> list[Row]:
    """Let people turn something on and off, with no time or cause."""
    rows: list[Row] = []
    for day in range(days):
        for number in range(a_day):
            at = instant(day, 500 + 211 * number + day * 137 % 200)
            rows.append((at, entity_id, "on", Origin.USER, ""))
            rows.append((at + HOUR, entity_id, "off", Origin.USER, ""))
    return rows


def ideas(rows: list[Row], facts: HomeFacts = HALL, *known: Rule) -> list[Proven]:
    return opportunities(history_of(framed(rows, 20), facts), known)


def passing(
    sensor: str, light: str, *, of: int = 8, done: int = 5, first: int = 1
) -> list[Row]:
    """Let people pass a sensor on some evenings, and turn on the light at a few."""
    rows: list[Row] = []
    for number in range(of):
        at = instant(2 * number + first, 1150 + 83 * number % 200)
        rows += pulses(sensor, [at])
        if number < done:
            rows.append((at + 40_000, light, "on", Origin.USER, ""))
            rows.append((at + 9 * MINUTE, light, "off", Origin.USER, ""))
    return rows


A_FEW = passing("binary_sensor.hall", "light.hall")


def test_motion_and_a_light_in_one_area_are_an_idea() -> None:
    rows = used("light.hall") + used("light.hall_2", a_day=2) + A_FEW
    [found] = ideas(rows + used("light.attic") + used("light.nowhere"))
    assert found.rule == Rule(
        StateTrigger("binary_sensor.hall", "on"),
        Action("light.hall", "on"),
        120,
        (StateCondition(SUN, "below_horizon"),),
        special=Kind.OPPORTUNITY,
    )
    assert (found.evidence.hits, found.evidence.wrong) == (5, 3)
    assert found.score < -500


def test_of_several_ideas_the_light_that_is_used_most_comes_first() -> None:
    bath = EntityFacts("light.bath", "Bath", "bath")
    facts = replace(HALL, entities={**HALL.entities, "light.bath": bath})
    rows = A_FEW + passing("binary_sensor.bath", "light.bath")
    for more, first in (("light.hall", "light.hall"), ("light.bath", "light.bath")):
        found = ideas(rows + used(more), facts)
        names = [item.rule.action.entity_id for item in found]
        assert sorted(names) == ["light.bath", "light.hall"]
        assert names[0] == first


def test_what_is_no_idea() -> None:
    rows = used("light.hall") + A_FEW
    assert len(ideas(rows)) == 1
    habit = Rule(TimeTrigger(5), Action("light.hall", "off"), 900)
    assert ideas(rows, HALL, habit) == []
    made = replace(EVENING, enabled=False, targets=frozenset({("light.hall", "on")}))
    assert ideas(rows, replace(HALL, automations=(made,))) == []
    assert ideas(rows, replace(HALL, latitude=None)) == []
    seldom = passing("binary_sensor.hall", "light.hall", of=4, done=2)
    assert ideas(used("light.hall") + seldom) == []
    assert ideas(used("light.hall") + used("switch.fan")) == []
    early = history_of([row for row in rows if row[0] < instant(0, 0) + 10 * DAY], HALL)
    assert opportunities(early, ()) == []


def test_what_was_seen_often_enough_has_been_judged() -> None:
    often = passing("binary_sensor.hall", "light.hall", of=9, done=9)
    often += used("switch.fan")
    assert len(ideas(often)) == 1
    more = passing("binary_sensor.hall", "light.hall", of=9, done=9, first=2)
    assert ideas(often + more) == []


def test_what_the_history_speaks_against_is_no_idea() -> None:
    """People pass the sensor every evening, and leave the light off."""
    often = pulses(
        "binary_sensor.hall", [instant(day, 1370) for day in range(20)], 2 * MINUTE
    )
    assert ideas(used("light.hall") + A_FEW + often) == []


def test_ideas_come_after_all_that_is_proven() -> None:
    seldom = passing("binary_sensor.hall", "light.hall", of=5, done=3)
    rows = used("light.hall") + seldom + clock_habit("switch.fan", 1200, range(20))
    result = mined(rows, HALL)
    assert [item.rule.kind for item in result.proven] == [Kind.TIME, Kind.OPPORTUNITY]
    assert result.errors == ()
