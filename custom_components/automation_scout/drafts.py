"""Suggestions between the decision and the store, and what still holds in between.

While a model is asked, people go on deciding. What a run saw before is then compared
with what is there now: whatever a person touched in the meantime is theirs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from .lifecycle import OPEN, Plan, places_of
from .mining.facts import HomeFacts
from .mining.result import Proven
from .mining.standing import Review
from .standing import Standing, with_trial
from .store.suggestions import SuggestionRow
from .suggestion import BuildAutomation, Suggestion, payload_of, row_of
from .words.catalogue import Catalogue
from .words.templates import Text, describe


@dataclass(frozen=True, slots=True)
class Look:
    """What a run decides on."""

    known: Mapping[str, SuggestionRow]
    """Every suggestion of the store, by id."""
    standing: Standing
    review: Review

    def anew(self, known: Mapping[str, SuggestionRow], standing: Standing) -> Look:
        """Return what is there now, with what this look found out and still holds.

        A trial that was over is waited for, and a rule that was judged is meant, unless
        somebody has decided on the suggestion or changed it.
        """
        same = {
            key
            for key, row in self.known.items()
            if key in known
            and (known[key].status, known[key].rule) == (row.status, row.rule)
        }
        proven = {key: item for key, item in self.review.proven.items() if key in same}
        return Look(
            known,
            replace(standing, over=self.standing.over & same),
            replace(self.review, proven=proven),
        )


@dataclass(frozen=True, slots=True)
class Draft:
    """A suggestion with the text of the templates."""

    key: str
    proven: Proven
    text: Text
    payload: Suggestion


@dataclass(slots=True)
class Drafts:
    """Those of one decision."""

    made: list[Draft] = field(default_factory=list)
    failed: dict[str, Exception] = field(default_factory=dict)
    """Id of a suggestion to why it has no text."""

    @classmethod
    def of(
        cls,
        proven: Iterable[tuple[str, Proven]],
        facts: HomeFacts,
        catalogue: Catalogue,
        build: BuildAutomation,
    ) -> Drafts:
        """Write the texts of proven rules."""
        drafts = cls()
        for key, item in proven:
            try:
                text = describe(item, facts, catalogue)
                payload = payload_of(item, text, facts, build)
            except Exception as err:  # noqa: BLE001 - the others have a text
                drafts.failed[key] = err
            else:
                drafts.made.append(Draft(key, item, text, payload))
        return drafts


def rows_of(
    drafts: Iterable[Draft],
    decided: Plan,
    look: Look,
    facts: HomeFacts,
    catalogue: Catalogue,
    now: str,
) -> list[SuggestionRow]:
    """Return drafts as they are stored."""
    shown = dict(decided.show)
    rows: list[SuggestionRow] = []
    for draft in drafts:
        key, before = draft.key, look.known.get(draft.key)
        payload = with_trial(draft.payload, look.standing.trials.get(key), catalogue)
        status = OPEN if key in shown or before is None else before.status
        row = row_of(key, draft.proven, payload, before, now, status)
        rows.append(replace(row, places=places_of(draft.proven.rule, facts)))
    return rows
