"""Plants habits of the clock and reactions, and everything that blurs them."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from custom_components.automation_scout.mining.localtime import Clock
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    WEEKDAYS,
    WEEKEND,
    Action,
    Rule,
    StateTrigger,
    TimeTrigger,
)

from .model import DAY, HOUR, MINUTE, ZONE, Intent, Layout, Planted
from .people import Traffic

STATES = {"cover": ("open", "closed"), "media_player": ("playing", "off")}
WEEKDAY_MIX = ((ALL_DAYS, 0.5), (WEEKDAYS, 0.25), (WEEKEND, 0.1), ((1, 3), 0.15))


def on_off(entity_id: str) -> tuple[str, str]:
    """Return the two states that people bring an entity into."""
    return STATES.get(entity_id.partition(".")[0], ("on", "off"))


def opposite(entity_id: str, state: str) -> str:
    """Return the other of the two."""
    on, off = on_off(entity_id)
    return off if state == on else on


@dataclass(frozen=True, slots=True)
class Plan:
    """Days of the history, and those without anybody."""

    first_day: int
    """Local day number of day 0 of the home."""
    days: int
    away: range


def hand(rng: Generator) -> tuple[int, str]:
    """Return the provenance of one act: in the interface, or at the switch."""
    if rng.random() < 0.5:
        return Origin.USER, "user_anna"
    return Origin.PHYSICAL, ""


def plant_times(
    targets: list[str], plan: Plan, rng: Generator
) -> tuple[list[Planted], list[Intent]]:
    """Plant one habit of the clock on each target."""
    planted, intents = [], []
    clock = Clock(ZONE)
    shares = np.array([share for _, share in WEEKDAY_MIX])
    for target in targets:
        weekdays = WEEKDAY_MIX[int(rng.choice(len(shares), p=shares))][0]
        minute = 5 * int(rng.integers(6 * 12, 23 * 12 + 6))
        state = on_off(target)[int(rng.random() < 0.4)]
        adherence = float(rng.uniform(0.75, 0.97))
        jitter = float(rng.uniform(2, 10)) * 60
        for offset in range(plan.days):
            day = plan.first_day + offset
            if offset in plan.away or (day + 3) % 7 not in weekdays:
                continue
            due = int(clock.instants(np.array([day]), minute)[0])
            ready = due - round(rng.uniform(0.7, 9.0) * HOUR)
            intents.append(_undo(ready, target, state, rng))
            if rng.random() < adherence:
                at = due + round(rng.normal(0, jitter) * 1000)
                intents.append(Intent(at, target, state, *hand(rng)))
        rule = Rule(TimeTrigger(minute, weekdays), Action(target, state), 1800)
        planted.append(Planted(rule, adherence, jitter))
    return planted, intents


def _undo(t: int, target: str, state: str, rng: Generator) -> Intent:
    """Return what makes an act possible again: mostly a person, at any time before."""
    return Intent(t, target, opposite(target, state), *hand(rng))


def plant_reactions(
    targets: list[str], layout: Layout, traffic: Traffic, rng: Generator
) -> tuple[list[Planted], list[Intent]]:
    """Plant one reaction on each target, every other one with a common cause."""
    planted, intents = [], []
    triggers = _triggers(layout, traffic)
    order = rng.permutation(len(triggers))
    position = 0
    for number, target in enumerate(targets):
        trigger = triggers[int(order[position % len(order)])]
        # Two targets share a trigger now and then: a common cause of both.
        if number % 3 != 1:
            position += 1
        state = on_off(target)[0]
        adherence = float(rng.uniform(0.6, 0.95))
        lag = float(rng.uniform(8, 60))
        for t in traffic.occasions[trigger]:
            if rng.random() >= adherence:
                continue
            delay = lag * rng.lognormal(0.0, 0.5)
            if rng.random() < 0.05:
                delay = -rng.uniform(1, 30)
            at = t + round(delay * 1000)
            intents.append(Intent(at, target, state, *hand(rng)))
            until = at + round(rng.uniform(20, 150)) * MINUTE
            intents.append(_undo(until, target, state, rng))
        rule = Rule(StateTrigger(*trigger), Action(target, state), 300)
        planted.append(Planted(rule, adherence, lag))
    return planted, intents


def _triggers(layout: Layout, traffic: Traffic) -> list[tuple[str, str]]:
    names = [
        *((person, "home") for person in layout.persons),
        *((door, "on") for door in layout.doors),
        *((signal, "on") for signal in layout.signals),
    ]
    return [name for name in names if len(traffic.occasions.get(name, ())) >= 15]


def spontaneous(
    targets: list[str], traffic: Traffic, rate_a_day: float, plan: Plan, rng: Generator
) -> list[Intent]:
    """Let people use things as it occurs to them, where they are."""
    intents = []
    for target in targets:
        stays = [
            index
            for index, stay in enumerate(traffic.stays)
            if target in stay.room.actuators
        ]
        n = int(rng.poisson(rate_a_day * plan.days))
        for index in rng.choice(stays, n) if stays else ():
            stay = traffic.stays[int(index)]
            at = round(rng.uniform(stay.start, stay.end))
            state = on_off(target)[int(rng.random() < 0.5)]
            intents.append(Intent(at, target, state, *hand(rng)))
    return intents


def machines(layout: Layout, plan: Plan, rng: Generator) -> list[Intent]:
    """Let automations act, and the home restart twice."""
    clock = Clock(ZONE)
    intents = []
    for offset in range(plan.days):
        day = np.array([plan.first_day + offset])
        due = int(clock.instants(day, 1200)[0])
        porch = ("light.porch", Origin.AUTOMATION, "automation.porch")
        intents.append(Intent(due + 300, porch[0], "on", porch[1], porch[2]))
        intents.append(Intent(due + 3 * HOUR, porch[0], "off", porch[1], porch[2]))
    for _ in range(2):
        at = int(clock.instants(np.array([plan.first_day]), 0)[0])
        at += round(rng.uniform(0, plan.days * DAY))
        for room in layout.rooms:
            intents += [
                Intent(at, name, "unavailable", Origin.SYSTEM)
                for name in room.actuators
            ]
            intents += [
                Intent(at + 40_000, name, on_off(name)[1], Origin.SYSTEM)
                for name in room.actuators
            ]
    return intents
