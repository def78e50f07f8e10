"""Words of a model for the suggestions of a run, as far as there are any.

Whatever goes wrong costs a text and no suggestion: the template stands, and a counter
says so. Nothing is stored here; what is to be kept is part of what is returned, so that
a run can keep all of it in one transaction.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .calling import CACHED, GIVEN_UP, Caller
from .contexts import Contexts, DeviceContext
from .free_words import free_words_of
from .languages import Languages
from .model import Answer, ModelError, Question, id_of
from .names import Name, Names, names_in
from .prompt import TASK, Prompt, Subject
from .pseudonyms import Pseudonyms
from .refusal import Refusal
from .rejections import GIVEN_UP_AFTER, kept_rejections, rejections_in
from .reply import Words, read
from .written import Counters, Fresh, Known, Written


@dataclass(frozen=True, slots=True)
class Home:
    """What has to be known of a home to ask about it, and to check what is said."""

    names: tuple[Name, ...]
    """All names of the home (`names_of`), and whatever else must not be said."""
    languages: Languages
    key: bytes | None = None
    """Of the installation, where names are not to leave the home; else None."""

    def asked(self, model: str) -> str:
        """Return what answers of a model are kept under: with tokens, they differ."""
        return f"{model}, tokens" if self.key else model


@dataclass(frozen=True, slots=True)
class Prepared:
    """Complete prompts, and by what their answers are read."""

    home: Home
    names: Names
    tokens: Pseudonyms | None
    """Of the names of the home, where those are not to leave it."""
    prompts: Mapping[str, Prompt]
    """By the id of the suggestion."""
    problems: Mapping[str, str]
    """Id of a suggestion to which fact is missing."""
    _own: dict[tuple[str, ...], Pseudonyms] = field(default_factory=dict)

    def pseudonyms(self, *ids: str) -> Pseudonyms | None:
        """Return the tokens for a question about suggestions.

        They hang on nothing else that is asked: a preview has the same.
        """
        if self.home.key is None:
            return None
        if ids not in self._own:
            names = self._names_of(map(self.prompts.__getitem__, ids))
            self._own[ids] = Pseudonyms(self.home.key, names, self.tokens)
        return self._own[ids]

    @staticmethod
    def _names_of(prompts: Iterable[Prompt]) -> Iterator[Name]:
        for prompt in prompts:
            for context in prompt.contexts.values():
                yield from names_in(context)
            yield from free_words_of(prompt.subject.proven)

    def question(self, id_: str) -> Question:
        """Return exactly what is sent for a suggestion."""
        return self.prompts[id_].question(self.pseudonyms(id_))

    def questions(self, ids: Iterable[str]) -> dict[str, Question]:
        """Return what is sent for suggestions, by their ids."""
        return {id_: self.question(id_) for id_ in ids}

    def read(self, id_: str, answer: Answer) -> Words:
        """Return the words of an answer.

        Raises:
            Refusal: the template stands.
        """
        return read(
            answer,
            self.prompts[id_],
            self.names,
            self.home.languages,
            self.pseudonyms(id_),
        )


async def prepare(
    subjects: Sequence[Subject], language: str, contexts: Contexts, home: Home
) -> Prepared:
    """Build the prompts of suggestions; what has a hole is named as a problem."""
    named = (entity_id for subject in subjects for entity_id in subject.entities)
    found = await contexts.all(named)
    # Thousands of names: not on the event loop.
    names, tokens = await asyncio.to_thread(
        _laid_down, home, subjects, tuple(found.values())
    )
    prompts: dict[str, Prompt] = {}
    problems: dict[str, str] = {}
    for subject in subjects:
        own = {key: found[key] for key in subject.entities if key in found}
        try:
            prompts[subject.id] = Prompt(subject, language, own)
        except ValueError as err:
            problems[subject.id] = str(err)
    return Prepared(home, names, tokens, prompts, problems)


class Asker:
    """What asks one model about one home."""

    def __init__(
        self, caller: Caller, contexts: Contexts, home: Home, known: Known
    ) -> None:
        """Take what is asked, and what the questions are made of.

        Args:
            caller: of the model; one for all that is asked in a run.
            contexts: of the things of the home; one for a run.
            home: its names and languages.
            known: returns kept answers.
        """
        self._caller = caller
        self._contexts = contexts
        self._home = home
        self._known = known

    async def _prepared(self, subjects: Sequence[Subject], language: str) -> Prepared:
        return await prepare(subjects, language, self._contexts, self._home)


class Writer(Asker):
    """Asks one model for texts."""

    async def write(
        self,
        subjects: Sequence[Subject],
        language: str,
        asked: Collection[str] | None = None,
    ) -> Written:
        """Return the words for suggestions, of as many as there are any.

        Cancelling it ends all calls.

        Args:
            subjects: suggestions with the texts of the templates.
            language: tag of the catalogue that those are of.
            asked: ids of those that the model may be asked about; None for all. Of the
                others there are the words that are kept.
        """
        prepared = await self._prepared(subjects, language)
        model = self._home.asked(id_of(self._caller.model))
        keys = {id_: prompt.key(model) for id_, prompt in prepared.prompts.items()}
        work = _Work(self._caller, prepared, keys)
        before = len(self._caller.calls)
        work.take(await self._known(list(keys.values())))
        waiting = [id_ for id_ in work.waiting() if asked is None or id_ in asked]
        known = len(work.texts) + len(work.given_up)
        wanted = known + len(prepared.problems) + len(waiting)
        # All of them first: then they are sent at once, as many as may be.
        questions = await self._caller.think(prepared.questions, waiting)
        await self._caller.run(work.write(id_, questions[id_]) for id_ in waiting)
        done = work.texts.keys() | work.problems.keys()
        why = self._caller.why_unfinished
        work.problems.update((id_, why) for id_ in waiting if id_ not in done)
        return Written(
            work.texts,
            Counters.of(self._caller.calls[before:], wanted),
            tuple(work.fresh),
            tuple(work.used),
            {**prepared.problems, **work.problems},
            tuple(work.given_up),
        )


@dataclass(slots=True)
class _Work:
    """The questions of one `write`, and what came of them."""

    caller: Caller
    prepared: Prepared
    keys: Mapping[str, str]
    texts: dict[str, Words] = field(default_factory=dict)
    fresh: list[Fresh] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)
    given_up: list[str] = field(default_factory=list)
    _rejected: dict[str, int] = field(default_factory=dict)

    def take(self, kept: Mapping[str, str]) -> None:
        """Take what was written before, or refused."""
        for id_, key in self.keys.items():
            words = Words.from_json(kept[key]) if key in kept else None
            if words is not None:
                self.texts[id_] = words
                self.used.append(key)
                self.caller.note(TASK, CACHED)
                continue
            self._rejected[id_] = rejections_in(kept.get(key))
            if self._rejected[id_] >= GIVEN_UP_AFTER:
                self.given_up.append(id_)
                self.caller.note(TASK, GIVEN_UP)

    def waiting(self) -> list[str]:
        """Return the suggestions that have no words yet, and may get some."""
        done = {*self.texts, *self.given_up}
        return [id_ for id_ in self.keys if id_ not in done]

    async def write(self, id_: str, question: Question) -> None:
        """Ask for the words of one suggestion."""
        try:
            words = await self.caller.ask(
                question, lambda answer: self.prepared.read(id_, answer)
            )
        except Refusal as err:
            self.problems[id_] = str(err)
            self._keep(id_, kept_rejections(self._rejected[id_] + 1))
        except ModelError as err:
            self.problems[id_] = str(err)
        else:
            self.texts[id_] = words
            self._keep(id_, words.to_json())

    def _keep(self, id_: str, text: str) -> None:
        entities = self.prepared.prompts[id_].subject.entities
        self.fresh.append(Fresh(self.keys[id_], text, entities))


def _laid_down(
    home: Home, subjects: Sequence[Subject], contexts: Iterable[DeviceContext]
) -> tuple[Names, Pseudonyms | None]:
    """Return the names of a home, and the tokens of those that it always has.

    Tokens only where there are to be any.
    """
    names = list(home.names)
    for context in contexts:
        names += names_in(context)
    for subject in subjects:
        names += free_words_of(subject.proven)
    return Names(names), Pseudonyms(home.key, home.names) if home.key else None
