"""What the rest of Home Assistant is shown: entities, answers and events."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from homeassistant.util import dt as dt_util

from .lifecycle import OPEN, SNOOZED
from .run import FINISHED, Stores
from .store.runs import RunRow
from .suggestion import Suggestion, suggestion_of

_RUNS_LOOKED_AT: Final = 50
"""Runs among which the last finished one is looked for."""


@dataclass(frozen=True, slots=True)
class ScoutData:
    """What entities show."""

    open: tuple[Suggestion, ...] = ()
    """Open suggestions, best first."""
    last_run: RunRow | None = None
    """The last run that finished."""
    wakes_at: datetime | None = None
    """When the next snooze ends."""


def response_of(row: RunRow) -> dict[str, Any]:
    """Return the counters of a run as the action and the bus event have them."""
    return {
        "run_id": row.run_id,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
        **row.counters,
        "funnel": row.funnel,
        "errors": row.errors,
    }


async def shown(stores: Stores, last_run: RunRow | None = None) -> ScoutData:
    """Return what entities show of the stores."""
    rows = await stores.suggestions.list([OPEN, SNOOZED])
    if last_run is None:
        runs = await stores.runs.list(_RUNS_LOOKED_AT)
        last_run = next((row for row in runs if row.status == FINISHED), None)
    now = dt_util.utcnow()
    ends = (dt_util.parse_datetime(row.snoozed_until or "") for row in rows)
    return ScoutData(
        tuple(suggestion_of(row) for row in rows if row.status == OPEN),
        last_run,
        min((end for end in ends if end and end > now), default=None),
    )


def news_of(suggestion: Suggestion) -> dict[str, Any]:
    """Return what the bus is told of a suggestion: enough for a notification."""
    return {
        key: suggestion[key]
        for key in (
            "id",
            "kind",
            "title",
            "description",
            "rationale",
            "category",
            "priority",
            "confidence",
            "entities",
            "areas",
        )
    }
