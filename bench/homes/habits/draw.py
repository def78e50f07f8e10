"""Draws habits of the clock, the sun, reactions and what is left on."""

from collections.abc import Callable
from typing import Final

import numpy as np

from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    HOME,
    WEEKDAYS,
    WEEKEND,
    Action,
    Condition,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    Step,
    SunEvent,
    SunTrigger,
    TimeTrigger,
)

from ..layout import WASHER
from .acts import on_off
from .conditions import draw_conditions
from .keep import Habit
from .supply import LEAST, Supply

WEEKDAY_MIX: Final = ((ALL_DAYS, 0.5), (WEEKDAYS, 0.25), (WEEKEND, 0.1), ((1, 3), 0.15))
REACTION_S: Final = 300

type Draw = Callable[[Supply], list[Habit]]
"""Returns habits of one kind, none where the home has not got what it takes."""


def clock_window(jitter_s: float) -> int:
    """Return the half width in which an act of such a spread agrees, seconds."""
    return int(min(max(2.5 * jitter_s, 900), 1800))


def draw_time(supply: Supply, weekdays: tuple[int, ...] | None = None) -> list[Habit]:
    """A time of the day, on all days, workdays, the weekend, or two days."""
    targets = supply.take(domains="light switch fan cover media_player")
    if not targets:
        return []
    rng = supply.rng
    if weekdays is None:
        shares = np.array([share for _, share in WEEKDAY_MIX])
        weekdays = WEEKDAY_MIX[int(rng.choice(len(shares), p=shares))][0]
    minute = 5 * int(rng.integers(6 * 12, 23 * 12 + 6))
    action = Action(targets[0], on_off(targets[0])[int(rng.random() < 0.4)])
    jitter = float(rng.uniform(2, 10)) * 60
    rule = Rule(TimeTrigger(minute, weekdays), action, clock_window(jitter))
    return [Habit(rule, supply.adherence(), jitter)]


def draw_moved(supply: Supply) -> list[Habit]:
    """A time of the day that moves by an hour, half-way; only the later one is true."""
    habits = draw_time(supply, ALL_DAYS)
    learned, days = supply.ground.plan.learned, supply.ground.plan.days
    for habit in habits:
        match habit.rule.trigger:
            case TimeTrigger(minute):
                early = TimeTrigger((minute - 60) % 1440)
                old = Rule(early, habit.rule.action, habit.rule.window_s)
                half = learned // 2
                return [
                    Habit(old, 0.9, habit.jitter_s, kept=range(half)),
                    Habit(habit.rule, 0.9, habit.jitter_s, kept=range(half, days)),
                ]
            case _:
                pass
    return []


def draw_time_if(supply: Supply) -> list[Habit]:
    """A time of the day, on any day on which something else is so."""
    habits = draw_time(supply, ALL_DAYS)
    return [
        Habit(
            Rule(h.rule.trigger, h.rule.action, h.rule.window_s, conditions),
            h.adherence,
            h.jitter_s,
        )
        for h in habits
        if (conditions := draw_conditions(supply, h.rule.trigger, 1))
    ]


def draw_sun(supply: Supply) -> list[Habit]:
    """So long before or after the sun sets or rises."""
    targets = supply.take(domains="light cover switch")
    if not targets:
        return []
    rng = supply.rng
    dusk = rng.random() < 0.7
    event = SunEvent.SUNSET if dusk else SunEvent.SUNRISE
    on, off = on_off(targets[0])
    wanted = on if dusk != targets[0].startswith("cover") else off
    jitter = float(rng.uniform(2, 10)) * 60
    trigger = SunTrigger(event, 5 * int(rng.integers(-9, 13)))
    rule = Rule(trigger, Action(targets[0], wanted), clock_window(jitter))
    return [Habit(rule, supply.adherence(), jitter)]


def _reaction(
    supply: Supply,
    trigger: StateTrigger | NumericTrigger,
    conditions: tuple[Condition, ...] = (),
    target: str = "",
) -> list[Habit]:
    targets = [target] if target else supply.take(room=supply.room_of(trigger))
    if not targets:
        return []
    supply.used.add(trigger)
    action = Action(targets[0], on_off(targets[0])[0])
    lag = float(supply.rng.uniform(8, 60))
    rule = Rule(trigger, action, REACTION_S, conditions)
    return [Habit(rule, supply.adherence(), lag)]


def draw_state(supply: Supply) -> list[Habit]:
    """Something happens, and a person acts within a minute or so."""
    for trigger in supply.triggers():
        if habits := _reaction(supply, trigger):
            supply.previous = trigger
            return habits
    return []


def draw_twin(supply: Supply) -> list[Habit]:
    """Another reaction to the trigger of the last one: a common cause of both."""
    previous = supply.previous
    return _reaction(supply, previous) if previous else []


def draw_chain(supply: Supply) -> list[Habit]:
    """What people do after the last habit's act: A leads to B, and B to C."""
    planted, targets = supply.latest, supply.take(domains="light switch fan")
    if planted is None or not targets or not planted.meant:
        return []
    given = float(supply.rng.uniform(0.8, 0.95))
    cause = planted.rule
    rule = Rule(cause.trigger, Action(targets[0], "on"), REACTION_S, cause.conditions)
    return [
        Habit(
            rule,
            planted.adherence * given,
            float(supply.rng.uniform(8, 40)),
            (StateTrigger(cause.action.entity_id, cause.action.state),),
            after=tuple(t for t, _, _ in planted.meant),
            given=given,
        )
    ]


def draw_state_if(supply: Supply) -> list[Habit]:
    """A reaction under one or two conditions that matter."""
    n = 2 if supply.rng.random() < 0.2 else 1
    calls = supply.calls() if supply.rng.random() < 0.4 else []
    for trigger in (*calls, *supply.triggers()):
        conditions = draw_conditions(supply, trigger, n)
        if conditions and (habits := _reaction(supply, trigger, conditions)):
            return habits
    return []


def draw_quiet(supply: Supply) -> list[Habit]:
    """The first motion in a room after a while without."""
    rng = supply.rng
    days = len(supply.ground.plan.lived)
    for room in supply.rooms():
        for quiet_s in rng.permutation((1800, 3600, 14400)):
            trigger = StateTrigger(room.motion, "on", quiet_s=int(quiet_s))
            ripe = len(supply.ground.occasions(trigger))
            if 0.8 <= ripe / days <= 5 and (habits := _reaction(supply, trigger)):
                return habits
    return []


def draw_numeric(supply: Supply) -> list[Habit]:
    """A measured number goes above or below what people can bear."""
    rng = supply.rng
    warm = float(rng.integers(43, 48)) / 2
    options = (
        ("sensor.bathroom_humidity", Side.ABOVE, float(rng.choice((60, 65))), "fan"),
        ("sensor.living_temperature", Side.ABOVE, warm, "fan cover switch"),
        ("sensor.living_illuminance", Side.BELOW, float(rng.choice((20, 50))), "light"),
        ("sensor.washer_power", Side.BELOW, 10.0, "light switch"),
    )
    for index in rng.permutation(len(options)):
        sensor, side, threshold, domains = options[int(index)]
        trigger = NumericTrigger(sensor, side, threshold)
        conditions: tuple[Condition, ...] = ()
        if supply.share_home(trigger) < 0.8:
            # Nobody is there to react at the other times.
            conditions = (StateCondition(HOME, "occupied"),)
        if trigger in supply.used or supply.count(trigger, conditions) < LEAST:
            continue
        if not (targets := supply.take(domains=domains)):
            continue
        done = (StateTrigger(WASHER, "on"),) if "washer" in sensor else ()
        return [
            Habit(h.rule, h.adherence, h.jitter_s, alternatives=done)
            for h in _reaction(supply, trigger, conditions, targets[0])
        ]
    return []


def draw_absence(supply: Supply) -> list[Habit]:
    """A light is put out when nobody has moved in its room for some minutes."""
    for room in supply.rooms():
        targets = supply.take(domains="light", room=room.name)
        if not targets:
            continue
        minutes = int(supply.rng.choice((2, 3, 5, 10, 15)))
        trigger = StateTrigger(room.motion, "off", for_s=60 * minutes)
        rule = Rule(trigger, Action(targets[0], "off"), REACTION_S)
        lag = float(supply.rng.uniform(8, 60))
        return [Habit(rule, supply.adherence(), lag, prepared=False)]
    return []


def draw_left(supply: Supply) -> list[Habit]:
    """Everything is put out when the last person has left."""
    persons = supply.ground.layout.persons
    trigger = StateTrigger(HOME, "0")
    if len(persons) == 1:
        trigger = StateTrigger(persons[0], "not_home")
    if trigger in supply.used or supply.count(trigger) < LEAST:
        return []
    targets = supply.take(3, domains="light switch")
    if not targets:
        return []
    supply.used.add(trigger)
    first, *others = [Action(target, "off") for target in targets]
    steps = tuple(Step(action) for action in others)
    rule = Rule(trigger, first, REACTION_S, more=steps)
    lag = float(supply.rng.uniform(8, 60))
    return [Habit(rule, supply.adherence(), lag)]
