"""Everything in the demo home that is no habit.

Movement, temperatures, light and devices used whenever somebody feels like it, comings
and goings, an automation and a script, an outage and a restart. None of it may become a
suggestion.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import pi, sin
from random import Random
from typing import Final

from .acts import Act, AutomationRun, Happening, Outage, Restart, ScriptRun
from .custom_components.demo_home.devices import of_domain
from .days import Calendar, Day
from .home import ANNA, BEN, DEVICE_OF, PEOPLE, PORCH_MINUTE, Person

DOOR: Final = "binary_sensor.front_door"
TV: Final = "media_player.tv"
STEP_S: Final = 300.0
LEVELS: Final = (50.0, 70.0, 100.0, 100.0)
"""Brightness in percent of lights that are used whenever somebody feels like it."""
HUMIDITY: Final = "sensor.bathroom_humidity"


@dataclass(frozen=True, slots=True)
class Use:
    """A device is used now and then, at any time that somebody is in and awake."""

    entity_id: str
    per_day: float
    minutes: tuple[float, float]
    """How long, from and to."""
    states: tuple[str, str] = ("on", "off")
    """State while it is used, and after."""


USES: Final = (
    Use("light.stairs_light", 2.5, (1, 12)),
    Use("light.living_room_light", 3.0, (10, 160)),
    Use("light.floor_lamp", 0.3, (10, 60)),
    Use("light.reading_lamp", 1.5, (10, 90)),
    Use("switch.fairy_lights", 0.6, (30, 200)),
    Use("media_player.living_room_speaker", 1.0, (15, 150)),
    Use("fan.ceiling_fan", 0.3, (20, 120)),
    Use("light.kitchen_light", 1.5, (5, 90)),
    Use("light.counter_light", 3.0, (4, 50)),
    Use("light.dining_light", 1.5, (15, 80)),
    Use("switch.kettle", 1.0, (5, 6)),
    Use("switch.coffee_machine", 1.5, (5, 40)),
    Use("media_player.kitchen_radio", 1.2, (10, 120)),
    Use("light.bedroom_light", 2.0, (3, 40)),
    Use("light.annas_bedside_lamp", 0.8, (5, 60)),
    Use("light.bens_bedside_lamp", 0.8, (5, 60)),
    Use("light.wardrobe_light", 1.5, (1, 10)),
    Use("media_player.bedroom_speaker", 0.4, (10, 60)),
    Use("binary_sensor.bedroom_window", 0.8, (8, 45)),
    Use("light.bathroom_light", 5.0, (2, 25)),
    Use("light.mirror_light", 2.0, (2, 15)),
    Use("switch.towel_rail", 0.6, (20, 120)),
    Use("fan.bathroom_fan", 0.2, (5, 40)),
    Use("light.laundry_light", 0.4, (2, 15)),
    Use("switch.dehumidifier", 0.4, (30, 240)),
    Use("light.office_light", 1.2, (10, 180)),
    Use("light.desk_lamp", 1.2, (10, 180)),
    Use("binary_sensor.office_occupancy", 2.0, (10, 90)),
    Use("climate.office_thermostat", 0.2, (60, 300), ("off", "heat")),
    Use("light.garden_lights", 0.4, (10, 120)),
    Use("switch.garden_pump", 0.2, (10, 60)),
    Use("cover.garage_door", 0.4, (2, 30), ("open", "closed")),
    Use("light.garage_light", 0.5, (2, 30)),
    Use("lock.front_door_lock", 0.4, (2, 60), ("unlocked", "locked")),
    Use("cover.kitchen_blind", 0.3, (20, 300), ("closed", "open")),
    Use("binary_sensor.hall_motion", 20, (0.5, 2.5)),
    Use("binary_sensor.living_room_motion", 30, (0.5, 6)),
    Use("binary_sensor.kitchen_motion", 30, (0.5, 4)),
    Use("binary_sensor.bathroom_motion", 14, (0.5, 4)),
)

ROOM_MOTION: Final = {
    "light.hall_light": "binary_sensor.hall_motion",
    "light.kitchen_light": "binary_sensor.kitchen_motion",
    "light.counter_light": "binary_sensor.kitchen_motion",
    "switch.kettle": "binary_sensor.kitchen_motion",
    "light.living_room_light": "binary_sensor.living_room_motion",
    "light.floor_lamp": "binary_sensor.living_room_motion",
    TV: "binary_sensor.living_room_motion",
    "light.bathroom_light": "binary_sensor.bathroom_motion",
}
"""Whoever uses the one is seen by the other."""


def plan_noise(calendar: Calendar, seed: int) -> Iterator[Happening]:
    """Yield everything that happens without being a habit, in no order."""
    for use in USES:
        yield from _uses(use, calendar, Random(f"{seed}/{use.entity_id}"))
    yield from _temperatures(calendar, seed)
    for part in (_passages, _television, _blinds, _washing, _thermostats, _showers):
        yield from part(calendar, Random(f"{seed}/{part.__name__}"))
    for day in calendar.days:
        yield AutomationRun(day.at(PORCH_MINUTE))
    yield from _faults(calendar)


def _anybody(day: Day, at: float, rng: Random) -> Person | None:
    """Return who taps it in the interface, or nobody: three of five use the switch."""
    hand = rng.random() < 0.6
    candidates = [person for person in PEOPLE if day.is_home(person, at)]
    return None if hand or not candidates else rng.choice(candidates)


def _uses(use: Use, calendar: Calendar, rng: Random) -> Iterator[Act]:
    sensed = use.entity_id.startswith("binary_sensor.")
    dimmable = DEVICE_OF[use.entity_id].dimmable
    # Sixteen waking hours, in which per_day counts for a day spent at home.
    chance = use.per_day * STEP_S / (16 * 3600)
    for day in calendar.days:
        for step in day.presence(STEP_S):
            if rng.random() >= chance:
                continue
            begin = step + rng.uniform(0, STEP_S)
            end = begin + 60 * rng.uniform(*use.minutes)
            if end > day.sleep + 1800:
                end = day.sleep + rng.uniform(0, 1800)
            for at, state in zip((begin, end), use.states, strict=True):
                by = None if sensed else _anybody(day, at, rng)
                level = rng.choice(LEVELS) if dimmable and state == "on" else None
                yield Act(at, use.entity_id, state, by, level)


def _temperatures(calendar: Calendar, seed: int) -> Iterator[Act]:
    for sensor in of_domain("sensor"):
        if sensor.entity_id == HUMIDITY:
            continue
        rng = Random(f"{seed}/{sensor.entity_id}")
        drift, at = 0.0, calendar.start
        while at < calendar.now:
            at += rng.uniform(500, 1100)
            drift = 0.97 * drift + rng.gauss(0, 0.12)
            daily = sin(2 * pi * (at % 86400 - 36000) / 86400)
            yield Act(at, sensor.entity_id, f"{20.5 + 0.9 * daily + drift:.1f}")


def _passages(calendar: Calendar, rng: Random) -> Iterator[Act]:
    for day in calendar.days:
        for trip in day.trips:
            yield from _through_the_door(trip.leave, rng)
            yield from _through_the_door(trip.back, rng)
            for person in trip.people:
                # The phone notices later than the door.
                gone = trip.leave + rng.uniform(180, 480)
                yield Act(gone, person.tracker, "not_home")
                here = trip.back + rng.uniform(60, 240)
                yield Act(here, person.tracker, "home")
        # Post, rubbish, neighbours: three on a day spent at home.
        for step in day.presence(STEP_S):
            if rng.random() < 3 * STEP_S / (16 * 3600):
                yield from _through_the_door(step + rng.uniform(0, STEP_S), rng)


def _through_the_door(at: float, rng: Random) -> Iterator[Act]:
    yield Act(at, DOOR, "on")
    yield Act(at + rng.uniform(4, 20), DOOR, "off")
    seen = at + rng.uniform(1, 6)
    yield Act(seen, "binary_sensor.hall_motion", "on")
    yield Act(seen + rng.uniform(30, 90), "binary_sensor.hall_motion", "off")


def _television(calendar: Calendar, rng: Random) -> Iterator[Act | ScriptRun]:
    for day in calendar.days:
        on = day.at(rng.uniform(1125, 1260))
        movie = day.weekday in (4, 5) and rng.random() < 0.45
        if movie and day.is_home(BEN, on):
            yield ScriptRun(on, BEN)
        elif day.somebody_up(on) and rng.random() < 0.92:
            yield Act(on, TV, "on", _anybody(day, on, rng))
        # Whoever is still up, where the habit was not kept.
        yield Act(day.at(rng.uniform(1390, 1475)), TV, "off")
        if day.weekend and rng.random() < 0.6:
            on = day.at(rng.uniform(840, 960))
            if day.somebody_up(on):
                yield Act(on, TV, "on", _anybody(day, on, rng))
                yield Act(on + rng.uniform(3000, 7000), TV, "off")


def _blinds(calendar: Calendar, rng: Random) -> Iterator[Act]:
    for day in calendar.days:
        close = day.at(rng.uniform(1190, 1410))
        if day.somebody_up(close):
            by = _anybody(day, close, rng)
            yield Act(close, "cover.bedroom_blinds", "closed", by)
        up = day.at(rng.uniform(480, 1080))
        if not day.weekend and rng.random() < 0.35 and day.somebody_up(up):
            by = _anybody(day, up, rng)
            yield Act(up, "cover.bedroom_blinds", "open", by)
        # The script of the movie night may have closed them.
        up = day.at(rng.uniform(480, 900))
        if day.somebody_up(up):
            yield Act(up, "cover.living_room_blinds", "open", _anybody(day, up, rng))


def _washing(calendar: Calendar, rng: Random) -> Iterator[Act]:
    for day in calendar.days:
        on = day.at(rng.uniform(600, 1260))
        done = on + rng.uniform(4500, 7500)
        if rng.random() < 0.9 and day.somebody_up(on) and day.somebody_up(done):
            yield Act(on, "binary_sensor.washing_machine", "on")
            yield Act(done, "binary_sensor.washing_machine", "off")


def _thermostats(calendar: Calendar, rng: Random) -> Iterator[Act]:
    for day in calendar.days:
        at = day.at(rng.uniform(480, 1320))
        if rng.random() < 0.35 and day.somebody_up(at):
            who = rng.choice([one for one in PEOPLE if day.is_home(one, at)])
            warmth = rng.choice((19.0, 19.5, 20.5, 21.0, 21.5))
            yield Act(at, "climate.living_room_thermostat", "heat", who, warmth)


def _showers(calendar: Calendar, rng: Random) -> Iterator[Act]:
    """Yield the air of the bathroom: damp for an hour after somebody took a shower."""
    damp, peak, at = 0.0, 0.0, calendar.start
    times = iter(sorted(_shower_times(calendar, rng)))
    due = next(times, calendar.now)
    while at < calendar.now:
        at += rng.uniform(50, 70)
        if at >= due:
            peak = rng.uniform(22, 32)
            due = next(times, calendar.now)
        if damp < peak:
            damp = min(peak, damp + 5)
        else:
            damp, peak = 0.96 * damp, 0.0
        daily = 2 * sin(2 * pi * (at % 86400) / 86400)
        yield Act(at, HUMIDITY, f"{50 + daily + damp + rng.gauss(0, 0.4):.0f}")


def _shower_times(calendar: Calendar, rng: Random) -> Iterator[float]:
    for day in calendar.days:
        for person in PEOPLE:
            at = day.wake + rng.uniform(300, 3000)
            if rng.random() < 0.5 and day.is_home(person, at):
                yield at
        evening = day.at(rng.uniform(1140, 1300))
        if rng.random() < 0.3 and day.somebody_up(evening):
            yield evening


def _faults(calendar: Calendar) -> Iterator[Happening]:
    """Yield a night on which a lamp is out of reach, and a restart at noon."""
    lamp_day, restart_day = calendar.days[-17], calendar.days[-10]
    until = lamp_day.at(9 * 60 + 12)
    yield Outage(lamp_day.at(130), "light.desk_lamp", until)
    yield Restart(restart_day.at(12 * 60 + 20))


class Consequences:
    """Movement that people cause, and the lamp that goes out after the TV."""

    def __init__(self, calendar: Calendar, seed: int) -> None:
        """Prepare one stream of chance."""
        self._calendar = calendar
        self._rng = Random(f"{seed}/consequences")

    def __call__(self, at: float, entity_id: str, state: str) -> Iterator[Act]:
        """Yield what follows an entity's entering a state."""
        rng = self._rng
        motion = ROOM_MOTION.get(entity_id)
        if motion is not None and state in ("on", "off") and rng.random() < 0.6:
            seen = at + rng.uniform(0.5, 5)
            yield Act(seen, motion, "on")
            yield Act(seen + rng.uniform(30, 120), motion, "off")
        if (entity_id, state) == (TV, "off"):
            out = at + 60 * rng.uniform(5, 80)
            by = ANNA if rng.random() < 0.4 else None
            yield Act(out, "light.floor_lamp", "off", by)
