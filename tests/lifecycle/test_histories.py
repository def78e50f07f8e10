"""Random histories of runs and answers, on a real store.

Whatever happens in whichever order: what was dismissed does not come back early, nor
does anything like it, no habit has two rows, no run undoes what a person decided, and
never are more open than may be.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
import shutil
import tempfile
from typing import Any
from unittest.mock import patch

from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
)

from custom_components.automation_scout.hindsight import (
    absorbed,
    known_of,
    rules_of,
)
from custom_components.automation_scout.lifecycle import (
    ACCEPTED,
    DISMISSED,
    EXPIRED,
    OPEN,
    REASONS,
    SNOOZED,
    SUPERSEDED,
    Home,
    Plan,
    places_of,
    plan,
)
from custom_components.automation_scout.lifecycle.memory import COOLING, LATER
from custom_components.automation_scout.lifecycle.statuses import NEVER, NOT_NOW
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.identity import adopt
from custom_components.automation_scout.mining.relatives import (
    acted_on,
    akin,
    touches,
)
from custom_components.automation_scout.mining.result import Proven
from custom_components.automation_scout.mining.rule_json import (
    rule_from_dict,
    rule_to_dict,
)
from custom_components.automation_scout.mining.rules import Rule
from custom_components.automation_scout.store.database import Database
from custom_components.automation_scout.store.stores import Stores
from custom_components.automation_scout.store.suggestions import SuggestionRow
from custom_components.automation_scout.suggestion import evidence_of
from custom_components.automation_scout.verdicts import Verdicts

from ..scripted import at, proven
from .homes import FACTS, MOTION, NOW, OCCUPANCY, above, edge, having, without

MOST = 2
HABITS = (
    *(proven(at(minute), hits=n) for minute, n in ((420, 8), (432, 19), (445, 40))),
    proven(at(900)),
    proven(edge(MOTION), "light.hall"),
    proven(edge(OCCUPANCY), "light.hall", hits=60),
    proven(at(60), "light.hall", "off"),
    proven(edge("light.hall"), "light.shelf"),
    proven(above("sensor.bath_humidity", 60), "fan.bath"),
)
DAYS = st.sampled_from([0.4, 27, 62])
MOVED = having(
    FACTS,
    EntityFacts("light.desk", "Desk", "attic", "strip"),
    EntityFacts("light.hall", "Hall", "attic", "lamp"),
)
HOMES = (FACTS, FACTS, MOVED, MOVED, without(FACTS, MOTION))


@dataclass(frozen=True)
class Answer:
    """A dismissal that stands."""

    at: datetime
    reason: str | None
    rule: Rule


class Histories(RuleBasedStateMachine):
    """People answer, nights pass, and habits come and go."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.clock = patch("homeassistant.util.dt.utcnow", side_effect=lambda: self.now)
        self.clock.start()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.answers: dict[str, Answer] = {}
        self.database = self.wait(Database.open(self.folder / "scout.db"))
        self.stores = Stores.of(self.database)
        self.verdicts = Verdicts(lambda: self.stores, MOST)

    def teardown(self) -> None:
        self.clock.stop()
        self.wait(self.database.close())
        self.runner.close()
        shutil.rmtree(self.folder)

    def wait(self, awaitable: Any) -> Any:
        return self.runner.run(awaitable)

    def rows(self) -> dict[str, SuggestionRow]:
        return {row.id: row for row in self.wait(self.stores.suggestions.list())}

    @rule(
        days=DAYS,
        found=st.lists(st.sampled_from(HABITS), min_size=2, unique_by=id),
        home=st.sampled_from(HOMES),
    )
    def some_nights_later(
        self, days: float, found: Sequence[Proven], home: HomeFacts
    ) -> None:
        self.now += timedelta(days=days)
        before = self.rows()
        seen = [
            item
            for item in found
            if all(name in home.entities for name in item.rule.entities)
        ]
        decided = self.decide(before, seen, home)
        after = self.rows()
        for key in decided.opened:
            if key not in before or before[key].status != SNOOZED:
                self.check_opening(key, rule_from_dict(after[key].rule), home)
            self.answers.pop(key, None)
        for key, row in before.items():
            if row.status == DISMISSED and key not in decided.opened:
                assert after[key] == row
            if (
                row.status == SNOOZED
                and (row.snoozed_until or "") > self.now.isoformat()
            ):
                assert after[key].status == SNOOZED
                assert after[key].snoozed_until == row.snoozed_until
            if row.status == ACCEPTED:
                assert after[key] == row

    def decide(
        self, rows: Mapping[str, SuggestionRow], seen: Sequence[Proven], home: HomeFacts
    ) -> Plan:
        """Do what a run does between the miner and the texts."""
        rules = rules_of(rows)
        answered = {
            key for key, row in rows.items() if row.status in {ACCEPTED, DISMISSED}
        }
        adopted = adopt(seen, rules, {}, answered)
        verdicts = self.wait(self.stores.suggestions.last_verdicts())
        decided = plan(
            known_of(rows.values(), rules, verdicts),
            adopted,
            (),
            self.now,
            MOST,
            Home(home),
            absorbed=absorbed(rules, adopted),
        )
        now = self.now.isoformat()
        stored = [
            self.row_of(key, item, home, now)
            for key, item in (*decided.show, *decided.refresh)
        ]
        for status, keys in (
            (SUPERSEDED, decided.supersede),
            (EXPIRED, decided.expire),
            (OPEN, [key for key in decided.rest if key in decided.opened]),
        ):
            stored += [moved(rows[key], status) for key in keys]
        outcome = self.wait(
            self.stores.suggestions.store_batch(stored, decided.released)
        )
        assert outcome.failed == ()
        return decided

    def row_of(
        self, key: str, item: Proven, home: HomeFacts, now: str
    ) -> SuggestionRow:
        return SuggestionRow(
            key,
            OPEN,
            item.rule.kind.value,
            item.confidence,
            item.score,
            rule_to_dict(item.rule),
            {"evidence": evidence_of(item.evidence)},
            1,
            now,
            now,
            None,
            now,
            {name: list(place) for name, place in places_of(item.rule, home).items()},
        )

    def check_opening(self, key: str, opened: Rule, home: HomeFacts) -> None:
        for other, answer in self.answers.items():
            age = self.now - answer.at
            if answer.reason == NEVER:
                assert other != key
                assert not touches(opened, acted_on(answer.rule, FACTS), FACTS)
            if age < (LATER if answer.reason == NOT_NOW else COOLING):
                assert other != key
                assert not akin(opened, answer.rule, FACTS)

    @precondition(lambda self: SNOOZED in {row.status for row in self.rows().values()})
    @rule(days=DAYS)
    def snoozes_end(self, days: float) -> None:
        self.now += timedelta(days=days)
        before = self.rows()
        woken = self.wait(self.verdicts.wake())
        after = self.rows()
        for key, row in after.items():
            if key in woken:
                assert row.status == OPEN
                assert before[key].status == SNOOZED
                assert (before[key].snoozed_until or "") <= self.now.isoformat()
            else:
                assert row.status in {before[key].status, EXPIRED}
                assert row == before[key] or before[key].status == OPEN

    @precondition(lambda self: bool(self.rows()))
    @rule(data=st.data(), reason=st.sampled_from([None, *REASONS]))
    def somebody_dismisses(self, data: st.DataObject, reason: str | None) -> None:
        row = data.draw(
            st.sampled_from(sorted(self.rows().values(), key=lambda r: r.id))
        )
        if row.status == ACCEPTED:
            return
        done = self.wait(self.verdicts.dismiss(row.id, reason))
        assert done.status == DISMISSED
        if row.status != DISMISSED or reason:
            answer = Answer(self.now, reason, rule_from_dict(row.rule))
            self.answers[row.id] = answer

    @precondition(lambda self: bool(self.rows()))
    @rule(data=st.data(), days=st.sampled_from([1, 7, 100]))
    def somebody_snoozes(self, data: st.DataObject, days: int) -> None:
        row = data.draw(
            st.sampled_from(sorted(self.rows().values(), key=lambda r: r.id))
        )
        if row.status == ACCEPTED:
            return
        done = self.wait(self.verdicts.snooze(row.id, days))
        assert done.status == SNOOZED
        self.answers.pop(row.id, None)

    @precondition(lambda self: bool(self.rows()))
    @rule(data=st.data())
    def somebody_restores(self, data: st.DataObject) -> None:
        row = data.draw(
            st.sampled_from(sorted(self.rows().values(), key=lambda r: r.id))
        )
        if row.status == ACCEPTED:
            return
        assert self.wait(self.verdicts.restore(row.id)).status == OPEN
        self.answers.pop(row.id, None)

    @precondition(
        lambda self: ACCEPTED not in {row.status for row in self.rows().values()}
    )
    @precondition(lambda self: bool(self.rows()))
    @rule(data=st.data())
    def somebody_accepts(self, data: st.DataObject) -> None:
        row = data.draw(
            st.sampled_from(sorted(self.rows().values(), key=lambda r: r.id))
        )
        if row.status == OPEN:
            self.wait(
                self.stores.suggestions.set_status(
                    row.id, ACCEPTED, at=self.now.isoformat()
                )
            )

    @invariant()
    def few_are_open_and_no_habit_is_there_twice(self) -> None:
        rows = self.rows().values()
        assert sum(row.status == OPEN for row in rows) <= MOST
        rules = [str(row.rule) for row in rows]
        assert len(set(rules)) == len(rules)
        for key, row in self.rows().items():
            assert (row.status == DISMISSED) == (key in self.answers)


def moved(row: SuggestionRow, status: str) -> SuggestionRow:
    changes = {"status": status, "snoozed_until": None}
    return SuggestionRow(**{**{n: getattr(row, n) for n in row.__slots__}, **changes})


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=40, stateful_step_count=50, deadline=None
)
