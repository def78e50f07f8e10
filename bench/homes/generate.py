"""Composes homes: planted ones, and three kinds without any habit."""

from dataclasses import replace

import numpy as np
from numpy.random import Generator, default_rng

from custom_components.automation_scout.mining.localtime import (
    DAY_MS,
    Clock,
    local_ms,
)
from custom_components.automation_scout.mining.origin import HUMAN, Origin

from .habits import (
    Plan,
    machines,
    on_off,
    plant_reactions,
    plant_times,
    spontaneous,
)
from .layout import draw_layout
from .model import DAY, ZONE, Intent, Layout, World, realise
from .people import live

NOISE = {"low": 0.3, "medium": 0.8, "high": 2.0}
"""Spontaneous acts a day and actuator."""
MONDAY = 20_527
"""2026-03-16: four weeks from here hold a change of the clock."""


def planted_home(
    seed: int, days: int = 30, noise: str = "medium", times: int = 4, reactions: int = 4
) -> World:
    """Return a home with habits of the clock and reactions."""
    rng = default_rng(seed)
    layout = draw_layout(rng)
    plan = _plan(days, rng)
    traffic = live(layout, range(days), _midnight(plan), plan.away, rng)
    actuators = [name for room in layout.rooms for name in room.actuators]
    drawn = [actuators[int(i)] for i in rng.permutation(len(actuators))]
    clocked, reacting = drawn[:times], drawn[times : times + reactions]
    planted, intents = plant_times(clocked, plan, rng)
    more_planted, more = plant_reactions(reacting, layout, traffic, rng)
    intents += more + list(traffic.intents) + machines(layout, plan, rng)
    intents += spontaneous(actuators, traffic, NOISE[noise], plan, rng)
    return World(
        seed,
        realise(_within(intents, plan), _initial(layout)),
        layout.facts,
        tuple(planted + more_planted),
    )


def busy_home(seed: int, days: int = 30, noise: str = "medium") -> World:
    """Return a home whose people act where they are, at no particular time."""
    return planted_home(seed, days, noise, times=0, reactions=0)


def independent_home(seed: int, days: int = 30) -> World:
    """Return a home whose sensors and people know nothing of each other."""
    rng = default_rng(seed)
    layout = draw_layout(rng)
    plan = _plan(days, rng)
    start = _midnight(plan)
    intents = [
        Intent(int(at), name, state, int(rng.choice(HUMAN)))
        for room in layout.rooms
        for name in room.actuators
        for state in on_off(name)
        for at in rng.uniform(start, start + days * DAY, int(rng.integers(5, 60)))
    ]
    intents += [
        Intent(int(at), name, state, Origin.REPORT)
        for name in (*layout.doors, *(room.motion for room in layout.rooms))
        for state in ("on", "off")
        for at in rng.uniform(start, start + days * DAY, int(rng.integers(50, 900)))
    ]
    return World(seed, realise(intents, _initial(layout)), layout.facts, ())


def permuted_home(seed: int, days: int = 30) -> World:
    """Return a planted home whose acts were moved to other days and other times.

    Each act keeps its entity; its day is drawn anew and its time of the day is taken
    from another act of the home, so that the home is as busy at each hour as before.
    """
    world = planted_home(seed, days)
    rng = default_rng(seed + 7)
    log = world.log
    human = np.isin(log.origin, HUMAN)
    local = local_ms(log.t, ZONE)
    time_of_day = rng.permutation(local[human] % DAY_MS)
    day = rng.permutation(local[human] // DAY_MS)
    moved = np.array(
        [_instant(int(d), int(ms)) for d, ms in zip(day, time_of_day, strict=True)],
        np.int64,
    )
    t = log.t.copy()
    t[human] = moved
    rows = [
        Intent(
            int(t[i]),
            log.entities[log.entity[i]],
            log.states[log.state[i]],
            int(log.origin[i]),
            log.actors[log.actor[i]],
        )
        for i in range(len(log))
    ]
    return replace(world, log=realise(rows, {}), planted=())


def _instant(day: int, ms: int) -> int:
    midnight = int(Clock(ZONE).instants(np.array([day]), 0)[0])
    return midnight + ms


def _plan(days: int, rng: Generator) -> Plan:
    first = MONDAY + int(rng.integers(0, 7))
    if days < 21 or rng.random() < 0.5:
        return Plan(first, days, range(0))
    start = int(rng.integers(5, days - 8))
    return Plan(first, days, range(start, start + 4))


def _midnight(plan: Plan) -> int:
    return int(Clock(ZONE).instants(np.array([plan.first_day]), 0)[0])


def _within(intents: list[Intent], plan: Plan) -> list[Intent]:
    start = _midnight(plan)
    return [i for i in intents if start <= i.t < start + plan.days * DAY]


def _initial(layout: Layout) -> dict[str, str]:
    return {
        name: on_off(name)[1] for room in layout.rooms for name in room.actuators
    } | {"light.porch": "off"}
