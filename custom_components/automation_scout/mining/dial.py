"""Dials: clocks on which a habit of the day stands still, the wall's and the sun's.

A reading is ms since 1970-01-01 on the dial. Its day is the local day whose event it
belongs to; on a dial of the sun the event itself is at minute 720 of each day, so that
what is done around it lies far from the day's ends.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

import numpy as np

from .acts import Acts
from .events import Ints
from .localtime import DAY_MS, MINUTE_MS
from .rules import ALL_DAYS, SunEvent, SunTrigger, TimeTrigger
from .sun import NO_EVENT

if TYPE_CHECKING:
    from .history import History

NOON_MIN = 720


class Dial(Protocol):
    """Reads acts, and says which trigger fires at one of its minutes."""

    reach: ClassVar[tuple[int, int]]
    """Minutes between which a habit may lie, both included."""

    @property
    def days(self) -> Ints:
        """Local days, lived in, on which every minute of the dial comes, ascending."""
        ...

    def read(self, acts: Acts) -> Acts:
        """Return the acts that the dial can read, `local` being its readings."""
        ...

    def trigger(
        self, minute: int, weekdays: tuple[int, ...]
    ) -> TimeTrigger | SunTrigger:
        """Return what fires at a minute within the reach."""
        ...

    def minute_of(self, trigger: TimeTrigger | SunTrigger) -> int:
        """Return the minute at which a trigger of this dial fires."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class WallDial:
    """The local clock."""

    reach: ClassVar[tuple[int, int]] = (0, 1439)
    days: Ints

    @staticmethod
    def read(acts: Acts) -> Acts:
        """Return the acts."""
        return acts

    @staticmethod
    def trigger(minute: int, weekdays: tuple[int, ...]) -> TimeTrigger:
        """Return the time of the day."""
        return TimeTrigger(minute, weekdays)

    @staticmethod
    def minute_of(trigger: TimeTrigger | SunTrigger) -> int:
        """Return the minute of the day."""
        assert isinstance(trigger, TimeTrigger)  # noqa: S101 - of this dial
        return trigger.minute


@dataclass(frozen=True, slots=True, eq=False)
class SunDial:
    """The time from the sunrise or sunset that is nearest."""

    reach: ClassVar[tuple[int, int]] = (NOON_MIN - 120, NOON_MIN + 120)
    days: Ints
    event: SunEvent
    events: Ints
    """int64[e], ms UTC, those of all days of the history, ascending."""
    event_days: Ints
    """int64[e], their local days."""

    def read(self, acts: Acts) -> Acts:
        """Return the acts within half a day of an event."""
        if not len(self.events):
            return acts.where(np.zeros(len(acts), bool))
        index, since = since_event(acts.t, self.events)
        reading = self.event_days[index] * DAY_MS + NOON_MIN * MINUTE_MS + since
        near = np.abs(since) < NOON_MIN * MINUTE_MS
        return Acts(acts.t[near], reading[near], acts.origin[near])

    def trigger(self, minute: int, weekdays: tuple[int, ...] = ALL_DAYS) -> SunTrigger:
        """Return the event with its offset."""
        return SunTrigger(self.event, minute - NOON_MIN, weekdays)

    @staticmethod
    def minute_of(trigger: TimeTrigger | SunTrigger) -> int:
        """Return the minute of the dial."""
        assert isinstance(trigger, SunTrigger)  # noqa: S101 - of this dial
        return trigger.offset_min + NOON_MIN


def since_event(t: Ints, events: Ints) -> tuple[Ints, Ints]:
    """Return which of some events (at least one) is nearest, and the time since it."""
    after = np.searchsorted(events, t)
    before = np.maximum(after - 1, 0)
    after = np.minimum(after, len(events) - 1)
    nearer = t - events[before] <= events[after] - t
    index = np.where(nearer, before, after)
    return index, t - events[index]


def wall_dial(history: History) -> WallDial:
    """Return the dial of the local clock."""
    return WallDial(history.days)


def sun_dial(history: History, event: SunEvent) -> SunDial:
    """Return the dial of an event of the sun; without a place it has no days."""
    days = history.days
    if not len(days):
        return SunDial(days, event, days, days)
    around = np.arange(days[0] - 1, days[-1] + 2)
    t = history.sun_events(event, around)
    occurs = t != NO_EVENT
    return SunDial(
        days[np.isin(days, around[occurs])], event, t[occurs], around[occurs]
    )


def dial_of(history: History, trigger: TimeTrigger | SunTrigger) -> Dial:
    """Return the dial of a trigger."""
    match trigger:
        case TimeTrigger():
            return wall_dial(history)
        case SunTrigger(event):
            return sun_dial(history, event)
