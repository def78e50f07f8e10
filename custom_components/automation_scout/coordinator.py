"""The state of the integration: the store, the runs, and what entities show.

One run at a time: whoever asks for another one joins it and gets the same answer. All
errors leave here as Home Assistant's own, with a translation.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from .const import (
    DOMAIN,
    EVENT_ANALYSIS_FINISHED,
    ISSUE_RECORDER_MISSING,
    LOGGER,
    NAME,
)
from .lifecycle import DISMISSED, EXPIRED, OPEN
from .mining.watched import Watched
from .news import async_announce
from .options import ScoutOptions
from .parts import Parts, load_parts
from .phases import PhaseFailed, store_error, told
from .refine import Refiner
from .run import FINISHED, Run, Stores
from .schedule import Schedule, nightly_time
from .store.errors import StoreDamaged, StoreError, UnknownSuggestion
from .store.runs import RunRow
from .stores import StoreKeeper
from .suggestion import Suggestion, suggestion_of
from .tidings import watched_of
from .trial import start_trial

if TYPE_CHECKING:
    from .store.archive import ArchiveStats

type ScoutConfigEntry = ConfigEntry[ScoutCoordinator]

_RUNS_LOOKED_AT: Final = 50
"""Runs among which the last finished one is looked for."""


@dataclass(frozen=True, slots=True)
class ScoutData:
    """What entities show."""

    open: tuple[Suggestion, ...] = ()
    """Open suggestions, best first."""
    last_run: RunRow | None = None
    """The last run that finished."""
    watched: Mapping[str, Watched] = field(default_factory=dict)
    """What became of automations until then, by entity id."""


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


class ScoutCoordinator(DataUpdateCoordinator[ScoutData]):
    """Owns the store of a config entry, and everything that runs on it."""

    config_entry: ScoutConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: ScoutConfigEntry, keeper: StoreKeeper
    ) -> None:
        """Take over the open store; `async_close` closes it."""
        super().__init__(hass, LOGGER, config_entry=entry, name=NAME)
        self.options = ScoutOptions.of(entry.options)
        self.analyzing = False
        self._keeper = keeper
        self._verdicts = asyncio.Lock()
        self._task: asyncio.Task[dict[str, Any]] | None = None
        self._parts: Parts | None = None
        self._schedule = Schedule(
            hass,
            nightly_time(self.options.run_at, entry.entry_id),
            self._last_finished,
            self._start_quietly,
        )

    @property
    def _stores(self) -> Stores:
        return self._keeper.stores

    @override
    async def _async_setup(self) -> None:
        await self._async_healed(lambda stores: stores.runs.mark_interrupted())

    @override
    async def _async_update_data(self) -> ScoutData:
        return await self._async_healed(_shown)

    async def _async_healed[T](self, ask: Callable[[Stores], Awaitable[T]]) -> T:
        """Ask the stores; where they are damaged, ask those in their place.

        Raises:
            UpdateFailed: they cannot be read; translated.
        """
        stores = self._stores
        try:
            try:
                return await ask(stores)
            except StoreDamaged:
                if not await self._keeper.replace(stores):
                    raise
                return await ask(self._stores)
        except StoreError as err:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="store_failed",
                translation_placeholders={"error": str(err)},
            ) from err

    @callback
    def async_begin(self) -> None:
        """Start the schedule, and look for the recorder once all has started."""
        self._schedule.async_begin()
        self.config_entry.async_on_unload(
            async_at_started(self.hass, self._async_look_for_recorder)
        )

    async def async_close(self) -> None:
        """End what runs and close the store. May be called again."""
        self._schedule.async_cancel()
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])
        with suppress(StoreError):
            await self._stores.runs.mark_interrupted()
        await self._keeper.close()

    async def async_analyze(self, days: int | None = None) -> dict[str, Any]:
        """Analyse the home, or join the analysis that is under way.

        Args:
            days: local days of history to look at; None for all of it. Whoever joins a
                run gets its answer, whatever it was asked with.

        Raises:
            ServiceValidationError: Home Assistant has not started yet; the recorder is
                only ready after that. Translated.
            HomeAssistantError: the run failed; translated.
        """
        if self.hass.state is not CoreState.running:
            raise ServiceValidationError(
                translation_domain=DOMAIN, translation_key="not_started"
            )
        if self._task is None or self._task.done():
            self._task = self.config_entry.async_create_background_task(
                self.hass, self._async_run(days), f"{DOMAIN} analysis"
            )
        task = self._task
        await asyncio.wait([task])
        if task.cancelled():
            raise HomeAssistantError(
                translation_domain=DOMAIN, translation_key="analysis_cancelled"
            )
        return task.result()

    async def async_list(
        self, statuses: Collection[str] | None = None
    ) -> list[Suggestion]:
        """Return the suggestions with one of these statuses, or all; best first.

        Raises:
            HomeAssistantError: the store cannot be read; translated.
        """
        async with self._translated():
            rows = await self._stores.suggestions.list(statuses)
        return [suggestion_of(row) for row in rows]

    async def async_dismiss(self, suggestion_id: str, reason: str | None) -> Suggestion:
        """Close a suggestion for good.

        Raises:
            ServiceValidationError: there is none with this id; translated.
        """
        return await self._async_decide(suggestion_id, DISMISSED, DISMISSED, reason)

    async def async_restore(self, suggestion_id: str) -> Suggestion:
        """Open a suggestion again, in the place of the weakest if there is no other.

        Raises:
            ServiceValidationError: there is none with this id; translated.
        """
        return await self._async_decide(suggestion_id, OPEN, "restored", None)

    async def async_refine(
        self, suggestion_id: str, changes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Change what a suggestion proposes; return it with its back-test.

        Raises:
            ServiceValidationError: there is none with this id, it is not open, or the
                changes cannot be made; translated.
        """
        parts = await self._async_parts()
        async with self._translated():
            refiner = Refiner(
                self.hass, self.options, parts, self._stores, self._verdicts
            )
            answer = await refiner.refine(suggestion_id, changes)
        await self.async_refresh()
        return answer

    async def async_start_trial(self, suggestion_id: str, days: int) -> Suggestion:
        """Try a suggestion for some days: nothing is made, and a report is promised.

        Raises:
            ServiceValidationError: there is none with this id, or it is not open.
        """
        async with self._translated(), self._verdicts:
            row = await start_trial(self._stores, suggestion_id, days)
        await self.async_refresh()
        return suggestion_of(row)

    async def async_runs(self, limit: int) -> list[RunRow]:
        """Return the last runs, newest first."""
        async with self._translated():
            return await self._stores.runs.list(limit)

    async def async_archive_stats(self) -> ArchiveStats:
        """Return how much history is kept."""
        parts = await self._async_parts()
        async with self._translated():
            return await parts.archive(self._stores.database).stats()

    async def _async_decide(
        self, suggestion_id: str, status: str, verdict: str, reason: str | None
    ) -> Suggestion:
        async with self._translated(), self._verdicts:
            suggestions = self._stores.suggestions
            row = await suggestions.get(suggestion_id)
            if row is None:
                raise UnknownSuggestion(suggestion_id)
            if row.status != status or reason:
                if status == OPEN:
                    await self._async_make_room()
                row = await suggestions.set_status(
                    suggestion_id,
                    status,
                    at=dt_util.utcnow().isoformat(),
                    verdict=verdict,
                    reason=reason,
                )
                if status == DISMISSED:
                    async_announce(
                        self.hass, DISMISSED, suggestion_of(row), reason=reason
                    )
        await self.async_refresh()
        return suggestion_of(row)

    async def _async_make_room(self) -> None:
        rows = await self._stores.suggestions.list([OPEN])
        now = dt_util.utcnow().isoformat()
        await self._stores.suggestions.store_batch(
            replace(row, status=EXPIRED, updated_at=now)
            for row in rows[self.options.max_open - 1 :]
        )

    async def _async_run(self, days: int | None) -> dict[str, Any]:
        self.analyzing = True
        self.async_update_listeners()
        try:
            parts = await self._async_parts()
            run = Run(
                self.hass, self.options, parts, self._stores, self._verdicts, days
            )
            async with self._translated():
                try:
                    row = await run.execute(partial(self._async_publish, run))
                except PhaseFailed as failed:
                    if isinstance(failed.cause, StoreError):
                        raise failed.cause from failed
                    self._report(missing=isinstance(failed.cause, parts.missing))
                    raise told(failed, parts) from failed
        finally:
            self.analyzing = False
            self.async_update_listeners()
        self._report(missing=False)
        return response_of(row)

    async def _async_publish(
        self, run: Run, row: RunRow, opened: Collection[str]
    ) -> None:
        """Show what a run found, and tell the bus."""
        self.async_set_updated_data(replace(await _shown(self._stores), last_run=row))
        shown = {item["id"]: item for item in self.data.open}
        await run.tell(shown, [shown[key] for key in shown if key in opened])
        self.hass.bus.async_fire(EVENT_ANALYSIS_FINISHED, response_of(row))

    async def _async_parts(self) -> Parts:
        if self._parts is None:
            self._parts = await self.hass.async_add_import_executor_job(load_parts)
        return self._parts

    @asynccontextmanager
    async def _translated(self) -> AsyncIterator[None]:
        """Turn errors of the store into translated ones; replace it where damaged."""
        stores = self._stores
        try:
            yield
        except UnknownSuggestion as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="unknown_suggestion",
                translation_placeholders={"suggestion_id": str(err)},
            ) from err
        except StoreDamaged as err:
            if await self._keeper.replace(stores):
                await self.async_refresh()
            raise store_error(err) from err
        except StoreError as err:
            raise store_error(err) from err

    @callback
    def _start_quietly(self) -> None:
        """Start a run that nobody waits for; its failure is in the log and its row."""

        async def run() -> None:
            with suppress(HomeAssistantError):
                await self.async_analyze()

        self.config_entry.async_create_background_task(
            self.hass, run(), f"{DOMAIN} scheduled analysis"
        )

    @callback
    def _async_look_for_recorder(self, _hass: HomeAssistant) -> None:
        self._report(missing="recorder" not in self.hass.config.components)

    def _last_finished(self) -> datetime | None:
        row = self.data.last_run
        return (
            dt_util.parse_datetime(row.finished_at) if row and row.finished_at else None
        )

    @callback
    def _report(self, *, missing: bool) -> None:
        if not missing:
            ir.async_delete_issue(self.hass, DOMAIN, ISSUE_RECORDER_MISSING)
            return
        ir.async_create_issue(
            self.hass,
            DOMAIN,
            ISSUE_RECORDER_MISSING,
            is_fixable=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=ISSUE_RECORDER_MISSING,
        )


async def _shown(stores: Stores) -> ScoutData:
    """Return what entities show of the stores."""
    rows = await stores.suggestions.list([OPEN])
    runs = await stores.runs.list(_RUNS_LOOKED_AT)
    finished = (row for row in runs if row.status == FINISHED)
    watched = await watched_of(stores)
    return ScoutData(tuple(map(suggestion_of, rows)), next(finished, None), watched)
