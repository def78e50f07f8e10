"""One window of history: read, explained and reduced to a log, in one worker."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import session_scope
import numpy as np
from sqlalchemy.orm.session import Session

from ..mining.events import EventLog, Ints, Mask
from ..mining.facts import ACTUATOR_DOMAINS, HomeFacts, domain_of
from ..mining.origin import Origin
from ..mining.provenance import LATE_MS, Cause, Change, Kinship, Ledger, classify
from . import columns, statements
from .columns import Codes, Part, Table
from .evidence import Gatherer, context_key
from .targets import TargetIndex

LEAD_MS: Final = 120_000
"""History before a window that is read again to explain the first changes in it;
a cover takes up to two minutes to come to rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A window as it leaves the worker."""

    log: EventLog
    rows: int
    """Rows read of the entities' states."""
    calls: int
    """Service calls read."""
    last_states: Mapping[str, str]
    """State at the end of the window, of each entity that changed in it."""
    next_ms: int | None = None
    """Oldest change after the window; looked for only where the window is empty."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What a worker needs: the recorder, and the home as plain values."""

    hass: HomeAssistant
    instance: Recorder
    facts: HomeFacts
    targets: TargetIndex
    machine_users: frozenset[str]
    own: frozenset[str]

    def oldest_ms(self, since_ms: int) -> int | None:
        """Return when the oldest change since an instant was."""
        with session_scope(hass=self.hass, read_only=True) as session:
            return _ms(statements.edge(session, since_ms / 1000))

    def newest_ms(self, before_ms: int) -> int | None:
        """Return when the newest change before an instant was."""
        with session_scope(hass=self.hass, read_only=True) as session:
            return _ms(statements.edge(session, 0, before=before_ms / 1000))

    def read(
        self, start_ms: int, end_ms: int, last_states: Mapping[str, str]
    ) -> Reading:
        """Return the window [start_ms, end_ms); to be run by the recorder's executor.

        `last_states` holds the states of entities before the window.
        """
        with session_scope(hass=self.hass, read_only=True) as session:
            return _Window(self, session, start_ms, end_ms).read(last_states)


class _Window:
    """The work on one window, in one session."""

    def __init__(
        self, reader: Reader, session: Session, start_ms: int, end_ms: int
    ) -> None:
        self._reader = reader
        self._session = session
        self._start_ms = start_ms
        self._end_ms = end_ms
        self._states = Codes()
        ids = reader.instance.states_meta_manager.get_many(
            reader.facts.entities, session, False
        )
        self._ids = {name: id_ for name, id_ in ids.items() if id_ is not None}
        self._names = sorted(self._ids)

    def read(self, last_states: Mapping[str, str]) -> Reading:
        acts = self._fetch(statements.ACT, self._start_ms - LEAD_MS)
        reports = self._fetch(statements.REPORT, self._start_ms)
        before = self._codes_of(last_states)
        inside = acts.t >= self._start_ms
        moving = columns.moving(acts, self._names, self._states)
        rest = inside & ~moving
        every = np.ones(len(reports), np.bool_)
        differs, system = columns.changed(acts, rest, before, self._states)
        gatherer = self._gather(acts)
        rows, causes = self._explain(
            acts, differs | moving | ~inside, system, gatherer.ledger
        )
        kept = np.flatnonzero(differs[rows]).tolist()
        actors = [causes[place].actor for place in kept]
        origins = np.array([causes[place].origin for place in kept], np.int64)
        acted = Part(acts, rows[kept], origins, actors)
        log = columns.build_log(
            (acted, self._reported(reports, every, before)), self._names, self._states
        )
        last = acts.last_states(rest) | reports.last_states(every)
        states = [state or "" for state in self._states]
        count = int(inside.sum()) + len(reports)
        return Reading(
            log,
            count,
            gatherer.calls,
            {self._names[entity]: states[state] for entity, state in last.items()},
            None if count else _ms(statements.edge(self._session, self._end_ms / 1000)),
        )

    def _reported(self, reports: Table, every: Mask, before: Ints) -> Part:
        """Return the changes of what nobody acts on."""
        differs, system = columns.changed(reports, every, before, self._states)
        rows = np.flatnonzero(differs)
        origins = np.where(system[rows], int(Origin.SYSTEM), int(Origin.REPORT))
        return Part(reports, rows, origins, [""] * len(rows))

    def _fetch(self, wanted: statements.Columns, start_ms: int) -> Table:
        """Read the actuators where contexts are wanted, the others where not."""
        actuators = wanted is statements.ACT
        codes = {
            self._ids[name]: code
            for code, name in enumerate(self._names)
            if (domain_of(name) in ACTUATOR_DOMAINS) is actuators
        }
        span = (start_ms / 1000, self._end_ms / 1000)
        return columns.fetch(self._session, wanted, codes, self._states, span)

    def _codes_of(self, last_states: Mapping[str, str]) -> Ints:
        """Return int64[entities]: the code of the state, -1 where there is none."""
        return np.array(
            [
                -1 if (state := last_states.get(name)) is None else self._states[state]
                for name in self._names
            ],
            np.int64,
        )

    def _gather(self, acts: Table) -> Gatherer:
        """Read what explains the changes of actuators."""
        reader = self._reader
        entities = {name: reader.facts.entities[name] for name in self._names}
        ledger = Ledger(Kinship(entities), reader.machine_users, reader.own)
        gatherer = Gatherer(self._session, reader.instance, reader.targets, ledger)
        start_ms = self._start_ms - LEAD_MS - LATE_MS
        span = (start_ms / 1000, self._end_ms / 1000)
        gatherer.open(span)
        gatherer.complete(set(acts.contexts), span)
        return gatherer

    def _explain(
        self, acts: Table, mask: Mask, system: Mask, ledger: Ledger
    ) -> tuple[Ints, list[Cause]]:
        """Return the rows that the mask selects, in order of time, and their causes."""
        rows = np.flatnonzero(mask)
        rows = rows[np.argsort(acts.t[rows], kind="stable")]
        states = [state or "" for state in self._states]
        keys = {context: context_key(context) for context in set(acts.contexts)}
        changes = zip(
            acts.t[rows].tolist(),
            [self._names[entity] for entity in acts.entity[rows].tolist()],
            [states[state] for state in acts.state[rows].tolist()],
            [keys[acts.contexts[row]] for row in rows.tolist()],
            system[rows].tolist(),
            strict=True,
        )
        return rows, classify(map(Change._make, changes), ledger)


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * 1000)
