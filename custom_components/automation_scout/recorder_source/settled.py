"""Rows of actuators, as changes of their settings."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from homeassistant.const import STATE_OFF
import numpy as np

from ..mining.attributes import ATTRIBUTES
from ..mining.events import Ints, Mask
from ..mining.facts import domain_of
from ..mining.origin import UNAVAILABLE
from .columns import Codes, Table
from .settings import REST_MS, UNTOLD, Parser, runs

MOST: Final = max(map(len, ATTRIBUTES.values()))
"""Settings of an entity."""
DOMAINS: Final = (*ATTRIBUTES,)
NO_WORD: Final = -2

type Fetch = Callable[[Collection[int]], Iterable[Sequence[Any]]]
"""Returns id and text of attributes."""
type Asked = Mapping[tuple[int, int], Sequence[tuple[int, int, int]]]
"""Entity and place of the setting to instant (ms UTC), code and number of each call."""


class Settled(NamedTuple):
    """Where changes of a setting begin that are one change."""

    name: int
    """Index into the names of the log."""
    row: int
    """Position of the first change; -1 - n where it is that of the call n."""
    value: int
    """Code of the value at rest; -1 where that is no news for this window."""
    known: bool
    """Whether anything tells that it was another one before."""


def settled(
    table: Table,
    values: Ints,
    counts: Sequence[int],
    asked: Asked,
    before: Ints,
    span_ms: tuple[int, int],
) -> list[Settled]:
    """Return what changes of settings there are, by setting, then time.

    A change belongs to the window in which it comes to rest; others are returned too,
    as what others may follow from.

    Args:
        table: The rows, from some time before the window.
        values: int64[n, MOST], code of each setting, -1 where there is none, `NO_WORD`
            where the row does not say.
        counts: How many settings each entity has.
        asked: What calls asked for.
        before: int64[names], codes before the window, -1 where not known: of the
            entities, then of the settings of each of them.
        span_ms: The window, ms UTC.
    """
    found: list[Settled] = []
    name = len(counts)
    bounds = np.searchsorted(table.entity, np.arange(len(counts) + 1)).tolist()
    for entity, count in enumerate(counts):
        low, high = bounds[entity : entity + 2]
        for slot in range(count):
            logged = known = int(before[name + slot])
            calls = asked.get((entity, slot), ())
            rows = low + np.flatnonzero(values[low:high, slot] > NO_WORD)
            if not len(rows) and not calls:
                continue
            t, value, source = _told(table, values[:, slot], rows, calls)
            for run in runs(t, value, known):
                over = span_ms[0] <= run.last_ms + REST_MS < span_ms[1]
                news = over and run.value != logged
                logged = run.value if news else logged
                row = int(source[run.first])
                seen = row != low or known >= 0 or bool(before[entity] >= 0)
                code = run.value if news else -1
                found.append(Settled(name + slot, row, code, seen))
        name += count
    return found


def _told(
    table: Table, values: Ints, rows: Ints, calls: Sequence[tuple[int, int, int]]
) -> tuple[Ints, Ints, Ints]:
    """Return instants, codes and sources of what rows and calls say, by time."""
    if not calls:
        return table.t[rows], values[rows], rows
    called = np.array(calls, np.int64).T
    t = np.concatenate((called[0], table.t[rows]))
    order = np.argsort(t, kind="stable")
    value = np.concatenate((called[1], values[rows]))
    source = np.concatenate((-1 - called[2], rows))
    return t[order], value[order], source[order]


def values_of(
    table: Table,
    entities: Sequence[str],
    usable: Mask,
    states: Codes,
    parser: Parser,
    fetch: Fetch,
) -> Ints:
    """Return int64[n, MOST]: the code of each setting, -1 where there is none.

    `NO_WORD` where the row does not say. Only rows that `usable` (bool[n]) selects have
    any, and none that is unavailable.
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
            if text == UNTOLD:
                codes[number, slot] = NO_WORD
            else:
                codes[number, slot] = -1 if text is None else states[text]
    values[rows] = codes[place]
    off = rows[states.among({STATE_OFF})[table.state[rows]]]
    values[off] = np.maximum(values[off], -1)
    return values


def _parse(parser: Parser, wanted: Iterable[tuple[str, int]], fetch: Fetch) -> None:
    """Fetch and parse those attributes that were not seen before."""
    domains: dict[int, list[str]] = {}
    for domain, attributes_id in parser.unknown(set(wanted)):
        domains.setdefault(attributes_id, []).append(domain)
    for attributes_id, text in fetch(domains):
        for domain in domains[attributes_id]:
            parser.add(domain, attributes_id, text)
