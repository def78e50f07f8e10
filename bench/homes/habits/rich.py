"""Draws habits of several acts, and habits with settings."""

from typing import Final

from custom_components.automation_scout.mining.facts import domain_of
from custom_components.automation_scout.mining.rules import (
    WEEKDAYS,
    Action,
    Rule,
    StateTrigger,
    Step,
    TimeTrigger,
    Trigger,
    Values,
)

from ..layout import BED, HEATING, TV
from .acts import SOURCES, on_off
from .draw import REACTION_S, clock_window
from .keep import Habit
from .supply import LEAST, Supply

SCENES: Final = (
    ("bedtime", StateTrigger(BED, "on"), ("light off", "light off", "switch off")),
    ("movie", StateTrigger(TV, "playing"), ("light dim", "light off", "cover off")),
    ("morning", StateTrigger(BED, "off"), ("light on", "cover on", "media_player on")),
    ("evening", TimeTrigger(1260), ("light dim", "light on", "cover off")),
    ("coffee", TimeTrigger(420, WEEKDAYS), ("switch on", "light on", "light on")),
    ("arrival", StateTrigger("", "home"), ("light on", "light on", "media_player on")),
)
"""Routines: name, trigger, and domain and wish of each act; any light stands in."""


def draw_routine(supply: Supply) -> list[Habit]:
    """Three acts that belong together, by one trigger."""
    for index in supply.rng.permutation(len(SCENES)):
        _, trigger, wishes = SCENES[int(index)]
        if trigger == StateTrigger("", "home"):
            trigger = StateTrigger(supply.ground.layout.persons[0], "home")
        least = LEAST if isinstance(trigger, StateTrigger) else 8
        if trigger in supply.used or supply.count(trigger) < least:
            continue
        acts = [_act(supply, wish) for wish in wishes]
        if not all(acts):
            continue
        (first, values), *others = [act for act in acts if act]
        supply.used.add(trigger)
        by_clock = isinstance(trigger, TimeTrigger)
        spread_s = float(supply.rng.uniform(2, 8)) * 60 if by_clock else 0.0
        jitter = spread_s or float(supply.rng.uniform(8, 60))
        rule = Rule(
            trigger,
            first,
            clock_window(jitter) if by_clock else REACTION_S,
            values=values,
            more=tuple(Step(action, wanted) for action, wanted in others),
        )
        spread = {
            f"{action.entity_id}#{name}": float(supply.rng.uniform(0, 6))
            for action, wanted in ((first, values), *others)
            for name, _ in wanted
        }
        return [Habit(rule, supply.adherence(), jitter, spread=spread)]
    return []


def _act(supply: Supply, wish: str) -> tuple[Action, Values] | None:
    domain, _, how = wish.partition(" ")
    targets = supply.take(domains=domain) or supply.take(domains="light")
    if not targets:
        return None
    on, off = on_off(targets[0])
    dims = how == "dim" and targets[0] in supply.ground.layout.dimmable
    values: Values = ()
    if dims:
        values = (("brightness", float(5 * supply.rng.integers(2, 10))),)
    return Action(targets[0], off if how == "off" else on), values


def draw_heating(supply: Supply) -> list[Habit]:
    """The heating is turned up in the morning and down in the evening."""
    setting = f"{HEATING}#temperature"
    if any(isinstance(t, TimeTrigger) and t.minute == 0 for t in supply.used):
        return []
    supply.used.add(TimeTrigger(0))
    rng = supply.rng
    habits = []
    warm, cool = 20 + 0.5 * int(rng.integers(0, 5)), 16 + 0.5 * int(rng.integers(0, 4))
    early, late = 5 * int(rng.integers(72, 97)), 5 * int(rng.integers(258, 283))
    for minute, value in ((early, warm), (late, cool)):
        jitter = float(rng.uniform(2, 8)) * 60
        rule = Rule(
            TimeTrigger(minute), Action(setting, f"{value:.10g}"), clock_window(jitter)
        )
        habits.append(
            Habit(
                rule,
                float(rng.uniform(0.75, 0.95)),
                jitter,
                spread={setting: 0.1},
                prepared=False,
            )
        )
    return habits


def draw_valued(supply: Supply) -> list[Habit]:
    """A light at some brightness, a blind half-way, a radio at some volume."""
    rng = supply.rng
    dimmable = [name for name in supply.free if name in supply.ground.layout.dimmable]
    choices = [
        *(name for name in dimmable[:3]),
        *(n for n in supply.free if domain_of(n) in ("cover", "media_player")),
    ]
    if not choices:
        return []
    target = choices[int(rng.integers(len(choices)))]
    supply.free.remove(target)
    values = _values(target, supply)
    spread = {
        f"{target}#{name}": float(rng.uniform(0, 6))
        for name, value in values
        if not isinstance(value, str)
    }
    trigger, window_s, jitter = _trigger(supply)
    rule = Rule(trigger, Action(target, on_off(target)[0]), window_s, values=values)
    return [Habit(rule, supply.adherence(), jitter, spread=spread)]


def _values(target: str, supply: Supply) -> Values:
    match domain_of(target):
        case "cover":
            return (("position", float(10 * supply.rng.integers(2, 8))),)
        case "media_player":
            source = str(supply.rng.choice(SOURCES))
            volume = float(5 * supply.rng.integers(2, 9))
            return (("source", source), ("volume", volume))
        case _:
            return (("brightness", float(5 * supply.rng.integers(2, 19))),)


def _trigger(supply: Supply) -> tuple[Trigger, int, float]:
    rng = supply.rng
    reactions = [t for t in supply.triggers() if not t.entity_id.endswith("_motion")]
    if reactions and rng.random() < 0.5:
        supply.used.add(reactions[0])
        return reactions[0], REACTION_S, float(rng.uniform(8, 60))
    jitter = float(rng.uniform(2, 10)) * 60
    minute = 5 * int(rng.integers(6 * 12, 23 * 12 + 6))
    return TimeTrigger(minute), clock_window(jitter), jitter
