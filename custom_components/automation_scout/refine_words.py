"""Changing a suggestion by an instruction in words: a model says what is to change.

It answers in the schema of changes, and what it answers is checked, proven and kept by
`Refiner` like a change that a person wrote. What cannot be made is told to it once.
Nothing of the suggestions is locked while it is asked.
"""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from .asking import async_book_calls, caller_of
from .const import DOMAIN, LOGGER
from .installer.errors import failure, refusal
from .language import Language
from .llm.budget import BudgetSpent
from .llm.calling import Caller
from .llm.change_reply import Asked, read
from .llm.changing import Refused
from .llm.limits import Limits
from .llm.model import ModelBusy, ModelError, ModelRefused, ModelUnpaid, Question
from .llm.refusal import Refusal
from .mining.refining import ProblemsFound
from .refine import Home, Refined, Refiner, refused
from .store.errors import StoreError
from .store.rounds import CHANGED, REFUSED, UNCHANGED, Round
from .suggestion import suggestion_of
from .verdicts import pending_row
from .wishes import MOST_ROUNDS, Instructed
from .words.comparing import differences, problems_in_words

LIMITS: Final = Limits(concurrency=1, tries=2, call_s=60.0, run_s=120.0)
"""Somebody waits for the answer."""
_UNREADABLE: Final = "The answer had not the form of the schema: {reason}"
"""Said to the model alone."""


@dataclass(frozen=True, slots=True)
class WordRefiner:
    """Changes suggestions of one store as a model understands an instruction."""

    hass: HomeAssistant
    refiner: Refiner
    language: Language
    turn: asyncio.Lock
    """Held for one instruction after the other."""
    running: set[asyncio.Task[dict[str, Any]]]
    """Instructions that are under way, those included that wait for their turn."""

    async def async_refine(
        self, suggestion_id: str, instruction: str
    ) -> dict[str, Any]:
        """Return the suggestion as it is now, with what was changed and what was not.

        `changed` says whether there is a new version. Then it has its back-test, the
        `changes` that were made, and the `difference` in words. `cannot` has a sentence
        for each wish that could not be met, `rounds_left` how often it may be asked.
        The question ends with the config entry.

        Raises:
            ServiceValidationError: it is decided, or changed by somebody else while the
                model was asked; the rounds are used up; what the model wants cannot be
                made. Translated, and nothing was changed.
            HomeAssistantError: the model gave no answer; translated.
            UnknownSuggestion: there is none with this id.
            StoreError: it cannot be read or written.
        """
        if not self.language.is_on:
            raise refusal("words_need_model")
        task = self.language.entry.async_create_background_task(
            self.hass,
            self._in_turn(suggestion_id, instruction),
            f"{DOMAIN} change in words",
        )
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        await asyncio.wait([task])
        if task.cancelled():
            raise failure("refine_cancelled")
        return task.result()

    async def _in_turn(self, suggestion_id: str, instruction: str) -> dict[str, Any]:
        async with self.turn:
            about = await Instructed.of(
                self.refiner, self.language, suggestion_id, instruction
            )
            stores = self.refiner.stores
            caller, problem = await caller_of(self.language, stores, LIMITS)
            if problem is not None:
                raise _failed(problem)
            try:
                return await _Talk(self.refiner, caller, about).held()
            finally:
                if caller.refused and not isinstance(caller.refused, ModelUnpaid):
                    self.language.note_refused()
                await async_book_calls(
                    stores, caller.calls, "what was asked for a change"
                )


@dataclass(frozen=True, slots=True)
class _Talk:
    """What is said about one instruction: a question, and at most one more."""

    refiner: Refiner
    caller: Caller
    about: Instructed

    @property
    def home(self) -> Home:
        """The home as it was when the talk began."""
        return self.about.home

    async def held(self) -> dict[str, Any]:
        """Return what the action answers."""
        try:
            asked, done = await self._tried()
        except _Unmade as err:
            await self._note(err.asked, REFUSED)
            raise refused(err.problems) from err
        said = _said(asked, self.home, self.about.left)
        if done is None:
            row = await pending_row(self.refiner.stores, self.about.row.id)
            await self._note(asked, UNCHANGED)
            return {**suggestion_of(row), **said, "changed": False}
        await self._note(asked, CHANGED)
        return {
            **done.answer,
            **said,
            "changed": True,
            "changes": asked.changes,
            "difference": _difference(done, self.home),
        }

    async def _tried(self) -> tuple[Asked, Refined | None]:
        """Return what was asked for, and what it made; None where it was nothing.

        Raises:
            _Unmade: neither of two answers could be made.
            HomeAssistantError: there is no answer; translated.
        """
        try:
            return await self._once()
        except _Unmade as first:
            try:
                return await self._once(first.told)
            except HomeAssistantError as err:
                if isinstance(err.__cause__, ModelError):
                    raise first from err
                raise

    async def _once(self, last: Refused | None = None) -> tuple[Asked, Refined | None]:
        """Ask once, and make what is answered.

        Raises:
            _Unmade: it cannot be made.
            HomeAssistantError: there is no answer; translated.
        """
        hass = self.refiner.hass
        question = await hass.async_add_executor_job(self.about.wish.question, last)
        try:
            asked = await self._ask(question)
        except Refusal as err:
            told = Refused({}, _UNREADABLE.format(reason=err))
            problems = self.home.catalogue.fill("refine", "unreadable")
            raise _Unmade(Asked(), problems, told) from err
        except ModelError as err:
            raise _failed(err) from err
        if not asked.changes:
            return asked, None
        try:
            done = await self.refiner.change(
                self.about.row.id,
                asked.changes,
                self.home,
                version=self.about.row.version,
                among=self.about.wish.entities,
            )
        except ProblemsFound as err:
            problems = problems_in_words(err.problems, self.home.catalogue)
            raise _Unmade(asked, problems, Refused(asked.changes, problems)) from err
        return asked, done

    async def _ask(self, question: Question) -> Asked:
        """Return the answer to a question, in time.

        Raises:
            ModelError: there is none, or none of the form.
        """
        check = partial(read, wish=self.about.wish, languages=self.about.languages)
        found: list[Asked | ModelError] = []

        async def ask() -> None:
            try:
                found.append(await self.caller.ask(question, check))
            except ModelError as err:
                found.append(err)

        await self.caller.run([ask()])
        result = found[0] if found else ModelBusy("no answer in time")
        if isinstance(result, ModelError):
            raise result
        return result

    async def _note(self, asked: Asked, outcome: str) -> None:
        """Count the round; the answer stands whether or not that works."""
        now = dt_util.utcnow().isoformat()
        words = self.about.wish.instruction
        names = await self.refiner.hass.async_add_executor_job(
            self.about.wish.names_in, (words, *asked.cannot)
        )
        kept = tuple((name.kind, name.text, name.entity_id) for name in names)
        item = Round(words, asked.changes, asked.cannot, outcome, now, kept)
        try:
            await self.refiner.stores.rounds.add(self.about.row.id, item)
        except StoreError as err:
            LOGGER.warning(
                "A change in words of suggestion %s is not among the %d that it may"
                " have, as it could not be written down: %s",
                self.about.row.id,
                MOST_ROUNDS,
                err,
            )


class _Unmade(Exception):  # noqa: N818 - it carries an answer
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
    if err.is_passing:
        return failure("model_busy", error=str(err))
    return failure("model_unusable", error=str(err))


def _said(asked: Asked, home: Home, left: int) -> dict[str, Any]:
    """Return what is said of an answer, whether or not it changed anything."""
    cannot = [*asked.cannot]
    if not asked.changes and not cannot:
        cannot = [home.catalogue.fill("refine", "nothing")]
    return {"cannot": cannot, "summary": asked.summary, "rounds_left": left}


def _difference(done: Refined, home: Home) -> list[str]:
    """Return what is different now, a sentence for each part that has words."""
    found = differences(done.after, done.before, home.facts, home.catalogue)
    sentences = [
        home.catalogue.fill("refine", "differs", new=new, old=old)
        for new, old in found
        if new != old
    ]
    return [text[:1].upper() + text[1:] for text in sentences]
