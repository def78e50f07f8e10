"""An answer of a model, read strictly: it fills text fields, or it is not taken.

Nothing is repaired but what nobody can see. Each check has a name, so that a person can
be told why a text is still the template's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
import json
import re
from typing import Any, Final, Self
import unicodedata

from ..words.templates import Text
from .folding import fold
from .free_words import free_words_of
from .languages import Languages, words_of
from .model import Answer
from .names import Names, replaced
from .plain_text import has_markup, one_line, values_in
from .prompt import (
    CATEGORIES,
    MAX_DESCRIPTION,
    MAX_RATIONALE,
    MAX_TITLE,
    PRIORITIES,
    Prompt,
    dumped,
)
from .pseudonyms import Pseudonyms
from .refusal import Reason, Refusal

_MOST: Final = 20_000
"""Characters of an answer; the fields together have 1,100."""
_FENCE: Final = "```"
_LABEL: Final = re.compile(r"[a-zA-Z]*")
"""Of a fence: the language of what is in it."""
_THOUGHT: Final = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
"""What some local models put before their answer."""
_NUMBER: Final = re.compile(r"\d+(?:[.,:]\d+)*")
_PART: Final = re.compile(r"\d+")
_LEAST_NAME: Final = 4
"""Shorter names are words, or parts of them, in some language."""

type Number = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The checked words of a model for one suggestion."""

    title: str
    description: str
    rationale: str = ""
    """A sentence without the numbers of the evidence, or ""."""
    category: str | None = None
    """None leaves it as it is."""
    priority: str | None = None
    judged: str | None = None
    """The priority by the evidence, when the model said its own."""

    def over(self, text: Text) -> Text:
        """Return the text of a suggestion; the counted rationale stays, at the end."""
        rationale = f"{self.rationale} {text.rationale}".strip()
        return Text(self.title, self.description, rationale, text.language)

    def category_over(self, category: str) -> str:
        """Return the category of the suggestion, given that of the templates."""
        return self.category or category

    def priority_over(self, priority: str) -> str:
        """Return the priority, given that by the evidence.

        Where the evidence says something else by now, the model judged what is past.
        """
        return self.priority if self.priority and priority == self.judged else priority

    def to_json(self) -> str:
        """Return the words as they are kept."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return json.dumps(values, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """Return kept words, None where they are none."""
        try:
            values = json.loads(text)
            words = cls(**values)
        except TypeError, ValueError, RecursionError:
            return None
        kept = (words.title, words.description, words.rationale)
        return words if all(isinstance(text, str) for text in kept) else None


class Bounds:
    """What the text of an answer may say: names, numbers and language."""

    def __init__(
        self, said: str, own: list[str], names: Names, languages: Languages, tag: str
    ) -> None:
        """Take what the text is about.

        Args:
            said: all texts and facts that it may repeat.
            own: names that it may say.
            names: of the home.
            languages: that can be told apart.
            tag: language that it is to be in.
        """
        self._own = own
        self._said = fold(said)
        self._said_there = frozenset(said)
        self._names = names
        self._languages = languages
        self._language = tag
        vocabulary = languages.vocabulary(tag)
        self._usual = vocabulary | frozenset(words_of(said))
        self._numbers = numbers_in(said) | {
            (int(part),) for part in _PART.findall(said)
        }

    def check(self, field: str, line: str) -> None:
        """Check one field.

        Raises:
            Refusal: it says what it may not.
        """
        rest = self._without_own(line)
        if has_markup(rest):
            raise Refusal(Reason.MARKUP, field)
        if not numbers_in(rest) <= self._numbers or self._has_odd_digits(rest):
            raise Refusal(Reason.NUMBERS, field)
        if any(self._is_foreign(name.shown) for name in self._names.found_in(rest)):
            raise Refusal(Reason.FOREIGN_NAMES, field)

    def check_language(self, text: str) -> None:
        """Check the language of all fields together.

        Raises:
            Refusal: it is another one.
        """
        if self._languages.is_foreign(self._without_own(text), self._language):
            raise Refusal(Reason.LANGUAGE)

    def _has_odd_digits(self, text: str) -> bool:
        """Return whether there is a "⁹" or "½" that the facts do not have."""
        odd = (char for char in text if unicodedata.category(char) in {"Nl", "No"})
        return any(char not in self._said_there for char in odd)

    def _without_own(self, text: str) -> str:
        return replaced(text, self._own, lambda _: " ")[0]

    def _is_foreign(self, name: str) -> bool:
        if len(name) < _LEAST_NAME or fold(name) in self._said:
            return False
        # A room called "Evening" does not take the word from anybody.
        words = words_of(name)
        return len(words) != 1 or words[0] not in self._usual


def read(
    answer: Answer,
    prompt: Prompt,
    names: Names,
    languages: Languages,
    pseudonyms: Pseudonyms | None = None,
) -> Words:
    """Return the words of an answer to the question of a prompt.

    Args:
        answer: as it came.
        prompt: what was asked.
        names: of the home.
        languages: that can be told apart.
        pseudonyms: that the question was asked with.

    Raises:
        Refusal: the template stands.
    """
    data = object_of(answer.data)
    restore = pseudonyms.restore if pseudonyms else str
    limits = {"title": MAX_TITLE, "description": MAX_DESCRIPTION}
    fields = {key: field_of(data, key, most, restore) for key, most in limits.items()}
    rationale = ""
    if data.get("rationale") not in (None, ""):
        rationale = field_of(data, "rationale", MAX_RATIONALE, restore, may_be="")
    bounds = bounds_of([prompt], names, languages)
    for key, line in (*fields.items(), ("rationale", rationale)):
        bounds.check(key, line)
    bounds.check_language(" ".join((*fields.values(), rationale)))
    return Words(
        fields["title"],
        fields["description"],
        rationale,
        _one_of(data.get("category"), CATEGORIES),
        _one_of(data.get("priority"), PRIORITIES),
        prompt.subject.priority,
    )


def bounds_of(prompts: Sequence[Prompt], names: Names, languages: Languages) -> Bounds:
    """Return what an answer about these prompts, one at least, may say."""
    said = dumped([value for prompt in prompts for value in values_in(prompt.rule)])
    own: list[str] = []
    for prompt in prompts:
        for item in prompt.contexts.values():
            own += _own(item.plain())
        own += (name.shown for name in free_words_of(prompt.subject.proven))
    return Bounds(said, own, names, languages, prompts[0].language)


def object_of(data: object) -> Mapping[str, Any]:
    """Return the object of an answer, which may come as text or in a fence.

    Raises:
        Refusal: there is none.
    """
    if data is None:
        raise Refusal(Reason.EMPTY)
    if isinstance(data, str):
        text = _THOUGHT.sub("", data, count=1).strip()
        if not text:
            raise Refusal(Reason.EMPTY)
        if len(text) > _MOST:
            raise Refusal(Reason.TOO_LONG)
        text = _unfenced(text)
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as err:
            raise Refusal(Reason.NO_JSON) from err
    if not isinstance(data, Mapping):
        raise Refusal(Reason.NO_JSON)
    if not data:
        raise Refusal(Reason.EMPTY)
    return data


def _unfenced(text: str) -> str:
    """Return what stands in a fence; an answer may be nothing but blanks in between."""
    if len(text) < 2 * len(_FENCE) or not text.startswith(_FENCE):
        return text
    if not text.endswith(_FENCE):
        return text
    return _LABEL.sub("", text[len(_FENCE) : -len(_FENCE)], count=1)


def field_of(
    data: Mapping[str, Any],
    key: str,
    most: int,
    restore: Callable[[str], str] = str,
    may_be: str | None = None,
) -> str:
    """Return a text field as one line.

    Args:
        data: the answer.
        key: of the field.
        most: characters that it may have.
        restore: puts names in the place of tokens.
        may_be: what it is where nothing is to be seen of it; None refuses that.

    Raises:
        Refusal: it is no text, empty or too long.
    """
    value = data.get(key)
    if not isinstance(value, str):
        raise Refusal(Reason.MISSING_FIELD, key)
    if len(value) > _MOST:
        raise Refusal(Reason.TOO_LONG, key)
    line = one_line(restore(value))
    if not any(char.isalnum() for char in line):
        if may_be is None:
            raise Refusal(Reason.EMPTY, key)
        return may_be
    if len(line) > most:
        raise Refusal(Reason.TOO_LONG, key)
    return line


def numbers_in(text: str) -> set[Number]:
    """Return the numbers and times of a text: (6, 45) for "06:45", (21, 5) for "21,5".

    Zeros at the end are dropped: what is "7" to one is "07:00" or "7.0" to another.
    """
    return {_number(match[0]) for match in _NUMBER.finditer(text)}


def _number(text: str) -> Number:
    parts = [int(part[:18]) for part in _PART.findall(text)]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return tuple(parts)


def _one_of(value: object, known: tuple[str, ...]) -> str | None:
    return value if isinstance(value, str) and value in known else None


def _own(context: Mapping[str, object]) -> list[str]:
    """Return the names in a context; marks alone would hide markup, and are none."""
    keys = ("name", "area", "device")
    names = [str(context[key]) for key in keys if key in context]
    return [name for name in names if sum(map(str.isalnum, name)) > 1]
