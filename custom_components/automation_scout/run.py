"""One analysis, phase by phase.

facts, ingest, prune, load, mine, watch, decisions, review, identity, recall, text,
store: each needs those before it, but nothing needs `prune` and `watch`; without
`review` what people decided stays as it is, without `recall` the words are those of the
templates, and a single suggestion that fails in `text` or `store` is left out. Where a
model has something to say, `words` and `again` come before `text`.
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

from .asking import async_prune
from .const import LOGGER
from .drafts import Drafts, Look, rows_of
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
    plan,
)
from .mining.facts import HomeFacts
from .mining.result import Machine, MiningResult
from .mining.standing import Review
from .options import ScoutOptions
from .own import async_count, async_own_automations, async_set_up
from .parts import Parts
from .phases import PhaseFailed, Phases
from .standing import Standing, settle_trials, standing_of
from .store.errors import StoreError
from .store.runs import RunRow
from .store.stores import Stores
from .store.suggestions import SuggestionRow
from .suggestion import Suggestion
from .tidings import Tidings
from .wording import Wording
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
    wording: Wording | None = None
    """Words of a model; None for those of the templates alone."""
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
        done = replace(done, phases=self.phases.done, errors=self._errors)
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
            counters={
                **self._counters,
                "duration_s": round(monotonic() - clock, 3),
                **(self.wording.counters if self.wording else {}),
            },
            funnel=self._funnel,
            misses=self._misses,
            phases=self.phases.done,
            errors=self._errors,
        )

    @property
    def _errors(self) -> list[str]:
        said = self.wording.errors if self.wording else []
        return [*self.phases.errors, *said]

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
            await async_prune(self.stores, self._started, kept)
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
        await self._conclude(result, log, facts)

    async def _conclude(
        self, result: MiningResult, log: EventLog, facts: HomeFacts
    ) -> None:
        """Decide, put into words and store; nobody waits for a model to judge.

        Where a model is asked, people can decide meanwhile, and all is decided anew.
        """
        phase, wording = self.phases.phase, self.wording
        async with self.verdicts:
            with phase("decisions"):
                known = await self._known()
                # A look at a few days says nothing of what a trial came to.
                standing = await standing_of(
                    self.stores, known, self._started, with_trials=not self.days
                )
            standing, review = await self._reviewed(standing, log, facts, known)
            with phase("identity"):
                look = Look(await self._known(), standing, review)
                decided = await self._decide(result, facts, look)
            if wording is not None and wording.is_on:
                with phase("recall", vital=False):
                    drafts = await self._drafts(decided, facts, look.known)
                    await wording.recall(drafts.made, dict(decided.show), facts)
            if wording is None or not wording.is_waiting:
                await self._finish(decided, facts, look)
                return
        with phase("words", vital=False):
            await wording.ask()
        async with self.verdicts:
            with phase("again"):
                known = await self._known()
                standing = await standing_of(
                    self.stores, known, self._started, with_trials=not self.days
                )
                look = look.anew(known, standing)
                decided = await self._decide(result, facts, look)
            await self._finish(decided, facts, look)

    async def _finish(self, decided: Plan, facts: HomeFacts, look: Look) -> None:
        """Write the texts, and store all of it."""
        self._funnel += steps_to_dicts(decided.funnel)
        with self.phases.phase("text"):
            rows = await self._rows(decided, facts, look)
        with self.phases.phase("store"):
            await self._store(decided, rows, look.known)

    async def _known(self) -> dict[str, SuggestionRow]:
        return {row.id: row for row in await self.stores.suggestions.list()}

    def _count(self, rows: int, added: int) -> None:
        self._counters["events_read"] += rows
        self._counters["events_archived"] += added

    async def _mine(self, log: EventLog, facts: HomeFacts) -> MiningResult:
        known = await self._known()
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
        look: Look,
    ) -> Plan:
        known, standing = look.known, look.standing
        there = [item for item in result.proven if is_there(item.rule, facts)]
        rules = rules_of(known)
        verdicts = await self.stores.suggestions.last_verdicts()
        live = frozenset(self.hass.states.async_entity_ids())

        def decide() -> Plan:
            sun = self.parts.sun_minutes(facts, int(self._started.timestamp() * 1000))
            answered = {k for k in rules if known[k].status in {ACCEPTED, DISMISSED}}
            adopted = standing.heeded(
                self.parts.adopt(there, standing.known(rules), sun, answered),
                look.review,
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

        return await self.hass.async_add_executor_job(decide)

    async def _drafts(
        self, decided: Plan, facts: HomeFacts, known: Mapping[str, SuggestionRow]
    ) -> Drafts:
        """Write the texts of what is to be stored."""
        wanted = [
            item
            for item in (*decided.show, *decided.refresh)
            # A look at a few days says less than what is stored.
            if not (self.days and item[0] in known and item[0] not in decided.opened)
        ]
        return Drafts.of(wanted, facts, await self._catalogue(), self.parts.build)

    async def _rows(
        self, decided: Plan, facts: HomeFacts, look: Look
    ) -> list[SuggestionRow]:
        drafts = await self._drafts(decided, facts, look.known)
        for key, err in drafts.failed.items():
            self.phases.errors.append(f"text: {key}: {type(err).__name__}: {err}")
            LOGGER.warning("Suggestion %s has no text: %s", key, err)
        now, catalogue = self._started.isoformat(), await self._catalogue()
        made = self.wording.worded(drafts.made) if self.wording else drafts.made
        return rows_of(made, decided, look, facts, catalogue, now)

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
