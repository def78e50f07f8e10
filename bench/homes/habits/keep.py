"""People keep a habit: mostly, roughly, and sometimes before the sensor has spoken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from numpy.random import Generator

from custom_components.automation_scout.mining.rules import (
    HOME,
    Action,
    Kind,
    NumericTrigger,
    Rule,
    Side,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
    Trigger,
    Values,
)

from ..ground import Ground
from ..layout import WASHER
from ..model import HOUR, MINUTE, Intent, Planted
from .acts import act, hand, on_off, opposite

EARLY: Final = 0.15
"""Share of the acts that are logged before the sensor that explains them."""
TOGETHER: Final = 0.95
"""Share of a routine's runs in which a further action is not forgotten."""


@dataclass(frozen=True, slots=True)
class Habit:
    """A rule, and how well people keep it."""

    rule: Rule
    adherence: float
    jitter_s: float
    alternatives: tuple[Trigger, ...] = ()
    spread: Mapping[str, float] = field(default_factory=dict)
    """Setting to the standard deviation of its values; where setting it is the act
    itself, the share of acts that are half a degree off."""
    kept: range | None = None
    """Days of the home on which it is kept, all if None."""
    after: tuple[int, ...] | None = None
    """Instants that people react to instead of the trigger's: a link of a chain."""
    given: float = 1.0
    """Share of `after` at which they do."""
    prepared: bool = True
    """Whether its effect is undone in between by somebody."""


def keep(ground: Ground, habit: Habit, rng: Generator) -> tuple[Planted, list[Intent]]:
    """Return a habit as it is kept, and all acts that come of it."""
    rule, plan = habit.rule, ground.plan
    by_clock = isinstance(rule.trigger, TimeTrigger | SunTrigger)
    occasions = habit.after
    if occasions is None:
        occasions = tuple(ground.occasions(rule.trigger))
    if habit.kept is not None:
        start, end = plan.at(habit.kept.start), plan.at(habit.kept.stop)
        occasions = tuple(t for t in occasions if start <= t < end)
    adherence = habit.adherence if habit.after is None else habit.given
    intents: list[Intent] = []
    meant: list[tuple[int, str, str]] = []
    for t in occasions:
        if habit.prepared:
            intents += _prepare(ground, habit, t, rng)
        if not all(ground.holds(condition, t) for condition in rule.conditions):
            continue
        if rng.random() >= adherence:
            continue
        if by_clock:
            at = t + round(rng.normal(0.0, habit.jitter_s) * 1000)
        elif rng.random() < EARLY:
            at = t - round(rng.uniform(1, 60) * 1000)
        else:
            at = t + round(habit.jitter_s * rng.lognormal(0.0, 0.5) * 1000)
        done = _run(ground, habit, at, rng)
        meant.append((done[0].t, done[0].entity_id, done[0].state))
        intents += done
        if habit.prepared and not by_clock:
            intents += _clear_up(ground, habit, at, rng)
    exact = 1.0 - habit.spread.get(rule.action.entity_id, 0.0)
    planted = Planted(
        rule,
        habit.adherence * exact,
        habit.jitter_s,
        (*habit.alternatives, *same_occasion(ground, rule.trigger)),
        habit.spread,
        tuple(meant),
    )
    return planted, intents


def same_occasion(ground: Ground, trigger: Trigger) -> tuple[Trigger, ...]:
    """Return triggers that are the same thing.

    One who lives alone is everybody; the washing machine is done when its power falls.
    """
    if trigger == StateTrigger(WASHER, "on"):
        return (NumericTrigger("sensor.washer_power", Side.BELOW, 10.0),)
    if len(ground.layout.persons) > 1 or not isinstance(trigger, StateTrigger):
        return ()
    (person,) = ground.layout.persons
    pairs = (("home", "occupied"), ("not_home", "0"))
    for own, all_ in pairs:
        if (trigger.entity_id, trigger.state) == (person, own):
            return (StateTrigger(HOME, all_),)
        if (trigger.entity_id, trigger.state) == (HOME, all_):
            return (StateTrigger(person, own),)
    return ()


def _run(ground: Ground, habit: Habit, at: int, rng: Generator) -> list[Intent]:
    """Return one run: the first action, and the others within a minute or so."""
    rule = habit.rule
    who = hand(rule.action.target, rng)
    done = act(ground.layout, at, rule.action, rng, rule.values, habit.spread, who)
    if rule.action.attribute and rng.random() < habit.spread.get(
        rule.action.entity_id, 0.0
    ):
        # On some days it shall be half a degree more or less.
        step = 0.5 if rng.random() < 0.5 else -0.5
        other = f"{float(rule.action.state) + step:.10g}"
        done = act(ground.layout, at, Action(rule.action.entity_id, other), rng)
    for step_ in rule.more:
        at += round(rng.uniform(4, 40) * 1000)
        if rng.random() < TOGETHER:
            done += act(
                ground.layout, at, step_.action, rng, step_.values, habit.spread
            )
    return done


def _actions(rule: Rule) -> list[tuple[Action, Values]]:
    return [(rule.action, rule.values), *((s.action, s.values) for s in rule.more)]


def _prepare(ground: Ground, habit: Habit, t: int, rng: Generator) -> list[Intent]:
    """Return what makes the acts possible again, somewhen before an occasion."""
    trigger = habit.rule.trigger
    intents: list[Intent] = []
    for action, _ in _actions(habit.rule):
        undo = opposite(action)
        if isinstance(trigger, TimeTrigger | SunTrigger):
            before = round(rng.uniform(0.7, 9.0) * HOUR)
        elif _is_on(action):
            continue
        else:
            before = _pause(ground, trigger, rng)
        if rng.random() < 0.9:
            intents += act(ground.layout, t - before, undo, rng)
    return intents


def _clear_up(ground: Ground, habit: Habit, at: int, rng: Generator) -> list[Intent]:
    """Return how what was switched on goes off again, at no particular time."""
    intents: list[Intent] = []
    for action, _ in _actions(habit.rule):
        if _is_on(action):
            until = at + _pause(ground, habit.rule.trigger, rng)
            intents += act(ground.layout, until, opposite(action), rng)
    return intents


def _pause(ground: Ground, trigger: Trigger, rng: Generator) -> int:
    """Return how long something stays as it is, ms.

    Rare triggers tend to come at one time of the day; the end must not come at one
    time too, or it would be a habit that was not planted.
    """
    a_day = len(ground.occasions(trigger)) / max(1, len(ground.plan.lived))
    longest = 150 if a_day > 3 else 420
    return round(rng.uniform(20, longest)) * MINUTE


def _is_on(action: Action) -> bool:
    return action.attribute == "" and action.state == on_off(action.entity_id)[0]


def kind_of(planted: Planted) -> str:
    """Return the kind under which a habit is counted."""
    rule = planted.rule
    if rule.kind is Kind.STATE:
        if isinstance(rule.trigger, StateTrigger) and rule.trigger.quiet_s:
            return "state, after quiet"
        if rule.conditions:
            return "state, with conditions"
    if rule.kind is Kind.TIME and rule.conditions:
        return "time, with conditions"
    if rule.kind is Kind.TIME and isinstance(rule.trigger, TimeTrigger):
        return "time" if len(rule.trigger.weekdays) >= 5 else "time, weekly"
    return rule.kind.value
