"""The habits that are planted: what the people of the demo home do again and again.

`HABITS` is the truth that the suggestions can be held against.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from astral import Observer
from astral.sun import sunset

from .acts import Act
from .days import Calendar, Day
from .home import ANNA, BEN, CORE_SETTINGS, PEOPLE, Person

ALL_DAYS: Final = (0, 1, 2, 3, 4, 5, 6)
WEEKDAYS: Final = (0, 1, 2, 3, 4)
WEEKEND: Final = (5, 6)
OBSERVER: Final = Observer(CORE_SETTINGS["latitude"], CORE_SETTINGS["longitude"])


@dataclass(frozen=True, slots=True)
class TimeHabit:
    """Somebody does something at about the same time of the day."""

    name: str
    who: Person
    entity_id: str
    state: str
    minute: int
    """Middle of the times, from local midnight."""
    weekdays: tuple[int, ...]
    jitter_min: float
    """Standard deviation of the times, in minutes."""
    kept: float
    """Share of the days on which it is done, when the person is in."""
    tapped: bool
    """Whether in the interface, or at the device itself."""
    undone_min: tuple[float, float] | None = None
    """After how many minutes it is undone at the device, from and to."""
    setting: float | None = None
    """Brightness in percent that goes with it."""


@dataclass(frozen=True, slots=True)
class SunHabit:
    """Somebody does something so long after sunset."""

    name: str
    who: Person
    entity_id: str
    state: str
    offset_min: float
    jitter_min: float
    kept: float
    tapped: bool
    undone_min: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class NumericHabit:
    """Somebody does something soon after a sensor's number got too high."""

    name: str
    who: tuple[Person, ...]
    sensor: str
    above: float
    entity_id: str
    state: str
    lag_s: tuple[float, float]
    kept: float
    tapped: bool
    undone_min: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class StateHabit:
    """Somebody does something soon after something else."""

    name: str
    who: tuple[Person, ...]
    """Any one of them, who is in and awake."""
    trigger: tuple[str, str]
    """Entity, and the state that it enters."""
    entity_id: str
    state: str
    lag_s: tuple[float, float]
    """Seconds between the two, from and to."""
    kept: float
    """Share of the times at which it is done, when one of them is in."""
    tapped: bool
    undone_min: tuple[float, float] | None = None


type Habit = TimeHabit | SunHabit | StateHabit | NumericHabit

HABITS: Final[tuple[Habit, ...]] = (
    TimeHabit(
        name="Kitchen light on a weekday morning",
        who=ANNA,
        entity_id="light.kitchen_light",
        state="on",
        minute=6 * 60 + 45,
        weekdays=WEEKDAYS,
        jitter_min=6,
        kept=0.9,
        tapped=False,
        undone_min=(20, 160),
    ),
    TimeHabit(
        name="TV off before bed",
        who=BEN,
        entity_id="media_player.tv",
        state="off",
        minute=22 * 60 + 45,
        weekdays=ALL_DAYS,
        jitter_min=6,
        kept=0.93,
        tapped=True,
    ),
    TimeHabit(
        name="Treadmill on Tuesday and Thursday",
        who=BEN,
        entity_id="switch.treadmill",
        state="on",
        minute=19 * 60,
        weekdays=(1, 3),
        jitter_min=5,
        kept=0.95,
        tapped=False,
        undone_min=(15, 110),
    ),
    TimeHabit(
        name="Bedroom blinds up at the weekend",
        who=ANNA,
        entity_id="cover.bedroom_blinds",
        state="open",
        minute=9 * 60 + 30,
        weekdays=WEEKEND,
        jitter_min=7,
        kept=0.95,
        tapped=True,
    ),
    TimeHabit(
        name="Bedroom light dimmed in the evening",
        who=ANNA,
        entity_id="light.bedroom_light",
        state="on",
        minute=22 * 60 + 10,
        weekdays=ALL_DAYS,
        jitter_min=6,
        kept=0.94,
        tapped=True,
        undone_min=(20, 60),
        setting=30.0,
    ),
    SunHabit(
        name="Garden lights when it is dark",
        who=ANNA,
        entity_id="light.garden_lights",
        state="on",
        # Late enough in winter, when she comes home after sunset.
        offset_min=100,
        jitter_min=6,
        kept=0.95,
        tapped=False,
        undone_min=(30, 150),
    ),
    NumericHabit(
        name="Bathroom fan after a shower",
        who=PEOPLE,
        sensor="sensor.bathroom_humidity",
        above=62,
        entity_id="fan.bathroom_fan",
        state="on",
        lag_s=(30, 200),
        kept=0.92,
        tapped=False,
        undone_min=(12, 40),
    ),
    StateHabit(
        name="Hall light when the front door opens",
        who=PEOPLE,
        trigger=("binary_sensor.front_door", "on"),
        entity_id="light.hall_light",
        state="on",
        lag_s=(2, 28),
        kept=0.88,
        tapped=False,
        # Not below 2 min: what is undone that soon counts as a mistake.
        undone_min=(2.5, 10),
    ),
    StateHabit(
        name="Laundry light when the washing machine is done",
        who=PEOPLE,
        trigger=("binary_sensor.washing_machine", "off"),
        entity_id="light.laundry_light",
        state="on",
        lag_s=(30, 240),
        kept=0.92,
        tapped=False,
        undone_min=(4, 25),
    ),
    StateHabit(
        name="Floor lamp when the TV goes on",
        who=PEOPLE,
        trigger=("media_player.tv", "on"),
        entity_id="light.floor_lamp",
        state="on",
        lag_s=(5, 50),
        kept=0.93,
        tapped=True,
    ),
    StateHabit(
        name="Kettle when Anna comes home",
        who=(ANNA,),
        trigger=(ANNA.entity_id, "home"),
        entity_id="switch.kettle",
        state="on",
        lag_s=(40, 270),
        kept=0.88,
        tapped=False,
    ),
)


def plan_time_habits(calendar: Calendar, seed: int) -> Iterator[Act]:
    """Yield the acts of the habits that keep to the clock or to the sun."""
    for habit in HABITS:
        match habit:
            case TimeHabit() | SunHabit():
                rng = Random(f"{seed}/{habit.name}")
                yield from _plan(habit, calendar, rng)
            case StateHabit() | NumericHabit():
                continue


def due(habit: TimeHabit | SunHabit, day: Day) -> float | None:
    """Return the middle of the times of a day, None where it is not for this day."""
    if isinstance(habit, SunHabit):
        sun = sunset(OBSERVER, day.date).timestamp()
        return sun + 60 * habit.offset_min
    return day.at(habit.minute) if day.weekday in habit.weekdays else None


def _plan(
    habit: TimeHabit | SunHabit, calendar: Calendar, rng: Random
) -> Iterator[Act]:
    setting = habit.setting if isinstance(habit, TimeHabit) else None
    for day in calendar.days:
        middle, by = due(habit, day), 60 * rng.gauss(0, habit.jitter_min)
        kept = rng.random() < habit.kept
        if middle is None or not day.is_home(habit.who, middle + by):
            continue
        if kept:
            at = middle + by
            tapped_by = habit.who if habit.tapped else None
            yield Act(at, habit.entity_id, habit.state, tapped_by, setting)
            if habit.undone_min is not None:
                later = at + 60 * rng.uniform(*habit.undone_min)
                yield Act(later, habit.entity_id, "off")


class Reactions:
    """What people do because something happened; one stream of chance a habit."""

    def __init__(self, calendar: Calendar, seed: int) -> None:
        """Prepare the habits that follow something."""
        self._calendar = calendar
        self._habits = [
            (habit, Random(f"{seed}/{habit.name}"))
            for habit in HABITS
            if isinstance(habit, StateHabit | NumericHabit)
        ]
        self._numbers: dict[str, float] = {}

    def __call__(self, at: float, entity_id: str, state: str) -> Iterator[Act]:
        """Yield the acts that follow an entity's entering a state."""
        before = self._number(entity_id, state)
        for habit, rng in self._habits:
            if isinstance(habit, NumericHabit):
                entered = habit.sensor == entity_id and (
                    before <= habit.above < self._numbers[entity_id]
                )
            else:
                entered = habit.trigger == (entity_id, state)
            if not entered:
                continue
            lag = rng.uniform(*habit.lag_s)
            kept = rng.random() < habit.kept
            undone = rng.uniform(*(habit.undone_min or (0, 0)))
            who = [one for one in habit.who if self._is_about(one, at)]
            if not who or not kept:
                continue
            tapped_by = rng.choice(who) if habit.tapped else None
            yield Act(at + lag, habit.entity_id, habit.state, tapped_by)
            if habit.undone_min is not None:
                yield Act(at + lag + 60 * undone, habit.entity_id, "off")

    def _number(self, entity_id: str, state: str) -> float:
        """Take note of a sensor's number; return the one before."""
        if not entity_id.startswith("sensor."):
            return 0.0
        number = float(state)
        before = self._numbers.get(entity_id, number)
        self._numbers[entity_id] = number
        return before

    def _is_about(self, person: Person, at: float) -> bool:
        """Return whether somebody is up, has just come, or is about to leave."""
        return any(self._calendar.is_up(person, at + by) for by in (-60.0, 0.0, 60.0))
