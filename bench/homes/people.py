"""People who sleep, leave, come home and wander from room to room.

A semi-Markov walk: stays are log-normal with a median of twelve minutes. Motion sensors
report each stay as one or several pulses. What the walk leaves behind is activity that
comes in bursts, which is what makes the sensors of a home look like causes.
"""

from dataclasses import dataclass

from numpy.random import Generator

from custom_components.automation_scout.mining.origin import Origin

from .model import DAY, HOUR, MINUTE, Intent, Layout, Room


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody is in a room during [start, end), ms UTC."""

    start: int
    end: int
    room: Room


@dataclass(frozen=True, slots=True)
class Traffic:
    """Where people were, and what the sensors made of it."""

    stays: tuple[Stay, ...]
    intents: tuple[Intent, ...]
    occasions: dict[tuple[str, str], tuple[int, ...]]
    """(entity id, state) to the instants at which it is entered."""


def live(
    layout: Layout, days: range, midnight: int, away: range, rng: Generator
) -> Traffic:
    """Let the residents live for some days; `midnight` is ms UTC of local day 0.

    During the days in `away` nobody is at home.
    """
    stays: list[Stay] = []
    intents: list[Intent] = []
    for person in layout.persons:
        at_work = rng.random() < 0.7
        for day in days:
            start = midnight + day * DAY
            if day in away:
                if day == away[0]:
                    intents.append(_report(start + HOUR, person, "not_home"))
                continue
            if away and day == away[-1] + 1:
                intents.append(_report(start, person, "home"))
            stays += _one_day(layout, start, day, person, at_work, intents, rng)
    for stay in stays:
        intents += _pulses(stay, rng)
    for signal in layout.signals:
        intents += _signals(signal, days, midnight, away, rng)
    return Traffic(tuple(stays), tuple(intents), _occasions(intents))


def _report(t: int, entity_id: str, state: str) -> Intent:
    return Intent(t, entity_id, state, Origin.REPORT)


def _one_day(
    layout: Layout,
    start: int,
    day: int,
    person: str,
    at_work: bool,
    intents: list[Intent],
    rng: Generator,
) -> list[Stay]:
    weekend = (day % 7) in (5, 6)
    wake = start + round(rng.normal(8.5 if weekend else 7.0, 0.6) * HOUR)
    sleep = start + round(rng.normal(23.0, 0.7) * HOUR)
    absences: list[tuple[int, int]] = []
    if at_work and not weekend:
        leave = wake + round(rng.uniform(0.8, 1.6) * HOUR)
        absences.append((leave, leave + round(rng.normal(9.0, 0.8) * HOUR)))
    if rng.random() < 0.45:
        leave = start + round(rng.uniform(18.0, 20.0) * HOUR)
        absences.append((leave, leave + round(rng.uniform(0.5, 2.0) * HOUR)))
    stays: list[Stay] = []
    t = wake
    front = layout.doors[0]
    for leave, back in [*absences, (sleep, sleep)]:
        stays += _wander(layout, t, leave, rng)
        if back > leave > t:
            intents.append(_report(leave, front, "on"))
            intents.append(_report(leave + 12_000, front, "off"))
            intents.append(_report(leave + 3 * MINUTE, person, "not_home"))
            intents.append(_report(back - 2 * MINUTE, person, "home"))
            intents.append(_report(back, front, "on"))
            intents.append(_report(back + 12_000, front, "off"))
        t = max(t, back)
    for _ in range(int(rng.poisson(1.5))):
        opened = round(rng.uniform(wake, max(wake + 1, sleep)))
        intents.append(_report(opened, layout.doors[1], "on"))
        intents.append(_report(opened + 20_000, layout.doors[1], "off"))
    return stays


def _wander(layout: Layout, start: int, end: int, rng: Generator) -> list[Stay]:
    stays = []
    t = start
    while t < end:
        length = round(12 * MINUTE * rng.lognormal(0.0, 0.9))
        room = layout.rooms[int(rng.integers(len(layout.rooms)))]
        stays.append(Stay(t, min(t + length, end), room))
        t += length
    return stays


def _pulses(stay: Stay, rng: Generator) -> list[Intent]:
    intents = []
    t = stay.start + int(rng.integers(500, 4000))
    while t < stay.end:
        length = int(rng.integers(30_000, 150_000))
        intents.append(_report(t, stay.room.motion, "on"))
        intents.append(_report(t + length, stay.room.motion, "off"))
        t += length + round(rng.exponential(6 * MINUTE)) + 1000
    return intents


def _signals(
    signal: str, days: range, midnight: int, away: range, rng: Generator
) -> list[Intent]:
    rate = rng.uniform(1.0, 5.0)
    intents = []
    for day in days:
        if day in away:
            continue
        for _ in range(int(rng.poisson(rate))):
            t = midnight + day * DAY + round(rng.uniform(8.0, 23.0) * HOUR)
            intents.append(_report(t, signal, "on"))
            intents.append(_report(t + 10 * MINUTE, signal, "off"))
    return intents


def _occasions(intents: list[Intent]) -> dict[tuple[str, str], tuple[int, ...]]:
    """Return when each state is entered; repeats of the same state are none."""
    state: dict[str, str] = {}
    entered: dict[tuple[str, str], list[int]] = {}
    for intent in sorted(intents):
        if state.get(intent.entity_id) != intent.state:
            state[intent.entity_id] = intent.state
            entered.setdefault((intent.entity_id, intent.state), []).append(intent.t)
    return {key: tuple(times) for key, times in entered.items()}
