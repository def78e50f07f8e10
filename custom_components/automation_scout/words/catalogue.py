"""Catalogue of one language: templates by key, with a fall-back to English."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
import json
from pathlib import Path
from typing import Any, Final

from .plurals import plural

FALLBACK: Final = "en"
ANY: Final = "*"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The templates of one language."""

    language: str
    texts: Mapping[str, Any]

    def fill(self, *path: str, **values: str | int) -> str:
        """Return the template at the path with its placeholders filled.

        Raises:
            KeyError: there is no such template, or a placeholder has no value.
        """
        found: Any = self.texts
        for key in path:
            found = found[key]
        return str(found).format(**values)

    def count(self, unit: str, n: int, family: str = "count") -> str:
        """Return a number with its unit: "1 day", "3 days".

        Args:
            unit: a key of `count`.
            n: how many.
            family: `count_lasting` for how long something lasts, where a language has
                another case for that; most do not.
        """
        family = family if self.has(family, unit) else "count"
        return self.fill(family, unit, plural(self.language, n), n=n)

    def counted(self, unit: str, **numbers: int) -> dict[str, str | int]:
        """Return each number with its unit, and without it as `<name>_n`.

        A language whose word for the unit would not fit the sentence says the number.
        """
        return {
            key: value
            for name, n in numbers.items()
            for key, value in ((name, self.count(unit, n)), (f"{name}_n", n))
        }

    def sentence(self, text: str) -> str:
        """Return a text with a capital at its start, but "iPad" as it is."""
        first, second = text[:1], text[1:2]
        if second.isupper():
            return text
        # The Turkish capital of a dotted i has its dot.
        capital = "İ" if (self.language, first) == ("tr", "i") else first.upper()
        return capital + text[1:]

    def enumerate(self, items: list[str], family: str = "list") -> str:
        """Join items the way the language does it.

        Args:
            items: what is joined; at least one.
            family: `list_acts`, `list_clauses` or `list_durations` for what a language
                may join otherwise than names; most do not.
        """
        if len(items) < 2:
            return items[0]
        family = family if self.has(family) else "list"
        separator = self.fill(family, "separator")
        form = "two" if len(items) == 2 else "more"
        return self.fill(family, form, first=separator.join(items[:-1]), last=items[-1])

    def shorten(self, items: list[str], family: str = "list", most: int = 3) -> str:
        """Join items, but of more than `most` the last ones are only counted."""
        if len(items) > most:
            rest = self.fill("list", "rest", n=len(items) - most + 1)
            items = [*items[: most - 1], rest]
        return self.enumerate(items, family)

    def paragraph(self, sentences: Iterable[str]) -> str:
        """Return sentences one after the other; Chinese has no space between them."""
        has_own = self.has("between_sentences")
        return (self.fill("between_sentences") if has_own else " ").join(sentences)

    def form(self, family: str, kind: str) -> str:
        """Return the template of a kind, or the one for any kind."""
        table = self.texts[family]
        return str(table.get(kind, table[ANY]))

    def phrase(self, family: str, kinds: tuple[str, ...], state: str) -> str:
        """Return the template for a state of the most special kind that has one.

        The state itself is looked for in every kind, then the form for any state.
        """
        table = self.texts[family]
        rows = [table[kind] for kind in (*kinds, ANY) if kind in table]
        for wanted in (state, ANY):
            for row in rows:
                if wanted in row:
                    return str(row[wanted])
        raise KeyError(f"{family}: no form for any state")

    def state(self, state: str) -> str:
        """Return a state in words."""
        known = self.texts["state"].get(state)
        return str(known) if known else state.replace("_", " ")

    def has(self, *path: str) -> bool:
        """Return whether there is a template at the path."""
        found: Any = self.texts
        for key in path:
            if not isinstance(found, Mapping) or key not in found:
                return False
            found = found[key]
        return True


def base_of(language: str) -> str:
    """Return a BCP 47 tag without its region and script."""
    return language.partition("-")[0]


def nearest(language: str, known: Collection[str]) -> str:
    """Return the known tag for a language, or the English one.

    The region is ignored where only the language itself is known.
    """
    tags = (language, base_of(language))
    return next((tag for tag in tags if tag in known), FALLBACK)


@cache
def load(language: str) -> Catalogue:
    """Read the catalogue of a language from disk, or the English one.

    Args:
        language: a BCP 47 tag as Home Assistant knows it.
    """
    folder = Path(__file__).parent
    tag = nearest(language, {path.stem for path in folder.glob("*.json")})
    text = (folder / f"{tag}.json").read_text(encoding="utf-8")
    return Catalogue(tag, json.loads(text))
