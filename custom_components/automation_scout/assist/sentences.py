"""Sentences that Assist understands without any model, and what it says then.

Each begins with words that nobody says of anything else: what fits a sentence is taken
from every other agent. What was said aloud to us needs no number to be confirmed by.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from homeassistant.components.conversation.agent_manager import get_agent_manager
from homeassistant.components.conversation.models import ConversationInput
from homeassistant.core import CALLBACK_TYPE
from homeassistant.exceptions import HomeAssistantError

from ..error_text import async_error_text
from ..words.catalogue import FALLBACK, Catalogue, load, nearest
from .confirming import Turn
from .desk import Desk, Outcome
from .saying import line, title_of

if TYPE_CHECKING:
    from hassil.recognize import RecognizeResult

FOLDER: Final = Path(__file__).parent.parent / "sentences"
_MOST_TOLD: Final = 5


@dataclass(frozen=True, slots=True)
class Language:
    """What is said, and answered, in one language."""

    words: Catalogue
    fillers: tuple[str, ...]
    sentences: Mapping[str, list[str]]
    """Request (`list`, `why`, `accept`, `confirm`, `dismiss`, `undo`) to sentences."""


def languages_for(language: str) -> list[Language]:
    """Read the language of a home, and English. Blocks: for the executor."""
    known = {path.stem for path in FOLDER.glob("*.json")}
    return [_read(tag) for tag in dict.fromkeys((nearest(language, known), FALLBACK))]


def _read(tag: str) -> Language:
    data = json.loads((FOLDER / f"{tag}.json").read_text(encoding="utf-8"))
    return Language(load(tag), tuple(data["fillers"]), data["sentences"])


class Listener:
    """Answers what is said in one language."""

    def __init__(self, desk: Desk, language: Language) -> None:
        """Take the requests to a desk."""
        self._desk = desk
        self._language = language

    def register(self) -> list[CALLBACK_TYPE]:
        """Have the sentences understood, until the returned functions are called."""
        manager = get_agent_manager(self._desk.hass)
        return [
            manager.register_trigger(sentences, partial(self._answer, request))
            for request, sentences in self._language.sentences.items()
        ]

    async def _answer(
        self, request: str, said: ConversationInput, result: RecognizeResult
    ) -> str | None:
        """Return what is said to a request."""
        entity = result.entities.get("name")
        name = str(entity.value) if entity else ""
        try:
            outcome = await self._ask(request, said, name)
        except HomeAssistantError as err:
            language = self._language.words.language
            return await async_error_text(self._desk.hass, err, language)
        return self._said(outcome, name)

    async def _ask(self, request: str, said: ConversationInput, name: str) -> Outcome:
        desk = self._desk
        if request == "list":
            return await desk.listed()
        if request == "why":
            return await desk.why(name)
        if request == "dismiss":
            return await desk.dismiss(said.context, name)
        if request == "undo":
            return await desk.undo(said.context, name)
        turn = Turn(said.context.id, confirms=request == "confirm")
        return await desk.accept(said.context, name, turn)

    def _said(self, outcome: Outcome, name: str) -> str:
        words = self._language.words
        titles = [title_of(item) for item in outcome.about]
        if outcome.key == "listed":
            if not titles:
                return words.fill("speech", "none")
            shown = words.shorten(titles, most=_MOST_TOLD)
            return words.fill("speech", "listed", titles=shown)
        if outcome.key == "unknown":
            return words.fill("speech", "unknown", name=line(name))
        if outcome.key == "ambiguous":
            shown = words.shorten(titles, most=_MOST_TOLD)
            return words.fill("speech", "ambiguous", titles=shown)
        if outcome.key == "why":
            item = outcome.about[0]
            texts = (line(item["description"]), line(item["rationale"]))
            return words.paragraph(filter(None, texts))
        title, reasons = titles[0] if titles else "", line(outcome.reasons)
        return words.fill("speech", outcome.key, title=title, reasons=reasons)
