"""What the rest of Home Assistant is shown: entities, answers and events."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from .asking import month_now
from .lifecycle import OPEN, SNOOZED
from .mining.watched import Watched
from .run import FINISHED
from .store.extent import ArchiveStats, archive_stats
from .store.model_calls import MonthTotals
from .store.runs import RunRow
from .store.stores import Stores
from .store.writes import Writes
from .suggestion import Suggestion, suggestion_of
from .tidings import watched_of
from .words.catalogue import Catalogue, load

_RUNS_LOOKED_AT: Final = 50
"""Runs among which the last finished one is looked for."""


@dataclass(frozen=True, slots=True)
class ScoutData:
    """What entities show."""

    words: Catalogue
    """What is said in the language of the home."""
    open: tuple[Suggestion, ...] = ()
    """Open suggestions, best first."""
    last_run: RunRow | None = None
    """The last run that finished."""
    watched: Mapping[str, Watched] = field(default_factory=dict)
    """What became of automations until then, by entity id."""
    wakes_at: datetime | None = None
    """When the next snooze ends."""
    archive: ArchiveStats = field(default_factory=ArchiveStats)
    """How much history is kept."""
    month: MonthTotals = field(default_factory=MonthTotals)
    """What the calls of a language model came to in the local month."""
    month_began: datetime | None = None
    writes: Writes = field(default_factory=Writes)
    """What the store has written since it was opened."""


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


async def shown(
    hass: HomeAssistant, stores: Stores, last_run: RunRow | None = None
) -> ScoutData:
    """Return what entities show of the stores."""
    rows = await stores.suggestions.list([OPEN, SNOOZED])
    if last_run is None:
        runs = await stores.runs.list(_RUNS_LOOKED_AT)
        last_run = next((row for row in runs if row.status == FINISHED), None)
    now = dt_util.utcnow()
    ends = (dt_util.parse_datetime(row.snoozed_until or "") for row in rows)
    return ScoutData(
        await hass.async_add_executor_job(load, hass.config.language),
        tuple(suggestion_of(row) for row in rows if row.status == OPEN),
        last_run,
        await watched_of(stores),
        min((end for end in ends if end and end > now), default=None),
        await archive_stats(stores.database),
        await stores.model_calls.totals(month_now()),
        dt_util.start_of_local_day().replace(day=1),
        replace(stores.database.writes),
    )


@callback
def async_follow_months(
    hass: HomeAssistant, refresh: Callable[[], Awaitable[None]]
) -> CALLBACK_TYPE:
    """Refresh what is shown as soon as a month begins; return what ends that."""

    async def begin(now: datetime) -> None:
        if now.day == 1:
            await refresh()

    return async_track_time_change(hass, begin, hour=0, minute=0, second=0)
