"""Composes homes with habits."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from zlib import crc32

from numpy.random import default_rng

from custom_components.automation_scout.mining.events import EventLog
from custom_components.automation_scout.mining.facts import domain_of
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    WEEKDAYS,
    WEEKEND,
    Kind,
)

from .distractors import Distractor, distract, lit, spontaneous
from .ground import Ground
from .habits import draw, rich
from .habits.acts import on_off
from .habits.draw import Draw
from .habits.keep import keep
from .habits.supply import Supply
from .layout import HEATING, draw_layout, with_entities
from .model import Intent, Layout, Planted, World, realise
from .people import live
from .plan import draw_plan
from .weather import measure

NOISE: Final = {"low": 0.3, "medium": 0.8, "high": 2.0}
"""Spontaneous acts a day and actuator."""
LIT: Final = 0.25
"""Share of the stays in a room during which a lamp that is put out later is lit. With
more, its being lit would be a reaction to the motion there, and not planted."""

KINDS: Final[Mapping[str, Draw]] = {
    "time": draw.draw_time,
    "daily": lambda supply: draw.draw_time(supply, ALL_DAYS),
    "workdays": lambda supply: draw.draw_time(supply, WEEKDAYS),
    "weekend": lambda supply: draw.draw_time(supply, WEEKEND),
    "two days": lambda supply: draw.draw_time(supply, (1, 3)),
    "moved": draw.draw_moved,
    "time_if": draw.draw_time_if,
    "sun": draw.draw_sun,
    "state": draw.draw_state,
    "twin": draw.draw_twin,
    "chain": draw.draw_chain,
    "state_if": draw.draw_state_if,
    "quiet": draw.draw_quiet,
    "numeric": draw.draw_numeric,
    "absence": draw.draw_absence,
    "left": draw.draw_left,
    "routine": rich.draw_routine,
    "heating": rich.draw_heating,
    "valued": rich.draw_valued,
}
TIME_AND_STATE: Final = ("time",) * 4 + ("state", "twin", "state", "state")


def planted_home(
    seed: int,
    days: int = 30,
    noise: str = "medium",
    kinds: Sequence[str] = TIME_AND_STATE,
    later: int = 0,
    *,
    away: bool = True,
) -> World:
    """Return a home with habits of some `KINDS`.

    It goes on for `later` days after those that are there to be learned from. Half of
    the homes of three weeks and more are left alone for one of them, if `away`.
    """
    return compose(seed, days, noise, kinds, later, away=away)


def compose(
    seed: int,
    days: int,
    noise: str,
    kinds: Sequence[str],
    later: int = 0,
    *,
    away: bool = True,
    blurs: Sequence[Distractor] | None = None,
) -> World:
    """Return a home; `blurs` are its distractors, half of all if None."""
    # Homes of one seed in two mixes have nothing in common.
    rng = default_rng((seed, crc32(" ".join(kinds).encode())))
    layout, plan = draw_layout(rng), draw_plan(rng, days, later, away=away)
    traffic = live(layout, plan, rng)
    sensed = traffic.intents + measure(plan, traffic, rng)
    ground = Ground(layout, plan, traffic.stays, sensed)
    actuators = layout.actuators
    free = [actuators[int(i)] for i in rng.permutation(len(actuators))]
    planted, acts = _plant(Supply(ground, rng, free), kinds)
    blur = distract(ground, rng, blurs)
    blur.intents += spontaneous(ground, NOISE[noise], rng)
    log = realise(
        [
            i
            for i in sensed + acts + blur.intents
            if plan.at(0) <= i.t < plan.at(plan.days)
        ],
        _initial(layout),
    )
    return World(
        seed,
        log,
        with_entities(layout.facts, blur.entities),
        _realised(planted, log),
        plan.cut,
        plan.first_day,
        blur.traps,
    )


def _plant(supply: Supply, kinds: Sequence[str]) -> tuple[list[Planted], list[Intent]]:
    """Plant one habit of each kind, as far as the home has got what it takes."""
    planted: list[Planted] = []
    intents: list[Intent] = []
    for kind in kinds:
        for habit in KINDS[kind](supply):
            supply.latest, acts = keep(supply.ground, habit, supply.rng)
            intents += acts
            ends = habit.kept is not None and habit.kept.stop < supply.ground.plan.days
            if not ends:
                planted.append(supply.latest)
            if habit.rule.kind is Kind.ABSENCE:
                light = habit.rule.action.entity_id
                intents += lit(supply.ground, light, LIT, supply.rng)
    return planted, intents


def _realised(planted: list[Planted], log: EventLog) -> tuple[Planted, ...]:
    """Return the habits with those of their acts that changed something."""
    rows = {
        (int(t), log.entities[e], log.states[s])
        for t, e, s in zip(log.t, log.entity, log.state, strict=True)
        if domain_of(log.entities[e]) not in ("sensor", "binary_sensor")
    }
    done = []
    for one in planted:
        wanted = (one.rule.action.entity_id, one.rule.action.state)
        acts = [m[0] for m in one.meant if m[1:] == wanted and m in rows]
        done.append(replace(one, acts=tuple(sorted(acts))))
    return tuple(done)


def _initial(layout: Layout) -> dict[str, str]:
    """Return how a home is found: everything off, blinds closed."""
    found = {name: on_off(name)[1] for name in layout.actuators}
    found |= {
        f"{name}#position": "0"
        for name in layout.actuators
        if domain_of(name) == "cover"
    }
    return found | {HEATING: "heat", f"{HEATING}#temperature": "18"}
