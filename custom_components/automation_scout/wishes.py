"""An instruction in words, with all that a model is told of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from homeassistant.core import HomeAssistant

from .asking import home_of
from .given_names import given_names
from .installer.errors import refusal
from .language import Language
from .llm.changing import Earlier, Wish
from .llm.languages import Languages
from .llm.names import Name
from .llm.plain_text import one_line
from .mining.refining import Problem
from .mining.rules import Kind
from .refine import Home, Refiner, refused, rule_of
from .verdicts import pending_row
from .words.comparing import problems_in_words

if TYPE_CHECKING:
    from .mining.rules import Rule
    from .store.rounds import Round
    from .store.suggestions import SuggestionRow

MOST_ROUNDS: Final = 10
"""Instructions in words for one suggestion; whoever wants more writes the change."""


@dataclass(frozen=True, slots=True)
class Instructed:
    """A suggestion that is to be changed by words."""

    row: SuggestionRow
    wish: Wish
    home: Home
    languages: Languages

    @property
    def left(self) -> int:
        """Rounds that are left after this one."""
        return MOST_ROUNDS - len(self.wish.earlier) - 1

    @classmethod
    async def of(
        cls, refiner: Refiner, language: Language, suggestion_id: str, instruction: str
    ) -> Self:
        """Return what is asked, with the home as it is now and the rounds before.

        Raises:
            ServiceValidationError: nothing is asked: it is decided, no rule of acts, or
                the rounds are used up; translated.
            UnknownSuggestion: there is none with this id.
            StoreError: it cannot be read.
        """
        hass, stores = refiner.hass, refiner.stores
        row = await pending_row(stores, suggestion_id)
        rounds = await stores.rounds.of(suggestion_id)
        if len(rounds) >= MOST_ROUNDS:
            raise refusal("refine_rounds_used", most=str(MOST_ROUNDS))
        home = await refiner.home()
        about = await home_of(hass, language, home.facts)
        wish = Wish(
            rule=_rule_of(row, home),
            instruction=_line(instruction),
            language=home.catalogue.language,
            facts=home.facts,
            abilities=home.abilities,
            earlier=[
                Earlier(item.instruction, item.changes, item.cannot, item.outcome)
                for item in rounds
            ],
            key=about.key,
            names=await _names(hass, rounds) if about.key else (),
        )
        return cls(row, wish, home, about.languages)


async def _names(hass: HomeAssistant, rounds: Iterable[Round]) -> tuple[Name, ...]:
    """Return what things are called now, and were in the rounds before."""
    before = (Name(*name) for item in rounds for name in item.names)
    return (*await given_names(hass), *before)


def _line(instruction: str) -> str:
    line = one_line(instruction)
    if not line:
        raise refusal("no_changes")
    return line


def _rule_of(row: SuggestionRow, home: Home) -> Rule:
    rule = rule_of(row)
    if rule.special is Kind.TIDY:
        problem = Problem("not_refinable")
        raise refused(problems_in_words([problem], home.catalogue))
    return rule
