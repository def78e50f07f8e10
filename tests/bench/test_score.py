"""The score: the truth scores full, and every way to look right is a trap."""

from dataclasses import replace
from functools import cache

import pytest

from bench.homes.generate import planted_home
from bench.homes.mixes import ALL_KINDS, MIXES
from bench.homes.model import Planted, World
from bench.homes.plan import instant, sun_at
from bench.matching import fire_alike
from bench.score import Score, Tally
from custom_components.automation_scout.mining.events import log_of_rows
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    HOME,
    SUN,
    WEEKDAYS,
    WEEKEND,
    Action,
    Kind,
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
    Values,
    WeekdayCondition,
    WindowCondition,
)

LAMP = Action("light.hall_ceiling", "on")
OTHER = Action("light.kitchen_ceiling", "on")
THIRD = Action("light.bedroom_ceiling", "on")
STRANGER = Action("light.living_ceiling", "off")
DOOR = StateTrigger("binary_sensor.front_door", "on")


@cache
def home() -> World:
    """A home of two people over a change of the clock, without habits."""
    for seed in range(1, 200):
        world = planted_home(seed, kinds=(), away=False)
        changed = (world.cut - instant(world.first_day, 0)) % 86_400_000
        if len(people(world)) == 2 and changed:
            return world
    pytest.fail("no such home")


def people(world: World) -> list[str]:
    return sorted(e for e in world.facts.entities if e.startswith("person."))


def world_of(*rules: Rule, adherence: float = 0.9, of: World | None = None) -> World:
    """That home, as if these rules had been kept in it."""
    base = of or home()
    acts = tuple(instant(base.first_day + d, 720) for d in range(12))
    planted = tuple(Planted(rule, adherence, 60.0, acts=acts) for rule in rules)
    return replace(base, planted=planted)


def judged(world: World, *found: Rule) -> Score:
    score = Score(world)
    score.to_find = list(world.to_find)
    for rule in found:
        score.judge(rule)
    return score


def counts(world: World, *found: Rule) -> tuple[int, int]:
    """Return how many suggestions are right, and how many habits found."""
    score = judged(world, *found)
    return len(found) - len(score.wrong), len(score.found)


def rule(
    trigger: Trigger = DOOR,
    action: Action = LAMP,
    *more: Action,
    values: Values = (),
) -> Rule:
    return Rule(trigger, action, 300, values=values, more=tuple(map(Step, more)))


@pytest.mark.parametrize("mix", ["all kinds", "conditions", "values", "chains"])
def test_the_truth_scores_full(mix: str) -> None:
    for seed in (1, 2):
        world = MIXES[mix](seed)
        tally = Tally()
        score = tally.add([p.rule for p in world.planted], world)
        assert not score.wrong
        assert not score.missed
        assert tally.precision == tally.recall == 1.0
        assert tally.conditions_f1 in (None, 1.0)
        assert tally.values_right in (None, 1.0)
        assert tally.suggested == len(world.planted)
        assert tally.planted.total() > 0


def test_nothing_found_is_nothing_right() -> None:
    tally = Tally()
    tally.add([], world_of(rule()))
    assert (tally.precision, tally.suggested) == (1.0, 0)


def test_counts_of_homes_add_up() -> None:
    world = planted_home(1, kinds=ALL_KINDS)
    one, two = Tally(), Tally()
    rules = [p.rule for p in world.planted]
    one.add(rules, world)
    one.add(rules[:3], world)
    two.add(rules, world)
    other = Tally()
    other.add(rules[:3], world)
    two.merge(other)
    assert one == two
    assert (one.homes, one.suggested) == (2, len(rules) + 3)
    assert one.recall < 1.0


def test_the_same_again_is_wrong() -> None:
    near = rule(TimeTrigger(610), OTHER)
    assert counts(world_of(rule()), rule(), rule()) == (1, 1)
    assert counts(world_of(rule(TimeTrigger(600), OTHER)), near, near) == (1, 1)


@pytest.mark.parametrize(
    ("found", "right"),
    [
        (TimeTrigger(600), True),
        (TimeTrigger(620), True),
        (TimeTrigger(621), False),
        (TimeTrigger(600, WEEKDAYS), True),
        (TimeTrigger(600, WEEKEND), False),
        (DOOR, False),
    ],
)
def test_times(found: Trigger, right: bool) -> None:
    assert counts(world_of(rule(TimeTrigger(600))), rule(found)) == (right, right)


def test_times_over_midnight() -> None:
    assert counts(world_of(rule(TimeTrigger(1435))), rule(TimeTrigger(5))) == (1, 1)


def test_all_days_is_not_the_weekend() -> None:
    weekend = world_of(rule(TimeTrigger(600, WEEKEND)))
    assert counts(weekend, rule(TimeTrigger(600, ALL_DAYS))) == (0, 0)
    assert counts(weekend, rule(TimeTrigger(600, (5,)))) == (1, 1)
    as_condition = Rule(TimeTrigger(600), LAMP, 900, (WeekdayCondition(WEEKEND),))
    assert counts(weekend, as_condition) == (1, 1)
    score = judged(weekend, as_condition)
    assert score.tally().conditions.total() == 0


def sunset_minute(world: World, day: int) -> int:
    sets = sun_at(SunEvent.SUNSET, world.first_day + day)
    return round((sets - instant(world.first_day + day, 0)) / 60_000)


def test_a_time_is_no_sunset_where_the_sun_moves() -> None:
    """Over a change of the clock it moves by an hour."""
    world = world_of(rule(SunTrigger(SunEvent.SUNSET)))
    middle = rule(TimeTrigger(sunset_minute(world, 15)))
    assert counts(world, middle) == (0, 0)
    assert counts(world, rule(SunTrigger(SunEvent.SUNSET, 20))) == (1, 1)
    assert counts(world, rule(SunTrigger(SunEvent.SUNSET, 25))) == (0, 0)
    assert counts(world, rule(SunTrigger(SunEvent.SUNRISE))) == (0, 0)
    horizon = StateTrigger(SUN, "below_horizon")
    assert counts(world, rule(horizon)) == (1, 1)


def test_a_time_is_a_sunset_where_they_cannot_be_told_apart() -> None:
    world = world_of(rule(SunTrigger(SunEvent.SUNSET)))
    few = replace(world, cut=instant(world.first_day + 8, 0))
    few = replace(few, planted=world.planted)
    assert counts(few, rule(TimeTrigger(sunset_minute(few, 3)))) == (1, 1)
    assert counts(few, rule(TimeTrigger(sunset_minute(few, 3) - 40))) == (0, 0)


def test_states_and_stays() -> None:
    gone = StateTrigger("binary_sensor.hall_motion", "off", for_s=600)
    world = world_of(rule(gone, STRANGER))
    for stay, right in ((600, 1), (300, 1), (1200, 1), (1500, 0), (0, 0)):
        found = rule(replace(gone, for_s=stay), STRANGER)
        assert counts(world, found) == (right, right), stay
    assert counts(world, rule(gone, Action(STRANGER.entity_id, "on"))) == (0, 0)
    back = StateTrigger("binary_sensor.hall_motion", "on", for_s=600)
    assert counts(world, rule(back, STRANGER)) == (0, 0)


def test_first_after_quiet_is_not_every_time() -> None:
    motion = StateTrigger("binary_sensor.hall_motion", "on")
    quiet = replace(motion, quiet_s=14_400)
    assert counts(world_of(rule(quiet)), rule(motion)) == (0, 0)
    assert counts(world_of(rule(quiet)), rule(replace(quiet, quiet_s=3600))) == (1, 1)
    # The other way round it is a condition too many.
    score = judged(world_of(rule(motion)), rule(quiet))
    assert score.wrong == []
    assert score.tally().conditions["extra"] == 1


def test_thresholds_are_the_same_where_they_are_crossed_at_once() -> None:
    humid = NumericTrigger("sensor.bathroom_humidity", Side.ABOVE, 65.0)
    world = world_of(rule(humid))
    assert counts(world, rule(replace(humid, threshold=64.0))) == (1, 1)
    assert counts(world, rule(replace(humid, threshold=20.0))) == (0, 0)
    assert counts(world, rule(replace(humid, side=Side.BELOW))) == (0, 0)


def test_who_lives_alone_is_everybody() -> None:
    alone = next(
        world
        for seed in range(1, 60)
        if len(people(world := planted_home(seed, kinds=("state",) * 5))) == 1
        and any(p.rule.trigger == StateTrigger("person.resident_0", "home")
                for p in world.planted)
    )  # fmt: skip
    planted = next(
        p
        for p in alone.planted
        if p.rule.trigger == StateTrigger("person.resident_0", "home")
    )
    everybody = replace(planted.rule, trigger=StateTrigger(HOME, "occupied"))
    assert judged(alone, everybody).wrong == []
    two = world_of(rule(StateTrigger("person.resident_0", "home")))
    assert counts(two, rule(StateTrigger(HOME, "occupied"))) == (0, 0)


LAMP_ON = StateTrigger(LAMP.entity_id, LAMP.state)
ROUTINE = rule(DOOR, LAMP, OTHER, THIRD)


@pytest.mark.parametrize(
    ("found", "right", "habits"),
    [
        ([ROUTINE], 1, 1),
        ([rule(DOOR, OTHER, LAMP)], 1, 1),
        ([rule(DOOR, OTHER)], 1, 0),
        ([rule(DOOR, OTHER), rule(DOOR, LAMP), rule(DOOR, THIRD)], 3, 0),
        ([ROUTINE, rule(DOOR, OTHER)], 1, 1),
        ([rule(LAMP_ON, OTHER, THIRD)], 1, 0),
        ([ROUTINE, rule(LAMP_ON, OTHER)], 1, 1),
        ([rule(LAMP_ON, OTHER, STRANGER)], 0, 0),
        ([rule(DOOR, LAMP, OTHER, STRANGER)], 0, 0),
        ([rule(TimeTrigger(600), LAMP, OTHER, THIRD)], 0, 0),
    ],
)
def test_routines(found: list[Rule], right: int, habits: int) -> None:
    assert counts(world_of(ROUTINE), *found) == (right, habits)


def test_two_habits_of_one_cause_may_be_one_automation() -> None:
    world = world_of(rule(DOOR, LAMP), rule(DOOR, OTHER))
    assert counts(world, rule(DOOR, LAMP, OTHER)) == (1, 2)
    assert counts(world, rule(DOOR, LAMP), rule(DOOR, OTHER)) == (2, 2)
    assert counts(world, rule(LAMP_ON, OTHER)) == (0, 0)


def test_either_end_of_a_chain_is_right() -> None:
    world = world_of(rule(DOOR, LAMP), rule(DOOR, OTHER))
    first, second = world.planted
    chained = replace(second, alternatives=(LAMP_ON,))
    world = replace(world, planted=(first, chained))
    assert counts(world, rule(DOOR, LAMP), rule(LAMP_ON, OTHER)) == (2, 2)


def test_a_habit_that_is_hardly_kept_is_right_but_not_asked_for() -> None:
    world = world_of(rule(), adherence=0.55)
    score = judged(world, rule())
    assert not score.wrong
    assert not score.missed
    assert score.tally().planted.total() == 0
    assert score.tally().recall == 1.0


def test_what_is_no_habit_is_not_counted() -> None:
    hint = Rule(DOOR, STRANGER, 300, special=Kind.OPPORTUNITY)
    tally = judged(world_of(rule()), hint, rule()).tally()
    assert (tally.suggested, tally.right, tally.special) == (1, 1, 1)


def with_conditions(*conditions: object) -> Rule:
    return replace(rule(), conditions=conditions)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("planted", "found", "expected"),
    [
        ((), (), (0, 0, 0)),
        ((WindowCondition(1080, 1380),), (WindowCondition(1100, 1400),), (1, 0, 0)),
        ((WindowCondition(1080, 1380),), (WindowCondition(360, 600),), (0, 1, 1)),
        ((WindowCondition(1080, 1380),), (), (0, 0, 1)),
        ((), (WindowCondition(1080, 1380),), (0, 1, 0)),
        ((WeekdayCondition((1, 3)),), (WeekdayCondition((1, 2, 3)),), (1, 0, 0)),
        ((WeekdayCondition((1, 3)),), (WeekdayCondition(WEEKEND),), (0, 1, 1)),
        (
            (StateCondition(SUN, "below_horizon"),),
            (StateCondition(SUN, "above_horizon"),),
            (0, 1, 1),
        ),
        (
            (StateCondition("input_boolean.guests", "on"),),
            (WeekdayCondition(WEEKEND), StateCondition("input_boolean.guests", "on")),
            (1, 1, 0),
        ),
    ],
)
def test_conditions(
    planted: tuple[object, ...],
    found: tuple[object, ...],
    expected: tuple[int, int, int],
) -> None:
    counted = judged(
        world_of(with_conditions(*planted)), with_conditions(*found)
    ).tally()
    names = ("right", "extra", "missing")
    assert tuple(counted.conditions[name] for name in names) == expected


def test_a_condition_that_never_mattered_is_not_asked_for() -> None:
    always = WindowCondition(0, 1439)
    world = world_of(with_conditions(always))
    assert judged(world, rule()).tally().conditions.total() == 0
    assert judged(world, with_conditions(always)).tally().conditions.total() == 0


def test_wrong_conditions_do_not_count_where_the_rule_is_wrong() -> None:
    wrong = replace(with_conditions(WindowCondition(0, 600)), action=STRANGER)
    assert judged(world_of(rule()), wrong).tally().conditions.total() == 0


@pytest.mark.parametrize(
    ("found", "right", "every"),
    [
        ((("brightness", 40.0),), 1, 1),
        ((("brightness", 50.0),), 1, 1),
        ((("brightness", 55.0),), 0, 1),
        ((), 0, 1),
        ((("brightness", 40.0), ("color_temp", 2700.0)), 1, 2),
    ],
)
def test_values(found: Values, right: int, every: int) -> None:
    world = world_of(rule(DOOR, LAMP, values=(("brightness", 40.0),)))
    values = judged(world, rule(DOOR, LAMP, values=found)).tally().values
    assert (values["right"], values["all"]) == (right, every)


def test_values_are_right_within_peoples_own_spread() -> None:
    world = world_of(rule(DOOR, LAMP, values=(("brightness", 40.0),)))
    wide = replace(world.planted[0], spread={f"{LAMP.entity_id}#brightness": 15.0})
    world = replace(world, planted=(wide,))
    found = rule(DOOR, LAMP, values=(("brightness", 55.0),))
    assert judged(world, found).tally().values["right"] == 1


def test_a_setting_and_a_state_with_it_are_one_act() -> None:
    opened = rule(
        DOOR, Action("cover.hall_blind", "open"), values=(("position", 30.0),)
    )
    position = rule(DOOR, Action("cover.hall_blind#position", "30"))
    elsewhere = rule(DOOR, Action("cover.hall_blind#position", "60"))
    world = world_of(opened)
    assert counts(world, position) == (1, 1)
    assert counts(world, elsewhere) == (0, 0)
    assert counts(world, opened, position) == (1, 1)
    assert judged(world, position).tally().values == {"right": 1, "all": 1}
    warm = rule(DOOR, Action("climate.living#temperature", "21"))
    cool = rule(DOOR, Action("climate.living#temperature", "20.5"))
    cold = rule(DOOR, Action("climate.living#temperature", "17"))
    assert counts(world_of(warm), cool) == (1, 1)
    assert counts(world_of(warm), cold) == (0, 0)


def test_reasons_name_the_trap() -> None:
    world = world_of(rule())
    world = replace(world, traps={"switch.aquarium": "machine user"})
    trapped = rule(TimeTrigger(480), Action("switch.aquarium", "on"))
    repeated, other = rule(), rule(TimeTrigger(600))
    score = judged(world, rule(), trapped, repeated, other, rule(DOOR, STRANGER))
    assert [score.reason(wrong) for wrong in score.wrong] == [
        "machine user",
        "a habit's again, or with acts that are not its own",
        "a habit's act, another trigger",
        "no habit's act",
    ]


def test_weekends_stand_for_who_is_home_only_then() -> None:
    """Two rules of the clock that fire at the same times are one."""
    first, person = home().first_day, "person.anna"
    rows = [
        (instant(first + day, 1), person, state, int(Origin.REPORT), "")
        for day in range(28)
        for state in ("home" if (first + day + 3) % 7 > 4 else "not_home",)
    ]
    history = History(log_of_rows(rows), HomeFacts("Europe/Amsterdam"))
    planted = Rule(TimeTrigger(900), LAMP, 900, (StateCondition(person, "home"),))
    weekend, workdays = (rule(TimeTrigger(900, days)) for days in (WEEKEND, WEEKDAYS))
    assert fire_alike(history, weekend, planted)
    assert not fire_alike(history, workdays, planted)
