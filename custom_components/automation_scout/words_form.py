"""The options about words as a form, and the test of what was filled in.

What would be asked every night is asked once, with a question that costs next to
nothing: only that shows that key, address and model work together.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from homeassistant.const import CONF_API_KEY, CONF_MODEL
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, selector

from .asking import async_book_calls, month_now
from .const import (
    CONF_AI_TASK,
    CONF_BASE_URL,
    CONF_BUDGET,
    CONF_CONCURRENCY,
    CONF_HEADLINES,
    CONF_PRICE_IN,
    CONF_PRICE_OUT,
    CONF_PROVIDER,
    CONF_PSEUDONYMS,
    DEFAULT_CONCURRENCY,
    DOMAIN,
)
from .language import async_make
from .llm.ai_task import usable_entity
from .llm.budget import Budget, Prices
from .llm.calling import Caller
from .llm.limits import Limits
from .llm.model import (
    BadAddress,
    Model,
    ModelError,
    ModelRefused,
    ModelUnpaid,
    ModelUnusable,
    Question,
)
from .options import Provider, WordsOptions

if TYPE_CHECKING:
    # What `voluptuous` is an alias of since Home Assistant 2026.9.
    import probatio as vol

    from .coordinator import ScoutConfigEntry
else:
    import voluptuous as vol

CONNECTION: Final = (
    CONF_PROVIDER,
    CONF_AI_TASK,
    CONF_API_KEY,
    CONF_BASE_URL,
    CONF_MODEL,
)
"""What says who is asked, without what it costs."""
EXAMPLES: Final = {"example_url": "http://192.168.1.5:11434/v1"}
"""What texts of the form mention and translations may not hold."""

_TEST: Final = Question(
    task="test",
    system="This tests a connection. Answer with the field ok set to true.",
    facts="{}",
    schema={
        "type": "object",
        "properties": {"ok": {"type": "boolean"}},
        "required": ["ok"],
        "additionalProperties": False,
    },
    most_tokens=500,
)
"""Room for what models think before they answer."""
_LIMITS: Final = Limits(concurrency=1, tries=1, call_s=60.0)
"""Somebody waits, and a model at home may have to be loaded from the disk first."""


def words_schema(currency: str) -> vol.Schema:
    """Return the section `words`; prices are in a currency."""
    price = selector.NumberSelector(
        selector.NumberSelectorConfig(
            min=0,
            step="any",
            mode=selector.NumberSelectorMode.BOX,
            unit_of_measurement=currency,
        )
    )
    return vol.Schema(
        {
            **connection_schema().schema,
            vol.Required(CONF_PRICE_IN, default=0): price,
            vol.Required(CONF_PRICE_OUT, default=0): price,
            vol.Optional(CONF_BUDGET): price,
            vol.Required(
                CONF_CONCURRENCY, default=DEFAULT_CONCURRENCY
            ): selector.NumberSelector(
                selector.NumberSelectorConfig(
                    min=1, max=10, step=1, mode=selector.NumberSelectorMode.BOX
                )
            ),
            vol.Required(CONF_PSEUDONYMS, default=True): selector.BooleanSelector(),
            vol.Required(CONF_HEADLINES, default=False): selector.BooleanSelector(),
        }
    )


def connection_schema() -> vol.Schema:
    """Return the fields of `CONNECTION`."""
    return vol.Schema(
        {
            vol.Required(
                CONF_PROVIDER, default=Provider.BUILT_IN.value
            ): selector.SelectSelector(
                selector.SelectSelectorConfig(
                    options=[provider.value for provider in Provider],
                    translation_key=CONF_PROVIDER,
                )
            ),
            vol.Optional(CONF_AI_TASK): selector.EntitySelector(
                selector.EntitySelectorConfig(filter={"domain": "ai_task"})
            ),
            **key_schema().schema,
            vol.Optional(CONF_BASE_URL): selector.TextSelector(
                selector.TextSelectorConfig(type=selector.TextSelectorType.URL)
            ),
            vol.Optional(CONF_MODEL): selector.TextSelector(),
        }
    )


def key_schema() -> vol.Schema:
    """Return the field of the key alone."""
    return vol.Schema(
        {
            vol.Optional(CONF_API_KEY): selector.TextSelector(
                selector.TextSelectorConfig(
                    type=selector.TextSelectorType.PASSWORD,
                    autocomplete="current-password",
                )
            )
        }
    )


def without_key(section: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options about words without the key: it is sent to no browser."""
    return {key: value for key, value in section.items() if key != CONF_API_KEY}


def with_key(section: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was filled in with the stored key, where none was typed.

    That one goes to no other address than it was typed for, and ends with its provider.
    """
    words, before = WordsOptions.of(section), WordsOptions.of(stored)
    key = words.api_key
    if not key and words.base_url == before.base_url:
        key = before.api_key
    is_used = bool(key) and words.provider is Provider.OPENAI
    return {**without_key(section), **({CONF_API_KEY: key} if is_used else {})}


async def async_problem(
    hass: HomeAssistant, section: Mapping[str, Any], before: Mapping[str, Any]
) -> tuple[str, str] | None:
    """Return what is wrong with the options about words, and in whose words.

    Args:
        hass: Home Assistant.
        section: what was filled in.
        before: what was stored; what is asked is only tested where it differs.

    Returns:
        Key of the error and what the model said of it; None where nothing is wrong.
    """
    words = WordsOptions.of(section)
    if words.provider is Provider.BUILT_IN:
        return None
    if words.monthly_budget is not None and not (words.price_in or words.price_out):
        return "prices_missing", ""
    if words.provider is Provider.OPENAI and (found := _incomplete(words)):
        return found, ""
    if _connection(section) == _connection(before):
        return None
    return await _async_test(hass, words)


def _incomplete(words: WordsOptions) -> str | None:
    if not words.model:
        return "model_missing"
    if words.base_url is None:
        return None if words.api_key else "key_missing"
    try:
        cv.url(words.base_url)
    except vol.Invalid, ValueError:
        return "invalid_url"
    return None


def _connection(section: Mapping[str, Any]) -> WordsOptions:
    return WordsOptions.of({key: section[key] for key in CONNECTION if key in section})


async def _async_test(
    hass: HomeAssistant, words: WordsOptions
) -> tuple[str, str] | None:
    unusable = "no_ai_task"
    try:
        if words.provider is Provider.AI_TASK:
            usable_entity(hass, words.entity_id)
            return None
        unusable = "package_missing"
        model = await async_make(hass, words)
        unusable = "model_not_found"
        await _async_ask(hass, model, words)
    except ModelError as err:
        return _key_of(err, unusable), str(err)
    return None


async def _async_ask(hass: HomeAssistant, model: Model, words: WordsOptions) -> None:
    """Ask the question of the test, and write down what it cost, as of any other.

    No budget stops it: whether to ask is what the person decides by saving.

    Raises:
        ModelError: there is no answer.
    """
    prices = Prices(words.price_in, words.price_out)
    caller = Caller(model, Budget(month_now(), prices), _LIMITS)
    try:
        await caller.ask(_TEST, bool)
    finally:
        # A form may be filled in also where nothing is loaded, and no store is open.
        entries: list[ScoutConfigEntry] = hass.config_entries.async_loaded_entries(
            DOMAIN
        )
        for entry in entries:
            scout = entry.runtime_data
            await async_book_calls(
                scout.keeper.stores, caller.calls, "the test of a model"
            )
            await scout.async_refresh()


def _key_of(err: ModelError, unusable: str) -> str:
    match err:
        case BadAddress():
            return "invalid_url"
        case ModelUnpaid():
            return "no_credit"
        case ModelRefused():
            return "invalid_auth"
        case ModelUnusable():
            return unusable
        case _:
            return "cannot_connect"
