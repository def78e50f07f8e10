"""Relatives: what may be one habit on two days, of every form of a rule."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.automation_scout.mining.daylight import sun_minutes
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.identity import adopt, distance
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    HOME,
    WEEKDAYS,
    WEEKEND,
    Action,
    Condition,
    Kind,
    NumericCondition,
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
    WindowCondition,
)

from .drafts import proven_of

LAMP = Action("light.lamp", "on")
DESK = Action("light.desk", "on")
TV = Action("media_player.tv", "off")
SUN = {SunEvent.SUNRISE: 7 * 60, SunEvent.SUNSET: 19 * 60}
DARK = StateCondition("sun.sun", "below_horizon")
MOTION = StateTrigger("binary_sensor.hall", "on")


def rule(trigger: Trigger, *conditions: object, **changes: object) -> Rule:
    return Rule(trigger, LAMP, 900, conditions, **changes)  # type: ignore[arg-type]


def sunset(offset: int, weekdays: tuple[int, ...] = ALL_DAYS) -> Rule:
    return rule(SunTrigger(SunEvent.SUNSET, offset, weekdays))


def warm(threshold: float, side: Side = Side.ABOVE, for_s: int = 0) -> Rule:
    return rule(NumericTrigger("sensor.t", side, threshold, for_s))


def gone(for_s: int) -> Rule:
    return rule(StateTrigger("binary_sensor.hall", "off", for_s))


@pytest.mark.parametrize(
    ("one", "two", "near"),
    [
        (sunset(0), sunset(30), True),
        (sunset(0), sunset(-31), False),
        (sunset(0, WEEKDAYS), sunset(0, WEEKEND), False),
        (sunset(0), rule(SunTrigger(SunEvent.SUNRISE)), False),
        (warm(24), warm(25), True),
        (warm(0), warm(-2), True),
        (warm(10), warm(20), True),
        (warm(10), warm(21), False),
        (warm(24), warm(24, Side.BELOW), False),
        (warm(24), warm(24, for_s=300), True),
        (gone(600), gone(300), True),
        (gone(600), gone(0), True),
        (rule(MOTION), gone(0), False),
        (rule(MOTION), rule(replace(MOTION, quiet_s=3600)), True),
        (rule(MOTION), rule(replace(MOTION, entity_id="binary_sensor.b")), False),
        (rule(MOTION), rule(MOTION, DARK), True),
        (rule(MOTION, DARK), rule(MOTION, WeekdayCondition(WEEKDAYS)), True),
        (
            rule(MOTION, WeekdayCondition(WEEKEND)),
            rule(MOTION, WeekdayCondition(WEEKDAYS)),
            False,
        ),
        (rule(StateTrigger(HOME, "0")), rule(StateTrigger(HOME, "occupied")), False),
        (rule(MOTION), rule(MOTION, more=(Step(DESK),)), True),
        (rule(MOTION, more=(Step(TV),)), rule(MOTION, more=(Step(DESK),)), True),
        (rule(MOTION), rule(TimeTrigger(5), more=(Step(DESK),)), False),
        (rule(MOTION), rule(MOTION, special=Kind.OPPORTUNITY), False),
        (
            rule(MOTION, special=Kind.ADJUST, replaces="automation.a"),
            rule(MOTION, special=Kind.ADJUST, replaces="automation.b"),
            True,
        ),
        (
            rule(MOTION),
            rule(MOTION, special=Kind.ADJUST, replaces="automation.b"),
            True,
        ),
        (
            rule(MOTION, special=Kind.TIDY, replaces="automation.a"),
            rule(MOTION, special=Kind.TIDY, replaces="automation.b"),
            False,
        ),
    ],
)
def test_who_is_a_relative(one: Rule, two: Rule, near: bool) -> None:
    assert (distance(one, two) is not None) is near
    assert distance(one, two) == distance(two, one)


def test_routines_are_relatives_by_any_action_that_they_share() -> None:
    both = rule(MOTION, more=(Step(DESK),))
    other = Rule(MOTION, DESK, 900)
    swapped = Rule(MOTION, DESK, 900, more=(Step(LAMP),))
    assert distance(both, swapped) == 0
    assert distance(both, other) == distance(both, rule(MOTION)) == 10
    assert distance(rule(MOTION), other) is None


def test_days_are_the_same_wherever_they_are_written() -> None:
    inside = rule(TimeTrigger(420, WEEKDAYS))
    beside = rule(TimeTrigger(420), WeekdayCondition(WEEKDAYS))
    assert distance(inside, beside) == 0


def test_nearer_is_nearer() -> None:
    """Each change that the next day rarely brings is further than one that it does."""
    base = rule(MOTION, WindowCondition(1080, 1380))
    order = [
        base,
        rule(MOTION, WindowCondition(1095, 1380)),
        rule(MOTION, WindowCondition(1020, 1380)),
        rule(MOTION, WindowCondition(1020, 1320), DARK),
        rule(MOTION, DARK, NumericCondition("sensor.lux", Side.BELOW, 5)),
    ]
    apart = [distance(base, other) for other in order]
    assert apart == sorted(apart, key=lambda d: d if d is not None else -1)
    assert len(set(apart)) == len(apart)


def test_a_time_and_the_sun_at_that_time() -> None:
    clock = rule(TimeTrigger(19 * 60 + 10))
    assert distance(clock, sunset(0)) is None
    assert distance(clock, sunset(0), SUN) == distance(sunset(0), clock, SUN) == 70
    assert distance(clock, sunset(60), SUN) is None
    assert distance(clock, rule(SunTrigger(SunEvent.SUNRISE)), SUN) is None
    assert distance(sunset(0), sunset(5), SUN) == 5


def test_a_time_becomes_the_sun_and_keeps_its_id() -> None:
    known = {"s1-a": rule(TimeTrigger(19 * 60)), "s1-b": sunset(25)}
    found = adopt([proven_of(sunset(20)), proven_of(sunset(-3))], known, SUN)
    assert [key for key, _ in found] == ["s1-b", "s1-a"]
    found = adopt([proven_of(sunset(-3))], {"s1-a": known["s1-a"]})
    assert [key for key, _ in found] == [sunset(-3).key]


def test_when_the_sun_rises_and_sets() -> None:
    """Amsterdam at the end of June, and Spitsbergen, where it does neither."""
    june = 1_782_600_000_000
    facts = HomeFacts("Europe/Amsterdam", latitude=52.37, longitude=4.9)
    minutes = sun_minutes(facts, june)
    assert abs(minutes[SunEvent.SUNRISE] - (5 * 60 + 20)) <= 3
    assert abs(minutes[SunEvent.SUNSET] - (22 * 60 + 6)) <= 3
    assert sun_minutes(HomeFacts("Europe/Amsterdam"), june) == {}
    north = HomeFacts("Arctic/Longyearbyen", latitude=78.2, longitude=15.6)
    assert sun_minutes(north, june) == {}


STEPS = st.sampled_from((-1, 0, 1))
PLACES = [f"light.{number}" for number in range(12)]


@st.composite
def nights(draw: st.DrawFn) -> tuple[list[Rule], list[Rule]]:
    """Draw the rules of a home, each for its own action, and what they are next day."""
    before, after = [], []
    for place in PLACES:
        action = Action(place, draw(st.sampled_from(("on", "off"))))
        trigger = draw(st.sampled_from(("time", "sun", "state", "numeric")))
        step = draw(STEPS)
        now: Trigger
        then: Trigger
        match trigger:
            case "time":
                minute = draw(st.integers(0, 1439))
                now = TimeTrigger(minute)
                days = draw(st.sampled_from((ALL_DAYS, WEEKDAYS)))
                then = TimeTrigger((minute + 15 * step) % 1440, days)
            case "sun":
                offset = draw(st.integers(-300, 300))
                now = SunTrigger(SunEvent.SUNSET, offset)
                then = SunTrigger(SunEvent.SUNSET, offset + 15 * step)
            case "state":
                for_s = draw(st.sampled_from((0, 300, 600, 1800)))
                now = StateTrigger("binary_sensor.a", "on", for_s)
                then = StateTrigger("binary_sensor.a", "on", for_s * 2)
            case _:
                bound = draw(st.integers(10, 1000))
                now = NumericTrigger("sensor.t", Side.ABOVE, float(bound))
                then = NumericTrigger("sensor.t", Side.ABOVE, bound + step * bound / 10)
        forms: list[tuple[Condition, ...]] = [(), (DARK,), (WindowCondition(600, 900),)]
        conditions = draw(st.sampled_from(forms))
        before.append(Rule(now, action, 900, draw(st.sampled_from(((), (DARK,))))))
        after.append(Rule(then, action, 900, conditions))
    order = draw(st.permutations(after))
    return before, order


@given(nights())
def test_a_night_changes_no_id(homes: tuple[list[Rule], list[Rule]]) -> None:
    before, after = homes
    ids = {
        item.rule.action: key for key, item in adopt(list(map(proven_of, before)), {})
    }
    known = {ids[one.action]: one for one in before}
    found = adopt(list(map(proven_of, after)), known)
    assert {item.rule.action: key for key, item in found} == ids


@given(nights(), st.booleans())
def test_distance_is_symmetric(homes: tuple[list[Rule], list[Rule]], lit: bool) -> None:
    before, after = homes
    sun = SUN if lit else None
    for one in before:
        assert distance(one, one, sun) == 0
        for two in after:
            apart = distance(one, two, sun)
            assert apart == distance(two, one, sun)
            assert apart is None or apart >= 0
