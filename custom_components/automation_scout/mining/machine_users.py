"""Machines that look like people: programs with a user of their own, device schedules.

Nobody keeps to the second for weeks. The acts of one user, or those at one device, that
bring one entity into one state are read on the clock and from sunrise and sunset; where
they fall within seconds of one reading on enough days, and hardly ever beside it, a
program did them. A user most of whose acts are such is a machine altogether; of others,
and of devices, only these acts are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from .dial import since_event
from .events import Ints, Mask
from .facts import domain_of
from .localtime import DAY_MS, MINUTE_MS
from .origin import HUMAN, Origin
from .result import Machine
from .rules import ATTRIBUTE_MARK, SunEvent
from .sun import NO_EVENT

if TYPE_CHECKING:
    from .history import History

WITHIN_MS: Final = 15_000
"""All acts of one entry of a schedule lie within this: a spread of five seconds."""
BESIDE_MS: Final = 10 * MINUTE_MS
CONCENTRATION: Final = 0.8
"""Share of the acts up to ten minutes beside them that are exact. People who keep to a
time within a minute or two have a tenth there."""
POLLED: Final = frozenset({"climate", "vacuum", "water_heater"})
"""Domains whose devices keep schedules of their own, and are asked now and then."""
POLLED_MS: Final = 5 * MINUTE_MS
POLLED_CONCENTRATION: Final = 0.9
"""Of people who keep to a time within two minutes four in five acts lie there."""
USER_DAYS: Final = 10
DEVICE_DAYS: Final = 8
CERTAIN_DAYS: Final = 7
CERTAIN_S: Final = 2.0
"""A week within two seconds: of people who keep to the minute, one in 10^9."""
FURTHER_DAYS: Final = 3
"""Days that show a further entry of a schedule of which one is known."""
MOST_ENTRIES: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class Machines:
    """Which changes only look like acts of people."""

    rows: Mask
    """bool[events]."""
    found: tuple[Machine, ...]
    """By name."""


@dataclass(frozen=True, slots=True, eq=False)
class _Entry:
    """One entry of a schedule, as the acts show it."""

    rows: Ints
    days: int
    spread_s: float

    @property
    def is_certain(self) -> bool:
        """Whether few days are enough."""
        return self.days >= CERTAIN_DAYS and self.spread_s <= CERTAIN_S


def machine_precise(history: History) -> Machines:
    """Return who and what acts to the second, with the spread that was measured."""
    log = history.log
    is_device = log.origin == Origin.PHYSICAL
    people = history.facts.people
    may_be_machine = np.array([name not in people for name in log.actors], bool)
    is_doubtful = np.isin(log.origin, HUMAN) & (log.actor > 0)
    human = np.flatnonzero(is_device | (is_doubtful & may_be_machine[log.actor]))
    is_device = is_device[human]
    doer = np.where(
        is_device, -1 - log.entity[human].astype(np.int64), log.actor[human]
    )
    order = np.lexsort((human, log.state[human], log.entity[human], doer))
    human, doer = human[order], doer[order]
    rows = np.zeros(len(log), bool)
    found: dict[str, Machine] = {}
    for part in _runs(doer):
        machine = _machine(history, human[part], int(doer[part.start]), rows)
        if machine and machine.days > getattr(found.get(machine.name), "days", 0):
            found[machine.name] = machine
    return Machines(rows, tuple(found[name] for name in sorted(found)))


def _machine(history: History, acts: Ints, doer: int, rows: Mask) -> Machine | None:
    """Mark what a doer did as a machine, and say how it was seen."""
    log = history.log
    least = DEVICE_DAYS if doer < 0 else USER_DAYS
    is_polled = doer < 0 and domain_of(log.entities[-1 - doer]) in POLLED
    series = log.entity[acts].astype(np.int64) * len(history.states) + log.state[acts]
    entries = [
        entry
        for part in _runs(series)
        for entry in _entries(history, acts[part], is_polled=is_polled)
    ]
    if not any(entry.days >= least or entry.is_certain for entry in entries):
        return None
    best = max(entry.days for entry in entries)
    exact = np.unique(np.concatenate([entry.rows for entry in entries]))
    is_user = doer >= 0 and 2 * len(exact) >= len(acts)
    rows[acts if is_user else exact] = True
    name = log.actors[doer] if doer >= 0 else log.entities[-1 - doer]
    name = name.partition(ATTRIBUTE_MARK)[0]
    spread_s = max(entry.spread_s for entry in entries)
    return Machine(name, is_user, round(spread_s, 3), best, len(exact))


def _entries(history: History, acts: Ints, *, is_polled: bool) -> Iterator[_Entry]:
    """Yield the entries of a schedule among acts that do the same, ascending rows."""
    if len(acts) < FURTHER_DAYS:
        return
    within_ms = POLLED_MS if is_polled else WITHIN_MS
    concentration = POLLED_CONCENTRATION if is_polled else CONCENTRATION
    t = history.log.t[acts]
    for reading in (history.local(t), *_from_the_sun(history, t)):
        left = np.ones(len(acts), bool)
        for _ in range(MOST_ENTRIES):
            inside = _densest(reading, left, within_ms)
            days = len(np.unique(reading[inside] // DAY_MS))
            if days < FURTHER_DAYS:
                break
            offset = (reading - reading[inside][0] + DAY_MS // 2) % DAY_MS
            middle = np.median(offset[inside])
            beside = np.abs(offset - middle) <= BESIDE_MS
            exact = np.count_nonzero(inside)
            if exact >= concentration * np.count_nonzero(beside):
                yield _Entry(acts[inside], days, float(np.std(offset[inside])) / 1000)
            left &= ~beside


def _densest(reading: Ints, left: Mask, within_ms: int) -> Mask:
    """Return which of the acts that are left lie in the fullest span of time."""
    of_day = reading % DAY_MS
    ordered = np.sort(of_day[left])
    if not len(ordered):
        return left
    count = np.searchsorted(ordered, ordered + within_ms, side="right")
    start = ordered[int(np.argmax(count - np.arange(len(ordered))))]
    inside: Mask = left & (of_day >= start) & (of_day <= start + within_ms)
    return inside


def _from_the_sun(history: History, t: Ints) -> Iterator[Ints]:
    """Yield readings from sunrise and from sunset, where the home has a place."""
    first, last = (history.local(t[[0, -1]]) // DAY_MS).tolist()
    days = np.arange(first - 1, last + 2)
    for event in SunEvent:
        events = history.sun_events(event, days)
        occurs = events != NO_EVENT
        if occurs.any():
            index, since = since_event(t, events[occurs])
            yield days[occurs][index] * DAY_MS + since + DAY_MS // 2


def _runs(keys: Ints) -> Iterator[slice]:
    """Yield the stretches of equal neighbours."""
    bounds = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1, append=keys[-1:] + 1))
    for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        yield slice(start, stop)
