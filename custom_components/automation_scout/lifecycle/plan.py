"""Which suggestions are open after a run, and when a snooze ends.

An open suggestion keeps its place as long as it is proven, and for `GRACE` after it was
proven last or somebody restored it. New ones take the places that are free, best first;
what finds none waits: it is not open, and is offered again as soon as there is room.
What was snoozed comes before all others when its time is over. Where it is not proven
then, it waits until it is, for as long as it was proven within `SUPPORT`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..mining.result import FunnelStep, Proven
from ..mining.rules import Kind
from .memory import Home, Known, Sifted, sift
from .statuses import ACCEPTED, DISMISSED, OPEN, SNOOZED

ALONE: Final = (Kind.OPPORTUNITY, Kind.TIDY)
"""Kinds of which one is open at most: they rest on no habit, and can wait."""

GRACE: Final = timedelta(days=14)
"""Two weeks: a habit with one day a week is seen twice in it."""
SUPPORT: Final = timedelta(days=60)
"""Two months without support: what waits for it until then waits for nothing."""
ABSENCE: Final = timedelta(days=3)
"""An integration that does not load is repaired within days; what was removed is not
missed for longer."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run makes of the suggestions."""

    show: tuple[tuple[str, Proven], ...]
    """Proven and open, with their ids, best first."""
    opened: frozenset[str]
    """Those that were not open before."""
    rest: tuple[str, ...]
    """Open, though not proven at present."""
    refresh: tuple[tuple[str, Proven], ...]
    """Proven and still snoozed: to be brought up to date."""
    released: frozenset[str]
    """Those of `opened`, and of `expire`, whose answer has run out."""
    expire: tuple[str, ...]
    supersede: tuple[str, ...]
    funnel: tuple[FunnelStep, ...]
    """`verdict`, `snooze`, `relatives`, `attention`."""


def plan(
    known: Mapping[str, Known],
    proven: Sequence[tuple[str, Proven]],
    vanished: Collection[str],
    now: datetime,
    max_open: int,
    home: Home,
    *,
    absent: Collection[str] = (),
    absorbed: Mapping[str, str] | None = None,
) -> Plan:
    """Decide what is open.

    Args:
        known: every suggestion of the store, by id.
        proven: rules with their ids, best first, each id once.
        vanished: ids of known suggestions that are moot: somebody excluded their
            entities, or an automation does it by now.
        now: the time of the run.
        max_open: number of suggestions that may be open at once.
        home: what people's answers are held against.
        absent: ids of known suggestions some of whose entities are not there now.
        absorbed: id of a known suggestion to the id of the proven one that does what
            it would; where that is open or accepted, it takes the other's place.
    """
    sifted = sift(known, proven, home, now)
    was_open = {key for key, value in known.items() if value.status == OPEN}
    due = {key for key, value in known.items() if value.is_due(now)}
    better = _better(absorbed or {}, known, sifted)
    places = was_open | due | {better[key] for key in was_open & better.keys()}
    eligible = _alone(sifted.free, places)
    supported = {suggestion_id for suggestion_id, _ in eligible}
    moot = {*vanished, *better, *sifted.barred}
    resting = sorted(
        (
            key
            for key in (was_open | due) - supported - moot
            if _is_within(known[key], now, ABSENCE if key in absent else GRACE)
        ),
        key=lambda key: (-known[key].score, key),
    )
    standing = [*(key for key, _ in eligible if key in places), *resting]
    # The sort is stable: what is proven stays before what is not.
    kept = sorted(standing, key=lambda key: key not in due)[:max_open]
    fresh = [key for key, _ in eligible if key not in places]
    placed = {*kept, *fresh[: max_open - len(kept)]}
    shown = placed & supported
    replaced = (was_open - placed) & better.keys()
    over = {
        key
        for key in due - placed - supported
        if key in moot or not _is_within(known[key], now, SUPPORT)
    }
    answered = {
        key
        for key in placed | over
        if key in known and known[key].status in {DISMISSED, SNOOZED}
    }
    return Plan(
        show=tuple(item for item in eligible if item[0] in shown),
        opened=frozenset(placed - was_open),
        rest=tuple(key for key in resting if key in placed),
        refresh=tuple(
            item
            for item in proven
            if item[0] not in placed
            and item[0] in known
            and known[item[0]].status == SNOOZED
        ),
        released=frozenset(answered),
        expire=tuple(sorted((was_open - placed - replaced) | over)),
        supersede=tuple(sorted(replaced)),
        funnel=(
            *sifted.steps,
            FunnelStep("attention", len(sifted.free), len(shown)),
        ),
    )


def _better(
    absorbed: Mapping[str, str], known: Mapping[str, Known], sifted: Sifted
) -> dict[str, str]:
    """Return what is absorbed by something that is, or may be, shown."""
    free = {key for key, _ in sifted.free}
    accepted = {key for key, value in known.items() if value.status == ACCEPTED}
    return {old: new for old, new in absorbed.items() if new in free | accepted}


def wake(
    known: Mapping[str, Known], now: datetime, max_open: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which suggestions open as their snooze is over, and which make room.

    What has not been proven within `GRACE` waits for a run that proves it.
    """
    woken = sorted(
        (
            key
            for key, value in known.items()
            if value.is_due(now) and _is_within(value, now, GRACE)
        ),
        key=lambda key: (-known[key].score, key),
    )[:max_open]
    return tuple(woken), displaced(known, max_open - len(woken))


def displaced(known: Mapping[str, Known], places: int) -> tuple[str, ...]:
    """Return the weakest open suggestions, so that so many are left."""
    ranked = sorted(
        (key for key, value in known.items() if value.status == OPEN),
        key=lambda key: (-known[key].score, key),
    )
    return tuple(ranked[places:])


def _alone(
    eligible: Sequence[tuple[str, Proven]], places: Collection[str]
) -> list[tuple[str, Proven]]:
    """Return the rules with one of each of `ALONE`: in its place, else the best."""
    chosen = {
        kind: min(of_kind, key=lambda item: item[0] not in places)[0]
        for kind in ALONE
        if (of_kind := [item for item in eligible if item[1].rule.special is kind])
    }
    return [
        item
        for item in eligible
        if item[1].rule.special not in chosen or chosen[item[1].rule.special] == item[0]
    ]


def _is_within(known: Known, now: datetime, span: timedelta) -> bool:
    """Return whether it was proven, or opened by somebody, so recently."""
    since = [known.last_supported, known.decided_at if known.status == OPEN else None]
    return any(at is not None and now - at <= span for at in since)
