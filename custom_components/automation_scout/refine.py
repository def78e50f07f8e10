"""Changing what a suggestion proposes: checked, proven on the past, kept as a version.

The id stays, the version before is kept, and from then on the rule is the person's: an
analysis moves its numbers and nothing else.
"""

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from .hindsight import feedback_from
from .installer.errors import refusal
from .lifecycle import places_of
from .mining.doing import does
from .mining.facts import HomeFacts
from .mining.refining import Ability, Problem, ProblemsFound, refined
from .mining.result import Instead, Proven
from .mining.rule_json import rule_from_dict
from .mining.rules import Rule
from .mining.standing import Question
from .options import ScoutOptions
from .parts import Parts
from .store.refinements import keep_found
from .store.trials import RUNNING, put_trial
from .suggestion import evidence_of, payload_of, row_of, suggestion_of
from .verdicts import pending_row
from .words.catalogue import Catalogue
from .words.comparing import compared, problems_in_words
from .words.templates import describe

if TYPE_CHECKING:
    from .store.stores import Stores
    from .store.suggestions import SuggestionRow

_BEFORE: Final = "before"
_AFTER: Final = "after"


@dataclass(frozen=True, slots=True)
class Home:
    """What a change is checked against, and told in."""

    facts: HomeFacts
    abilities: Mapping[str, Ability]
    catalogue: Catalogue

    def only(self, entity_ids: Collection[str]) -> HomeFacts:
        """Return the home as if it had no other entities to be named."""
        entities = self.facts.entities
        kept = {key: entities[key] for key in entity_ids if key in entities}
        return replace(self.facts, entities=kept)


@dataclass(frozen=True, slots=True)
class Refined:
    """A change that was made."""

    before: Rule
    after: Rule
    answer: dict[str, Any]
    """The new version, with the back-test of it and of the one before."""


@dataclass(frozen=True, slots=True)
class Refiner:
    """Changes suggestions of one store."""

    hass: HomeAssistant
    options: ScoutOptions
    parts: Parts
    stores: Stores
    verdicts: asyncio.Lock
    """Held while a suggestion is read, changed and written."""

    async def home(self) -> Home:
        """Return the home as it is now."""
        scope = self.parts.scope(self.options.scope)
        facts = await self.parts.collect(self.hass, scope)
        catalogue = await self.hass.async_add_executor_job(
            self.parts.catalogue, self.hass.config.language
        )
        return Home(facts, self.parts.abilities(self.hass, facts.entities), catalogue)

    async def refine(
        self, suggestion_id: str, changes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the new version of a suggestion, with the back-test of it and before.

        Raises:
            ServiceValidationError: it is decided, or the changes cannot be made.
            UnknownSuggestion: there is none with this id.
            StoreError: it cannot be read or written.
        """
        home = await self.home()
        try:
            done = await self.change(suggestion_id, changes, home)
        except ProblemsFound as err:
            raise refused(problems_in_words(err.problems, home.catalogue)) from err
        return done.answer

    async def change(
        self,
        suggestion_id: str,
        changes: Mapping[str, Any],
        home: Home,
        version: int | None = None,
        among: Collection[str] | None = None,
    ) -> Refined:
        """Change a suggestion.

        Args:
            suggestion_id: its id.
            changes: JSON values in the schema of `mining.refining`.
            home: what they are checked against.
            version: of the suggestion, where they are about this one and no other.
            among: ids of the entities that they may name; None for all.

        Raises:
            ProblemsFound: they cannot be made, and nothing was changed.
            ServiceValidationError: it is decided, or of another version by now.
            UnknownSuggestion: there is none with this id.
            StoreError: it cannot be read or written.
        """
        facts = home.facts
        nameable = facts if among is None else home.only(among)
        async with self.verdicts:
            row = await pending_row(self.stores, suggestion_id)
            if version is not None and row.version != version:
                raise refusal("changed_meanwhile", title=row.payload["title"])
            before = rule_of(row)
            rule = refined(before, changes, nameable, home.abilities)
            self._refuse_automated(rule, facts)
            judged = await self._judged(row.id, before, rule, facts)
            kept = await self._keep(row, judged[_AFTER], facts, home.catalogue)
        was, now = judged[_BEFORE].evidence, judged[_AFTER].evidence
        instead = Instead(before, was.hits, was.opportunities)
        answer = {
            **suggestion_of(kept),
            "backtest": {
                "before": evidence_of(was),
                "after": evidence_of(now),
                "summary": compared(rule, now, instead, facts, home.catalogue),
            },
        }
        return Refined(before, rule, answer)

    def _refuse_automated(self, rule: Rule, facts: HomeFacts) -> None:
        now_ms = int(dt_util.utcnow().timestamp() * 1000)
        sun = self.parts.sun_minutes(facts, now_ms)
        names = [
            automation.name
            for automation in facts.automations
            if automation.enabled and does(automation, rule, sun)
        ]
        if names:
            gaps = (("names", ", ".join(names)),)
            raise ProblemsFound((Problem("already_automated", gaps),))

    async def _judged(
        self, key: str, before: Rule, after: Rule, facts: HomeFacts
    ) -> Mapping[str, Proven]:
        """Return both rules with their back-tests on all that is remembered."""
        log = await self.parts.archive(self.stores.database).load()
        rows = {row.id: row for row in await self.stores.suggestions.list()}
        refinement = (await self.stores.refinements.all()).get(key)
        found = rule_from_dict(refinement.found) if refinement else before
        review = await self.hass.async_add_executor_job(
            self.parts.review,
            log,
            facts,
            {_BEFORE: Question(before), _AFTER: Question(after, found=found)},
            {},
            feedback_from(rows, facts),
        )
        return review.proven

    async def _keep(
        self,
        row: SuggestionRow,
        proven: Proven,
        facts: HomeFacts,
        catalogue: Catalogue,
    ) -> SuggestionRow:
        """Store the new version; a trial that runs goes on with it."""
        now = dt_util.utcnow().isoformat()
        text = describe(proven, facts, catalogue)
        payload = payload_of(proven, text, facts, self.parts.build)
        changed = replace(
            row_of(row.id, proven, payload, row, now),
            status=row.status,
            places=places_of(proven.rule, facts),
            snoozed_until=row.snoozed_until,
            last_supported=row.last_supported,
        )
        trial = (await self.stores.trials.all()).get(row.id)
        async with self.stores.database.transaction() as conn:
            await self.stores.suggestions.store_suggestion(changed, commit=False)
            await keep_found(conn, row.id, row.rule, now)
            if trial is not None and trial.status == RUNNING:
                await put_trial(conn, replace(trial, rule=changed.rule))
        stored = await self.stores.suggestions.get(row.id)
        return stored or changed


def refused(problems: str) -> ServiceValidationError:
    """Return that a change cannot be made, with all that speaks against it."""
    return refusal("refine_refused", problems=problems)


def rule_of(row: SuggestionRow) -> Rule:
    """Return what a suggestion proposes.

    Raises:
        ServiceValidationError: it was made by another version; translated.
    """
    try:
        return rule_from_dict(row.rule)
    except ValueError as err:
        raise refusal("rule_unreadable", error=str(err)) from err
