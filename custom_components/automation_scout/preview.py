"""What a language model would be told of a suggestion: shown, and not sent.

It is made of what is stored and of the home as it is now, as the next analysis would
make it. No model is needed for it, and nothing of one is imported.
"""

from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant

from .asking import contexts_of, home_of
from .drafts import Drafts
from .installer.errors import refusal
from .language import Language
from .llm.model import id_of
from .llm.writer import preview
from .options import ScoutOptions
from .parts import Parts
from .suggestion import proven_of
from .wording import subject_of

if TYPE_CHECKING:
    from .llm.prompt import Subject
    from .store.stores import Stores


async def async_preview(
    hass: HomeAssistant,
    options: ScoutOptions,
    language: Language,
    parts: Parts,
    stores: Stores,
    suggestion_id: str,
) -> dict[str, Any]:
    """Return what would be sent about a suggestion, to the letter.

    Raises:
        UnknownSuggestion: there is none with this id.
        ServiceValidationError: nothing would be sent, as a fact is missing; translated.
        StoreError: it cannot be read.
    """
    row = await stores.suggestions.required(suggestion_id)
    facts = await parts.collect(hass, parts.scope(options.scope))
    catalogue = await hass.async_add_executor_job(parts.catalogue, hass.config.language)
    try:
        drafts = Drafts.of([(row.id, proven_of(row))], facts, catalogue, parts.build)
        shown = await preview(
            _subject(drafts),
            catalogue.language,
            contexts_of(hass, facts),
            await home_of(hass, language, facts),
        )
    except ValueError as err:
        raise refusal("prompt_incomplete", problem=str(err)) from err
    model = language.absent
    key = shown.prompt.key(id_of(model))
    kept = await stores.texts.known([key]) if language.is_on else ()
    return {
        "suggestion_id": row.id,
        "provider": model.source,
        "model": (language.is_on and model.name) or None,
        "system": shown.question.system,
        "user": shown.question.facts,
        "schema": dict(shown.question.schema),
        "pseudonyms": dict(shown.pseudonyms),
        "answer_kept": key in kept,
    }


def _subject(drafts: Drafts) -> Subject:
    """Return a suggestion as a model is asked about it.

    Raises:
        ValueError: it has no text.
    """
    for err in drafts.failed.values():
        raise ValueError(err)
    return subject_of(drafts.made[0])
