"""Which suggestions are open after a run: a pure function of what is known.

A person's verdict is final: what was dismissed is left alone. An open suggestion keeps
its place as long as it is proven, and for `GRACE` after it was proven last; new ones
take the places that are free, best first. What finds no place waits: it is not open,
and it is offered again as soon as there is room.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from .mining.result import Proven
from .mining.rules import Kind

OPEN: Final = "open"
DISMISSED: Final = "dismissed"
EXPIRED: Final = "expired"
SNOOZED: Final = "snoozed"
STATUSES: Final = (
    OPEN,
    SNOOZED,
    DISMISSED,
    "accepted",
    EXPIRED,
    "superseded",
)
"""Every status of the public contract."""

ALONE: Final = (Kind.OPPORTUNITY, Kind.TIDY)
"""Kinds of which one is open at most: they rest on no habit, and can wait."""

GRACE: Final = timedelta(days=14)
"""Two weeks: a habit with one day a week is seen twice in it."""
ABSENCE: Final = timedelta(days=3)
"""An integration that does not load is repaired within days; what was removed is not
missed for longer."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the store says about a suggestion."""

    status: str
    score: float
    last_supported: datetime | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run makes of the suggestions."""

    show: tuple[tuple[str, Proven], ...]
    """Proven and open, with their ids, best first."""
    opened: frozenset[str]
    """Those of `show` that were not open before."""
    rest: tuple[str, ...]
    """Open still, though not proven at present."""
    expire: tuple[str, ...]
    eligible: int
    """Proven rules that no person has ruled out."""


def plan(
    known: Mapping[str, Known],
    proven: Sequence[tuple[str, Proven]],
    vanished: Collection[str],
    now: datetime,
    max_open: int,
    *,
    absent: Collection[str] = (),
) -> Plan:
    """Decide what is open.

    Args:
        known: every suggestion of the store, by id.
        proven: rules with their ids, best first, each id once.
        vanished: ids of known suggestions that are moot: somebody excluded their
            entities, or an automation does it by now.
        now: the time of the run.
        max_open: number of suggestions that may be open at once.
        absent: ids of known suggestions some of whose entities are not there now.
    """
    eligible = [
        item
        for item in proven
        if item[0] not in known or known[item[0]].status in {OPEN, EXPIRED}
    ]
    was_open = {key for key, value in known.items() if value.status == OPEN}
    eligible = _alone(eligible, was_open)
    supported = {suggestion_id for suggestion_id, _ in eligible}
    resting = sorted(
        (
            key
            for key in was_open - supported - set(vanished)
            if _in_grace(known[key], now, ABSENCE if key in absent else GRACE)
        ),
        key=lambda key: (-known[key].score, key),
    )
    kept = [item for item in eligible if item[0] in was_open][:max_open]
    rest = resting[: max_open - len(kept)]
    room = max_open - len(kept) - len(rest)
    fresh = [item for item in eligible if item[0] not in was_open][:room]
    placed = {suggestion_id for suggestion_id, _ in (*kept, *fresh)}
    return Plan(
        show=tuple(item for item in eligible if item[0] in placed),
        opened=frozenset(suggestion_id for suggestion_id, _ in fresh),
        rest=tuple(rest),
        expire=tuple(sorted(was_open - placed - set(rest))),
        eligible=len(eligible),
    )


def _alone(
    eligible: Sequence[tuple[str, Proven]], was_open: Collection[str]
) -> list[tuple[str, Proven]]:
    """Return the rules with one of each of `ALONE`: the open one, else the best."""
    chosen = {
        kind: min(of_kind, key=lambda item: item[0] not in was_open)[0]
        for kind in ALONE
        if (of_kind := [item for item in eligible if item[1].rule.special is kind])
    }
    return [
        item
        for item in eligible
        if item[1].rule.special not in chosen or chosen[item[1].rule.special] == item[0]
    ]


def _in_grace(known: Known, now: datetime, grace: timedelta) -> bool:
    return known.last_supported is not None and now - known.last_supported <= grace
