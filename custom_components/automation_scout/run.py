"""One analysis, phase by phase.

facts, ingest, prune, load, mine, watch, decisions, review, identity, text, store: each
needs those before it, but nothing needs `prune` and `watch`, and without `review` what
people decided stays as it is; a single suggestion that fails in `text` or `store` is
left out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.ulid import ulid_now

from .const import LOGGER
from .hindsight import (
    absorbed,
    feedback_from,
    funnel_of,
    installed_rules,
    is_there,
    known_of,
    misses_of,
    moot_of,
    rules_of,
    steps_to_dicts,
)
from .ingest import Ingest
from .lifecycle import (
    ACCEPTED,
    DISMISSED,
    EXPIRED,
    OPEN,
    SUPERSEDED,
    Home,
    Plan,
    places_of,
    plan,
)
from .mining.facts import HomeFacts
from .mining.result import Machine, MiningResult
from .mining.standing import Review
from .options import ScoutOptions
from .own import async_count, async_own_automations, async_set_up
from .parts import Parts
from .phases import PhaseFailed, Phases
from .standing import Standing, settle_trials, standing_of, with_trial
from .store.errors import StoreError
from .store.runs import RunRow
from .store.stores import Stores
from .store.suggestions import SuggestionRow
from .suggestion import Suggestion, payload_of, row_of
from .tidings import Tidings
from .words.catalogue import Catalogue

if TYPE_CHECKING:
    from .mining.events import EventLog

type Publish = Callable[[RunRow, Collection[str]], Awaitable[None]]
"""Shows the row of a run and the ids of the suggestions that it opened."""

FINISHED: Final = "finished"

_EPOCH: Final = date(1970, 1, 1)


@dataclass(slots=True)
class Run:
    """One run; `execute` may be called once."""

    hass: HomeAssistant
    options: ScoutOptions
    parts: Parts
    stores: Stores
    verdicts: asyncio.Lock
    """Held while the statuses are read, decided and written."""
    days: int | None = None
    """Local days of history to look at; None for all that the archive holds."""
    run_id: str = field(default_factory=ulid_now)
    phases: Phases = field(default_factory=Phases)
    opened: tuple[str, ...] = ()
    """Ids that are open now and were not before."""
    tidings: Tidings = field(default_factory=Tidings)
    machines: tuple[Machine, ...] = ()
    """Users and devices that act to the second."""
    _counters: dict[str, Any] = field(default_factory=dict)
    _funnel: list[dict[str, Any]] = field(default_factory=list)
    _misses: list[dict[str, Any]] = field(default_factory=list)
    _started: datetime = field(default_factory=dt_util.utcnow)

    async def execute(self, publish: Publish) -> RunRow:
        """Run every phase, publish the outcome and return the row of the run.

        Raises:
            PhaseFailed: a phase that the rest needs has failed; the row says so.
            StoreError: not even the start of the run could be noted.
        """
        clock = monotonic()
        self._counters = dict.fromkeys(
            (
                "events_read",
                "events_archived",
                "human_actions",
                "candidates",
                "new",
                "updated",
                "expired",
                "open",
            ),
            0,
        )
        row = RunRow(
            run_id=self.run_id,
            started_at=self._started.isoformat(),
            finished_at=None,
            status="running",
            counters={},
            funnel=[],
            phases=[],
            errors=[],
        )
        await self.stores.runs.start(row)
        try:
            await self._phases()
        except PhaseFailed:
            await self._note(self._row(row, "failed", clock))
            raise
        done = self._row(row, FINISHED, clock)
        await self.stores.runs.finish(done)
        with self.phases.phase("publish", vital=False):
            await publish(done, self.opened)
        done = replace(done, phases=self.phases.done, errors=self.phases.errors)
        await self._note(done)
        return done

    async def tell(
        self, shown: Mapping[str, Suggestion], opened: Iterable[Suggestion]
    ) -> None:
        """Announce what happened to suggestions; `shown` are those that are open."""
        self.tidings.tell(self.hass, shown, opened, await self._catalogue())

    async def _catalogue(self) -> Catalogue:
        return await self.hass.async_add_executor_job(
            self.parts.catalogue, self.hass.config.language
        )

    def _row(self, row: RunRow, status: str, clock: float) -> RunRow:
        return replace(
            row,
            finished_at=dt_util.utcnow().isoformat(),
            status=status,
            counters={**self._counters, "duration_s": round(monotonic() - clock, 3)},
            funnel=self._funnel,
            misses=self._misses,
            phases=self.phases.done,
            errors=self.phases.errors,
        )

    async def _note(self, row: RunRow) -> None:
        """Write what became of a run, if the store lets us."""
        try:
            await self.stores.runs.finish(row)
        except StoreError as err:
            LOGGER.debug("The run could not be noted: %s", err)

    async def _phases(self) -> None:
        phase = self.phases.phase
        archive = self.parts.archive(self.stores.database)
        with phase("facts"):
            scope = self.parts.scope(self.options.scope)
            facts = await self.parts.collect(self.hass, scope)
        with phase("ingest"):
            await self.parts.ready(self.hass)
            own = await async_own_automations(self.hass, self.stores.installed)
            ingest = Ingest(self.hass, self.parts, archive, facts, self._count, own)
            await ingest.until(int(self._started.timestamp() * 1000))
        today = (dt_util.now().date() - _EPOCH).days
        with phase("prune", vital=False):
            kept = timedelta(days=self.options.retention_days)
            await self.stores.runs.prune((self._started - kept).isoformat())
            # A day more, as the home's time zone may have been moved.
            await archive.prune(today - self.options.retention_days, today + 1)
        with phase("load"):
            log = await archive.load(today - self.days + 1 if self.days else None)
        with phase("mine"):
            result = await self._mine(log, facts)
        with phase("watch", vital=False):
            # A look at a few days counts less than what is stored.
            if not self.days:
                await self.tidings.count(self.stores, result.watched)
                await async_count(self.hass, self.stores.installed, result.watched)
        async with self.verdicts:
            with phase("decisions"):
                known = {row.id: row for row in await self.stores.suggestions.list()}
                # A look at a few days says nothing of what a trial came to.
                standing = await standing_of(
                    self.stores, known, self._started, with_trials=not self.days
                )
            standing, review = await self._reviewed(standing, log, facts, known)
            with phase("identity"):
                known = {row.id: row for row in await self.stores.suggestions.list()}
                decided = await self._decide(result, facts, known, standing, review)
            with phase("text"):
                rows = await self._write_texts(decided, facts, known, standing)
            with phase("store"):
                await self._store(decided, rows, known)

    def _count(self, rows: int, added: int) -> None:
        self._counters["events_read"] += rows
        self._counters["events_archived"] += added

    async def _mine(self, log: EventLog, facts: HomeFacts) -> MiningResult:
        known = {row.id: row for row in await self.stores.suggestions.list()}
        set_up = await async_set_up(self.hass, self.stores.installed)
        settings = replace(
            self.options.mining,
            feedback=feedback_from(known, facts),
            installed=installed_rules(known, set_up),
        )
        result = await self.hass.async_add_executor_job(
            self.parts.mine, log, facts, settings
        )
        self.machines = result.machines
        self._counters["human_actions"] = result.human_actions
        self._counters["candidates"] = result.candidates
        self._funnel += funnel_of(result)
        self._misses += await self.hass.async_add_executor_job(misses_of, result, log)
        self.phases.errors.extend(result.errors)
        return result

    async def _reviewed(
        self,
        standing: Standing,
        log: EventLog,
        facts: HomeFacts,
        known: Mapping[str, SuggestionRow],
    ) -> tuple[Standing, Review]:
        """Judge what people decided on, and end the trials that are over."""
        review = Review()
        with self.phases.phase("review", vital=False):
            feedback = feedback_from(known, facts)
            review = await standing.review(self.hass, self.parts, log, facts, feedback)
            standing = await settle_trials(self.stores, standing, review, self._started)
            self.tidings.tried += sorted(standing.over)
        return standing, review

    async def _decide(
        self,
        result: MiningResult,
        facts: HomeFacts,
        known: Mapping[str, SuggestionRow],
        standing: Standing,
        review: Review,
    ) -> Plan:
        there = [item for item in result.proven if is_there(item.rule, facts)]
        rules = rules_of(known)
        verdicts = await self.stores.suggestions.last_verdicts()
        live = frozenset(self.hass.states.async_entity_ids())

        def decide() -> Plan:
            sun = self.parts.sun_minutes(facts, int(self._started.timestamp() * 1000))
            answered = {k for k in rules if known[k].status in {ACCEPTED, DISMISSED}}
            adopted = standing.heeded(
                self.parts.adopt(there, standing.known(rules), sun, answered),
                review,
                self._started,
            )
            return plan(
                known_of(known.values(), rules, verdicts),
                adopted,
                moot_of(rules, facts, live),
                self._started,
                self.options.max_open,
                Home(facts, sun, whole=self.days is None),
                absent=[k for k, rule in rules.items() if not is_there(rule, facts)],
                absorbed=absorbed(rules, adopted, sun),
            )

        decided = await self.hass.async_add_executor_job(decide)
        self._funnel += steps_to_dicts(decided.funnel)
        return decided

    async def _write_texts(
        self,
        decided: Plan,
        facts: HomeFacts,
        known: Mapping[str, SuggestionRow],
        standing: Standing,
    ) -> list[SuggestionRow]:
        catalogue = await self._catalogue()
        rows: list[SuggestionRow] = []
        shown = dict(decided.show)
        for key, proven in (*decided.show, *decided.refresh):
            if self.days and key in known and key not in decided.opened:
                # A look at a few days says less than what is stored.
                continue
            try:
                payload = payload_of(proven, facts, catalogue, self.parts.build)
                payload = with_trial(payload, standing.trials.get(key), catalogue)
            except Exception as err:  # noqa: BLE001 - the others have a text
                self.phases.errors.append(f"text: {key}: {type(err).__name__}: {err}")
                LOGGER.warning("Suggestion %s has no text: %s", key, err)
            else:
                status = OPEN if key in shown else known[key].status
                now = self._started.isoformat()
                row = row_of(key, proven, payload, known.get(key), now, status)
                rows.append(replace(row, places=places_of(proven.rule, facts)))
        return rows

    async def _store(
        self,
        decided: Plan,
        rows: list[SuggestionRow],
        known: Mapping[str, SuggestionRow],
    ) -> None:
        moved = [
            *((key, SUPERSEDED) for key in decided.supersede),
            *((key, EXPIRED) for key in decided.expire),
            *((key, OPEN) for key in decided.rest if key in decided.opened),
        ]
        changed = [self._moved(known[key], status) for key, status in moved]
        outcome = await self.stores.suggestions.store_batch(
            [*rows, *changed], decided.released
        )
        failed = {key for key, _ in outcome.failed}
        self.phases.errors.extend(f"store: {key}: {err}" for key, err in outcome.failed)
        stored = [row for row in rows if row.id not in failed]
        self.opened = tuple(
            row.id
            for row in (*stored, *changed)
            if row.id in decided.opened and row.id not in failed
        )
        self._counters["new"] = len(self.opened)
        self._counters["updated"] = sum(
            row.id not in decided.opened and row.updated_at != known[row.id].updated_at
            for row in stored
        )
        self.tidings.expired += [
            row for row in changed if row.status == EXPIRED and row.id not in failed
        ]
        self._counters["expired"] = len(self.tidings.expired)
        self._counters["open"] = len(await self.stores.suggestions.list([OPEN]))

    def _moved(self, row: SuggestionRow, status: str) -> SuggestionRow:
        return replace(
            row,
            status=status,
            snoozed_until=None,
            updated_at=self._started.isoformat(),
        )
