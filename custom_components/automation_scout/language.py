"""The language model that a person has chosen, made when it is first needed.

Nothing of it is imported before, and never on the event loop.
"""

import asyncio
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.httpx_client import get_async_client

from .const import LOGGER
from .llm.ai_task import AITaskModel, usable_entity
from .llm.model import ModelError, ModelUnusable
from .options import Provider, WordsOptions

if TYPE_CHECKING:
    from .llm.budget import Budget
    from .llm.model import Answer, Model, Question

NO_KEY: Final = "none"
"""The package wants a key also where the server does not."""


@dataclass(frozen=True, slots=True)
class Absent:
    """A model that cannot be asked."""

    source: str
    name: str

    async def ask(self, question: Question, timeout_s: float) -> Answer:
        """Refuse.

        Raises:
            ModelUnusable: always.
        """
        raise ModelUnusable(f"{self.name} cannot be asked")


@dataclass(slots=True)
class Language:
    """The model of a config entry; it lasts until the entry is loaded anew."""

    hass: HomeAssistant
    entry: ConfigEntry
    options: WordsOptions
    budget: Budget | None = None
    """Of the month in which a model was asked last; all that ask share it."""
    _model: Model | None = None
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def is_on(self) -> bool:
        """Whether a person has chosen a model."""
        return self.options.provider is not Provider.BUILT_IN

    @property
    def absent(self) -> Model:
        """Stand for the model where it cannot be made: what it wrote is still its."""
        if self.options.provider is Provider.AI_TASK:
            return AITaskModel(self.hass, self.options.entity_id)
        return Absent(self.options.provider.value, self.options.model)

    async def async_chosen(self) -> Model:
        """Return the model of a person who has chosen one.

        Raises:
            ModelError: it cannot be used.
        """
        if self.options.provider is Provider.AI_TASK:
            usable_entity(self.hass, self.options.entity_id)
        async with self._making:
            if self._model is None:
                self._model = await async_make(self.hass, self.options)
        return self._model

    @callback
    def note_refused(self) -> None:
        """Ask the person for another key; asked already, nothing happens."""
        self.entry.async_start_reauth(self.hass)


async def async_make(hass: HomeAssistant, options: WordsOptions) -> Model:
    """Return a model of a provider that has one.

    Raises:
        ModelUnusable: what it needs is missing.
    """
    if options.provider is Provider.AI_TASK:
        return AITaskModel(hass, options.entity_id)
    return await _async_openai(hass, options)


async def _async_openai(hass: HomeAssistant, options: WordsOptions) -> Model:
    """Import the package and make a client, both where they may block.

    Raises:
        ModelUnusable: it is missing or broken, or the address is none.
        ModelRefused: the key is none.
    """
    key, http_client = options.api_key or NO_KEY, get_async_client(hass)
    try:
        ours = await hass.async_add_import_executor_job(
            import_module, f"{__package__}.llm.openai"
        )
        client = await hass.async_add_executor_job(
            ours.make_client, key, options.base_url, http_client
        )
    except ModelError:
        raise
    except ImportError as err:
        raise ModelUnusable("the openai package is missing") from err
    except Exception as err:
        # Half an installation raises anything.
        LOGGER.debug("The openai package cannot be used", exc_info=True)
        name = type(err).__name__
        raise ModelUnusable(f"the openai package is broken: {name}") from err
    model: Model = ours.OpenAIModel(client, options.model)
    return model
