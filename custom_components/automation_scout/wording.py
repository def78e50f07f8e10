"""The words of one run by a language model, where there is one.

What was written before is recalled; only what is missing is asked for, at a time when
nobody has to wait for it. Whatever fails, the text of the templates stands.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant

from .asking import Asking, async_book
from .drafts import Draft
from .llm.grouping import FEWEST, LEAST
from .llm.model import ModelUnpaid
from .llm.prompt import Subject
from .llm.written import Grouped

if TYPE_CHECKING:
    from .language import Language
    from .llm.reply import Words
    from .llm.written import Fresh, Group, Written
    from .mining.facts import HomeFacts
    from .store.stores import Stores
    from .suggestion import Suggestion

COUNTED: Final = (
    "asked",
    "written",
    "failed",
    "rejected",
    "saved_by_cache",
    "skipped_by_budget",
)
"""What is said of the texts of a run; tokens and costs are of all its questions."""
_REASONS: Final = 3
"""Reasons that are told; more would be a list of all."""


@dataclass(slots=True)
class Wording:
    """The words of one run."""

    hass: HomeAssistant
    language: Language
    stores: Stores
    may_ask: bool = True
    """Whether a model may be asked; what it wrote before is used all the same."""
    errors: list[str] = field(default_factory=list)
    """What went wrong, a line each."""
    _subjects: dict[str, Subject] = field(default_factory=dict)
    _shown: list[Subject] = field(default_factory=list)
    _waiting: list[Subject] = field(default_factory=list)
    _wants_groups: bool = False
    _tag: str = ""
    _texts: dict[str, Words] = field(default_factory=dict)
    _groups: tuple[Group, ...] = ()
    _counted: Counter[str] = field(default_factory=Counter)
    _fresh: list[Fresh] = field(default_factory=list)
    _used: list[str] = field(default_factory=list)
    _booked: int = 0
    """Calls that are written down."""
    _asking: Asking | None = None

    @property
    def is_on(self) -> bool:
        """Whether a person has chosen a model."""
        return self.language.is_on

    @property
    def is_waiting(self) -> bool:
        """Whether there is something to ask."""
        return bool(self._waiting) or self._wants_groups

    @property
    def counters(self) -> dict[str, Any]:
        """What became of the questions of this run; nothing where there is no model."""
        if not self.is_on:
            return {}
        used = (
            [call.usage for call in self._asking.caller.calls] if self._asking else []
        )
        words = {
            **{name: self._counted[name] for name in COUNTED},
            "tokens": sum(usage.tokens_in + usage.tokens_out for usage in used),
            "cost": round(sum(usage.cost for usage in used), 6),
        }
        return {"words": words}

    async def recall(
        self, drafts: Iterable[Draft], shown: Collection[str], facts: HomeFacts
    ) -> None:
        """Take what was written before, and find out what is missing.

        Args:
            drafts: everything that is to be stored.
            shown: ids of those that people see; only these are asked about.
            facts: of the home.
        """
        self._subjects = {draft.key: subject_of(draft) for draft in drafts}
        if not self._subjects:
            return
        self._tag = next(iter(self._subjects.values())).text.language
        asking = await Asking.of(self.hass, self.language, self.stores, facts)
        self._asking = asking
        self._shown = [item for key, item in self._subjects.items() if key in shown]
        written = await self._write(asking, list(self._subjects.values()), asked=())
        grouped = await self._group(asking, asks=False)
        settled = {*written.texts, *written.problems, *written.given_up}
        missing = [item for item in self._shown if item.id not in settled]
        problem = asking.problem
        if problem is not None:
            self._counted["failed"] += len(missing)
            if missing or not problem.is_passing:
                self.errors.append(f"words: {problem}")
        elif self.may_ask:
            self._waiting = missing
            self._wants_groups = self._may_group and not grouped.is_settled
        if not self.is_waiting:
            await self._book(asking)

    async def ask(self) -> None:
        """Ask for what is missing. Cancelling it ends all calls.

        What was paid for is kept at once: the run may still fail, or be cancelled.
        """
        if self._asking is None:
            return
        asking, caller = self._asking, self._asking.caller
        try:
            written = await self._write(asking, self._waiting)
            is_well = bool(written.texts) or not self._waiting
            if self._wants_groups and is_well and not caller.is_late:
                await self._group(asking)
        finally:
            if caller.refused and not isinstance(caller.refused, ModelUnpaid):
                self.language.note_refused()
            await self._book(asking)

    def worded(self, drafts: Iterable[Draft]) -> list[Draft]:
        """Return drafts with the words of the model, of as many as have any.

        A draft that has changed since the question keeps the text of the templates.
        """
        made = list(drafts)
        headlines = self._headlines({draft.key for draft in made})
        return [
            replace(draft, payload=self._payload(draft, headlines.get(draft.key)))
            for draft in made
        ]

    def _payload(self, draft: Draft, headline: str | None) -> Suggestion:
        payload = draft.payload
        words, asking = self._texts.get(draft.key), self._asking
        is_same = self._subjects.get(draft.key) == subject_of(draft)
        if words is not None and asking is not None and is_same:
            text = words.over(draft.text)
            payload = {
                **payload,
                "title": text.title,
                "description": text.description,
                "rationale": text.rationale,
                "category": words.category_over(payload["category"]),
                "priority": words.priority_over(payload["priority"]),
                "text": {
                    "source": asking.caller.model.source,
                    "language": text.language,
                    "model": asking.caller.model.name,
                },
            }
        if headline:
            payload = {**payload, "text": {**payload["text"], "headline": headline}}
        return payload

    def _headlines(self, there: Collection[str]) -> dict[str, str]:
        """Return the headline of each suggestion that still has company under it."""
        return {
            key: group.headline
            for group in self._groups
            if len(members := [key for key in group.ids if key in there]) >= FEWEST
            for key in members
        }

    async def _write(
        self,
        asking: Asking,
        subjects: Sequence[Subject],
        asked: Collection[str] | None = None,
    ) -> Written:
        written = await asking.writer.write(subjects, self._tag, asked)
        self._texts.update(written.texts)
        for name in COUNTED:
            self._counted[name] += getattr(written.counters, name)
        self._fresh += written.fresh
        self._used += written.used
        if reasons := Counter(written.problems.values()):
            kept = f"{reasons.total()} of {len(subjects)} kept their template"
            why = "; ".join(text for text, _ in reasons.most_common(_REASONS))
            self.errors.append(f"words: {kept}: {why}")
        return written

    @property
    def _may_group(self) -> bool:
        return self.language.options.headlines and len(self._shown) >= LEAST

    async def _group(self, asking: Asking, *, asks: bool = True) -> Grouped:
        if not self._may_group:
            return Grouped()
        grouped = await asking.grouper.group(self._shown, self._tag, asks=asks)
        self._groups = grouped.groups
        self._fresh += grouped.fresh
        self._used += grouped.used
        if grouped.problem:
            self.errors.append(f"words: no common headlines: {grouped.problem}")
        return grouped

    async def _book(self, asking: Asking) -> None:
        """Write down what was not written down yet."""
        calls = asking.caller.calls[self._booked :]
        await async_book(self.stores, calls, self._fresh, self._used)
        self._booked, self._fresh, self._used = self._booked + len(calls), [], []


def subject_of(draft: Draft) -> Subject:
    """Return a suggestion as a model is asked about it."""
    payload = draft.payload
    return Subject(
        draft.key,
        draft.proven,
        draft.text,
        payload["category"],
        payload["priority"],
    )
