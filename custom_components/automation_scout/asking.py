"""What asks the chosen model, and what is written down about it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util

from .const import LOGGER
from .llm.budget import Budget, Prices
from .llm.calling import Caller
from .llm.contexts import Contexts, DeviceContext, context_of
from .llm.grouping import Grouper
from .llm.languages import load_all
from .llm.limits import Limits
from .llm.model import ModelError
from .llm.names import names_of
from .llm.writer import Home, Writer
from .store import model_calls, texts
from .store.errors import StoreError
from .store.model_calls import ModelCallRow
from .store.texts import TextRow

if TYPE_CHECKING:
    from .language import Language
    from .llm.calling import Call
    from .llm.written import Fresh
    from .mining.facts import HomeFacts
    from .store.stores import Stores


_TWO_MONTHS: Final = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Asking:
    """One model, and the home that it is asked about; for one run or one question."""

    caller: Caller
    writer: Writer
    grouper: Grouper
    problem: ModelError | None = None
    """Why the model cannot be asked now; what it wrote before is known all the same."""

    @classmethod
    async def of(
        cls, hass: HomeAssistant, language: Language, stores: Stores, facts: HomeFacts
    ) -> Asking:
        """Make what is needed, with what the month has cost so far."""
        limits = Limits(concurrency=language.options.concurrency)
        caller, problem = await caller_of(language, stores, limits)
        contexts, home = contexts_of(hass, facts), await home_of(hass, language, facts)
        known = stores.texts.known
        return cls(
            caller,
            Writer(caller, contexts, home, known),
            Grouper(caller, contexts, home, known),
            problem,
        )


async def caller_of(
    language: Language, stores: Stores, limits: Limits
) -> tuple[Caller, ModelError | None]:
    """Return what asks the chosen model, and why that cannot be asked now, if so."""
    problem = None
    try:
        model = await language.async_chosen()
    except ModelError as err:
        model, problem = language.absent, err
    return Caller(model, await budget_of(language, stores), limits), problem


async def budget_of(language: Language, stores: Stores) -> Budget:
    """Return the budget of the month, the same for all that ask at once.

    What one of them has set aside is then not there for another, though it is written
    down only at the end.
    """
    month, options = month_now(), language.options
    spent = (await stores.model_calls.totals(month)).cost
    if language.budget is None or language.budget.month != month:
        prices = Prices(options.price_in, options.price_out)
        language.budget = Budget(month, prices, options.monthly_budget, spent)
    return language.budget


async def home_of(hass: HomeAssistant, language: Language, facts: HomeFacts) -> Home:
    """Return what has to be known of a home to ask about it."""
    languages = await hass.async_add_executor_job(load_all)
    # The id of the entry is drawn at random, stays, and never leaves this home.
    key = language.entry.entry_id.encode()[:64]
    names = tuple(names_of(facts))
    return Home(names, languages, key if language.options.pseudonyms else None)


def contexts_of(hass: HomeAssistant, facts: HomeFacts) -> Contexts:
    """Return the contexts of entities, of which each is fetched once."""
    entities, devices = er.async_get(hass), dr.async_get(hass)

    async def fetch(entity_id: str) -> DeviceContext | None:
        context = context_of(entity_id, facts)
        entry = entities.async_get(entity_id)
        device = devices.async_get(entry.device_id or "") if entry else None
        if context is None or device is None:
            return context
        return replace(context, device=device.name_by_user or device.name)

    return Contexts(fetch)


async def async_book(
    stores: Stores,
    calls: Iterable[Call],
    fresh: Iterable[Fresh] = (),
    used: Iterable[str] = (),
) -> None:
    """Write down what was asked and what came of it, in one transaction.

    Raises:
        StoreError: none of it is written.
    """
    async with stores.database.transaction() as conn:
        await model_calls.insert(conn, [ModelCallRow(**call.plain()) for call in calls])
        rows = [TextRow(item.key, item.text, item.entities) for item in fresh]
        await texts.insert(conn, rows, used, dt_util.utcnow().isoformat())


async def async_book_calls(stores: Stores, calls: Iterable[Call], about: str) -> None:
    """Write down what was asked; where that fails, what came of it stands all the same.

    Args:
        stores: where it is written down.
        calls: that were made.
        about: what they were made for, for the log.
    """
    try:
        await async_book(stores, calls)
    except StoreError as err:
        LOGGER.warning("The costs of the month lack %s: %s", about, err)


async def async_prune(stores: Stores, now: datetime, kept: timedelta) -> None:
    """Forget texts that nobody used for so long, and calls that are as old.

    Raises:
        StoreError: they cannot be written.
    """
    await stores.texts.prune((now - kept).isoformat())
    # The budget of a month must not forget what the month has cost.
    await stores.model_calls.prune((now - max(kept, _TWO_MONTHS)).isoformat())


def month_now() -> str:
    """Return the local month that calls are booked on."""
    return dt_util.now().strftime("%Y-%m")
