"""Slow, obvious twins of everything that the miner does with arrays.

Loops over plain tuples, one event at a time. Only constants are shared with the code.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from math import comb, log
from zoneinfo import ZoneInfo

from custom_components.automation_scout.mining.acts import UNDONE_MS
from custom_components.automation_scout.mining.attributes import (
    ATTRIBUTES,
    Attribute,
)
from custom_components.automation_scout.mining.edges import MOST_STATES
from custom_components.automation_scout.mining.events import EventLog
from custom_components.automation_scout.mining.facts import (
    ACTUATOR_DOMAINS,
    TRIGGER_DOMAINS,
    HomeFacts,
)
from custom_components.automation_scout.mining.history import AWAY_P
from custom_components.automation_scout.mining.origin import (
    ECHO_MS,
    HUMAN,
    UNAVAILABLE,
    Origin,
)
from custom_components.automation_scout.mining.replay import NEAR_MS
from custom_components.automation_scout.mining.rules import (
    DERIVED,
    Action,
    TimeTrigger,
)
from custom_components.automation_scout.mining.services import service_for

DAY_MS = 86_400_000
EPOCH = datetime(1970, 1, 1)
type Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the log, spelled out."""

    t: int
    entity_id: str
    state: str
    origin: int
    actor: str


def changes(log_: EventLog) -> list[Change]:
    """Return the rows of a log."""
    return [
        Change(
            int(log_.t[i]),
            log_.entities[log_.entity[i]],
            log_.states[log_.state[i]],
            int(log_.origin[i]),
            log_.actors[log_.actor[i]],
        )
        for i in range(len(log_))
    ]


def local(t: int, zone: str) -> int:
    """Return the reading of the clock on the wall, by one datetime."""
    instant = EPOCH.replace(tzinfo=UTC) + timedelta(milliseconds=t)
    wall = instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return (wall - EPOCH) // timedelta(milliseconds=1)


def instant(day: int, minute: int, zone: str) -> int:
    """Return the first instant at which the clock on the wall shows a minute."""
    wall = EPOCH + timedelta(days=day, minutes=minute)
    aware = wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return (aware.replace(tzinfo=None) - EPOCH) // timedelta(milliseconds=1)


def weekday(day: int) -> int:
    """Return the weekday of a day number, Monday 0."""
    return (EPOCH + timedelta(days=day)).weekday()


def setting(entity_id: str) -> Attribute | None:
    """Return what a name behind a # stands for."""
    base, _, name = entity_id.partition("#")
    of_domain = ATTRIBUTES.get(base.split(".")[0], ())
    return {attribute.name: attribute for attribute in of_domain}.get(name)


def in_grains(row: Change) -> Change:
    """Return a change of a setting at the nearest number that people tell apart."""
    attribute = setting(row.entity_id) if "#" in row.entity_id else None
    if attribute is None or not attribute.grain:
        return row
    try:
        count = round(Fraction(float(row.state)) / Fraction(attribute.grain))
    except OverflowError, ValueError:
        return row
    return replace(row, state=f"{float(count * Fraction(attribute.grain)):.10g}")


class Home:
    """A log and the answers to the questions that `History` answers."""

    def __init__(self, log_: EventLog, facts: HomeFacts) -> None:
        """Keep the rows."""
        self.raw = changes(log_)
        self.rows = [in_grains(row) for row in self.raw]
        self.facts = facts
        self.zone = facts.time_zone
        self.entities = log_.entities
        self._of = dict(_grouped(self.rows))

    def acts(self) -> dict[Action, list[Change]]:
        """Return what people did and did not take back within two minutes."""
        return self._acts

    def edges(self) -> dict[Edge, list[int]]:
        """Return the instants of each change that may set off an automation."""
        return self._edges

    def days(self) -> list[int]:
        """Return the days with any event, less stretches in which nobody was there."""
        return self._days

    def span(self) -> tuple[int, int]:
        """Return the first and the last instant."""
        return (self.rows[0].t, self.rows[-1].t) if self.rows else (0, 0)

    def known(self, entity_id: str) -> bool:
        """Return whether the registries know the entity, or nothing at all."""
        return not self.facts.entities or entity_id in self.facts.entities

    def of(self, entity_id: str) -> list[Change]:
        """Return the changes of one entity."""
        return self._of.get(entity_id, [])

    def state_before(self, entity_id: str, t: int) -> str | None:
        """Return the state just before an instant."""
        earlier = [row for row in self.of(entity_id) if row.t < t]
        return earlier[-1].state if earlier else None

    def ready_since(self, action: Action, t: int) -> int:
        """Return since when the action was possible without a break, or `t`."""
        since = t
        for row in reversed([row for row in self.of(action.entity_id) if row.t < t]):
            if row.state == action.state or row.state in UNAVAILABLE:
                break
            since = row.t
        return since

    def ready(self, action: Action, t: int) -> bool:
        """Return whether the action would change something."""
        rows = self.of(action.entity_id)
        if not rows:
            return False
        before = self.state_before(action.entity_id, t)
        if before is None:
            return rows[0].state == action.state
        return before != action.state and before not in UNAVAILABLE

    @cached_property
    def _acts(self) -> dict[Action, list[Change]]:
        found: dict[Action, list[Change]] = {}
        for entity_id in self.entities:
            base, mark, _ = entity_id.partition("#")
            domain = base.split(".")[0]
            if domain not in ACTUATOR_DOMAINS or not self.known(base):
                continue
            if mark and setting(entity_id) is None:
                continue
            for row in self._meant(self.of(entity_id)):
                action = Action(entity_id, row.state)
                if service_for(action) and not (mark and self._comes_with(row)):
                    found.setdefault(action, []).append(row)
        return found

    def _comes_with(self, row: Change) -> bool:
        """Return whether a setting only changed with its entity, or not noticeably."""
        base = row.entity_id.split("#")[0]
        rows = self.of(row.entity_id)
        place = next(i for i, other in enumerate(rows) if other is row)
        same = place > 0 and rows[place - 1].state == row.state
        return same or any(abs(of.t - row.t) <= ECHO_MS for of in self.of(base))

    def by_hand(self, row: Change) -> bool:
        """Return whether a person did it whose acts count."""
        return row.origin in HUMAN and row.actor not in self.facts.excluded_users

    def _meant(self, rows: Sequence[Change]) -> Iterator[Change]:
        """Yield acts of people; an act and what takes it back at once are left out."""
        i = 0
        while i < len(rows):
            here = rows[i]
            before = rows[i - 1].state if i else None
            if i + 1 < len(rows) and self.by_hand(here):
                after = rows[i + 1]
                if (
                    after.origin == here.origin
                    and after.t - here.t <= UNDONE_MS
                    and before in {None, after.state}
                ):
                    i += 2
                    continue
            if self.by_hand(here):
                yield here
            i += 1

    @cached_property
    def _edges(self) -> dict[Edge, list[int]]:
        states: dict[str, set[str]] = {}
        for row in self.rows:
            states.setdefault(row.entity_id, set()).add(row.state)
        found: dict[Edge, list[int]] = {}
        for row in self.rows:
            if (
                row.origin != Origin.SYSTEM
                and row.state not in UNAVAILABLE
                and len(states[row.entity_id]) <= MOST_STATES
                and self.known(row.entity_id)
                and not self.measures(row.entity_id)
                and "#" not in row.entity_id
                and row.entity_id not in DERIVED
            ):
                found.setdefault((row.entity_id, row.state), []).append(row.t)
        return dict(sorted(found.items()))

    def measures(self, entity_id: str) -> bool:
        """Return whether its states are numbers: what is known of it, or its name."""
        if entity_id.split(".", maxsplit=1)[0] in TRIGGER_DOMAINS:
            return False
        known = self.facts.entities.get(entity_id)
        return known.is_numeric if known else entity_id.startswith("sensor.")

    @cached_property
    def _days(self) -> list[int]:
        observed = sorted({local(row.t, self.zone) // DAY_MS for row in self.rows})
        acts = [row for rows in self.acts().values() for row in rows]
        lived = {local(row.t, self.zone) // DAY_MS for row in acts}
        if not acts:
            return observed
        days: list[int] = []
        for idle, group in groupby(observed, lambda day: day not in lived):
            stretch = list(group)
            if not idle or len(stretch) < -log(AWAY_P) / (len(acts) / len(lived)):
                days += stretch
        return days


def _grouped(rows: Sequence[Change]) -> Iterator[tuple[str, list[Change]]]:
    """Yield each entity with its changes."""
    for entity_id in sorted({row.entity_id for row in rows}):
        yield entity_id, [row for row in rows if row.entity_id == entity_id]


@dataclass(frozen=True, slots=True)
class Firing:
    """One opportunity of a rule."""

    t: int
    day: int
    hit: bool
    explained: tuple[int, ...]
    """Positions of the acts that it explains."""


def refractory(times: Sequence[int], pause: int) -> list[int]:
    """Return the positions of the instants that fire."""
    fired: list[int] = []
    for i, t in enumerate(times):
        if not fired or t >= times[fired[-1]] + pause:
            fired.append(i)
    return fired


def replay_time(
    home: Home, action: Action, trigger: TimeTrigger, window_s: int
) -> list[Firing]:
    """Return the opportunities of a rule of the clock."""
    acts = [row.t for row in home.acts().get(action, [])]
    window = window_s * 1000
    start, end = home.span()
    fired: list[Firing] = []
    for day in home.days():
        due = instant(day, trigger.minute, home.zone)
        if weekday(day) not in trigger.weekdays:
            continue
        if due - window < start or due + window > end:
            continue
        ready = home.ready(action, due)
        agree = tuple(
            i
            for i, t in enumerate(acts)
            if due - window <= t <= due or (ready and due < t <= due + window)
        )
        near = any(abs(t - due) <= NEAR_MS for t in acts)
        if agree or near or ready:
            fired.append(Firing(due, day, bool(agree), agree))
    return fired


def binomial_tail(hits: int, n: int, p: Fraction) -> Fraction:
    """Return P(X >= hits), in fractions."""
    terms = (comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(max(hits, 0), n + 1))
    return sum(terms, Fraction(0))


def wilson_low(hits: int, n: int, z: float) -> float:
    """Return the least rate that lies z standard errors of itself below hits / n."""
    if n == 0 or hits == 0:
        return 0.0
    low, high = 0.0, hits / n
    for _ in range(200):
        middle = (low + high) / 2
        if (hits / n - middle) ** 2 > z * z * middle * (1 - middle) / n:
            low = middle
        else:
            high = middle
    return low


def benjamini_hochberg(p_values: Sequence[float], tests: int, rate: float) -> set[int]:
    """Return the positions that the step-up procedure keeps."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    passing = [
        rank
        for rank, i in enumerate(order, start=1)
        if p_values[i] <= rate * rank / tests
    ]
    return set(order[: max(passing, default=0)])


def fold_days(days: Sequence[int], folds: int) -> list[list[int]]:
    """Return parts of whole weeks, or of three days in a short history."""
    if not days:
        return []
    length = 7 if days[-1] - days[0] >= 7 * (folds - 1) else 3
    parts: dict[int, list[int]] = {}
    for day in days:
        parts.setdefault((day - days[0]) // length % folds, []).append(day)
    return [parts[part] for part in sorted(parts)]
