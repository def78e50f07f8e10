"""What people did: acts, by what they bring about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from .attributes import attribute_of
from .events import Ints, Mask
from .facts import ACTUATOR_DOMAINS, domain_of
from .localtime import DAY_MS
from .origin import ECHO_MS, HUMAN
from .rules import ATTRIBUTE_MARK, Action
from .services import service_for

if TYPE_CHECKING:
    from .history import History

UNDONE_MS: Final = 120_000
"""An act that the same class takes back within this time is no act."""


@dataclass(frozen=True, slots=True, eq=False)
class Acts:
    """All acts of people that bring one entity into one state, n of them, by time."""

    t: Ints
    """int64[n], ms UTC."""
    local: Ints
    """int64[n], ms of the local clock since 1970-01-01."""
    origin: Ints

    def __len__(self) -> int:
        """Return the number of acts."""
        return len(self.t)

    @property
    def day(self) -> Ints:
        """Local day numbers, int64[n]."""
        return self.local // DAY_MS

    def where(self, mask: Mask) -> Acts:
        """Return the acts that the mask (bool[n]) selects."""
        return Acts(self.t[mask], self.local[mask], self.origin[mask])


_NONE: Final = np.zeros(0, np.int64)
NO_ACTS: Final = Acts(_NONE, _NONE, _NONE)


def acts_of_people(history: History) -> Mapping[Action, Acts]:
    """Return the acts of people; only what an action of Home Assistant can do."""
    found: dict[Action, Acts] = {}
    log = history.log
    for entity_id in log.entities:
        base = entity_id.partition(ATTRIBUTE_MARK)[0]
        if domain_of(base) not in ACTUATOR_DOMAINS or not history.knows(base):
            continue
        rows = history.rows_of(entity_id)
        meant = _deliberate(history, rows)
        if base != entity_id:
            if attribute_of(entity_id) is None:
                continue
            meant &= _by_itself(history, entity_id, base)
        rows = rows[meant]
        states = log.state[rows]
        for code in np.unique(states):
            action = Action(entity_id, history.states[code])
            if service_for(action):
                mine = rows[states == code]
                found[action] = Acts(
                    log.t[mine],
                    history.local_of_rows(mine),
                    log.origin[mine].astype(np.int64),
                )
    return found


def _deliberate(history: History, rows: Ints) -> Mask:
    """Return which of an entity's changes people meant to stay, bool[n]."""
    log = history.log
    origin = log.origin[rows]
    human: Mask = np.isin(origin, HUMAN)
    human &= ~history.excluded[log.actor[rows]] & ~history.machines.rows[rows]
    if len(rows) < 2:
        return human
    t, state = log.t[rows], log.state[rows]
    before = np.concatenate(([-1], state[:-1]))
    undone = np.zeros(len(rows), bool)
    undone[:-1] = (
        human[:-1]
        & (origin[1:] == origin[:-1])
        & (t[1:] - t[:-1] <= UNDONE_MS)
        & ((state[1:] == before[:-1]) | (before[:-1] == -1))
    )
    # In a run of acts that each undo the one before, they cancel in pairs.
    index = np.arange(len(rows))
    run_start = np.maximum.accumulate(np.where(undone, 0, index + 1))
    first = undone & ((index - run_start) % 2 == 0)
    cancelled = first | np.concatenate(([False], first[:-1]))
    meant: Mask = human & ~cancelled
    return meant


def _by_itself(history: History, entity_id: str, base: str) -> Mask:
    """Return which changes of a setting (bool[n]) are acts of their own.

    Not those that come with the entity's going on or off: they belong to that act. Nor
    those too small for people to tell.
    """
    setting, switched = history.timeline(entity_id), history.timeline(base)
    low = np.searchsorted(switched.t, setting.t - ECHO_MS, side="left")
    high = np.searchsorted(switched.t, setting.t + ECHO_MS, side="right")
    moved = np.ones(len(setting.t), bool)
    moved[1:] = setting.state[1:] != setting.state[:-1]
    alone: Mask = (low == high) & moved
    return alone
