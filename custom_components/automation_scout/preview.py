"""What a language model would be told: shown, and not sent.

It is made of what is stored and of the home as it is now, as the next analysis or the
next instruction would make it. No model is needed for it, and nothing of one is
imported.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant

from .asking import contexts_of, home_of
from .drafts import Drafts
from .installer.errors import refusal
from .language import Language
from .lifecycle import OPEN
from .llm.model import id_of
from .llm.previewing import Preview, preview, preview_headlines, preview_wish
from .options import ScoutOptions
from .parts import Parts
from .suggestion import proven_of
from .wishes import Instructed
from .wording import subject_of

if TYPE_CHECKING:
    from .llm.prompt import Subject
    from .mining.result import Proven
    from .refine import Refiner
    from .store.stores import Stores
    from .store.suggestions import SuggestionRow


@dataclass(frozen=True, slots=True)
class Previewer:
    """Shows the questions of one installation."""

    hass: HomeAssistant
    options: ScoutOptions
    language: Language
    parts: Parts
    stores: Stores

    async def text(self, suggestion_id: str) -> dict[str, Any]:
        """Return what would be sent about a suggestion, to the letter.

        Beside it stands under `headlines` what would be sent about all open ones for
        common headlines; None where they are too few.

        Raises:
            UnknownSuggestion: there is none with this id.
            ServiceValidationError: nothing would be sent, as a fact is missing;
                translated.
            StoreError: it cannot be read.
        """
        row = await self.stores.suggestions.required(suggestion_id)
        # Where fewer are wanted by now, those are shown from the next analysis on.
        rows = await self.stores.suggestions.list([OPEN])
        rows = rows[: self.options.max_open]
        facts = await self.parts.collect(
            self.hass, self.parts.scope(self.options.scope)
        )
        catalogue = await self.hass.async_add_executor_job(
            self.parts.catalogue, self.hass.config.language
        )
        contexts = contexts_of(self.hass, facts)
        home = await home_of(self.hass, self.language, facts)
        build, tag = self.parts.build, catalogue.language
        try:
            own = Drafts.of([(row.id, proven_of(row))], facts, catalogue, build)
            shown = await preview(_subject(own), tag, contexts, home)
        except ValueError as err:
            raise refusal("prompt_incomplete", problem=str(err)) from err
        every = Drafts.of(_readable(rows), facts, catalogue, build)
        subjects = [subject_of(draft) for draft in every.made]
        group = await preview_headlines(subjects, tag, contexts, home)
        return {
            "suggestion_id": row.id,
            **await self._told(shown),
            "headlines": group and await self._told(group),
        }

    async def instruction(
        self, refiner: Refiner, suggestion_id: str, instruction: str
    ) -> dict[str, Any]:
        """Return what would be sent to change a suggestion by words, to the letter.

        Raises:
            ServiceValidationError: nothing would be sent (`Instructed`); translated.
            UnknownSuggestion: there is none with this id.
            StoreError: it cannot be read.
        """
        about = await Instructed.of(refiner, self.language, suggestion_id, instruction)
        shown = await self.hass.async_add_executor_job(preview_wish, about.wish)
        return {"suggestion_id": about.row.id, **await self._told(shown)}

    async def _told(self, shown: Preview) -> dict[str, Any]:
        language, model = self.language, self.language.absent
        kept = None
        if language.is_on and shown.key is not None:
            key = shown.key(id_of(model))
            kept = (await self.stores.texts.known([key])).get(key)
        return {
            "provider": model.source,
            "model": (language.is_on and model.name) or None,
            "system": shown.question.system,
            "user": shown.question.facts,
            "schema": dict(shown.question.schema),
            "pseudonyms": dict(shown.pseudonyms),
            "answer_kept": shown.is_settled(kept),
        }


def _subject(drafts: Drafts) -> Subject:
    """Return the one suggestion as a model is asked about it.

    Raises:
        ValueError: it has no text.
    """
    for err in drafts.failed.values():
        raise ValueError(err)
    return subject_of(drafts.made[0])


def _readable(rows: Iterable[SuggestionRow]) -> list[tuple[str, Proven]]:
    """Return what suggestions were made of, without those of another version."""
    found: list[tuple[str, Proven]] = []
    for row in rows:
        with suppress(ValueError):
            found.append((row.id, proven_of(row)))
    return found
