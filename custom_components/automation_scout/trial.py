"""Trying a suggestion before it is accepted: for some days it is only written down.

Nothing is made meanwhile. Every analysis replays the rule on the days since, as the
archive then holds them; when they are over the suggestion is open again, its rationale
says what the trial came to, and the event `needs_attention` is fired.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from .const import DOMAIN
from .lifecycle import SNOOZED
from .mining.rules import Kind
from .store.trials import TrialRow
from .verdicts import pending_row

if TYPE_CHECKING:
    from .store.stores import Stores
    from .store.suggestions import SuggestionRow

STARTED: Final = "trial"
"""Verdict with which a trial begins."""


async def start_trial(stores: Stores, suggestion_id: str, days: int) -> SuggestionRow:
    """Begin a trial; the suggestion is put off until its end.

    Raises:
        ServiceValidationError: it is decided, or there is nothing to be tried.
        UnknownSuggestion: there is none with this id.
    """
    row = await pending_row(stores, suggestion_id)
    if row.kind == Kind.TIDY:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="nothing_to_try"
        )
    now = dt_util.utcnow()
    ends = now + timedelta(days=days)
    await stores.trials.put(
        TrialRow(suggestion_id, row.rule, now.isoformat(), ends.isoformat())
    )
    return await stores.suggestions.set_status(
        suggestion_id,
        SNOOZED,
        at=now.isoformat(),
        # The night after its end has the report; without one it comes back then.
        snoozed_until=(ends + timedelta(days=1)).isoformat(),
        verdict=STARTED,
    )
