"""Scripted steps of a run, and small proven rules to script them with."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
import threading
from typing import Any

from homeassistant.core import HomeAssistant

from custom_components.automation_scout.home_facts import Scope, abilities
from custom_components.automation_scout.mining.automation import automation_config
from custom_components.automation_scout.mining.events import EventLog, log_of_rows
from custom_components.automation_scout.mining.evidence import Evidence, Holdout
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.identity import adopt
from custom_components.automation_scout.mining.localtime import local_days
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.result import (
    FunnelStep,
    MiningResult,
    Proven,
    Safety,
    Tier,
)
from custom_components.automation_scout.mining.review import review
from custom_components.automation_scout.mining.rules import (
    ALL_DAYS,
    Action,
    Rule,
    StateTrigger,
    TimeTrigger,
    Trigger,
)
from custom_components.automation_scout.mining.settings import MiningSettings
from custom_components.automation_scout.parts import Parts
from custom_components.automation_scout.recorder_source import (
    RecorderMigrating,
    RecorderMissing,
    Window,
)
from custom_components.automation_scout.store.archive import Archive
from custom_components.automation_scout.store.forget import forget
from custom_components.automation_scout.words import catalogue

DAY_MS = 86_400_000
FACTS = HomeFacts(
    "UTC",
    {
        item.entity_id: item
        for item in (
            EntityFacts("light.desk", "Desk lamp", "study"),
            EntityFacts("light.hall", "Hall light", "hall"),
            EntityFacts("light.porch", "Porch light"),
            EntityFacts("lock.front", "Front lock", "hall"),
            EntityFacts("climate.study", "Study heating", "study"),
            EntityFacts("cover.garage", "Garage", device_class="garage"),
            EntityFacts("binary_sensor.door", "Front door", "hall", None, "door"),
            EntityFacts("binary_sensor.motion", "Motion", "hall", None, "motion"),
            EntityFacts("person.anna", "Anna"),
            EntityFacts("media_player.tv", "TV"),
        )
    },
    {"hall": "Hall", "study": "Study"},
)


def at(minute: int, weekdays: tuple[int, ...] = ALL_DAYS) -> TimeTrigger:
    """Return a trigger at a time of the day."""
    return TimeTrigger(minute, weekdays)


def when(entity_id: str, state: str) -> StateTrigger:
    """Return a trigger at a change."""
    return StateTrigger(entity_id, state)


def proven(
    trigger: Trigger,
    entity_id: str = "light.desk",
    state: str = "on",
    *,
    confidence: float = 0.9,
    score: float = 1.0,
    hits: int = 19,
    tier: Tier = Tier.OK,
    reasons: tuple[str, ...] = (),
    covered_by: tuple[str, ...] = (),
) -> Proven:
    """Return a proven rule with evidence of four weeks."""
    evidence = Evidence(
        days_observed=28,
        opportunities=hits + 2,
        hits=hits,
        wrong=2,
        missed=3,
        human_actions=hits + 3,
        first_seen_ms=1_790_000_000_000,
        last_seen_ms=1_792_000_000_000,
        examples_ms=(1_792_000_000_000, 1_791_900_000_000),
        provenance={"physical": 4, "user": hits - 4},
        holdout=Holdout(8, 5, 1),
    )
    rule = Rule(trigger, Action(entity_id, state), 900)
    return Proven(rule, evidence, confidence, score, Safety(tier, reasons), covered_by)


MORNING = proven(at(420, (0, 1, 2, 3, 4)), score=5.0)
DOOR = proven(when("binary_sensor.door", "on"), "light.hall", score=4.0)
EVENING = proven(at(1350), "lock.front", "locked", score=3.0, tier=Tier.NOTIFY)


def result(*found: Proven, errors: tuple[str, ...] = ()) -> MiningResult:
    """Return what the miner would answer, best first."""
    ranked = tuple(sorted(found, key=lambda item: -item.score))
    return MiningResult(
        proven=ranked,
        rejections=(),
        funnel=(FunnelStep("support", 9, 4), FunnelStep("holdout", 4, len(ranked))),
        events=100,
        human_actions=60,
        candidates=9,
        n_tested=500,
        origins={"user": 60},
        timings_s={},
        errors=errors,
    )


@dataclass
class Script:
    """What each step of a run does in a test."""

    result: MiningResult = field(default_factory=result)
    facts: HomeFacts = FACTS
    failures: dict[str, Exception] = field(default_factory=dict)
    """Step (`collect`, `ready`, `windows`, `mine`, `build`) to what it raises."""
    hold: threading.Event | None = None
    """Makes the miner wait until it is set."""
    mining: threading.Event = field(default_factory=threading.Event)
    """Set when the miner is called."""
    mined: list[EventLog] = field(default_factory=list)
    settings: list[MiningSettings] = field(default_factory=list)
    since: list[int | None] = field(default_factory=list)
    own: list[frozenset[str]] = field(default_factory=list)
    """Entities of the integration's own automations."""
    users: list[frozenset[str]] = field(default_factory=list)
    """Users that count as machines."""

    def parts(self) -> Parts:
        """Return the steps."""
        return Parts(
            scope=Scope.from_options,
            collect=self._collect,
            ready=self._ready,
            windows=self._windows,
            local_days=local_days,
            archive=Archive,
            forget=forget,
            mine=self._mine,
            review=review,
            abilities=abilities,
            adopt=adopt,
            sun_minutes=lambda facts, now_ms: {},
            build=self._build,
            catalogue=catalogue.load,
            missing=RecorderMissing,
            migrating=RecorderMigrating,
        )

    async def until_mining(self) -> None:
        """Return when the miner has been called."""
        assert await asyncio.to_thread(self.mining.wait, 10)

    def _fail(self, step: str) -> None:
        if step in self.failures:
            raise self.failures[step]

    async def _collect(self, _hass: HomeAssistant, scope: Scope) -> HomeFacts:
        self._fail("collect")
        self.users.append(scope.exclude_users)
        return self.facts

    async def _ready(self, _hass: HomeAssistant) -> None:
        self._fail("ready")

    async def _windows(
        self,
        _hass: HomeAssistant,
        _facts: HomeFacts,
        since_ms: int | None,
        until_ms: int,
        _last_states: Mapping[str, str],
        own: frozenset[str],
    ) -> AsyncIterator[Window]:
        self._fail("windows")
        self.own.append(own)
        self.since.append(since_ms)
        start = until_ms - 2 * DAY_MS if since_ms is None else since_ms
        rows = [
            (instant, "light.desk", state, Origin.USER, "anna")
            for instant, state in ((start + 1000, "on"), (start + 2000, "off"))
            if instant < until_ms
        ]
        yield Window(log_of_rows(rows), until_ms, len(rows), 0)

    def _mine(
        self, log: EventLog, _facts: HomeFacts, settings: MiningSettings
    ) -> MiningResult:
        self.mined.append(log)
        self.settings.append(settings)
        self.mining.set()
        if self.hold:
            assert self.hold.wait(20)
        self._fail("mine")
        return self.result

    def _build(self, rule: Rule, alias: str, description: str, tier: Tier) -> Any:
        failure = self.failures.get(f"build {rule.action.entity_id}")
        if failure:
            raise failure
        return automation_config(rule, alias, description, tier)
