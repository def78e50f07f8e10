"""What people decide about suggestions, and the end of a snooze.

Each decision is one transaction under the lock that a run holds while it decides, so
neither overwrites the other. What is installed can only be undone.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .hindsight import known_of, rules_of
from .lifecycle import (
    ACCEPTED,
    DISMISSED,
    EXPIRED,
    OPEN,
    SNOOZED,
    Known,
    barred,
    displaced,
    wake,
)
from .store.stores import Stores
from .store.suggestions import SuggestionRow

RESTORED: Final = "restored"


@dataclass(slots=True)
class Verdicts:
    """The decisions on the suggestions of one installation."""

    stores: Callable[[], Stores]
    """Those that are open now; a damaged one is replaced."""
    max_open: int
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while statuses are read, decided and written."""

    async def dismiss(self, suggestion_id: str, reason: str | None) -> SuggestionRow:
        """Put a suggestion away; `lifecycle.memory` says for how long.

        What is open about a device that is never to be touched again closes with it.

        Raises:
            UnknownSuggestion: there is none with this id.
            ServiceValidationError: it is installed; translated.
        """
        async with self.lock:
            row = await undecided_row(self.stores(), suggestion_id)
            if row.status != DISMISSED or reason:
                row = await self._set(row, DISMISSED, reason=reason)
                known = await self._known()
                away = [key for key in barred(known) if known[key].status == OPEN]
                await self._move(dict.fromkeys(away, EXPIRED))
        return row

    async def snooze(self, suggestion_id: str, days: int) -> SuggestionRow:
        """Put a suggestion away for some days, from now on; a trial of it ends.

        Raises:
            UnknownSuggestion: there is none with this id.
            ServiceValidationError: it is installed; translated.
        """
        until = dt_util.utcnow() + timedelta(days=days)
        async with self.lock:
            row = await undecided_row(self.stores(), suggestion_id)
            await self.stores().trials.stop(suggestion_id)
            return await self._set(row, SNOOZED, snoozed_until=until.isoformat())

    async def restore(self, suggestion_id: str) -> SuggestionRow:
        """Open a suggestion again, in the place of the weakest if there is no other.

        Raises:
            UnknownSuggestion: there is none with this id.
            ServiceValidationError: it is installed; translated.
        """
        async with self.lock:
            row = await undecided_row(self.stores(), suggestion_id)
            if row.status == OPEN:
                return row
            weakest = displaced(await self._known(), self.max_open - 1)
            await self._move(dict.fromkeys(weakest, EXPIRED))
            return await self._set(row, OPEN, verdict=RESTORED)

    async def wake(self) -> tuple[str, ...]:
        """Open what was snoozed until now, and return the ids of it."""
        async with self.lock:
            known = await self._known()
            woken, leaving = wake(known, dt_util.utcnow(), self.max_open)
            if woken:
                statuses = {
                    **dict.fromkeys(leaving, EXPIRED),
                    **dict.fromkeys(woken, OPEN),
                }
                await self._move(statuses, woken)
        return woken

    async def counts(self) -> dict[str, int]:
        """Return how often each answer, with its reason, is the last one given."""
        last = await self.stores().suggestions.last_verdicts()
        answers = (
            f"{item.verdict} {item.reason}" if item.reason else item.verdict
            for item in last.values()
        )
        return dict(sorted(Counter(answers).items()))

    async def _known(self) -> dict[str, Known]:
        suggestions = self.stores().suggestions
        rows = {row.id: row for row in await suggestions.list()}
        verdicts = await suggestions.last_verdicts()
        return known_of(rows.values(), rules_of(rows), verdicts)

    async def _set(
        self, row: SuggestionRow, status: str, **more: str | None
    ) -> SuggestionRow:
        return await self.stores().suggestions.set_status(
            row.id, status, at=dt_util.utcnow().isoformat(), **more
        )

    async def _move(
        self, statuses: Mapping[str, str], released: Collection[str] = ()
    ) -> None:
        """Write what follows from a decision without being one."""
        if not statuses:
            return
        suggestions = self.stores().suggestions
        now = dt_util.utcnow().isoformat()
        await suggestions.store_batch(
            [
                replace(
                    row, status=statuses[row.id], snoozed_until=None, updated_at=now
                )
                for row in await suggestions.list()
                if row.id in statuses
            ],
            released,
        )


async def undecided_row(stores: Stores, suggestion_id: str) -> SuggestionRow:
    """Return a suggestion that is not set up.

    Raises:
        UnknownSuggestion: there is none with this id.
        ServiceValidationError: it is installed; translated.
    """
    row = await stores.suggestions.required(suggestion_id)
    if row.status == ACCEPTED:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="undo_first"
        )
    return row


async def pending_row(stores: Stores, suggestion_id: str) -> SuggestionRow:
    """Return a suggestion that still waits for a decision: open, or put off.

    Raises:
        UnknownSuggestion: there is none with this id.
        ServiceValidationError: it is installed, or put away; translated.
    """
    row = await undecided_row(stores, suggestion_id)
    if row.status not in (OPEN, SNOOZED):
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_open",
            translation_placeholders={"title": row.payload["title"]},
        )
    return row
