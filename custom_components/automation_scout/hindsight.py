"""What a run makes of what is known from before, and what it says about its own work.

Verdicts become feedback, a routine takes the place of its parts, and the funnel and the
nearest misses become plain values for the row of the run.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from .const import LOGGER
from .lifecycle import DISMISSED
from .mining.facts import HomeFacts
from .mining.feedback import Feedback, feedback_of
from .mining.kinship import distance
from .mining.near import miss_to_dict, nearest
from .mining.result import MiningResult, Proven
from .mining.rule_json import rule_from_dict
from .mining.rules import Rule

if TYPE_CHECKING:
    from .mining.doing import SunMinutes
    from .mining.events import EventLog
    from .store.suggestions import SuggestionRow

ACCEPTED: Final = "accepted"
MOST_MISSES: Final = 20
_DAY_MS: Final = 86_400_000


def rules_of(rows: Mapping[str, SuggestionRow]) -> dict[str, Rule]:
    """Return the rules of known suggestions; what is no rule is left out."""
    rules: dict[str, Rule] = {}
    for key, row in rows.items():
        try:
            rules[key] = rule_from_dict(row.rule)
        except ValueError as err:
            LOGGER.warning("The rule of suggestion %s cannot be read: %s", key, err)
    return rules


def installed_rules(
    rows: Mapping[str, SuggestionRow], installed: Mapping[str, str]
) -> dict[str, Rule]:
    """Return the rules that automations were made from, by their entity ids.

    Args:
        rows: every suggestion of the store, by id.
        installed: id of a suggestion to the entity id of what it became.
    """
    made = {key: row for key, row in rows.items() if key in installed}
    return {installed[key]: rule for key, rule in rules_of(made).items()}


def feedback_from(rows: Mapping[str, SuggestionRow], facts: HomeFacts) -> Feedback:
    """Return what people said so far: what they accepted, and what they dismissed.

    Args:
        rows: every suggestion of the store, by id.
        facts: the home, for rooms and devices.
    """
    judged = {
        key: row for key, row in rows.items() if row.status in {ACCEPTED, DISMISSED}
    }
    return feedback_of(
        (
            (rule, judged[key].status == ACCEPTED)
            for key, rule in rules_of(judged).items()
        ),
        facts,
    )


def absorbed(
    rules: Mapping[str, Rule],
    adopted: Sequence[tuple[str, Proven]],
    sun: SunMinutes | None = None,
) -> list[str]:
    """Return ids of known rules that a proven routine now does, under another id."""
    given = {key for key, _ in adopted}
    routines = [item.rule for _, item in adopted if item.rule.more]
    return [
        key
        for key, rule in rules.items()
        if key not in given and any(_is_part(rule, one, sun) for one in routines)
    ]


def _is_part(rule: Rule, routine: Rule, sun: SunMinutes | None) -> bool:
    return (
        set(rule.actions) < set(routine.actions)
        and distance(rule, routine, sun) is not None
    )


def funnel_of(result: MiningResult) -> list[dict[str, Any]]:
    """Return the way from changes to acts of people, to candidates, through the gates.

    Of `detection`, `in` is the number of hypotheses that were looked at.
    """
    steps = [
        ("provenance", result.events, result.human_actions),
        ("detection", result.n_tested, result.candidates),
        *((step.gate, step.entered, step.left) for step in result.funnel),
    ]
    return [{"gate": gate, "in": entered, "out": left} for gate, entered, left in steps]


def misses_of(result: MiningResult, log: EventLog) -> list[dict[str, Any]]:
    """Return what came nearest to being proven, nearest first, as JSON values."""
    days = (int(log.t[-1]) - int(log.t[0])) / _DAY_MS if len(log) else 0.0
    return [miss_to_dict(item, days) for item in nearest(result, MOST_MISSES)]
