"""Changing suggestions, by changes or by an instruction in words."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from homeassistant.core import HomeAssistant

from .language import Language
from .options import ScoutOptions
from .parts import Parts
from .preview import Previewer
from .refine import Refiner
from .refine_words import WordRefiner
from .store.stores import Stores


@dataclass(frozen=True, slots=True)
class Refining:
    """Changes the suggestions of one installation."""

    hass: HomeAssistant
    options: ScoutOptions
    language: Language
    parts: Callable[[], Awaitable[Parts]]
    stores: Callable[[], Stores]
    """Those that are open now; a damaged one is replaced."""
    verdicts: asyncio.Lock
    """Held while a suggestion is read, changed and written."""
    translated: Callable[[], AbstractAsyncContextManager[None]]
    """Turns errors of the stores into translated ones."""
    refresh: Callable[[], Awaitable[None]]
    """Shows what is open now."""
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _running: set[asyncio.Task[dict[str, Any]]] = field(default_factory=set)

    async def async_refine(
        self,
        suggestion_id: str,
        changes: Mapping[str, Any] | None = None,
        instruction: str | None = None,
    ) -> dict[str, Any]:
        """Change what a suggestion proposes; return it with its back-test.

        Args:
            suggestion_id: its id.
            changes: what is to be different, in the schema of `mining.refining`.
            instruction: the same in words, in the place of `changes`.

        Raises:
            ServiceValidationError: there is none with this id, it is not open, or the
                changes cannot be made; translated.
            HomeAssistantError: the language model gave no answer, or the store cannot
                be used; translated.
        """
        parts = await self.parts()
        try:
            async with self.translated():
                refiner = self._refiner(parts)
                if instruction is None:
                    return await refiner.refine(suggestion_id, changes or {})
                words = WordRefiner(
                    self.hass, refiner, self.language, self._turn, self._running
                )
                return await words.async_refine(suggestion_id, instruction)
        finally:
            # What was asked may have cost something, whatever came of it.
            await self.refresh()

    async def async_preview(
        self, suggestion_id: str, instruction: str
    ) -> dict[str, Any]:
        """Return what a model would be told of an instruction (`Previewer`).

        Raises:
            ServiceValidationError: nothing would be sent; translated.
            HomeAssistantError: the store cannot be used; translated.
        """
        parts = await self.parts()
        async with self.translated():
            refiner = self._refiner(parts)
            previewer = Previewer(
                self.hass, self.options, self.language, parts, refiner.stores
            )
            return await previewer.instruction(refiner, suggestion_id, instruction)

    def _refiner(self, parts: Parts) -> Refiner:
        return Refiner(self.hass, self.options, parts, self.stores(), self.verdicts)

    async def async_end(self) -> None:
        """End the instructions that are under way; what they cost is written down."""
        running = list(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running)
