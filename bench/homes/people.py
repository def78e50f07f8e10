"""People who sleep, leave, come home and wander from room to room.

A semi-Markov walk: stays are log-normal with a median of twelve minutes. Motion sensors
report each stay as one or several pulses. What the walk leaves behind is activity that
comes in bursts, which is what makes the sensors of a home look like causes.
"""

from dataclasses import dataclass, field

from numpy.random import Generator

from custom_components.automation_scout.mining.origin import Origin

from .layout import BALCONY, BED, DESK, DOORBELL, FRONT, GUESTS, TV
from .model import DAY, HOUR, MINUTE, Intent, Layout, Room, report
from .plan import Plan


@dataclass(frozen=True, slots=True)
class Stay:
    """Somebody is in a room during [start, end), ms UTC."""

    start: int
    end: int
    room: Room


@dataclass(slots=True)
class Traffic:
    """Where people were, and what the sensors made of it."""

    stays: list[Stay] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    nights: list[tuple[int, int]] = field(default_factory=list)
    """When the first resident lay in bed, ms UTC."""

    def pulse(self, entity_id: str, t: int, length: int) -> None:
        """Report a sensor on, and off again after `length` ms."""
        self.intents.append(report(t, entity_id, "on"))
        self.intents.append(report(t + length, entity_id, "off"))


def live(layout: Layout, plan: Plan, rng: Generator) -> Traffic:
    """Let the residents live for some days; nobody is there on days away."""
    traffic = Traffic()
    for person in layout.persons:
        _life(layout, plan, person, traffic, rng)
    for stay in traffic.stays:
        _motion(stay, traffic, rng)
    for offset in plan.lived:
        for _ in range(int(rng.poisson(2.0))):
            rung = plan.at(offset) + round(rng.uniform(9.0, 21.5) * HOUR)
            traffic.pulse(DOORBELL, rung, 5_000)
    _desk(traffic, rng)
    for bed, up in traffic.nights:
        traffic.pulse(BED, bed, up - bed)
    _television(plan, traffic, rng)
    _guests(plan, traffic, rng)
    return traffic


def _life(
    layout: Layout, plan: Plan, person: str, traffic: Traffic, rng: Generator
) -> None:
    at_work = rng.random() < 0.7
    traffic.intents.append(report(plan.at(0) + 1, person, "home"))
    bed = None
    for offset in range(plan.days):
        start = plan.at(offset)
        if offset in plan.away:
            if offset == plan.away[0]:
                traffic.intents.append(report(start + HOUR, person, "not_home"))
                bed = None
            continue
        if plan.away and offset == plan.away[-1] + 1:
            traffic.intents.append(report(start, person, "home"))
        weekend = plan.weekday(offset) in (5, 6)
        wake = start + round(rng.normal(8.5 if weekend else 7.0, 0.6) * HOUR)
        sleep = start + round(rng.normal(23.0, 0.7) * HOUR)
        if person == layout.persons[0]:
            if bed is not None and bed < wake:
                traffic.nights.append((bed, wake))
            bed = sleep + round(rng.uniform(2, 12)) * MINUTE
        out = _absences(start, wake, at_work and not weekend, rng)
        _one_day(layout, person, wake, sleep, out, traffic, rng)


def _absences(
    start: int, wake: int, work: bool, rng: Generator
) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    if work:
        leave = wake + round(rng.uniform(0.8, 1.6) * HOUR)
        out.append((leave, leave + round(rng.normal(9.0, 0.8) * HOUR)))
    if rng.random() < 0.45:
        leave = start + round(rng.uniform(18.0, 20.0) * HOUR)
        out.append((leave, leave + round(rng.uniform(0.5, 2.0) * HOUR)))
    return out


def _one_day(
    layout: Layout,
    person: str,
    wake: int,
    sleep: int,
    out: list[tuple[int, int]],
    traffic: Traffic,
    rng: Generator,
) -> None:
    """Wander from waking to sleep, with absences; telephones report late."""
    t = wake
    for leave, back in [*out, (sleep, sleep)]:
        _wander(layout, t, leave, traffic, rng)
        if back > leave > t:
            traffic.pulse(FRONT, leave, 12_000)
            gone = leave + round(rng.uniform(20, 120) * 1000)
            traffic.intents.append(report(gone, person, "not_home"))
            near = back - round(rng.uniform(20, 180) * 1000)
            traffic.intents.append(report(near, person, "home"))
            traffic.pulse(FRONT, back, 12_000)
        t = max(t, back)
    for _ in range(int(rng.poisson(1.5))):
        opened = round(rng.uniform(wake, max(wake + 1, sleep)))
        if not any(leave <= opened < back for leave, back in out):
            traffic.pulse(BALCONY, opened, 20_000)
    if rng.random() < 0.4:
        bathroom = next(room for room in layout.rooms if room.name == "bathroom")
        at = sleep + round(rng.uniform(2.0, 6.0) * HOUR)
        traffic.stays.append(Stay(at, at + 4 * MINUTE, bathroom))


def _wander(
    layout: Layout, start: int, end: int, traffic: Traffic, rng: Generator
) -> None:
    t = start
    while t < end:
        length = round(12 * MINUTE * rng.lognormal(0.0, 0.9))
        room = layout.rooms[int(rng.integers(len(layout.rooms)))]
        traffic.stays.append(Stay(t, min(t + length, end), room))
        t += length


def _motion(stay: Stay, traffic: Traffic, rng: Generator) -> None:
    t = stay.start + int(rng.integers(500, 4000))
    while t < stay.end:
        length = int(rng.integers(30_000, 150_000))
        traffic.pulse(stay.room.motion, t, length)
        t += length + round(rng.exponential(6 * MINUTE)) + 1000


def _desk(traffic: Traffic, rng: Generator) -> None:
    """Sit down at the desk in the living room during some of the longer stays there."""
    free = 0
    for stay in sorted(traffic.stays, key=lambda stay: stay.start):
        long = stay.end - stay.start > 10 * MINUTE and stay.start > free
        if stay.room.name == "living" and long and rng.random() < 0.4:
            traffic.pulse(DESK, stay.start + MINUTE, stay.end - stay.start - 2 * MINUTE)
            free = stay.end


def _television(plan: Plan, traffic: Traffic, rng: Generator) -> None:
    """Watch on most evenings, from some time on to some time: no habit of the clock."""
    for offset in plan.lived:
        if rng.random() < 0.7:
            on = plan.at(offset) + round(rng.normal(19.3, 1.5) * HOUR)
            off = on + round(rng.uniform(0.5, 3.5) * HOUR)
            for t, state in ((on, "playing"), (off, "off")):
                traffic.intents.append(Intent(t, TV, state, Origin.USER, "user_anna"))


def _guests(plan: Plan, traffic: Traffic, rng: Generator) -> None:
    """Switch the guest mode for a day or two, about twice a week."""
    t = plan.at(0) + DAY
    while t < plan.at(plan.days - 1):
        until = t + round(rng.uniform(0.7, 2.5) * DAY)
        for at, state in ((t, "on"), (until, "off")):
            traffic.intents.append(Intent(at, GUESTS, state, Origin.USER, "user_anna"))
        t = until + round(rng.uniform(1.0, 3.5) * DAY)
