"""Who was asked to confirm what, until when.

A question waits for the words of the person who was asked. To a model it gives a number
that nobody could know before, and the number has to come back in what the person says
later in the same conversation; whatever the model itself says confirms nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
import re
import secrets
from typing import Final
import unicodedata

VALID_FOR: Final = timedelta(minutes=5)
"""As long as Home Assistant keeps a conversation open."""
_LEAST: Final = 100
_MOST: Final = 999
"""Numbers of three digits, which are heard and typed without a mistake."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a person says: one turn of a conversation."""

    context_id: str
    conversation_id: str = ""
    """The conversation with a model; empty where there is none in between."""
    words: str = ""
    """What the person said last in it."""
    confirms: bool = False
    """The person said to us, with no model in between, that this is a confirmation."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that waits for an answer."""

    suggestion_id: str
    number: str
    until: datetime
    turn: Turn
    """Where it was asked."""

    def is_answered_by(self, turn: Turn) -> bool:
        """Return whether a person has confirmed it since it was asked."""
        if turn.context_id == self.turn.context_id:
            return False
        return turn.confirms or (
            turn.conversation_id == self.turn.conversation_id
            and says(self.number, turn.words)
        )


def says(number: str, words: str) -> bool:
    """Return whether a number is among words, its digits perhaps apart: "4 1 7"."""
    digits = "".join(
        str(unicodedata.decimal(char)) if char.isdecimal() else char for char in words
    )
    apart = r"[\s-]?".join(number)
    return re.search(rf"(?<![\d:.,]){apart}(?![\d:])", digits) is not None


@dataclass(slots=True)
class Confirmations:
    """The last question to each person."""

    now: Callable[[], datetime]
    _asked: dict[str, Question] = field(default_factory=dict)

    def ask(self, user_id: str, suggestion_id: str, turn: Turn) -> str:
        """Ask, or ask again in the same conversation; return the number."""
        waiting = self.waiting(user_id, suggestion_id)
        if waiting and waiting.turn.conversation_id == turn.conversation_id != "":
            return waiting.number
        number = str(_LEAST + secrets.randbelow(_MOST - _LEAST + 1))
        until = self.now() + VALID_FOR
        self._asked[user_id] = Question(suggestion_id, number, until, turn)
        return number

    def waiting(self, user_id: str, suggestion_id: str) -> Question | None:
        """Return the question to a person about a suggestion."""
        asked = self._asked.get(user_id)
        if asked and asked.suggestion_id == suggestion_id and self.now() < asked.until:
            return asked
        return None

    def close(self, user_id: str) -> None:
        """Forget the question to a person."""
        self._asked.pop(user_id, None)
