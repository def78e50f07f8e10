"""One window of history: read, explained and reduced to a log, in one worker."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Final

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import session_scope
import numpy as np
from sqlalchemy.orm.session import Session

from ..mining.attributes import ATTRIBUTES, settings_of
from ..mining.events import EventLog, Ints, Mask
from ..mining.facts import ACTUATOR_DOMAINS, EntityFacts, HomeFacts, domain_of
from ..mining.provenance import (
    LATE_MS,
    SYSTEM,
    Cause,
    Change,
    Kinship,
    Ledger,
    classify,
)
from ..mining.rules import ATTRIBUTE_MARK
from . import columns, settings, statements
from .columns import Codes, Part, Table
from .evidence import Gatherer, context_key
from .measured import REPORT, Measuring, measured_part
from .settled import Asked, Settled, settled, values_of
from .statements import Span
from .targets import TargetIndex

LEAD_MS: Final = 120_000
"""History before a window that is read again to explain the first changes in it;
a cover takes up to two minutes to come to rest."""
STARTING_MS: Final = 3_600_000
"""What first appears in this time after a start of Home Assistant was there before."""
NEVER: Final = -np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A window as it leaves the worker."""

    log: EventLog
    rows: int
    """Rows read of the entities' states."""
    calls: int
    """Service calls read."""
    last_states: Mapping[str, str]
    """State at the end of the window of what changed in it, by its name in the log."""
    next_ms: int | None = None
    """Oldest change after the window; looked for only where the window is empty."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What a worker needs: the recorder, and the home as plain values."""

    hass: HomeAssistant
    instance: Recorder
    facts: HomeFacts
    targets: TargetIndex
    system_users: frozenset[str]
    own: frozenset[str]
    parser: settings.Parser = field(default_factory=settings.Parser)

    def oldest_ms(self, since_ms: int) -> int | None:
        """Return when the oldest change since an instant was."""
        with session_scope(hass=self.hass, read_only=True) as session:
            return _ms(statements.edge(session, since_ms / 1000))

    def newest_ms(self, before_ms: int) -> int | None:
        """Return when the newest change before an instant was."""
        with session_scope(hass=self.hass, read_only=True) as session:
            return _ms(statements.edge(session, 0, before=before_ms / 1000))

    def read(
        self, start_ms: int, end_ms: int, day_ms: int, last_states: Mapping[str, str]
    ) -> Reading:
        """Return the window [start_ms, end_ms); to be run by the recorder's executor.

        `last_states` holds the states of entities before the window; `day_ms` is the
        beginning of its local day.

        A setting that was still moving when the window before ended is in this one,
        with the time at which it began to move.
        """
        with session_scope(hass=self.hass, read_only=True) as session:
            window = _Window(self, session, start_ms, end_ms, day_ms)
            return window.read(last_states)


class _Window:
    """The work on one window, in one session."""

    def __init__(
        self,
        reader: Reader,
        session: Session,
        start_ms: int,
        end_ms: int,
        day_ms: int,
    ) -> None:
        self._reader = reader
        self._session = session
        self._start_ms = start_ms
        self._end_ms = end_ms
        self._day_ms = day_ms
        self._states = Codes()
        self._calls = 0
        ids = reader.instance.states_meta_manager.get_many(
            reader.facts.entities, session, False
        )
        self._ids = {name: id_ for name, id_ in ids.items() if id_ is not None}
        self._entities = sorted(self._ids)
        self._settings = [settings_of(name) for name in self._entities]
        self._names = [*self._entities, *chain.from_iterable(self._settings)]
        restarts = statements.starts(session, _span(start_ms - STARTING_MS, end_ms))
        self._restarts = np.sort(np.array(restarts, np.float64) * 1000)

    def read(self, last_states: Mapping[str, str]) -> Reading:
        before = self._codes_of(last_states)
        acts = self._acts()
        reports = self._fetch(statements.REPORT, self._start_ms, _is_report)
        measured = self._fetch(statements.REPORT, self._day_ms, _is_measured)
        facts = self._reader.facts
        measuring = Measuring(
            [facts.of(name) for name in self._entities],
            self._states,
            self._start_ms,
            self._day_ms,
        )
        parts = [
            *self._acted(acts, before),
            self._reported(reports, before),
            measured_part(measured, self._starting(measured), before, measuring),
        ]
        log = columns.build_log([part for part, _ in parts], self._names, self._states)
        states = [state or "" for state in self._states]
        last = {
            self._names[entity]: states[state]
            for _, known in parts
            for entity, state in known.items()
        }
        inside = (acts.t >= self._start_ms).sum() + (measured.t >= self._start_ms).sum()
        count = int(inside) + len(reports)
        return Reading(
            log,
            count,
            self._calls,
            last,
            None if count else _ms(statements.edge(self._session, self._end_ms / 1000)),
        )

    def _acted(self, acts: Table, before: Ints) -> list[tuple[Part, Mapping[int, int]]]:
        """Return the changes of actuators and those of their settings."""
        inside = acts.entered & (acts.t >= self._start_ms)
        lead = acts.entered & ~inside
        moving = columns.moving(acts, self._entities, self._states)
        rest = inside & ~moving
        starting = self._starting(acts)
        differs, system = columns.changed(acts, rest, before, self._states, starting)
        _, led = columns.changed(acts, lead & ~moving, before, self._states, starting)
        gatherer = self._gatherer()
        values = values_of(
            acts,
            self._entities,
            ~moving,
            self._states,
            self._reader.parser,
            partial(statements.attributes, self._session),
        )
        begun = settled(
            acts,
            values,
            [len(names) for names in self._settings],
            self._asked(gatherer),
            before,
            (self._start_ms, self._end_ms),
        )
        mask = differs | (moving & acts.entered) | lead
        mask[[change.row for change in begun if change.row >= 0]] = True
        causes = self._explain(acts, mask, system | led, gatherer)
        rows = np.flatnonzero(differs)
        part = Part(
            acts.t[rows],
            acts.entity[rows],
            acts.state[rows],
            [causes[row] for row in rows.tolist()],
        )
        return [
            (part, acts.last_states(rest)),
            self._set(acts, begun, causes, gatherer),
        ]

    def _reported(self, reports: Table, before: Ints) -> tuple[Part, Mapping[int, int]]:
        """Return the changes of what nobody acts on."""
        every = np.ones(len(reports), np.bool_)
        differs, system = columns.changed(
            reports, every, before, self._states, self._starting(reports)
        )
        rows = np.flatnonzero(differs)
        causes = [SYSTEM if nobody else REPORT for nobody in system[rows].tolist()]
        part = Part(reports.t[rows], reports.entity[rows], reports.state[rows], causes)
        return part, reports.last_states(every)

    def _starting(self, table: Table) -> Mask:
        """Return bool[n]: Home Assistant had just been started."""
        place = np.searchsorted(self._restarts, table.t, side="right") - 1
        starting: Mask = table.t - np.append(self._restarts, NEVER)[place] < STARTING_MS
        return starting

    def _acts(self) -> Table:
        """Read the actuators, with attributes where they have settings."""
        start_ms = self._start_ms - LEAD_MS
        return columns.joined(
            self._fetch(statements.ACT, start_ms, _is_plain),
            self._fetch(statements.SET, start_ms, _is_set),
        )

    def _fetch(
        self,
        wanted: statements.Columns,
        start_ms: int,
        is_wanted: Callable[[EntityFacts], bool],
    ) -> Table:
        """Read the entities that are wanted."""
        facts = self._reader.facts.entities
        codes = {
            self._ids[name]: code
            for code, name in enumerate(self._entities)
            if is_wanted(facts[name])
        }
        span = _span(start_ms, self._end_ms)
        return columns.fetch(self._session, wanted, codes, self._states, span)

    def _codes_of(self, last_states: Mapping[str, str]) -> Ints:
        """Return int64[names]: the code of the state, -1 where there is none."""
        return np.array(
            [
                -1 if (state := last_states.get(name)) is None else self._states[state]
                for name in self._names
            ],
            np.int64,
        )

    def _explain(
        self, acts: Table, mask: Mask, system: Mask, gatherer: Gatherer
    ) -> Mapping[int, Cause]:
        """Return the cause of each row that the mask selects, by its position."""
        rows = np.flatnonzero(mask)
        rows = rows[np.argsort(acts.t[rows], kind="stable")]
        contexts = [acts.contexts[row] for row in rows.tolist()]
        asked = {call.context for call in gatherer.settings if call.context[0]}
        gatherer.complete(set(contexts) | asked, self._span)
        states = [state or "" for state in self._states]
        keys = {context: context_key(context) for context in set(contexts)}
        changes = zip(
            acts.t[rows].tolist(),
            [self._entities[entity] for entity in acts.entity[rows].tolist()],
            [states[state] for state in acts.state[rows].tolist()],
            [keys[context] for context in contexts],
            system[rows].tolist(),
            (~acts.entered[rows]).tolist(),
            strict=True,
        )
        causes = classify(map(Change._make, changes), gatherer.ledger)
        return dict(zip(rows.tolist(), causes, strict=True))

    @property
    def _span(self) -> Span:
        """Where what explains the changes of actuators is looked for."""
        return _span(self._start_ms - LEAD_MS - LATE_MS, self._end_ms)

    def _gatherer(self) -> Gatherer:
        """Read what there was besides states."""
        reader = self._reader
        entities = {name: reader.facts.entities[name] for name in self._entities}
        ledger = Ledger(Kinship(entities), reader.system_users, reader.own)
        gatherer = Gatherer(self._session, reader.instance, reader.targets, ledger)
        gatherer.open(self._span)
        self._calls = gatherer.calls
        return gatherer

    def _asked(self, gatherer: Gatherer) -> Asked:
        """Return what calls set; members are set with their groups."""
        members = gatherer.ledger.kinship.members
        places = {
            name: place
            for place, name in enumerate(self._entities)
            if domain_of(name) == "light"
        }
        asked: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
        for number, call in enumerate(gatherer.settings):
            groups = (members.get(name, ()) for name in call.named)
            for name in call.named.union(*groups) & places.keys():
                for slot, text in enumerate(call.texts):
                    if text:
                        told = call.t_ms, self._states[text], number
                        asked.setdefault((places[name], slot), []).append(told)
        return asked

    def _set(
        self,
        acts: Table,
        begun: Iterable[Settled],
        causes: Mapping[int, Cause],
        gatherer: Gatherer,
    ) -> tuple[Part, Mapping[int, int]]:
        """Return the changes of settings that came to rest in the window."""
        found: list[tuple[int, int, int, Cause]] = []
        for change in begun:
            if change.value < 0:
                continue
            if change.row < 0:
                call = gatherer.settings[-1 - change.row]
                base = self._names[change.name].partition(ATTRIBUTE_MARK)[0]
                t_ms, cause = call.t_ms, gatherer.ledger.act(call.key, base)
            else:
                t_ms, cause = int(acts.t[change.row]), causes[change.row]
            cause = cause if change.known else SYSTEM
            found.append((t_ms, change.name, change.value, cause))
        return Part.of(found), {name: value for _, name, value, _ in found}


def _is_set(entity: EntityFacts) -> bool:
    return entity.domain in ATTRIBUTES


def _is_plain(entity: EntityFacts) -> bool:
    return entity.domain in ACTUATOR_DOMAINS and entity.domain not in ATTRIBUTES


def _is_measured(entity: EntityFacts) -> bool:
    return entity.is_numeric


def _is_report(entity: EntityFacts) -> bool:
    return entity.domain not in ACTUATOR_DOMAINS and not entity.is_numeric


def _span(start_ms: int, end_ms: int) -> Span:
    return start_ms / 1000, end_ms / 1000


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds * 1000)
