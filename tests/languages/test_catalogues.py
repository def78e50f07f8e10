"""Every catalogue is complete, and says what has been read for sense.

`python -m tests.languages` writes anew what they say.
"""

from collections.abc import Mapping
import json
from pathlib import Path
import string
from typing import Any

from babel import Locale
import pytest

from custom_components.automation_scout.const import NAME
from custom_components.automation_scout.words import catalogue as module
from custom_components.automation_scout.words.catalogue import load
from custom_components.automation_scout.words.measures import clock
from custom_components.automation_scout.words.plurals import forms, plural

from .said import LANGUAGES, path_of, said
from .samples import leaves

EN = load("en")
FREE = ("count", "measured")
"""Families whose keys or lengths are a language's own."""
TITLES = ("act_title", "act_with_title", "set_title")
"""Families for languages whose titles have another form of the verb."""
JOINS = ("list_acts", "list_clauses", "list_durations")
"""Families for languages that join these otherwise than names."""
LASTING = "count_lasting"
"""Family for languages that have another case for how long something lasts."""
OWN = (*FREE, *TITLES, *JOINS, LASTING, "between_sentences")
CLDR = {"pt": "pt_PT"}
"""Tags that the CLDR writes otherwise: its `pt` is that of Brazil."""
COGNATES = 8
"""Words that two languages may write alike: "normal", "auto", "gas"."""


def structure(texts: Mapping[str, Any]) -> set[str]:
    return {path for path, _ in leaves(texts) if path.partition("/")[0] not in OWN}


def gaps(text: str) -> set[str]:
    """Return the gaps of a template; a bare number counts as the number.

    Whether a clause is parted with a comma is up to a language.
    """
    names = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    return {name.removesuffix("_n") for name in names - {"comma"}}


def locale_of(tag: str) -> Locale:
    return Locale.parse(CLDR.get(tag, tag.replace("-", "_")))


def test_all_languages_are_there() -> None:
    folder = Path(module.__file__).parent
    assert {path.stem for path in folder.glob("*.json")} == set(LANGUAGES)
    for tag in LANGUAGES:
        assert load(tag).language == tag


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_catalogue_is_complete(tag: str) -> None:
    texts = load(tag).texts
    assert structure(texts) == structure(EN.texts)
    for title in TITLES:
        plain = title.removesuffix("_title")
        if title in texts:
            assert {p for p, _ in leaves(texts[title])} == {
                p for p, _ in leaves(EN.texts[plain])
            }
    for join in JOINS:
        assert set(texts.get(join, {})) in (set(), {"two", "separator", "more"})
    assert set(texts["count"]) == set(EN.texts["count"])
    lasting = texts.get(LASTING, {})
    assert set(lasting) in (set(), {"hours", "minutes", "seconds"})
    for unit in (*texts["count"].values(), *lasting.values()):
        assert tuple(unit) == forms(tag)
    assert set(texts["measured"]) == set(EN.texts["measured"])
    for words in texts["measured"].values():
        assert words
        assert all(word == word.casefold() for word in words)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_gaps_are_those_of_the_english_text(tag: str) -> None:
    english = dict(leaves(EN.texts))
    for path, text in leaves(load(tag).texts):
        family, _, rest = path.partition("/")
        if family in {"measured", "between_sentences"}:
            continue
        if family in {"count", LASTING}:
            assert gaps(text) <= {"n"}, path
            continue
        family = "list" if family in JOINS else family.removesuffix("_title")
        model = english[f"{family}/{rest}" if rest else family]
        assert gaps(text) == gaps(model), path
        assert text == text.strip() or family == "list", path
        assert "<" not in text, path


@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "en"])
def test_nothing_was_left_in_english(tag: str) -> None:
    english = dict(leaves(EN.texts))
    same = [
        path
        for path, text in leaves(load(tag).texts)
        if english.get(path) == text and any(map(str.isalpha, _bare(text)))
        if not path.startswith("measured/")
    ]
    assert len(same) <= COGNATES, same
    assert not [path for path in same if " " in _bare(english[path]).strip()]


def _bare(text: str) -> str:
    """Return a template without its gaps and without our name."""
    bare = "".join(literal for literal, _, _, _ in string.Formatter().parse(text))
    return bare.replace(NAME, "")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_plurals_are_those_of_the_cldr(tag: str) -> None:
    rule = locale_of(tag).plural_form
    for n in (*range(1001), 1111, 2012, 2022, 54_321, 999_999):
        assert plural(tag, n) == rule(n), n
        assert plural(tag, n) in forms(tag)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_numbers_are_written_as_the_cldr_has_them(tag: str) -> None:
    locale = locale_of(tag)
    assert load(tag).fill("decimal") == locale.number_symbols["latn"]["decimal"]
    short = locale.time_formats["short"].pattern
    if "a" not in short and tag != "en":
        separator = short.partition("HH")[2] or short.partition("H")[2]
        assert clock(1350, load(tag)) == f"22{separator[0]}30"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_sentences_are_those_that_were_read(tag: str) -> None:
    assert said(load(tag)) == path_of(tag).read_text(encoding="utf-8")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_keys_stand_once(tag: str) -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(pairs) == len(dict(pairs)), pairs
        return dict(pairs)

    path = Path(module.__file__).parent / f"{tag}.json"
    json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=once)
