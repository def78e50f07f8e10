"""What a person wants forgotten: which past is meant, and what is said about it.

The archive and the suggestions are ours to forget. The recorder keeps its own history,
and an automation that was set up belongs to the home.
"""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util

from .const import DOMAIN, ISSUE_STORE_SET_ASIDE
from .installer.errors import refusal
from .parts import Parts
from .store.forgotten import BEFORE, ENTITY, USER, Wish, is_known
from .store.salvage import remove_set_aside
from .store.stores import Stores
from .suggestion import Suggestion


def wish_of(
    entity_id: str | None = None,
    user_id: str | None = None,
    before: date | datetime | None = None,
) -> Wish:
    """Return the one thing that is to be forgotten.

    A date begins with its midnight at home; an instant without a zone is one at home.

    Raises:
        ServiceValidationError: it is none, or more than one, or a time to come;
            translated.
    """
    if sum(given is not None for given in (entity_id, user_id, before)) != 1:
        raise refusal("forget_one_thing")
    now = dt_util.utcnow()
    if before is not None:
        until = _instant(before)
        if until > now:
            raise refusal("forget_the_past")
        return Wish(BEFORE, _ms(until))
    if entity_id is not None:
        return Wish(ENTITY, _ms(now), entity_id)
    return Wish(USER, _ms(now), user_id or "")


async def forget(
    hass: HomeAssistant,
    parts: Parts,
    stores: Stores,
    wish: Wish,
    accepted: Iterable[Suggestion],
) -> dict[str, Any]:
    """Forget, and return `{removed, suggestions, automations}`.

    `removed` changes and `suggestions` (ids) are gone. `automations` (entity ids) were
    set up for suggestions that are gone, and stay; they can be undone no more.

    Raises:
        ServiceValidationError: nobody knows what is meant; translated.
        StoreError: it could not be forgotten.
    """
    await _refuse_unknown(hass, stores, wish)
    outcome = await parts.forget(stores.database, wish)
    await hass.async_add_executor_job(remove_set_aside, stores.database.path)
    ir.async_delete_issue(hass, DOMAIN, ISSUE_STORE_SET_ASIDE)
    return {
        "removed": outcome.removed,
        "suggestions": list(outcome.suggestions),
        "automations": [
            item["installed"]["entity_id"]
            for item in accepted
            if item["installed"] and item["id"] in outcome.suggestions
        ],
    }


async def _refuse_unknown(hass: HomeAssistant, stores: Stores, wish: Wish) -> None:
    """Refuse a name that neither Home Assistant nor the archive has ever heard of."""
    if wish.kind == BEFORE or await is_known(stores.database, wish.name):
        return
    if wish.kind == USER:
        if await hass.auth.async_get_user(wish.name) is None:
            raise refusal("unknown_user")
    elif hass.states.get(wish.name) is None and not (
        er.async_get(hass).async_is_registered(wish.name)
    ):
        raise refusal("unknown_entity")


def _instant(moment: date | datetime) -> datetime:
    zone = dt_util.get_default_time_zone()
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time.min)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _ms(instant: datetime) -> int:
    return int(instant.timestamp() * 1000)
