"""Tokens in the place of names: nothing that a person named leaves the home.

A token is a word for the kind of thing and six digits, `Light_482131`. The digits come
from a key of the installation and the name, so that they are the same in the next run
and tell nobody what they stand for. On the way back the digits decide: a model may
decline the word, translate it, or put an ending behind the digits.
"""

from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
import re
from typing import Final

from ..mining.rules import DERIVED
from .free_words import USUAL
from .names import PERSON, Name, Names, joins, kind_of, replaced
from .plain_text import values_in

_DIGITS: Final = 6
# Both begin where a word does: from within it they would search it again and again.
_TOKEN: Final = re.compile(
    rf"(?<![^\W\d_])([^\W\d_]+)(\\?_|[-\s])(\d{{{_DIGITS}}})(?!\d)"
)
_ENTITY_ID: Final = re.compile(
    r"(?<![a-zA-Z0-9_.])[a-z][a-z_]+\.[a-z0-9_]{2,}(?![a-zA-Z0-9_]|\.\w)"
)
_LEAST_STEM: Final = 4
"""Letters of a name that may have an ending: "Tim" begins "time", and "Eve" "even"."""


class Pseudonyms:
    """The tokens of the names of one home."""

    def __init__(
        self, key: bytes, names: Iterable[Name], base: Pseudonyms | None = None
    ) -> None:
        """Give every name its token.

        Args:
            key: of the installation, at most 64 bytes; a secret.
            names: of the home.
            base: tokens that are given already, by the same key; they stay.
        """
        self._key = key
        self.names: Names = Names(names, base.names if base else None)
        """All names that have a token."""
        self.tokens: dict[Name, str] = dict(base.tokens) if base else {}
        """Name to token."""
        self.by_digits: dict[str, tuple[str, str]] = (
            dict(base.by_digits) if base else {}
        )
        """Digits of a token to the kind and the text of its name."""
        for name in sorted(set(self.names) - self.tokens.keys(), key=_order):
            self._give(name)

    def hide(self, text: str) -> str:
        """Return a text with tokens in the place of names."""
        return self._hidden(text, self._spellings(text))

    def hide_data(self, data: object, plain: frozenset[str] = frozenset()) -> object:
        """Return JSON values with tokens in the place of names.

        Args:
            data: values; what is under a key is hidden, the key is not.
            plain: keys under which there are our own words alone.
        """
        texts = (value for value in values_in(data) if isinstance(value, str))
        spellings = self._spellings("\n".join(texts))
        return self._hidden_data(data, plain, spellings)

    def names_in(self, text: str) -> list[Name]:
        """Return the names that a text holds, each once."""
        found = self._found(text, self._spellings(text), str)[1]
        names = dict.fromkeys(map(self.names.named, found))
        return [name for name in names if name is not None]

    def _spellings(self, text: str) -> set[str]:
        """Return what may have to be hidden in a text, or in any part of it.

        Ids of entities that nobody knows any more are names as well. Those that every
        home has are found first, and kept: a room may be called as a part of one.
        """
        return {*self.names.candidates(text), *_ENTITY_ID.findall(text)}

    def _hidden(self, text: str, spellings: set[str]) -> str:
        # A thing may be called like a state, which stays a state.
        return text if text in USUAL else self._found(text, spellings, self._token)[0]

    def _found(
        self, text: str, spellings: set[str], by: Callable[[str], str]
    ) -> tuple[str, list[str]]:
        people = [name for name in spellings if self._may_end(name)]
        return replaced(text, spellings, by, people)

    def _may_end(self, spelling: str) -> bool:
        name = self.names.named(spelling)
        return name is not None and name.kind == PERSON and len(spelling) >= _LEAST_STEM

    def _hidden_data(
        self, data: object, plain: frozenset[str], spellings: set[str]
    ) -> object:
        match data:
            case str():
                return self._hidden(data, spellings)
            case Mapping():
                return {
                    key: value
                    if key in plain
                    else self._hidden_data(value, plain, spellings)
                    for key, value in data.items()
                }
            case list() | tuple():
                return [self._hidden_data(item, plain, spellings) for item in data]
            case _:
                return data

    def used_in(self, text: str) -> dict[str, str]:
        """Return the tokens in a text of our own, and the name that each stands for."""
        found = {match[0]: match[3] for match in _TOKEN.finditer(text)}
        return {
            token: self.by_digits[digits][1]
            for token, digits in found.items()
            if digits in self.by_digits
        }

    def restore(self, text: str) -> str:
        """Return a text with the names in the place of their tokens."""
        return _TOKEN.sub(self._restored, text)

    def _restored(self, match: re.Match[str]) -> str:
        known = self.by_digits.get(match[3])
        if known is None:
            return match[0]
        kind, name = known
        word, gap = match[1], match[2]
        if word.casefold().endswith(kind.casefold()):
            # Where no spaces are written, the sentence goes on before the token.
            return f"{word[: -len(kind)]}{name}"
        if gap.isspace():
            return f"{word}{gap}{name}"
        return name if all(map(joins, word)) else f"{word}{name}"

    def _token(self, spelling: str) -> str:
        if spelling in DERIVED:
            return spelling
        name = self.names.named(spelling)
        if name is None:
            name = Name(kind_of(spelling), "", spelling)
        return self.tokens.get(name) or self._give(name)

    def _give(self, name: Name) -> str:
        """Return a token that no other name has."""
        digits = next(d for d in self._digits(name) if d not in self.by_digits)
        self.by_digits[digits] = (name.kind, name.shown)
        token = f"{name.kind}_{digits}"
        self.tokens[name] = token
        return token

    def _digits(self, name: Name) -> Iterable[str]:
        about = f"{name.kind}\0{name.text.casefold()}\0{name.entity_id}"
        for n in range(10**_DIGITS):
            data = f"{n}\0{about}".encode(errors="replace")
            digest = blake2b(data, key=self._key, digest_size=8).digest()
            yield f"{int.from_bytes(digest) % 10**_DIGITS:0{_DIGITS}}"


def _order(name: Name) -> tuple[str, str, str]:
    return name.kind, name.text, name.entity_id
