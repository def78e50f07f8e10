"""What a language model would be told of a suggestion: shown, and not sent.

It is made of what is stored and of the home as it is now, as the next analysis would
make it. No model is needed for it, and nothing of one is imported.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from homeassistant.core import HomeAssistant

from .asking import contexts_of, home_of
from .drafts import Drafts
from .installer.errors import refusal
from .language import Language
from .lifecycle import OPEN
from .llm.model import id_of
from .llm.writer import preview
from .options import ScoutOptions
from .parts import Parts
from .suggestion import proven_of
from .wording import subject_of

if TYPE_CHECKING:
    from .llm.prompt import Subject
    from .mining.result import Proven
    from .store.stores import Stores
    from .store.suggestions import SuggestionRow


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
    beside = await stores.suggestions.list([OPEN])
    facts = await parts.collect(hass, parts.scope(options.scope))
    catalogue = await hass.async_add_executor_job(parts.catalogue, hass.config.language)
    try:
        proven = {**_readable(beside), row.id: proven_of(row)}
        drafts = Drafts.of(proven.items(), facts, catalogue, parts.build)
        subjects = _subjects(drafts, row.id)
        shown = await preview(
            subjects[row.id],
            subjects.values(),
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


def _subjects(drafts: Drafts, suggestion_id: str) -> dict[str, Subject]:
    """Return suggestions as a model is asked about them, this one among them.

    Raises:
        ValueError: it has no text.
    """
    if suggestion_id in drafts.failed:
        raise ValueError(drafts.failed[suggestion_id])
    return {draft.key: subject_of(draft) for draft in drafts.made}


def _readable(rows: Iterable[SuggestionRow]) -> dict[str, Proven]:
    """Return what suggestions were made of, without those of another version."""
    found: dict[str, Proven] = {}
    for row in rows:
        with suppress(ValueError):
            found[row.id] = proven_of(row)
    return found
