"""The state of the integration: the store, the runs, and what entities show.

One run at a time: whoever asks for another one joins it and gets the same answer. All
errors leave here as Home Assistant's own, with a translation.
"""

import asyncio
from collections.abc import Awaitable, Collection
from contextlib import AbstractAsyncContextManager, suppress
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.start import async_at_started
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator, UpdateFailed
from homeassistant.util import dt as dt_util

from .acceptance import Acceptance
from .alarm import Alarm
from .backtest import async_backtest
from .const import DOMAIN, EVENT_ANALYSIS_FINISHED, LOGGER, NAME
from .forgetting import forget, wish_of
from .language import Language
from .lifecycle import ACCEPTED, DISMISSED
from .news import NEW, async_announce
from .options import ScoutOptions
from .own import installed_of
from .parts import Parts, load_parts
from .phases import PhaseFailed, report_recorder, told
from .preview import Previewer
from .refining import Refining
from .run import Run
from .schedule import Schedule, nightly_time
from .shown import ScoutData, async_follow_months, response_of, shown
from .store.errors import StoreError
from .store.extent import ArchiveStats, archive_stats
from .store.runs import RunRow
from .store.stores import Stores
from .stores import ASK_AGAIN, StoreKeeper
from .suggestion import Suggestion, suggestion_of
from .trial import start_trial
from .troubles import look_for_trouble
from .verdicts import Verdicts
from .wording import Wording

if TYPE_CHECKING:
    from .store.suggestions import SuggestionRow

type ScoutConfigEntry = ConfigEntry[ScoutCoordinator]


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
        self.language = Language(hass, entry, self.options.words)
        self.keeper = keeper
        self._verdicts = Verdicts(lambda: self._stores, self.options.max_open)
        self._alarm = Alarm(hass, lambda: self.data.wakes_at, self._wake_quietly)
        self._running = asyncio.Lock()
        self._backtests = asyncio.Lock()
        self.acceptance = Acceptance(
            hass,
            self.options,
            self._async_parts,
            lambda: self._stores,
            self._verdicts.lock,
            self._translated,
            self.async_refresh,
        )
        self.refining = Refining(
            hass,
            self.options,
            self.language,
            self._async_parts,
            lambda: self._stores,
            self._verdicts.lock,
            self._translated,
            self.async_refresh,
        )
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
        return self.keeper.stores

    @override
    async def _async_setup(self) -> None:
        await self.keeper.healed(lambda stores: stores.runs.mark_interrupted())

    @override
    async def _async_update_data(self) -> ScoutData:
        # Nothing is polled, but what cannot be read now is asked for again.
        self.update_interval = ASK_AGAIN
        try:
            data = await self.keeper.healed(partial(shown, self.hass))
        except UpdateFailed:
            if not self.keeper.is_closed:
                raise
            # Nobody is shown anything any more, and nothing went wrong.
            data = self.data
        self.update_interval = None
        return data

    @callback
    def async_begin(self) -> None:
        """Start the schedule, and look for the recorder once all has started."""
        self._schedule.async_begin()
        for end in (
            self.async_add_listener(self._alarm.async_follow),
            async_follow_months(self.hass, self.async_refresh),
            # Before, nobody would hear of what happens: automations begin late.
            async_at_started(self.hass, self._wake_quietly),
            async_at_started(self.hass, self._async_look_for_recorder),
            async_at_started(self.hass, self.acceptance.async_settle),
        ):
            self.config_entry.async_on_unload(end)

    async def async_close(self) -> None:
        """End what runs and close the store. May be called again."""
        self._schedule.async_cancel()
        self._alarm.async_cancel()
        await self.keeper.end_holds()
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])
        await self.refining.async_end()
        with suppress(StoreError):
            await self._stores.runs.mark_interrupted()
        await self.keeper.close()

    async def async_analyze(
        self, days: int | None = None, *, words: bool = True
    ) -> dict[str, Any]:
        """Analyse the home, or join the analysis that is under way.

        Args:
            days: local days of history to look at; None for all of it. Whoever joins a
                run gets its answer, whatever it was asked with.
            words: whether a language model may be asked, where one is chosen.

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
                self.hass, self._async_run(days, words), f"{DOMAIN} analysis"
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
            done = await self._stores.installed.latest()
        return [
            suggestion_of(row, installed_of(self.hass, done.get(row.id)))
            for row in rows
        ]

    async def async_dismiss(self, suggestion_id: str, reason: str | None) -> Suggestion:
        """Put a suggestion and its relatives away (`Verdicts.dismiss`).

        Raises:
            ServiceValidationError: there is none with this id, or it is installed;
                translated.
        """
        put_away = await self._async_decide(
            self._verdicts.dismiss(suggestion_id, reason)
        )
        async_announce(self.hass, DISMISSED, put_away, reason=reason)
        return put_away

    async def async_snooze(self, suggestion_id: str, days: int) -> Suggestion:
        """Put a suggestion away for some days (`Verdicts.snooze`).

        Raises:
            ServiceValidationError: there is none with this id, or it is installed;
                translated.
        """
        return await self._async_decide(self._verdicts.snooze(suggestion_id, days))

    async def async_restore(self, suggestion_id: str) -> Suggestion:
        """Open a suggestion again (`Verdicts.restore`).

        Raises:
            ServiceValidationError: there is none with this id, or it is installed;
                translated.
        """
        return await self._async_decide(self._verdicts.restore(suggestion_id))

    async def async_forget(
        self,
        entity_id: str | None = None,
        user_id: str | None = None,
        before: date | datetime | None = None,
    ) -> dict[str, Any]:
        """Forget a part of the past (`forgetting.forget`), and look at the rest.

        Raises:
            ServiceValidationError: it is not one thing, or nobody knows it; translated.
        """
        wish = wish_of(entity_id, user_id, before)
        parts = await self._async_parts()
        try:
            async with self._translated(), self._running, self._verdicts.lock:
                accepted = await self.async_list([ACCEPTED])
                answer = await forget(self.hass, parts, self._stores, wish, accepted)
        finally:
            await self.async_refresh()
        self._start_quietly()
        return answer

    async def async_start_trial(self, suggestion_id: str, days: int) -> Suggestion:
        """Try a suggestion for some days: nothing is made, and a report is promised.

        Raises:
            ServiceValidationError: there is none with this id, or it is not open.
        """
        async with self._translated(), self._verdicts.lock:
            row = await start_trial(self._stores, suggestion_id, days)
        await self.async_refresh()
        return suggestion_of(row)

    async def async_preview(self, suggestion_id: str) -> dict[str, Any]:
        """Return what a language model would be told of it (`Previewer.text`)."""
        parts = await self._async_parts()
        async with self._translated():
            previewer = Previewer(
                self.hass, self.options, self.language, parts, self._stores
            )
            return await previewer.text(suggestion_id)

    async def async_runs(self, limit: int) -> list[RunRow]:
        """Return the last runs, newest first."""
        async with self._translated():
            return await self._stores.runs.list(limit)

    async def async_answers(self) -> dict[str, int]:
        """Return how often each answer to a suggestion is the last one given."""
        async with self._translated():
            return await self._verdicts.counts()

    async def async_archive_stats(self) -> ArchiveStats:
        """Return how much history is kept."""
        async with self._translated():
            return await archive_stats(self._stores.database)

    async def async_backtest(
        self,
        automation: object,
        days: int | None = None,
        window_s: int | None = None,
    ) -> dict[str, Any]:
        """Return what an automation would have done, one answer at a time.

        Raises:
            HomeAssistantError: it cannot be told; translated.
        """
        parts, scope = await self._async_parts(), self.options.scope
        async with self._backtests, self._translated():
            return await async_backtest(
                self.hass, parts, self._stores, scope, automation, days, window_s
            )

    async def _async_decide(self, decision: Awaitable[SuggestionRow]) -> Suggestion:
        async with self._translated():
            row = await decision
        await self.async_refresh()
        return suggestion_of(row)

    async def _async_run(self, days: int | None, words: bool) -> dict[str, Any]:
        self.analyzing = True
        self.async_update_listeners()
        try:
            parts = await self._async_parts()
            await self.acceptance.async_settle(self.hass)
            run = Run(
                self.hass,
                self.options,
                parts,
                self._stores,
                self._verdicts.lock,
                days,
                Wording(self.hass, self.language, self._stores, words),
            )
            async with self._translated(), self._running:
                try:
                    row = await run.execute(partial(self._async_publish, run))
                except PhaseFailed as failed:
                    if isinstance(failed.cause, StoreError):
                        raise failed.cause from failed
                    report_recorder(
                        self.hass, missing=isinstance(failed.cause, parts.missing)
                    )
                    raise told(failed, parts) from failed
        finally:
            self.analyzing = False
            self.async_update_listeners()
        report_recorder(self.hass, missing=False)
        return response_of(row)

    async def _async_publish(
        self, run: Run, row: RunRow, opened: Collection[str]
    ) -> None:
        """Show what a run found, and tell the bus."""
        data = await shown(self.hass, self._stores, row)
        self.async_set_updated_data(data)
        known = {item["id"]: item for item in data.open}
        await run.tell(known, [known[key] for key in known if key in opened])
        self.hass.bus.async_fire(EVENT_ANALYSIS_FINISHED, response_of(row))
        await look_for_trouble(run)

    async def _async_parts(self) -> Parts:
        if self._parts is None:
            self._parts = await self.hass.async_add_import_executor_job(load_parts)
        return self._parts

    def _translated(self) -> AbstractAsyncContextManager[None]:
        return self.keeper.translated(self.async_refresh)

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
    def _wake_quietly(self, _hass: HomeAssistant | None = None) -> None:
        """Open what was snoozed until now; a failure is mended by the next run."""

        async def wake() -> None:
            with suppress(HomeAssistantError):
                async with self._translated():
                    woken = await self._verdicts.wake()
                await self.async_refresh()
                for suggestion in self.data.open:
                    if suggestion["id"] in woken:
                        async_announce(self.hass, NEW, suggestion)

        self.config_entry.async_create_background_task(
            self.hass, wake(), f"{DOMAIN} end of a snooze"
        )

    @callback
    def _async_look_for_recorder(self, _hass: HomeAssistant) -> None:
        report_recorder(
            self.hass, missing="recorder" not in self.hass.config.components
        )

    def _last_finished(self) -> datetime | None:
        row = self.data.last_run
        return (
            dt_util.parse_datetime(row.finished_at) if row and row.finished_at else None
        )
