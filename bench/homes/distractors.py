"""What looks like a habit and is none: machines, schedules, rhythms, and noise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from numpy.random import Generator

from custom_components.automation_scout.mining.facts import EntityFacts
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.rules import Action

from .ground import Ground
from .habits.acts import act, hand, on_off
from .layout import GUESTS, TV
from .model import BACK, HOUR, MINUTE, Intent, entity


@dataclass(slots=True)
class Noise:
    """Acts that are no habit, the entities that they need, and what they pretend."""

    intents: list[Intent] = field(default_factory=list)
    entities: list[EntityFacts] = field(default_factory=list)
    traps: dict[str, str] = field(default_factory=dict)

    def trap(self, entity_id: str, what: str, area: str | None = None) -> None:
        """Add an entity that looks like a habit."""
        self.traps[entity_id] = what
        self.entities.append(entity(entity_id, area))

    def switch(
        self, t: int, entity_id: str, state: str, origin: int, who: str = ""
    ) -> None:
        """Bring an entity into a state."""
        self.intents.append(Intent(t, entity_id, state, origin, who))


type Distractor = Callable[[Ground, Noise, Generator], None]


def automations(ground: Ground, noise: Noise, rng: Generator) -> None:
    """Four automations, two of them only to be seen in the log.

    The porch was switched by hand for the first third, in some homes. People interfere
    now and then with all of them.
    """
    plan = ground.plan
    by_hand = plan.learned // 3 if rng.random() < 0.4 else 0
    for offset in range(plan.days):
        due = plan.at(offset, 1200)
        if offset < by_hand:
            if offset not in plan.away:
                at = due + round(rng.normal(0, 4) * MINUTE)
                noise.intents += act(
                    ground.layout, at, Action("light.porch", "on"), rng
                )
        else:
            noise.switch(
                due + 300, "light.porch", "on", Origin.AUTOMATION, "automation.porch"
            )
        noise.switch(
            due + 3 * HOUR, "light.porch", "off", Origin.AUTOMATION, "automation.porch"
        )
        dawn = plan.at(offset, 405)
        for t, state in ((dawn, "on"), (dawn + HOUR, "off")):
            noise.switch(
                t, "light.garden", state, Origin.AUTOMATION, "automation.garden"
            )
    hall, other = "binary_sensor.hall_motion", ground.layout.rooms[-1].motion
    for motion, light in ((hall, "light.stairs"), (other, "light.cellar")):
        name = f"automation.{light.partition('.')[2]}"
        line = ground.line(motion)
        for t, state in zip(line.t, line.state, strict=True):
            after = 400 if state == "on" else 60_000
            noise.switch(t + after, light, state, Origin.AUTOMATION, name)
    for light in ("light.porch", "light.garden", "light.stairs", "light.cellar"):
        noise.traps[light] = "already automated"
        for _ in range(int(rng.poisson(plan.days / 6))):
            stay = ground.stays[int(rng.integers(len(ground.stays)))]
            at = round(rng.uniform(stay.start, stay.end))
            state = "on" if rng.random() < 0.5 else "off"
            noise.intents += act(ground.layout, at, Action(light, state), rng)


def restarts(ground: Ground, noise: Noise, rng: Generator) -> None:
    """Two restarts, and a sensor that is out for one to three days."""
    plan, layout = ground.plan, ground.layout
    for _ in range(2):
        at = round(rng.uniform(plan.at(0), plan.at(plan.days)))
        for name in layout.facts.entities:
            if not name.startswith("person."):
                noise.switch(at, name, "unavailable", Origin.SYSTEM)
                back = at + 40_000 + int(rng.integers(0, 20_000))
                noise.switch(back, name, BACK, Origin.SYSTEM)
    sensors = [*layout.doors, *(room.motion for room in layout.rooms)]
    name = sensors[int(rng.integers(len(sensors)))]
    at = round(rng.uniform(plan.at(0), plan.at(plan.days - 3)))
    until = at + round(rng.uniform(24, 72) * HOUR)
    noise.switch(at, name, "unavailable", Origin.SYSTEM)
    noise.switch(until, name, BACK, Origin.SYSTEM)


def group(ground: Ground, noise: Noise, rng: Generator) -> None:
    """A group of lights that people switch: its members follow, nobody asked them."""
    name = "light.living_all"
    members = tuple(
        light
        for room in ground.layout.rooms
        if room.name == "living"
        for light in room.actuators
        if light.startswith("light.")
    )
    noise.entities.append(replace(entity(name, "living"), members=members))
    noise.traps[name] = "fan-out of a group"
    for stay in ground.stays:
        if stay.room.name == "living" and rng.random() < 0.15:
            at = round(rng.uniform(stay.start, stay.end))
            state = "on" if rng.random() < 0.5 else "off"
            noise.intents.append(Intent(at, name, state, *hand(name, rng)))
            for member in members:
                after = at + int(rng.integers(50, 1_500))
                noise.switch(after, member, state, Origin.UNKNOWN)


def remote(ground: Ground, noise: Noise, rng: Generator) -> None:
    """A button that switches two lamps with one call, at no particular time."""
    pair = ("light.shelf", "light.picture")
    for light in pair:
        noise.trap(light, "one call for two", "living")
    for stay in ground.stays:
        if stay.room.name == "living" and rng.random() < 0.15:
            at = round(rng.uniform(stay.start, stay.end))
            state = "on" if rng.random() < 0.5 else "off"
            who = hand("light.shelf", rng)
            for light in pair:
                noise.intents.append(
                    Intent(at + int(rng.integers(0, 900)), light, state, *who)
                )


def evenings(ground: Ground, noise: Noise, rng: Generator) -> None:
    """A lamp that is used for minutes, several times of an evening, only then."""
    noise.trap("light.reading", "brief use in the evenings", "bedroom")
    for offset in ground.plan.lived:
        for _ in range(int(rng.poisson(2.0))):
            at = ground.plan.at(offset) + round(rng.uniform(18.0, 23.3) * HOUR)
            until = at + round(rng.uniform(5, 25)) * MINUTE
            for t, state in ((at, "on"), (until, "off")):
                noise.intents += act(
                    ground.layout, t, Action("light.reading", state), rng
                )


def drifting(ground: Ground, noise: Noise, rng: Generator) -> None:
    """A fan that somebody starts 53 minutes later every day."""
    noise.trap("fan.attic_vent", "drifts 53 minutes a day")
    first = int(rng.integers(0, 1440))
    for offset in ground.plan.lived:
        at = ground.plan.at(0, first) + offset * (24 * 60 + 53) * MINUTE
        for t, state in ((at, "on"), (at + 2 * HOUR, "off")):
            noise.intents += act(ground.layout, t, Action("fan.attic_vent", state), rng)


def machine(ground: Ground, noise: Noise, rng: Generator) -> None:
    """A program that switches as a user of its own, exact to the second.

    It goes on while nobody is there, and so does the thermostat.
    """
    noise.trap("switch.aquarium", "machine user", "living")
    minute = 5 * int(rng.integers(84, 120))
    for offset in range(ground.plan.days):
        for due, state in ((minute, "on"), (minute + 660, "off")):
            t = ground.plan.at(offset, due) + int(rng.integers(80, 700))
            noise.switch(t, "switch.aquarium", state, Origin.USER, "user_program")


def thermostat(ground: Ground, noise: Noise, rng: Generator) -> None:
    """A thermostat with a schedule of its own: nobody's context, exact to seconds."""
    noise.trap("climate.bedroom", "schedule of the device", "bedroom")
    setting = "climate.bedroom#temperature"
    for offset in range(ground.plan.days):
        for due, value in ((390, "20"), (1350, "17")):
            t = ground.plan.at(offset, due) + int(rng.integers(500, 4_000))
            noise.switch(t, setting, value, Origin.PHYSICAL)


def stopped(ground: Ground, noise: Noise, rng: Generator) -> None:
    """A habit of the clock that ended half-way."""
    noise.trap("light.garland", "stopped half-way", "living")
    minute = 5 * int(rng.integers(200, 260))
    for offset in ground.plan.lived:
        if offset >= ground.plan.learned // 2:
            break
        due = ground.plan.at(offset, minute)
        for t, state in ((due, "on"), (due + round(rng.uniform(1, 4) * HOUR), "off")):
            at = t + round(rng.normal(0, 5) * MINUTE)
            noise.intents += act(ground.layout, at, Action("light.garland", state), rng)


def other_days(ground: Ground, noise: Noise, rng: Generator) -> None:
    """Something done every other day, whatever the weekday."""
    noise.trap("switch.sprinkler", "every other day", "hall")
    minute = 5 * int(rng.integers(80, 110))
    for offset in ground.plan.lived[::2]:
        due = ground.plan.at(offset, minute) + round(rng.normal(0, 5) * MINUTE)
        # An end at a set time could well be automated, every day.
        until = due + round(rng.uniform(0.3, 9.0) * HOUR)
        for t, state in ((due, "on"), (until, "off")):
            noise.intents += act(
                ground.layout, t, Action("switch.sprinkler", state), rng
            )


def other_weeks(ground: Ground, noise: Noise, rng: Generator) -> None:
    """A shift that changes every week: early in one, late in the next."""
    noise.trap("switch.coffee_maker", "every other week", "kitchen")
    plan = ground.plan
    for offset in plan.lived:
        if plan.weekday(offset) > 4:
            continue
        minute = 320 if (plan.day(offset) + 3) // 7 % 2 else 800
        due = plan.at(offset, minute) + round(rng.normal(0, 6) * MINUTE)
        until = due + round(rng.uniform(0.3, 4.0) * HOUR)
        for t, state in ((due, "on"), (until, "off")):
            noise.intents += act(
                ground.layout, t, Action("switch.coffee_maker", state), rng
            )


ALWAYS: Final[tuple[Distractor, ...]] = (automations, restarts)
BURSTS: Final[tuple[Distractor, ...]] = (group, remote, evenings)
"""Use that comes with people's being there."""
RHYTHMS: Final[tuple[Distractor, ...]] = (
    drifting,
    machine,
    thermostat,
    stopped,
    other_days,
)
"""What no automation of Home Assistant expresses, what is a machine's, or is over."""
REGULAR: Final[tuple[Distractor, ...]] = (*RHYTHMS, other_weeks)


def distract(
    ground: Ground, rng: Generator, chosen: Sequence[Distractor] | None = None
) -> Noise:
    """Return what blurs the habits: what always happens, and what is chosen.

    Without a choice, half of all there is.
    """
    noise = Noise()
    noise.traps[TV] = "watched at no particular time"
    noise.traps[GUESTS] = "set at no particular time"
    if chosen is None:
        chosen = [one for one in (*BURSTS, *RHYTHMS) if rng.random() < 0.5]
    for distractor in (*ALWAYS, *chosen):
        distractor(ground, noise, rng)
    return noise


def spontaneous(ground: Ground, rate_a_day: float, rng: Generator) -> list[Intent]:
    """Let people use things as it occurs to them, where they are.

    `rate_a_day` is for each actuator; lights, as everywhere, are used the most.
    """
    intents: list[Intent] = []
    for target in ground.layout.actuators:
        stays = [stay for stay in ground.stays if target in stay.room.actuators]
        n = int(rng.poisson(rate_a_day * len(ground.plan.lived)))
        for index in rng.choice(len(stays), n) if stays else ():
            stay = stays[int(index)]
            at = round(rng.uniform(stay.start, stay.end))
            state = on_off(target)[int(rng.random() < 0.5)]
            intents += act(ground.layout, at, Action(target, state), rng)
    return intents


def lit(ground: Ground, light: str, share: float, rng: Generator) -> list[Intent]:
    """Let people light a room's lamp some time during a share of their stays there."""
    intents: list[Intent] = []
    for stay in ground.stays:
        if light in stay.room.actuators and rng.random() < share:
            at = round(rng.uniform(stay.start, stay.end))
            intents += act(ground.layout, at, Action(light, "on"), rng)
    return intents
