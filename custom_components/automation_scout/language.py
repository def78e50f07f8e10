"""The language model that a person has chosen, made when it is first needed.

Nothing of it is imported before, and never on the event loop.
"""

import asyncio
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.httpx_client import get_async_client

from .llm.ai_task import AITaskModel, usable_entity
from .llm.model import ModelUnusable
from .options import Provider, WordsOptions

if TYPE_CHECKING:
    from .llm.model import Model


@dataclass(slots=True)
class Language:
    """The model of a config entry; it lasts until the entry is loaded anew."""

    hass: HomeAssistant
    entry: ConfigEntry
    options: WordsOptions
    _model: Model | None = None
    _making: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def async_model(self) -> Model | None:
        """Return the model, None where the built-in words are chosen.

        Raises:
            ModelError: there is one, but it cannot be used.
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


async def async_make(hass: HomeAssistant, options: WordsOptions) -> Model | None:
    """Return a model, None where the built-in words are chosen.

    Raises:
        ModelUnusable: what it needs is missing.
    """
    match options.provider:
        case Provider.BUILT_IN:
            return None
        case Provider.AI_TASK:
            return AITaskModel(hass, options.entity_id)
        case Provider.OPENAI:
            return await _async_openai(hass, options)


async def _async_openai(hass: HomeAssistant, options: WordsOptions) -> Model:
    """Import the package and make a client, both where they may block."""
    try:
        module = await hass.async_add_import_executor_job(
            import_module, f"{__package__}.llm.openai"
        )
        http = get_async_client(hass)
        made = await hass.async_add_executor_job(
            module.OpenAIModel,
            options.api_key,
            options.base_url,
            options.model,
            http,
        )
    except ImportError as err:
        raise ModelUnusable("the openai package is missing") from err
    model: Model = made
    return model
