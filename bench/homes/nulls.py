"""Homes without any habit that an automation could take over."""

from dataclasses import replace

import numpy as np
from numpy.random import default_rng

from custom_components.automation_scout.mining.events import Row, log_of_rows
from custom_components.automation_scout.mining.localtime import DAY_MS, local_ms
from custom_components.automation_scout.mining.origin import HUMAN, Origin
from custom_components.automation_scout.mining.rules import Action

from .distractors import BURSTS, REGULAR
from .generate import compose
from .habits.acts import act, on_off
from .layout import HEATING, draw_layout
from .mixes import ALL_KINDS
from .model import ZONE, Intent, World, realise
from .plan import draw_plan, instant


def busy_home(seed: int, days: int = 30, noise: str = "medium") -> World:
    """Return a home whose people act where they are, at no particular time."""
    return compose(seed, days, noise, (), blurs=BURSTS)


def regular_home(seed: int, days: int = 30, noise: str = "medium") -> World:
    """Return a busy home with every rhythm that is a machine's or fits no rule."""
    return compose(seed, days, noise, (), blurs=REGULAR)


def independent_home(seed: int, days: int = 30) -> World:
    """Return a home whose sensors and people know nothing of each other."""
    rng = default_rng(seed)
    layout, plan = draw_layout(rng), draw_plan(rng, days, 0)
    start, end = plan.at(0), plan.at(days)
    intents: list[Intent] = []
    for name in layout.actuators:
        for state in on_off(name):
            for at in rng.uniform(start, end, int(rng.integers(5, 60))):
                intents += act(layout, int(at), Action(name, state), rng)
    for at in rng.uniform(start, end, int(rng.integers(5, 60))):
        warmth = str(rng.choice(("18", "19", "20", "21")))
        setting = Action(f"{HEATING}#temperature", warmth)
        intents += act(layout, int(at), setting, rng)
    intents += [
        Intent(int(at), name, state, Origin.REPORT)
        for name in (*layout.doors, *(room.motion for room in layout.rooms))
        for state in ("on", "off")
        for at in rng.uniform(start, end, int(rng.integers(50, 900)))
    ]
    intents += [
        Intent(int(at), person, state, Origin.REPORT)
        for person in layout.persons
        for state in ("home", "not_home")
        for at in rng.uniform(start, end, int(rng.integers(10, 60)))
    ]
    for name, facts in layout.facts.entities.items():
        if facts.is_numeric:
            values = np.round(np.cumsum(rng.normal(0, 1, 1000)) + 20, 1)
            times = np.sort(rng.uniform(start, end, 1000))
            intents += [
                Intent(int(at), name, f"{value:.1f}", Origin.REPORT)
                for at, value in zip(times, values, strict=True)
            ]
    return World(seed, realise(intents, {}), layout.facts, (), plan.cut, plan.first_day)


def permuted_home(seed: int, days: int = 30) -> World:
    """Return a home with every kind of habit whose acts were moved.

    Each act keeps its entity; its day is drawn anew and its time of the day is taken
    from another act of the home, so that the home is as busy at each hour as before.
    """
    world = compose(seed, days, "medium", ALL_KINDS)
    rng = default_rng(seed + 7)
    log = world.log
    human = np.isin(log.origin, HUMAN)
    machine = np.array([name == "user_program" for name in log.actors], bool)
    human &= ~machine[log.actor]
    local = local_ms(log.t, ZONE)
    time_of_day = rng.permutation(local[human] % DAY_MS)
    day = rng.permutation(local[human] // DAY_MS)
    t = log.t.copy()
    t[human] = [
        instant(int(d), 0) + int(ms) for d, ms in zip(day, time_of_day, strict=True)
    ]
    rows: list[Row] = []
    now: dict[int, int] = {}
    for i in np.argsort(t, kind="stable").tolist():
        entity, state = int(log.entity[i]), int(log.state[i])
        if now.get(entity) != state:
            now[entity] = state
            actor = log.actors[log.actor[i]]
            origin = int(log.origin[i])
            row = (int(t[i]), log.entities[entity], log.states[state], origin, actor)
            rows.append(row)
    return replace(world, log=log_of_rows(rows), planted=())
