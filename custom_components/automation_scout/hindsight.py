"""What a run makes of what is known from before, and what it says about its own work.

Verdicts become feedback and are held against what is proven, a better form takes the
place of what it does as well, and the funnel and the nearest misses become plain values
for the row of the run.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from homeassistant.util import dt as dt_util

from .const import LOGGER
from .lifecycle import ACCEPTED, DISMISSED, Basis, Known
from .mining.doing import does, for_sure
from .mining.facts import HomeFacts
from .mining.feedback import Feedback, feedback_of
from .mining.kinship import distance
from .mining.near import miss_to_dict, nearest
from .mining.result import FunnelStep, MiningResult, Proven
from .mining.rule_json import rule_from_dict
from .mining.rules import DERIVED, Kind, Rule

if TYPE_CHECKING:
    from .mining.doing import SunMinutes
    from .mining.events import EventLog
    from .store.suggestions import SuggestionRow, Verdict

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


def known_of(
    rows: Iterable[SuggestionRow],
    rules: Mapping[str, Rule],
    verdicts: Mapping[str, Verdict],
) -> dict[str, Known]:
    """Return what the store says about each suggestion, by id.

    Args:
        rows: suggestions of the store.
        rules: their rules, by id, as far as they can be read.
        verdicts: what was decided last about each, by id.
    """
    return {row.id: _known(row, rules, verdicts) for row in rows}


def _known(
    row: SuggestionRow, rules: Mapping[str, Rule], verdicts: Mapping[str, Verdict]
) -> Known:
    verdict = verdicts.get(row.id)
    evidence = row.payload.get("evidence", {})
    return Known(
        row.status,
        row.score,
        _instant(row.last_supported),
        rules.get(row.id),
        _instant(row.snoozed_until),
        _instant(verdict.at) if verdict else None,
        verdict.reason if verdict else None,
        Basis(
            {
                name: (device_id, area_id, device_class)
                for name, (device_id, area_id, device_class) in row.places.items()
            },
            tuple(row.payload.get("covered_by", ())),
            evidence.get("hits", 0),
            evidence.get("opportunities", 0),
            evidence.get("saved_per_week", 0.0),
        ),
    )


def _instant(text: str | None) -> datetime | None:
    return dt_util.parse_datetime(text) if text else None


def is_there(rule: Rule, facts: HomeFacts) -> bool:
    """Return whether the home still has, and lets us see, what a rule is about."""
    if rule.special is Kind.TIDY:
        return any(item.entity_id == rule.replaces for item in facts.automations)
    return all(
        entity_id in facts.entities
        for entity_id in rule.entities
        if entity_id not in DERIVED
    )


def moot_of(
    rules: Mapping[str, Rule], facts: HomeFacts, live: Collection[str]
) -> set[str]:
    """Return the ids of rules that nobody wants: out of scope, or done already.

    What is not there at all may come back. What was about an automation is moot when
    that is off or gone, and what was untidy when it is found no more.

    Args:
        rules: those of known suggestions, by id.
        facts: what may be looked at.
        live: ids of all entities that have a state.
    """
    enabled = [item for item in facts.automations if item.enabled]
    on = {item.entity_id for item in enabled}
    outside = {*live} - facts.entities.keys() - DERIVED
    return {
        key
        for key, rule in rules.items()
        if rule.special is Kind.TIDY
        or (rule.replaces and rule.replaces not in on)
        or not outside.isdisjoint(rule.entities)
        or any(does(automation, rule, met=for_sure) for automation in enabled)
    }


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
) -> dict[str, str]:
    """Return ids of known rules, each with that of a proven one that does the same.

    A routine absorbs its parts, and a habit the idea that it may have begun as.
    """
    given = {key for key, _ in adopted}
    found: dict[str, str] = {}
    for key, rule in rules.items():
        if key not in given:
            better = (new for new, item in adopted if _absorbs(item.rule, rule, sun))
            found.update((key, new) for new in list(better)[:1])
    return found


def _absorbs(better: Rule, rule: Rule, sun: SunMinutes | None) -> bool:
    if rule.special is Kind.OPPORTUNITY and better.special is None:
        return distance(better, replace(rule, special=None), sun) is not None
    return (
        set(rule.actions) < set(better.actions)
        and distance(rule, better, sun) is not None
    )


def funnel_of(result: MiningResult) -> list[dict[str, Any]]:
    """Return the way from changes to acts of people, to candidates, through the gates.

    Of `detection`, `in` is the number of hypotheses that were looked at.
    """
    return steps_to_dicts(
        (
            FunnelStep("provenance", result.events, result.human_actions),
            FunnelStep("detection", result.n_tested, result.candidates),
            *result.funnel,
        )
    )


def steps_to_dicts(steps: Iterable[FunnelStep]) -> list[dict[str, Any]]:
    """Return steps of the funnel as plain JSON values."""
    return [{"gate": step.gate, "in": step.entered, "out": step.left} for step in steps]


def misses_of(result: MiningResult, log: EventLog) -> list[dict[str, Any]]:
    """Return what came nearest to being proven, nearest first, as JSON values."""
    days = (int(log.t[-1]) - int(log.t[0])) / _DAY_MS if len(log) else 0.0
    return [miss_to_dict(item, days) for item in nearest(result, MOST_MISSES)]
