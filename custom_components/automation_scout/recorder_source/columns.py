"""Rows of the recorder as columns, and what is a change among them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

import numpy as np
from sqlalchemy.orm.session import Session

from ..mining.events import EventLog, Ints, Mask
from ..mining.facts import domain_of
from ..mining.origin import UNAVAILABLE
from ..mining.provenance import MOVING, Cause
from . import statements
from .statements import ACT, REPORT, SET, Columns, Span

type Context = tuple[bytes | None, bytes | None, bytes | None]
"""Context id, user id, parent id, as the recorder keeps them."""


class Codes(dict[str | None, int]):
    """Strings, numbered in the order in which they are first asked for."""

    def __missing__(self, key: str | None) -> int:
        """Give a new string the next number."""
        code = self[key] = len(self)
        return code

    def among(self, names: Iterable[str]) -> Mask:
        """Return bool[len(self)]: whether the string is one of the names."""
        wanted = frozenset(names)
        return np.fromiter(((name or "") in wanted for name in self), np.bool_)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length n, sorted by entity, then time."""

    t: Ints
    """int64[n], ms UTC."""
    entity: Ints
    """int64[n], index into the names of the entities."""
    state: Ints
    """int64[n], code of the state."""
    first: Mask
    """bool[n]: the recorder knows of no state before."""
    contexts: Sequence[Context]
    """Context of each row; empty where it was not asked for."""
    entered: Mask
    """bool[n]: the state changed, and not only an attribute."""
    attributes: Ints
    """int64[n], id of the attributes, -1 where they were not asked for."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.t)

    def last_states(self, mask: Mask) -> dict[int, int]:
        """Return the state of each entity in the last row that the mask selects."""
        rows = np.flatnonzero(mask)
        return dict(
            zip(self.entity[rows].tolist(), self.state[rows].tolist(), strict=True)
        )


def fetch(
    session: Session,
    columns: Columns,
    codes: Mapping[int, int],
    states: Codes,
    span: Span,
) -> Table:
    """Read the changes of a span; `codes` maps metadata id to entity."""
    read = statements.changes(session, columns, codes, span)
    metadata_id, state, seconds, state_id, old_state_id = read[: len(REPORT)]
    ids = np.array(sorted(codes), np.int64)
    places = np.array([codes[id_] for id_ in ids.tolist()], np.int64)
    entity = places[np.searchsorted(ids, np.array(metadata_id, np.int64))]
    moment = np.array(seconds, np.float64)
    order = np.lexsort((np.array(state_id, np.int64), moment, entity))
    contexts = list(zip(*read[len(REPORT) : len(ACT)], strict=True))
    entered, attributes = np.ones(len(order), np.bool_), np.full(len(order), -1)
    if columns is SET:
        ids_read, changed_at = read[len(ACT) :]
        since = np.array(changed_at, np.float64)
        entered = np.isnan(since) | (since == moment)
        attributes = np.array([-1 if id_ is None else id_ for id_ in ids_read], int)
    return Table(
        np.rint(moment[order] * 1e6).astype(np.int64) // 1000,
        entity[order],
        np.array([states[name] for name in state], np.int64)[order],
        np.array([id_ is None for id_ in old_state_id], np.bool_)[order],
        [contexts[row] for row in order.tolist()] if contexts else [],
        entered[order],
        attributes[order],
    )


def joined(one: Table, other: Table) -> Table:
    """Return the rows of both, which have no entity in common."""
    entity = np.concatenate((one.entity, other.entity))
    order = np.argsort(entity, kind="stable")
    contexts = [*chain(one.contexts, other.contexts)]
    return Table(
        np.concatenate((one.t, other.t))[order],
        entity[order],
        np.concatenate((one.state, other.state))[order],
        np.concatenate((one.first, other.first))[order],
        [contexts[row] for row in order.tolist()],
        np.concatenate((one.entered, other.entered))[order],
        np.concatenate((one.attributes, other.attributes))[order],
    )


def moving(table: Table, entities: Sequence[str], states: Codes) -> Mask:
    """Return bool[n]: the entity only passes through the state."""
    found = np.zeros(len(table), np.bool_)
    for domain, names in MOVING.items():
        of_domain = np.fromiter(
            (domain_of(name) == domain for name in entities), np.bool_
        )
        if of_domain.any():
            found |= of_domain[table.entity] & states.among(names)[table.state]
    return found


def changed(
    table: Table, mask: Mask, before: Ints, states: Codes, starting: Mask
) -> tuple[Mask, Mask]:
    """Return bool[n], bool[n]: whether the state differs, whether nobody did it.

    Only the rows that the mask selects are looked at, as if there were no others.
    `before` is int64[entities]: the code of the state before, -1 where not known.
    `starting` is bool[n]: Home Assistant had just been started. The recorder knows of
    no state before then, and neither where it purged the row of an entity that kept
    its state for long; what was known there is `before`.
    """
    rows = np.flatnonzero(mask)
    entity, state = table.entity[rows], table.state[rows]
    previous = np.empty_like(state)
    previous[1:] = state[:-1]
    begins = np.ones(len(rows), np.bool_)
    begins[1:] = entity[1:] != entity[:-1]
    previous[begins] = before[entity[begins]]
    # One more entry answers for -1.
    unavailable = np.append(states.among(UNAVAILABLE), np.False_)
    differs, system = np.zeros((2, len(table)), np.bool_)
    differs[rows] = previous != state
    appeared = table.first[rows] & (starting[rows] | (previous < 0))
    system[rows] = unavailable[state] | unavailable[previous] | appeared
    return differs, system


@dataclass(frozen=True, slots=True)
class Part:
    """k rows that go into a log."""

    t: Ints
    """int64[k], ms UTC."""
    entity: Ints
    """int64[k], index into the names."""
    state: Ints
    """int64[k], code of the state."""
    causes: Sequence[Cause]

    @classmethod
    def of(cls, rows: Sequence[tuple[int, int, int, Cause]]) -> Self:
        """Return the part of rows of time, entity, state, cause."""
        t, entity, state = (
            np.array([row[place] for row in rows], np.int64) for place in range(3)
        )
        return cls(t, entity, state, [row[3] for row in rows])


def build_log(parts: Sequence[Part], names: Sequence[str], states: Codes) -> EventLog:
    """Return a log with vocabularies of its own, in order of time, then entity."""
    t = np.concatenate([part.t for part in parts])
    entity = np.concatenate([part.entity for part in parts])
    state = np.concatenate([part.state for part in parts])
    causes = [cause for part in parts for cause in part.causes]
    origin = np.array([cause.origin for cause in causes], np.int8)
    actors = [cause.actor for cause in causes]
    entity_names, entity = _vocabulary(entity, names)
    state_names, state = _vocabulary(state, [name or "" for name in states])
    actor_names = ("", *sorted(set(actors) - {""}))
    actor_codes = {name: code for code, name in enumerate(actor_names)}
    actor = np.array([actor_codes[name] for name in actors], np.uint16)
    order = np.lexsort((entity, t))
    return EventLog(
        t[order],
        entity[order].astype(np.uint16),
        state[order].astype(np.int32),
        origin[order],
        actor[order],
        entity_names,
        state_names,
        actor_names,
    )


def _vocabulary(codes: Ints, names: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    """Return the names that are used, sorted, and the codes translated to them."""
    used = np.unique(codes).tolist()
    words = sorted({names[code] for code in used})
    places = {word: place for place, word in enumerate(words)}
    translation = np.zeros(len(names), np.int64)
    for code in used:
        translation[code] = places[names[code]]
    return tuple(words), translation[codes]
