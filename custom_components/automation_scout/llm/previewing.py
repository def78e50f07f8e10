"""Questions as they would be sent, for a person to look at; no model is asked."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .changing import Wish
from .contexts import Contexts
from .grouping import LEAST, GroupTask, kept_groups
from .model import Question
from .prompt import Subject
from .pseudonyms import Pseudonyms
from .rejections import GIVEN_UP_AFTER, rejections_in
from .reply import Words
from .writer import Home, prepare


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent."""

    question: Question
    pseudonyms: Mapping[str, str]
    """The tokens in it, and the name in the home that each stands for."""
    key: Callable[[str], str] | None = None
    """Returns under what the answer of a model is kept; None where none is."""
    is_answer: Callable[[str], bool] = bool
    """Returns whether what is kept is an answer that can be read."""

    def is_settled(self, kept: str | None) -> bool:
        """Return whether it is not asked any more, by what is kept of it."""
        if kept is None:
            return False
        return self.is_answer(kept) or rejections_in(kept) >= GIVEN_UP_AFTER


async def preview(
    subject: Subject, language: str, contexts: Contexts, home: Home
) -> Preview:
    """Return exactly what would be sent for the text of a suggestion.

    Raises:
        ValueError: a fact is missing, and nothing would be sent.
    """
    prepared = await prepare([subject], language, contexts, home)
    if problem := prepared.problems.get(subject.id):
        raise ValueError(problem)
    question = await asyncio.to_thread(prepared.question, subject.id)
    tokens = _used(prepared.pseudonyms(subject.id), question)
    prompt = prepared.prompts[subject.id]
    return Preview(
        question,
        tokens,
        lambda model: prompt.key(home.asked(model)),
        lambda kept: Words.from_json(kept) is not None,
    )


async def preview_headlines(
    subjects: Sequence[Subject], language: str, contexts: Contexts, home: Home
) -> Preview | None:
    """Return exactly what would be sent for common headlines of suggestions.

    None where they are too few, and nothing would be sent.
    """
    prepared = await prepare(subjects, language, contexts, home)
    if len(prepared.prompts) < LEAST:
        return None
    task = GroupTask(prepared, language)
    question = await asyncio.to_thread(task.question)
    tokens = _used(prepared.pseudonyms(*task.ids), question)
    return Preview(
        question,
        tokens,
        lambda model: task.key(home.asked(model)),
        lambda kept: kept_groups(kept) is not None,
    )


def preview_wish(wish: Wish) -> Preview:
    """Return exactly what would be sent for an instruction. Slow: many names."""
    question = wish.question()
    return Preview(question, _used(wish.pseudonyms, question))


def _used(pseudonyms: Pseudonyms | None, question: Question) -> dict[str, str]:
    return pseudonyms.used_in(question.facts) if pseudonyms else {}
