"""Which form of a word a number of things takes.

The categories are those of the Unicode CLDR (chapter "Language Plural Rules") for whole
numbers below a million, which is all that is counted here.
"""

from collections.abc import Callable, Mapping
from typing import Final

ONE: Final = "one"
FEW: Final = "few"
MANY: Final = "many"
OTHER: Final = "other"


def _none(_: int) -> str:
    return OTHER


def _one(n: int) -> str:
    return ONE if n == 1 else OTHER


def _none_is_one(n: int) -> str:
    return ONE if n in {0, 1} else OTHER


def _czech(n: int) -> str:
    return ONE if n == 1 else FEW if n in {2, 3, 4} else OTHER


def _polish(n: int) -> str:
    return ONE if n == 1 else _last_digits(n)


def _ukrainian(n: int) -> str:
    return ONE if n % 10 == 1 and n % 100 != 11 else _last_digits(n)


def _last_digits(n: int) -> str:
    few = n % 10 in {2, 3, 4} and n % 100 not in {12, 13, 14}
    return FEW if few else MANY


_RULES: Final[Mapping[str, tuple[Callable[[int], str], tuple[str, ...]]]] = {
    "cs": (_czech, (ONE, FEW, OTHER)),
    "fr": (_none_is_one, (ONE, OTHER)),
    "pl": (_polish, (ONE, FEW, MANY)),
    "pt-BR": (_none_is_one, (ONE, OTHER)),
    "uk": (_ukrainian, (ONE, FEW, MANY)),
    "zh-Hans": (_none, (OTHER,)),
}
"""Language to its rule and the forms that it has; any other has `_one`.

Portuguese without a region is that of Portugal here as in Home Assistant; the CLDR has
it as `pt-PT`, and takes `pt` for that of Brazil.
"""
_COMMON: Final = (_one, (ONE, OTHER))


def plural(language: str, n: int) -> str:
    """Return the category of a whole number that is not negative."""
    return _RULES.get(language, _COMMON)[0](n)


def forms(language: str) -> tuple[str, ...]:
    """Return the categories that a language tells apart."""
    return _RULES.get(language, _COMMON)[1]
