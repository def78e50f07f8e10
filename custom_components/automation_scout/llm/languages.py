"""Which language a text is in, judged by the words of our own catalogues.

A catalogue has a few hundred words, so most words of a free text are unknown to it.
What tells languages apart are the letters that follow each other: for each catalogue
the trigrams of its words are counted, and a text belongs to the language under which
its own are likeliest. Words that are in a catalogue as they stand count on top of it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import repeat
from math import log
from pathlib import Path
import re
from typing import Final, Self
import unicodedata

from .. import words
from ..words.catalogue import Catalogue, base_of, load
from .names import joins
from .plain_text import values_in

NAMES: Final[Mapping[str, str]] = {
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "it": "Italian",
    "nb": "Norwegian Bokmål",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "European Portuguese",
    "pt-BR": "Brazilian Portuguese",
    "sv": "Swedish",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "zh-Hans": "Simplified Chinese",
}
"""Tag of a language to its English name, as a model is told it."""

_WORD: Final = re.compile(r"[^\W\d_]+")
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")

_LEAST_LETTERS: Final = 20
"""Shorter texts say too little: three or four words."""
_CLEARLY: Final = 0.25
"""Nats a trigram by which another language has to be likelier."""
_KNOWN_WORD: Final = 1.0
"""Nats that a known word of at least two letters counts for."""
_EVIDENCE: Final = 12.0
"""Nats of the whole text by which it has to be likelier: a short one says little."""
_OWN_SCRIPT: Final = 0.6
"""Share of words in the script of the language; the rest may be loan words."""
_ODD_LETTERS: Final = 3
_ODD_SHARE: Final = 0.02
"""Number and share of letters that the language does not have: Russian has 3 % that
Ukrainian has not. A loan word brings one or two."""
_LARGEST_ALPHABET: Final = 100
"""A catalogue shows all letters of a script that has no more of them."""
_MANY_WORDS: Final = 100
"""Fewer words do not show every letter."""
_RARE: Final = 0.5
"""Count of a trigram that was not seen."""


def name_of(language: str) -> str:
    """Return the language as a model is told it."""
    return NAMES.get(language, f"the language with the BCP 47 tag {language}")


def words_of(text: str) -> list[str]:
    """Return the words of a text, without digits, in lower case."""
    return [word.casefold() for word in _WORD.findall(text)]


@dataclass(frozen=True, slots=True)
class Language:
    """What the catalogue of one language shows of it."""

    vocabulary: frozenset[str]
    likelihoods: Mapping[str, float]
    """Trigram to the logarithm of its share."""
    unseen: float
    """The same of a trigram that is not among them."""
    script: str
    letters: frozenset[str]

    @classmethod
    def of(cls, catalogue: Catalogue) -> Self:
        """Return the language of a catalogue."""
        known = [
            word
            for text in values_in(catalogue.texts)
            if isinstance(text, str)
            for word in words_of(_PLACEHOLDER.sub(" ", text))
        ]
        trigrams = Counter(gram for word in known for gram in _trigrams(word))
        letters = Counter(_script(char) for word in known for char in word)
        script = letters.most_common(1)[0][0] if letters else ""
        alphabet = frozenset("".join(known))
        size = trigrams.total() + _RARE * _TRIGRAMS
        shares = {gram: log((n + _RARE) / size) for gram, n in trigrams.items()}
        return cls(frozenset(known), shares, log(_RARE / size), script, alphabet)

    def odd_letters(self, text: list[str]) -> int:
        """Return how many letters of words the language does not have."""
        if len(self.letters) > _LARGEST_ALPHABET or len(self.vocabulary) < _MANY_WORDS:
            return 0
        return sum(
            not char.isascii() and char not in self.letters
            for word in text
            for char in word
        )

    def score(self, words: list[str], grams: list[str]) -> float:
        """Return the mean log-likelihood of the trigrams of words, in nats."""
        seen = sum(map(self.likelihoods.get, grams, repeat(self.unseen)))
        known = sum(map(self.vocabulary.__contains__, words))
        return (seen + _KNOWN_WORD * known) / len(grams)


_TRIGRAMS: Final = 4000
"""About as many trigrams have the words of a language; what is unseen shares in it."""


class Languages:
    """The languages that there are catalogues of."""

    def __init__(self, known: Mapping[str, Language]) -> None:
        """Take languages by their tags."""
        self._known = known

    @classmethod
    def of(cls, catalogues: Iterable[Catalogue]) -> Self:
        """Return the languages of catalogues."""
        return cls({item.language: Language.of(item) for item in catalogues})

    def vocabulary(self, language: str) -> frozenset[str]:
        """Return the words of a language that its catalogue has, in lower case."""
        known = self._known.get(language)
        return known.vocabulary if known else frozenset()

    def is_foreign(self, text: str, language: str) -> bool:
        """Return whether a text is clearly not in a language.

        The same language of another region is not another one: a few hundred words do
        not tell Lisbon from São Paulo.

        Args:
            text: without the names of the home, which are in any language.
            language: in which it should be.
        """
        expected = self._known.get(language)
        if expected is None:
            return False
        found = words_of(text)
        scripts = Counter(script for word in found for script in _scripts(word))
        if scripts[expected.script] < _OWN_SCRIPT * scripts.total():
            return True
        letters = sum(map(len, found))
        if letters < _LEAST_LETTERS:
            return False
        if expected.odd_letters(found) >= max(_ODD_LETTERS, _ODD_SHARE * letters):
            return True
        grams = [gram for word in found for gram in _trigrams(word)]
        long = [word for word in found if len(word) > 1]
        own = expected.score(long, grams)
        clearly = max(_CLEARLY, _EVIDENCE / letters)
        return any(
            known.score(long, grams) > own + clearly
            for tag, known in self._known.items()
            if known.script == expected.script and base_of(tag) != base_of(language)
        )


@cache
def load_all() -> Languages:
    """Read every catalogue that there is, from disk: blocks, the first time."""
    folder = Path(words.__file__).parent
    return Languages.of(load(path.stem) for path in sorted(folder.glob("*.json")))


def _trigrams(word: str) -> Iterator[str]:
    padded = f" {word} "
    return (padded[at : at + 3] for at in range(len(padded) - 2))


def _scripts(word: str) -> Iterator[str]:
    """Yield the script of a word, or of each character where words have no spaces."""
    for at, char in enumerate(word):
        if not at or not joins(char):
            yield _script(char)


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    """Return the script of a letter, as its name in Unicode has it."""
    return unicodedata.name(char, "").partition(" ")[0]
