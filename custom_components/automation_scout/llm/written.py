"""What came of asking a model: texts, groups, and what is to be kept."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from .calling import BUDGET, CACHED, OK, REJECTED, Call
from .reply import Words

type Known = Callable[[Sequence[str]], Awaitable[Mapping[str, str]]]
"""Returns the texts that are kept under some keys."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What is new, and is to be kept: a checked answer, or that none was taken."""

    key: str
    text: str
    """JSON."""
    entities: tuple[str, ...]
    """Whom it is about: it is to be forgotten with them."""


@dataclass(frozen=True, slots=True)
class Counters:
    """What became of questions."""

    asked: int = 0
    """Questions that were sent, once or more often."""
    written: int = 0
    """Answers that were taken."""
    failed: int = 0
    """Questions that got no answer, or could not be asked; not for the budget."""
    rejected: int = 0
    """Answers that were not taken, now or so often that nobody was asked."""
    saved_by_cache: int = 0
    skipped_by_budget: int = 0

    @classmethod
    def of(cls, calls: Iterable[Call], wanted: int) -> Self:
        """Return the counters of the calls that some questions led to.

        Args:
            calls: all tries, and what was not sent.
            wanted: how many questions there were to be.
        """
        noted = list(calls)
        ends = [call.outcome for call in noted]
        written, saved = ends.count(OK), ends.count(CACHED)
        skipped = ends.count(BUDGET)
        rejected = sum(end.startswith(REJECTED) for end in ends)
        return cls(
            asked=sum(call.tries == 1 for call in noted),
            written=written,
            failed=wanted - written - saved - skipped - rejected,
            rejected=rejected,
            saved_by_cache=saved,
            skipped_by_budget=skipped,
        )


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote for the suggestions of a run."""

    texts: Mapping[str, Words]
    """By the id of the suggestion; whoever is not here has the template's."""
    counters: Counters = Counters()
    fresh: tuple[Fresh, ...] = ()
    used: tuple[str, ...] = ()
    """Keys of kept answers that were used."""
    problems: Mapping[str, str] = field(default_factory=dict)
    """Id of a suggestion to why its text is the template's, in a line."""
    given_up: tuple[str, ...] = ()
    """Ids of suggestions that are not asked about, as no answer was taken before."""


@dataclass(frozen=True, slots=True)
class Group:
    """Suggestions that belong together."""

    headline: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grouped:
    """What a model finds to belong together."""

    groups: tuple[Group, ...] = ()
    fresh: tuple[Fresh, ...] = ()
    used: tuple[str, ...] = ()
    problem: str = ""
    """Why there are none, in a line; "" where nothing belongs together."""
    is_settled: bool = False
    """Whether there is nothing to ask: it is known, or was refused too often."""
