"""What became of automations: when they ran, and what people made of it.

The log does not hold runs but what they changed; changes of one automation that follow
each other are one run. A run that changed nothing, because all was as wanted, is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from .acts import NO_ACTS
from .attributes import attribute_of
from .events import Ints, Mask
from .facts import ACTUATOR_DOMAINS, ExistingAutomation, domain_of
from .history import History
from .localtime import DAY_MS, MINUTE_MS, due_days, weekday_of
from .origin import HUMAN, Origin
from .rules import ATTRIBUTE_MARK, Action, SunTrigger, TimeTrigger
from .watched import Counts, Watched

UNDONE_MS: Final = 10 * MINUTE_MS
"""A person takes back what an automation did within this time."""
RUN_MS: Final = MINUTE_MS
"""Changes of one automation that are farther apart are two runs: slow covers report
within it, and routines pause for less."""
NEAR_MS: Final = 180 * MINUTE_MS
"""By hand, but about the time of an automation of the clock."""
FAR_MS: Final = DAY_MS
"""Longer after, or before, than any time that is near."""
WEEKS: Final = 8
"""Weeks that are counted one by one."""
RECENT_MS: Final = 28 * DAY_MS


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """The runs of one automation, n of them by time."""

    t: Ints
    """int64[n], ms UTC, of the first change of each."""
    changes: Ints
    """int64[n], things that each changed, of those that the automation is about."""
    undone_ms: Ints
    """int64[n], ms after which a person took a part of it back, -1 where nobody did."""
    kept: Ints
    """int64[n], things that stayed as the run had left them."""
    is_own: bool = False
    """Whether this integration installed it."""

    @property
    def undone(self) -> Mask:
        """Which of them people took back, bool[n]."""
        mask: Mask = self.undone_ms >= 0
        return mask

    def where(self, mask: Mask) -> Runs:
        """Return the runs that a mask (bool[n]) selects."""
        return Runs(
            self.t[mask],
            self.changes[mask],
            self.undone_ms[mask],
            self.kept[mask],
            self.is_own,
        )

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self.t)


_NONE: Final = np.zeros(0, np.int64)
NO_RUNS: Final = Runs(_NONE, _NONE, _NONE, _NONE)


def watch(history: History, runs: Mapping[str, Runs]) -> tuple[Watched, ...]:
    """Return what became of the automations whose runs (`runs_of`) the log shows."""
    known = {item.entity_id: item for item in history.facts.automations}
    names = {name for name in runs if not known or name in known}
    return tuple(
        _watched(history, name, runs[name], known.get(name)) for name in sorted(names)
    )


def runs_of(history: History) -> dict[str, Runs]:
    """Return the runs of all automations that the log shows, by entity id."""
    log = history.log
    rows = _automated(history)
    actors, of_actor = np.unique(log.actor[rows], return_inverse=True)
    taken = _taken_back_ms(history, rows)
    about = _about(history)
    found: dict[str, Runs] = {}
    for place, code in enumerate(actors.tolist()):
        name = log.actors[code]
        mask = of_actor == place
        mine, back = rows[mask], taken[mask]
        counted = _counted(history, mine, about.get(name))
        found[name] = _grouped(history, mine, back, counted)
    return found


def _automated(history: History) -> Ints:
    """Return the rows of what automations changed, in the order of the log."""
    log = history.log
    is_automation = np.array([domain_of(name) == "automation" for name in log.actors])
    acted_on = np.array(
        [
            domain_of(name) in ACTUATOR_DOMAINS
            and history.knows(name.partition(ATTRIBUTE_MARK)[0])
            for name in log.entities
        ],
        bool,
    )
    if not is_automation.any() or not len(log):
        return np.zeros(0, np.int64)
    by = np.flatnonzero(np.isin(log.origin, (Origin.AUTOMATION, Origin.OWN)))
    by = by[is_automation[log.actor[by]] & acted_on[log.entity[by]]]
    rows: Ints = by[~history.unavailable[log.state[by]]]
    return rows


def _taken_back_ms(history: History, rows: Ints) -> Ints:
    """Return after how many ms a person changed each again, int64[n], -1 for never.

    A change that another one by a machine follows first was that one's to undo.
    """
    log = history.log
    taken = np.full(len(log), -1, np.int32)
    automated = np.zeros(len(log), bool)
    automated[rows] = True
    for code in np.unique(log.entity[rows]).tolist():
        mine = history.rows_of(log.entities[code])
        by_hand = np.isin(log.origin[mine], HUMAN)
        by_hand &= ~history.excluded[log.actor[mine]] & ~history.machines.rows[mine]
        by_hand &= ~history.unavailable[log.state[mine]]
        after = np.flatnonzero(by_hand)
        after = after[after > 0]
        before = after - 1
        lag = log.t[mine[after]] - log.t[mine[before]]
        soon = (
            (lag <= UNDONE_MS)
            & automated[mine[before]]
            & (log.state[mine[after]] != log.state[mine[before]])
        )
        taken[mine[before[soon]]] = lag[soon]
    result: Ints = taken[rows].astype(np.int64)
    return result


def _about(history: History) -> dict[str, frozenset[tuple[str, str]]]:
    return {item.entity_id: item.targets for item in history.facts.automations}


def _counted(
    history: History, rows: Ints, targets: frozenset[tuple[str, str]] | None
) -> Mask:
    """Return which changes count as things done, bool[n].

    What an automation names, where that is known: members of a group that move along
    are no further acts, nor are the settings that come with going on.
    """
    log = history.log
    if targets:
        named = [
            (log.entities[entity], history.states[state]) in targets
            for entity, state in zip(
                log.entity[rows].tolist(), log.state[rows].tolist(), strict=True
            )
        ]
        if any(named):
            return np.array(named, bool)
    plain = np.array([attribute_of(name) is None for name in log.entities], bool)
    mask: Mask = plain[log.entity[rows]]
    return mask


def _grouped(history: History, rows: Ints, taken_ms: Ints, counted: Mask) -> Runs:
    t = history.log.t[rows]
    first = np.flatnonzero(np.diff(t, prepend=-RUN_MS - 1) > RUN_MS)
    if not len(first):
        return NO_RUNS
    return Runs(
        t[first],
        np.add.reduceat(counted.astype(np.int64), first),
        np.maximum.reduceat(taken_ms, first),
        np.add.reduceat((counted & (taken_ms < 0)).astype(np.int64), first),
        bool(np.any(history.log.origin[rows] == Origin.OWN)),
    )


def _watched(
    history: History, name: str, runs: Runs, known: ExistingAutomation | None
) -> Watched:
    start, end = history.span
    since = int(runs.t[0]) if len(runs) else end
    if known is not None and known.created_ms is not None:
        # An entity that was registered anew has run before.
        since = max(start, min(since, known.created_ms))
    hand = by_hand(history, known) if known is not None else np.zeros(0, np.int64)
    hand = hand[hand >= since]
    full_weeks = max(1, -(-(end - since + 1) // (7 * DAY_MS)))
    return Watched(
        name,
        runs.is_own,
        since,
        _counts(runs, hand, since, end + 1),
        _counts(runs, hand, max(since, end + 1 - RECENT_MS), end + 1),
        tuple(
            _counts(
                runs,
                hand,
                end + 1 - 7 * DAY_MS * (week + 1),
                end + 1 - 7 * DAY_MS * week,
            )
            for week in range(min(WEEKS, full_weeks))
        ),
    )


def _counts(runs: Runs, hand: Ints, start: int, end: int) -> Counts:
    mask = (runs.t >= start) & (runs.t < end)
    return Counts(
        int(np.count_nonzero(mask)),
        int(np.count_nonzero(runs.undone & mask)),
        int(np.count_nonzero((hand >= start) & (hand < end))),
        int(runs.kept[mask].sum()),
    )


def by_hand(history: History, automation: ExistingAutomation) -> Ints:
    """Return when people did what an automation is for, int64[n], ms UTC, ascending.

    Where it goes by the clock alone, about its times only: the same at another time of
    the day is another matter.
    """
    acts = [
        history.acts.get(Action(entity_id, state), NO_ACTS).t
        for entity_id, state in sorted(automation.targets)
    ]
    t: Ints = np.unique(np.concatenate([np.zeros(0, np.int64), *acts]))
    by_clock = [
        trigger
        for trigger in automation.triggers
        if isinstance(trigger, TimeTrigger | SunTrigger)
    ]
    if not by_clock or len(by_clock) < len(automation.triggers):
        return t
    near = np.zeros(len(t), bool)
    for trigger in by_clock:
        near |= np.abs(late_ms(history, trigger, t)) <= NEAR_MS
    about: Ints = t[near]
    return about


def late_ms(history: History, trigger: TimeTrigger | SunTrigger, t: Ints) -> Ints:
    """Return how long after the nearest time of a trigger instants are, int64[n], ms.

    Negative before it; `FAR_MS` where that day has none.
    """
    local = history.local(t)
    if isinstance(trigger, TimeTrigger):
        day = due_days(local, trigger.minute)
        late = local - day * DAY_MS - trigger.minute * MINUTE_MS
    else:
        days = np.unique(local // DAY_MS)
        days = np.unique(np.concatenate((days - 1, days, days + 1)))
        due = history.sun_events(trigger.event, days)
        day, late = _nearest(t, days, due + trigger.offset_min * MINUTE_MS)
    on_day = np.isin(weekday_of(day), trigger.weekdays)
    result: Ints = np.where(on_day, late, FAR_MS)
    return result


def _nearest(t: Ints, days: Ints, due: Ints) -> tuple[Ints, Ints]:
    """Return the day of the due time nearest to each instant, and how late it is."""
    if not len(due):
        return np.zeros(len(t), np.int64), np.full(len(t), FAR_MS)
    after = np.clip(np.searchsorted(due, t), 1, max(1, len(due) - 1))
    before = after - 1
    after = np.minimum(after, len(due) - 1)
    nearer = np.where(np.abs(due[after] - t) < np.abs(due[before] - t), after, before)
    late = np.clip(t - due[nearer], -FAR_MS, FAR_MS)
    return days[nearer], late
