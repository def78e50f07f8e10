"""Rows of actuators, as changes of their settings."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from ..mining.attributes import ATTRIBUTES
from ..mining.events import Ints, Mask
from ..mining.facts import domain_of
from ..mining.origin import UNAVAILABLE
from .columns import Codes, Table
from .settings import REST_MS, Parser, runs

MOST: Final = max(map(len, ATTRIBUTES.values()))
"""Settings of an entity."""
DOMAINS: Final = (*ATTRIBUTES,)

type Fetch = Callable[[Collection[int]], Iterable[Sequence[Any]]]
"""Returns id and text of attributes."""


class Settled(NamedTuple):
    """Where changes of a setting begin that are one change."""

    name: int
    """Index into the names of the log."""
    row: int
    """Position of the first change."""
    value: int
    """Code of the value at rest; -1 where that is no news for this window."""
    known: bool
    """Whether anything tells that it was another one before."""


def settled(
    table: Table,
    values: Ints,
    counts: Sequence[int],
    before: Ints,
    span_ms: tuple[int, int],
) -> list[Settled]:
    """Return what changes of settings there are, by setting, then time.

    A change belongs to the window in which it comes to rest; others are returned too,
    as what others may follow from.

    Args:
        table: The rows, from some time before the window.
        values: int64[n, MOST], code of each setting, -1 where there is none.
        counts: How many settings each entity has.
        before: int64[names], codes before the window, -1 where not known: of the
            entities, then of the settings of each of them.
        span_ms: The window, ms UTC.
    """
    found: list[Settled] = []
    name = len(counts)
    bounds = np.searchsorted(table.entity, np.arange(len(counts) + 1)).tolist()
    for entity, count in enumerate(counts):
        low, high = bounds[entity : entity + 2]
        for slot in range(count if high > low else 0):
            logged = known = int(before[name + slot])
            for run in runs(table.t[low:high], values[low:high, slot], known):
                over = span_ms[0] <= run.last_ms + REST_MS < span_ms[1]
                news = over and run.value != logged
                logged = run.value if news else logged
                seen = run.first > 0 or known >= 0 or bool(before[entity] >= 0)
                value = run.value if news else -1
                found.append(Settled(name + slot, low + run.first, value, seen))
        name += count
    return found


def values_of(
    table: Table,
    entities: Sequence[str],
    usable: Mask,
    states: Codes,
    parser: Parser,
    fetch: Fetch,
) -> Ints:
    """Return int64[n, MOST]: the code of each setting, -1 where there is none.

    Only rows that `usable` (bool[n]) selects have any, and none that is unavailable.
    """
    values = np.full((len(table), MOST), -1, np.int64)
    places = {domain: place for place, domain in enumerate(DOMAINS)}
    of_entity = np.array(
        [places.get(domain_of(name), -1) for name in entities], np.int64
    )
    domain = of_entity[table.entity]
    usable = usable & (domain >= 0) & (table.attributes >= 0)
    rows = np.flatnonzero(usable & ~states.among(UNAVAILABLE)[table.state])
    keys = table.attributes[rows] * len(DOMAINS) + domain[rows]
    distinct, place = np.unique(keys, return_inverse=True)
    wanted = [
        (DOMAINS[key % len(DOMAINS)], key // len(DOMAINS)) for key in distinct.tolist()
    ]
    _parse(parser, wanted, fetch)
    codes = np.full((len(wanted), MOST), -1, np.int64)
    for number, key in enumerate(wanted):
        for slot, text in enumerate(parser.of(*key)):
            codes[number, slot] = -1 if text is None else states[text]
    values[rows] = codes[place]
    return values


def _parse(parser: Parser, wanted: Iterable[tuple[str, int]], fetch: Fetch) -> None:
    """Fetch and parse those attributes that were not seen before."""
    domains: dict[int, list[str]] = {}
    for domain, attributes_id in parser.unknown(set(wanted)):
        domains.setdefault(attributes_id, []).append(domain)
    for attributes_id, text in fetch(domains):
        for domain in domains[attributes_id]:
            parser.add(domain, attributes_id, text)
