"""Changing what a suggestion proposes: checked, proven on the past, kept as a version.

The id stays, the version before is kept, and from then on the rule is the person's: an
analysis moves its numbers and nothing else.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .hindsight import feedback_from
from .installer.errors import refusal
from .lifecycle import places_of
from .mining.doing import does
from .mining.facts import HomeFacts
from .mining.refining import Problem, ProblemsFound, refined
from .mining.result import Instead, Proven
from .mining.rule_json import rule_from_dict
from .mining.rules import Rule
from .mining.standing import Question
from .options import ScoutOptions
from .parts import Parts
from .store.refinements import keep_found
from .store.trials import RUNNING
from .suggestion import evidence_of, payload_of, row_of, suggestion_of
from .verdicts import pending_row
from .words.catalogue import Catalogue
from .words.comparing import compared, problems_in_words

if TYPE_CHECKING:
    from .store.stores import Stores
    from .store.suggestions import SuggestionRow

_BEFORE: Final = "before"
_AFTER: Final = "after"


@dataclass(frozen=True, slots=True)
class Refiner:
    """Changes suggestions of one store."""

    hass: HomeAssistant
    options: ScoutOptions
    parts: Parts
    stores: Stores
    verdicts: asyncio.Lock
    """Held while a suggestion is read, changed and written."""

    async def refine(
        self, suggestion_id: str, changes: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the new version of a suggestion, with the back-test of it and before.

        Raises:
            ServiceValidationError: it is decided, or the changes cannot be made.
            UnknownSuggestion: there is none with this id.
            StoreError: it cannot be read or written.
        """
        scope = self.parts.scope(self.options.scope)
        facts = await self.parts.collect(self.hass, scope)
        catalogue = await self.hass.async_add_executor_job(
            self.parts.catalogue, self.hass.config.language
        )
        async with self.verdicts:
            row = await pending_row(self.stores, suggestion_id)
            before = _rule_of(row)
            rule = self._changed(before, changes, facts, catalogue)
            judged = await self._judged(row.id, before, rule, facts)
            kept = await self._keep(row, judged[_AFTER], facts, catalogue)
        was, now = judged[_BEFORE].evidence, judged[_AFTER].evidence
        instead = Instead(before, was.hits, was.opportunities)
        return {
            **suggestion_of(kept),
            "backtest": {
                "before": evidence_of(was),
                "after": evidence_of(now),
                "summary": compared(rule, now, instead, facts, catalogue),
            },
        }

    def _changed(
        self,
        rule: Rule,
        changes: Mapping[str, Any],
        facts: HomeFacts,
        catalogue: Catalogue,
    ) -> Rule:
        """Return the rule with the changes, or refuse with all that is wrong."""
        abilities = self.parts.abilities(self.hass, facts.entities)
        try:
            changed = refined(rule, changes, facts, abilities)
            self._refuse_automated(changed, facts)
        except ProblemsFound as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="refine_refused",
                translation_placeholders={
                    "problems": problems_in_words(err.problems, catalogue)
                },
            ) from err
        return changed

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
        payload = payload_of(proven, facts, catalogue, self.parts.build)
        changed = replace(
            row_of(row.id, proven, payload, row, now),
            status=row.status,
            places=places_of(proven.rule, facts),
            snoozed_until=row.snoozed_until,
            last_supported=row.last_supported,
        )
        async with self.stores.database.transaction() as conn:
            await self.stores.suggestions.store_suggestion(changed, commit=False)
            await keep_found(conn, row.id, row.rule, now)
        trial = (await self.stores.trials.all()).get(row.id)
        if trial is not None and trial.status == RUNNING:
            await self.stores.trials.put(replace(trial, rule=changed.rule))
        stored = await self.stores.suggestions.get(row.id)
        return stored or changed


def _rule_of(row: SuggestionRow) -> Rule:
    try:
        return rule_from_dict(row.rule)
    except ValueError as err:
        raise refusal("rule_unreadable", error=str(err)) from err
