"""Questions as they would be sent, for a person to look at; no model is asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .changing import Wish
from .contexts import Contexts
from .grouping import LEAST, GroupTask
from .model import Question
from .prompt import Subject
from .pseudonyms import Pseudonyms
from .writer import Home, prepare


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be sent."""

    question: Question
    pseudonyms: Mapping[str, str]
    """The tokens in it, and the name in the home that each stands for."""
    key: Callable[[str], str] | None = None
    """Returns under what the answer of a model is kept; None where none is."""


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
    question = prepared.question(subject.id)
    tokens = _used(prepared.pseudonyms(subject.id), question)
    return Preview(question, tokens, prepared.prompts[subject.id].key)


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
    question = task.question()
    tokens = _used(prepared.pseudonyms(*task.ids), question)
    return Preview(question, tokens, task.key)


def preview_wish(wish: Wish) -> Preview:
    """Return exactly what would be sent for an instruction. Slow: many names."""
    question = wish.question()
    return Preview(question, _used(wish.pseudonyms, question))


def _used(pseudonyms: Pseudonyms | None, question: Question) -> dict[str, str]:
    return pseudonyms.used_in(question.facts) if pseudonyms else {}
