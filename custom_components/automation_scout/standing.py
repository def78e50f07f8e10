"""What people decided about suggestions, and every run heeds: changes and trials.

A suggestion that a person changed keeps its rule; only its numbers move. The habit it
came from is still found under its id, so that it does not come up a second time. It
lives as long as that habit does, or as people do what it would.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from .const import LOGGER
from .hindsight import rules_of
from .lifecycle import EXPIRED, OPEN, SNOOZED
from .mining.result import Proven
from .mining.rule_json import rule_from_dict
from .mining.rules import Rule
from .mining.standing import Firing, Question, Review, Trial, TrialReport
from .parts import Parts
from .store.trials import FINISHED, RUNNING, TrialRow
from .words.comparing import tried

if TYPE_CHECKING:
    from .mining.events import EventLog
    from .mining.facts import HomeFacts
    from .mining.feedback import Feedback
    from .store.stores import Stores
    from .store.suggestions import SuggestionRow
    from .words.catalogue import Catalogue

TRIED: Final = "trial_ended"
"""Verdict with which a suggestion is open again after its trial."""
UNDECIDED: Final = frozenset({OPEN, SNOOZED, EXPIRED})
LATELY: Final = timedelta(days=14)
"""What people did within two weeks, they still do."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The decisions that stand."""

    questions: Mapping[str, Question] = field(default_factory=dict)
    """Refined rules by the id of their suggestion, where it may be open."""
    found: Mapping[str, Rule] = field(default_factory=dict)
    """What refined rules had been found as, whatever became of their suggestion."""
    trials: Mapping[str, TrialRow] = field(default_factory=dict)
    over: frozenset[str] = frozenset()
    """Ids of suggestions whose trial ends with this run: a person waits for it."""

    async def review(
        self,
        hass: HomeAssistant,
        parts: Parts,
        log: EventLog,
        facts: HomeFacts,
        feedback: Feedback,
    ) -> Review:
        """Judge anew what was changed, and what is on trial."""
        running = {
            key: Trial(rule, _ms(row.started_at), _ms(row.ends_at))
            for key, row in self.trials.items()
            if row.status == RUNNING and (rule := _rule(key, row.rule)) is not None
        }
        ended = {
            key: Question(running[key].rule)
            for key in running.keys() & self.over
            if key not in self.questions
        }
        if not self.questions and not running:
            return Review()
        asked = {**self.questions, **ended}
        return await hass.async_add_executor_job(
            parts.review, log, facts, asked, running, feedback
        )

    def known(self, rules: Mapping[str, Rule]) -> dict[str, Rule]:
        """Return known rules with those that were changed as they had been found."""
        return {**rules, **self.found}

    def heeded(
        self, adopted: Sequence[tuple[str, Proven]], review: Review, now: datetime
    ) -> list[tuple[str, Proven]]:
        """Return what was found with the rules that people made of it, best first."""
        seen = {key for key, _ in adopted}
        # What could not be judged as a person wants it stays as it is.
        heeded = [
            (key, review.proven[key] if key in self.questions else item)
            for key, item in adopted
            if key not in self.questions or key in review.proven
        ]
        heeded += [
            (key, item)
            for key, item in review.proven.items()
            if key not in seen and (key in self.over or _is_alive(item, now))
        ]
        # What a person waits for finds its place before all others.
        return sorted(
            heeded, key=lambda pair: (pair[0] not in self.over, -pair[1].score)
        )


async def standing_of(
    stores: Stores,
    known: Mapping[str, SuggestionRow],
    now: datetime,
    *,
    with_trials: bool,
) -> Standing:
    """Read the decisions that stand; `known` are all suggestions, by id.

    A trial ends early when its suggestion is decided or opened again.
    """
    rules = rules_of(known)
    questions, found = {}, {}
    for key, refinement in (await stores.refinements.all()).items():
        habit = _rule(key, refinement.found)
        if key not in rules or habit is None:
            continue
        found[key] = habit
        if known[key].status in UNDECIDED:
            changed_ms = _ms(refinement.changed_at)
            questions[key] = Question(rules[key], changed_ms, habit)
    if not with_trials:
        return Standing(questions, found)
    trials = dict(await stores.trials.all())
    running = [key for key, row in trials.items() if row.status == RUNNING]
    over = {key for key in running if _ms(trials[key].ends_at) <= _ms(now.isoformat())}
    waits = {SNOOZED: running, OPEN: over}
    for key in running:
        if key not in waits.get(known[key].status, ()):
            await stores.trials.stop(trials.pop(key).suggestion_id)
    return Standing(questions, found, trials, frozenset(over & trials.keys()))


async def settle_trials(
    stores: Stores, standing: Standing, review: Review, now: datetime
) -> Standing:
    """Write down how trials go, and open again the suggestions whose trial is over."""
    trials = dict(standing.trials)
    for key, report in review.trials.items():
        status = FINISHED if key in standing.over else RUNNING
        trials[key] = replace(trials[key], report=asdict(report), status=status)
        await stores.trials.put(trials[key])
    for key in sorted(standing.over):
        await stores.suggestions.set_status(
            key, OPEN, at=now.isoformat(), verdict=TRIED
        )
    return replace(standing, trials=trials)


def with_trial(
    payload: dict[str, Any], row: TrialRow | None, catalogue: Catalogue
) -> dict[str, Any]:
    """Return a payload whose rationale ends with what a trial came to, once over."""
    if row is None or row.status != FINISHED or row.report is None:
        return payload
    said = tried(report_of(row.report), catalogue)
    if said in payload["rationale"]:
        return payload
    return {**payload, "rationale": f"{payload['rationale']} {said}"}


def report_of(data: Mapping[str, Any]) -> TrialReport:
    """Return the report of `settle_trials` from its JSON values."""
    return TrialReport(
        data["days"],
        data["hits"],
        data["wrong"],
        data["missed"],
        tuple(Firing(**firing) for firing in data["firings"]),
    )


def _rule(key: str, data: Mapping[str, Any]) -> Rule | None:
    """Return a rule that was kept, None where it cannot be read."""
    try:
        return rule_from_dict(data)
    except ValueError as err:
        LOGGER.warning("What was decided about %s cannot be read: %s", key, err)
        return None


def _is_alive(item: Proven, now: datetime) -> bool:
    last = dt_util.utc_from_timestamp(item.evidence.last_seen_ms / 1000)
    return item.evidence.hits > 0 and now - last <= LATELY


def _ms(text: str) -> int:
    instant = dt_util.parse_datetime(text)
    return int(instant.timestamp() * 1000) if instant else 0
