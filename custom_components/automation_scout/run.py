"""One analysis, phase by phase.

facts, ingest, prune, load, mine, identity, text, store: each needs those before it, but
nothing needs `prune`; a single suggestion that fails in `text` or `store` is left out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
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
    known_of,
    misses_of,
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
from .mining.doing import does, for_sure
from .mining.facts import HomeFacts
from .mining.result import MiningResult, Proven
from .mining.rule_json import rule_to_dict
from .mining.rules import DERIVED, Kind, Rule
from .options import ScoutOptions
from .own import async_own_automations
from .parts import Parts
from .phases import PhaseFailed, Phases
from .store.database import Database
from .store.errors import StoreError
from .store.installed import InstalledStore
from .store.runs import RunRow, RunStore
from .store.suggestions import SuggestionRow, SuggestionStore
from .suggestion import payload_of

if TYPE_CHECKING:
    from .mining.events import EventLog

type Publish = Callable[[RunRow, Collection[str]], Awaitable[None]]
"""Shows the row of a run and the ids of the suggestions that it opened."""

FINISHED: Final = "finished"

_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Stores:
    """The open database and what is kept in it."""

    database: Database
    suggestions: SuggestionStore
    runs: RunStore
    installed: InstalledStore

    @classmethod
    def of(cls, database: Database) -> Stores:
        """Return the stores of a database."""
        return cls(
            database,
            SuggestionStore(database),
            RunStore(database),
            InstalledStore(database),
        )


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
        async with self.verdicts:
            with phase("identity"):
                known = {row.id: row for row in await self.stores.suggestions.list()}
                decided = await self._decide(result, facts, known)
            with phase("text"):
                rows = await self._write_texts(decided, facts, known)
            with phase("store"):
                await self._store(decided, rows, known)

    def _count(self, rows: int, added: int) -> None:
        self._counters["events_read"] += rows
        self._counters["events_archived"] += added

    async def _mine(self, log: EventLog, facts: HomeFacts) -> MiningResult:
        known = {row.id: row for row in await self.stores.suggestions.list()}
        settings = replace(self.options.mining, feedback=feedback_from(known, facts))
        result = await self.hass.async_add_executor_job(
            self.parts.mine, log, facts, settings
        )
        self._counters["human_actions"] = result.human_actions
        self._counters["candidates"] = result.candidates
        self._funnel += funnel_of(result)
        self._misses += await self.hass.async_add_executor_job(misses_of, result, log)
        self.phases.errors.extend(result.errors)
        return result

    async def _decide(
        self,
        result: MiningResult,
        facts: HomeFacts,
        known: Mapping[str, SuggestionRow],
    ) -> Plan:
        there = [item for item in result.proven if _is_there(item.rule, facts)]
        rules = rules_of(known)
        verdicts = await self.stores.suggestions.last_verdicts()
        moot = {key for key, rule in rules.items() if self._is_moot(rule, facts)}

        def decide() -> Plan:
            sun = self.parts.sun_minutes(facts, int(self._started.timestamp() * 1000))
            answered = {k for k in rules if known[k].status in {ACCEPTED, DISMISSED}}
            adopted = self.parts.adopt(there, rules, sun, answered)
            return plan(
                known_of(known.values(), rules, verdicts),
                adopted,
                moot,
                self._started,
                self.options.max_open,
                Home(facts, sun, whole=self.days is None),
                absent=[k for k, rule in rules.items() if not _is_there(rule, facts)],
                absorbed=absorbed(rules, adopted, sun),
            )

        decided = await self.hass.async_add_executor_job(decide)
        self._funnel += steps_to_dicts(decided.funnel)
        return decided

    def _is_moot(self, rule: Rule, facts: HomeFacts) -> bool:
        """Return whether nobody wants it: it is out of scope, or done already.

        What is not there at all may come back. What was about an automation is moot
        when that is off or gone, and what was untidy when it is found no more.
        """
        on = {item.entity_id for item in facts.automations if item.enabled}
        if rule.special is Kind.TIDY or (rule.replaces and rule.replaces not in on):
            return True
        return any(
            entity_id not in facts.entities and self.hass.states.get(entity_id)
            for entity_id in rule.entities
            if entity_id not in DERIVED
        ) or any(
            automation.enabled and does(automation, rule, met=for_sure)
            for automation in facts.automations
        )

    async def _write_texts(
        self, decided: Plan, facts: HomeFacts, known: Mapping[str, SuggestionRow]
    ) -> list[SuggestionRow]:
        catalogue = await self.hass.async_add_executor_job(
            self.parts.catalogue, self.hass.config.language
        )
        rows: list[SuggestionRow] = []
        shown = dict(decided.show)
        for key, proven in (*decided.show, *decided.refresh):
            if self.days and key in known and key not in decided.opened:
                # A look at a few days says less than what is stored.
                continue
            try:
                payload = payload_of(proven, facts, catalogue, self.parts.build)
            except Exception as err:  # noqa: BLE001 - the others have a text
                self.phases.errors.append(f"text: {key}: {type(err).__name__}: {err}")
                LOGGER.warning("Suggestion %s has no text: %s", key, err)
            else:
                status = OPEN if key in shown else known[key].status
                row = self._row_of(key, proven, payload, known.get(key), status)
                rows.append(replace(row, places=places_of(proven.rule, facts)))
        return rows

    def _row_of(
        self,
        key: str,
        proven: Proven,
        payload: dict[str, Any],
        before: SuggestionRow | None,
        status: str,
    ) -> SuggestionRow:
        now = self._started.isoformat()
        row = SuggestionRow(
            id=key,
            status=status,
            kind=proven.rule.kind.value,
            confidence=proven.confidence,
            score=proven.score,
            rule=rule_to_dict(proven.rule),
            payload=payload,
            version=1,
            created_at=now,
            updated_at=now,
            snoozed_until=None,
            last_supported=now,
        )
        if before is None:
            return row
        row = replace(row, version=before.version, created_at=before.created_at)
        if (row.rule, row.payload, row.status) == (
            before.rule,
            before.payload,
            before.status,
        ):
            return replace(row, updated_at=before.updated_at)
        return row

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
        self._counters["expired"] = sum(
            row.status == EXPIRED and row.id not in failed for row in changed
        )
        self._counters["open"] = len(await self.stores.suggestions.list([OPEN]))

    def _moved(self, row: SuggestionRow, status: str) -> SuggestionRow:
        return replace(
            row,
            status=status,
            snoozed_until=None,
            updated_at=self._started.isoformat(),
        )


def _is_there(rule: Rule, facts: HomeFacts) -> bool:
    """Return whether the home still has, and lets us see, what a rule is about."""
    if rule.special is Kind.TIDY:
        return any(item.entity_id == rule.replaces for item in facts.automations)
    return all(
        entity_id in facts.entities
        for entity_id in rule.entities
        if entity_id not in DERIVED
    )
