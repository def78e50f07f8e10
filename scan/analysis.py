"""One analysis of a folder: a home made of its files, and the integration's own run."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
import tempfile
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from sqlalchemy.exc import DatabaseError

from custom_components.automation_scout.const import DATABASE_NAME, DOMAIN
from custom_components.automation_scout.lifecycle import OPEN
from custom_components.automation_scout.mining.events import EventLog
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.localtime import DAY_MS
from custom_components.automation_scout.mining.result import MiningResult
from custom_components.automation_scout.mining.settings import Sensitivity
from custom_components.automation_scout.options import ScoutOptions
from custom_components.automation_scout.parts import Parts, Windows, load_parts
from custom_components.automation_scout.phases import PhaseFailed
from custom_components.automation_scout.recorder_source import Window
from custom_components.automation_scout.run import Run
from custom_components.automation_scout.shown import response_of
from custom_components.automation_scout.store.database import Database
from custom_components.automation_scout.store.stores import Stores
from custom_components.automation_scout.suggestion import Suggestion, suggestion_of
from custom_components.automation_scout.words.catalogue import Catalogue

from . import automations, configuration, database, home, last_states, storage
from .errors import BadInput
from .progress import Progress

COPY: Final = "recorder.db"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person asks for; None is as the folder has it, or the default."""

    days: int | None = None
    """Local days of history to look at, counted from the end of the history."""
    sensitivity: Sensitivity | None = None
    max_open: int | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What an analysis found, and what it rests on."""

    counters: Mapping[str, Any]
    """The answer of the action `analyze`."""
    suggestions: tuple[Suggestion, ...]
    """Open ones, best first."""
    result: MiningResult
    facts: HomeFacts
    catalogue: Catalogue
    days: float
    """From the first to the last change that was mined."""
    until: datetime | None
    """The newest change of the history; None where there is none."""
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Witness:
    """Steps of a run that are looked at while they are done."""

    parts: Parts
    progress: Progress
    end_s: float
    """Newest change of the history, seconds since the epoch."""
    facts: HomeFacts | None = None
    result: MiningResult | None = None
    days: float = 0.0
    _since_s: float | None = field(default=None)

    def watched(self) -> Parts:
        """Return the parts with an eye on them."""
        return replace(self.parts, mine=self._mine, windows=self._windows)

    def _mine(self, *args: Any, **more: Any) -> MiningResult:  # noqa: ANN401
        """Keep what the miner is given and what it answers."""
        self.facts = next(value for value in args if isinstance(value, HomeFacts))
        log = next(value for value in args if isinstance(value, EventLog))
        if len(log):
            self.days = (int(log.t[-1]) - int(log.t[0])) / DAY_MS
        self.progress.share(1.0, "mining")
        self.result = self.parts.mine(*args, **more)
        return self.result

    @property
    def _windows(self) -> Windows:
        async def watched(*args: Any) -> AsyncIterator[Window]:  # noqa: ANN401
            async for window in self.parts.windows(*args):
                self._tell(window.until_ms / 1000)
                yield window

        return watched

    def _tell(self, until_s: float) -> None:
        if self._since_s is None:
            self._since_s = until_s
        whole = self.end_s - self._since_s
        share = (until_s - self._since_s) / whole if whole > 0 else 1.0
        day = dt_util.as_local(dt_util.utc_from_timestamp(min(until_s, self.end_s)))
        self.progress.share(share, day.date().isoformat())


async def analyse(folder: Path, wishes: Wishes, progress: Progress) -> Findings:
    """Analyse a configuration folder. The folder is only read.

    Raises:
        BadInput: It cannot be analysed.
    """
    if not await asyncio.to_thread(folder.is_dir):
        raise BadInput(f"There is no folder {folder}.")
    written = await asyncio.to_thread(configuration.read, folder)
    source = await asyncio.to_thread(database.find, folder, written.db_url)
    with tempfile.TemporaryDirectory(prefix="automation-scout-scan-") as name:
        place = Path(name)
        copy = place / COPY
        with progress.step(f"Copying {source.name}"):
            await asyncio.to_thread(database.copy, source, copy, progress)
        await asyncio.to_thread(database.check, copy)
        ends = await asyncio.to_thread(last_states.ends, copy)
        missing = await asyncio.to_thread(storage.copy, folder, place)
        warnings = [*written.warnings, *_missing(missing, written)]
        try:
            async with home.bare(place, written.core, warnings) as hass:
                if wishes.language:
                    hass.config.language = wishes.language
                with progress.step("Opening the copy"):
                    await home.start_recorder(hass, copy)
                    recorded = await last_states.seed(
                        hass, folder, written, ends.started_s
                    )
                    automations.place(hass, written, recorded)
                options = _options(folder, wishes)
                with progress.step("Looking for habits"):
                    findings = await _run(hass, options, wishes.days, ends, progress)
        except DatabaseError as err:
            raise database.damaged(str(err.orig)) from err
    return replace(findings, warnings=tuple(warnings))


def _missing(names: list[str], written: configuration.Configuration) -> list[str]:
    """Return what a person has to know of files that are not there."""
    told = {
        "core.entity_registry": "entities come from the database alone, and what was "
        "done at a device itself cannot be told",
        "core.area_registry": "areas are unknown",
        "auth": "users are unknown, and one that is a machine counts as a person",
    }
    if "time_zone" not in written.core:
        told["core.config"] = "the time zone is unknown and taken to be UTC"
    return [
        f"{storage.FOLDER}/{name} is missing: {text}"
        for name, text in told.items()
        if name in names
    ]


def _options(folder: Path, wishes: Wishes) -> ScoutOptions:
    """Return the options of the integration in the folder, with the wishes on top."""
    known = next((found for _, found in storage.entry_options(folder, DOMAIN)), {})
    try:
        options = ScoutOptions.of(known)
    except AttributeError, TypeError, ValueError:
        options = ScoutOptions()
    return replace(
        options,
        sensitivity=wishes.sensitivity or options.sensitivity,
        max_open=wishes.max_open or options.max_open,
    )


async def _run(
    hass: HomeAssistant,
    options: ScoutOptions,
    days: int | None,
    ends: last_states.Ends,
    progress: Progress,
) -> Findings:
    """Do what the integration does when it is asked to analyse."""
    parts = await hass.async_add_import_executor_job(load_parts)
    witness = _Witness(parts, progress, ends.newest_s)
    until = dt_util.utc_from_timestamp(ends.newest_s) if ends.newest_s else None
    # A run counts days from today, and the copy of a folder may be old.
    age = (
        max(0, (dt_util.now().date() - dt_util.as_local(until).date()).days)
        if (until)
        else 0
    )
    options = replace(options, retention_days=options.retention_days + age)
    store = await Database.open(Path(hass.config.path(DATABASE_NAME)))
    try:
        stores = Stores.of(store)
        run = Run(
            hass,
            options,
            witness.watched(),
            stores,
            asyncio.Lock(),
            days + age if days else None,
        )
        try:
            row = await run.execute(_to_nobody)
        except PhaseFailed as failed:
            if isinstance(failed.cause, DatabaseError):
                raise failed.cause from failed
            raise
        found = await stores.suggestions.list([OPEN])
    finally:
        await store.close()
    if witness.result is None or witness.facts is None:
        raise RuntimeError("the run has mined nothing")
    return Findings(
        response_of(row),
        tuple(suggestion_of(row) for row in found),
        witness.result,
        witness.facts,
        await hass.async_add_executor_job(parts.catalogue, hass.config.language),
        witness.days,
        until,
    )


async def _to_nobody(*_: object) -> None:
    """Take the outcome of a run, which nobody waits for."""
