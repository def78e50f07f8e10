"""Changing a suggestion by an instruction in words: a model says what is to change.

It answers in the schema of changes, and what it answers is checked, proven and kept by
`Refiner` like a change that a person wrote. What cannot be made is told to it once.
Nothing is locked while it is asked.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .installer.errors import failure, refusal
from .llm.budget import BudgetSpent
from .llm.calling import Call, Caller
from .llm.change_reply import Asked, read
from .llm.changing import Earlier, Refused, Wish
from .llm.languages import Languages
from .llm.limits import Limits
from .llm.model import ModelBusy, ModelError, ModelRefused, Question
from .llm.plain_text import one_line
from .llm.refusal import Refusal
from .mining.refining import Problem, ProblemsFound
from .mining.rules import Kind
from .refine import Home, Refined, Refiner, refused, rule_of
from .store.rounds import CHANGED, REFUSED, UNCHANGED, Round
from .suggestion import suggestion_of
from .verdicts import pending_row
from .words.comparing import differences, problems_in_words

if TYPE_CHECKING:
    from .store.suggestions import SuggestionRow

MOST_ROUNDS: Final = 10
"""Instructions in words for one suggestion; whoever wants more writes the change."""
LIMITS: Final = Limits(concurrency=1, tries=2, call_s=60.0, run_s=120.0)
"""Somebody waits for the answer."""
_UNREADABLE: Final = "The answer had not the form of the schema: {reason}"
"""Said to the model alone."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """The model that is asked, and what its answers are read with."""

    caller: Caller
    languages: Languages
    key: bytes | None
    """Of the installation, where names are not to leave the home; else None."""
    book: Callable[[Iterable[Call]], Awaitable[None]]
    """Keeps the calls, whatever came of them."""


@dataclass(frozen=True, slots=True)
class WordRefiner:
    """Changes suggestions of one store as a model understands an instruction."""

    refiner: Refiner
    speaker: Speaker

    async def refine(self, suggestion_id: str, instruction: str) -> dict[str, Any]:
        """Return the suggestion as it is now, with what was changed and what was not.

        `changed` says whether there is a new version. Then it has its back-test, the
        `changes` that were made, and the `difference` in words. `cannot` has a sentence
        for each wish that could not be met, `rounds_left` how often it may be asked.

        Raises:
            ServiceValidationError: it is decided, or changed by somebody else while the
                model was asked; the rounds are used up; what the model wants cannot be
                made. Translated, and nothing was changed.
            HomeAssistantError: the model gave no answer; translated.
            UnknownSuggestion: there is none with this id.
            StoreError: it cannot be read or written.
        """
        stores = self.refiner.stores
        row = await pending_row(stores, suggestion_id)
        rounds = await stores.rounds.of(suggestion_id)
        if len(rounds) >= MOST_ROUNDS:
            raise refusal("refine_rounds_used", most=str(MOST_ROUNDS))
        home = await self.refiner.home()
        wish = self._wish(row, instruction, home, rounds)
        try:
            asked, done = await self._tried(row, wish, home)
        except _Refused as err:
            await self._note(row, wish, err.asked, REFUSED)
            raise refused(err.problems) from err
        finally:
            await self.speaker.book(self.speaker.caller.calls)
        said = _said(asked, home, MOST_ROUNDS - len(rounds) - 1)
        if done is None:
            now = await pending_row(stores, suggestion_id)
            await self._note(row, wish, asked, UNCHANGED)
            return {**suggestion_of(now), **said, "changed": False}
        await self._note(row, wish, asked, CHANGED)
        return {
            **done.answer,
            **said,
            "changed": True,
            "changes": asked.changes,
            "difference": _difference(done, home),
        }

    def _wish(
        self, row: SuggestionRow, instruction: str, home: Home, rounds: list[Round]
    ) -> Wish:
        rule = rule_of(row)
        if rule.special is Kind.TIDY:
            raise refused(_in_words(home, Problem("not_refinable")))
        line = one_line(instruction)
        if not line:
            raise refusal("no_changes")
        return Wish(
            rule=rule,
            instruction=line,
            language=home.catalogue.language,
            facts=home.facts,
            abilities=home.abilities,
            earlier=[
                Earlier(item.instruction, item.changes, item.cannot, item.outcome)
                for item in rounds
            ],
            key=self.speaker.key,
        )

    async def _tried(
        self, row: SuggestionRow, wish: Wish, home: Home
    ) -> tuple[Asked, Refined | None]:
        """Return what was asked for, and what it made; None where it was nothing.

        Raises:
            _Refused: neither of two answers could be made.
            HomeAssistantError: there is no answer; translated.
        """
        first = await self._once(row, wish, home, None)
        if isinstance(first, tuple):
            return first
        try:
            second = await self._once(row, wish, home, first.told)
        except HomeAssistantError as err:
            if isinstance(err.__cause__, ModelError):
                raise first from err
            raise
        if isinstance(second, tuple):
            return second
        raise second

    async def _once(
        self, row: SuggestionRow, wish: Wish, home: Home, last: Refused | None
    ) -> tuple[Asked, Refined | None] | _Refused:
        """Ask once, and make what is answered; return what speaks against it."""
        try:
            asked = await self._ask(wish.question(last), wish)
        except Refusal as err:
            told = Refused({}, _UNREADABLE.format(reason=err))
            problems = home.catalogue.fill("refine", "unreadable")
            return _Refused(Asked(), problems, told)
        except ModelError as err:
            raise _failed(err) from err
        if not asked.changes:
            return asked, None
        try:
            done = await self.refiner.change(
                row.id, asked.changes, home, row.version, wish.entities
            )
        except ProblemsFound as err:
            problems = _in_words(home, *err.problems)
            return _Refused(asked, problems, Refused(asked.changes, problems))
        return asked, done

    async def _ask(self, question: Question, wish: Wish) -> Asked:
        """Return the answer to a question, in time.

        Raises:
            ModelError: there is none, or none of the form.
        """
        check = partial(read, wish=wish, languages=self.speaker.languages)
        found: list[Asked | ModelError] = []

        async def ask() -> None:
            try:
                found.append(await self.speaker.caller.ask(question, check))
            except ModelError as err:
                found.append(err)

        await self.speaker.caller.run([ask()])
        result = found[0] if found else ModelBusy("no answer in time")
        if isinstance(result, ModelError):
            raise result
        return result

    async def _note(
        self, row: SuggestionRow, wish: Wish, asked: Asked, outcome: str
    ) -> None:
        now = dt_util.utcnow().isoformat()
        item = Round(wish.instruction, asked.changes, asked.cannot, outcome, now)
        await self.refiner.stores.rounds.add(row.id, item)


class _Refused(Exception):  # noqa: N818 - it carries an answer
    """An answer that could not be made into a change."""

    def __init__(self, asked: Asked, problems: str, told: Refused) -> None:
        """Keep it, with what a person and what the model is told."""
        super().__init__(problems)
        self.asked = asked
        self.problems = problems
        self.told = told


def _failed(err: ModelError) -> HomeAssistantError:
    """Return that the model gave no answer, and why."""
    if isinstance(err, BudgetSpent):
        return refusal("model_budget_spent")
    if isinstance(err, ModelRefused):
        return failure("model_refused", error=str(err))
    key = "model_busy" if err.is_passing else "model_unusable"
    return failure(key, error=str(err))


def _in_words(home: Home, *problems: Problem) -> str:
    return problems_in_words(problems, home.catalogue)


def _said(asked: Asked, home: Home, left: int) -> dict[str, Any]:
    """Return what is said of an answer, whether or not it changed anything."""
    cannot = [*asked.cannot]
    if not asked.changes and not cannot:
        cannot = [home.catalogue.fill("refine", "nothing")]
    return {"cannot": cannot, "summary": asked.summary, "rounds_left": left}


def _difference(done: Refined, home: Home) -> list[str]:
    """Return what is different now, a sentence for each part of it."""
    found = differences(done.after, done.before, home.facts, home.catalogue)
    sentences = [
        home.catalogue.fill("refine", "differs", new=new, old=old) for new, old in found
    ]
    return [text[:1].upper() + text[1:] for text in sentences]
