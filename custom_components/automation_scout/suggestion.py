"""A suggestion in the shape of the public contract, from a proven rule or its row.

The payload is what depends on the rule, its evidence and the home alone, so that
unchanged history gives an unchanged payload; status, version and dates belong to the
row of the store and are put around it when it is shown.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from homeassistant.util.yaml import dump

from .lifecycle import OPEN
from .mining.evidence import Evidence, Holdout
from .mining.facts import HomeFacts, domain_of
from .mining.result import Instead, Proven, Safety, Tier
from .mining.rule_json import rule_from_dict, rule_to_dict
from .mining.rules import Action, Rule
from .store.suggestions import SuggestionRow
from .words.names import cut
from .words.templates import Text

type Suggestion = dict[str, Any]
"""A suggestion as actions, events and entities show it."""
MAX_TITLE: Final = 200
"""Characters of a title; a state holds 255."""

type BuildAutomation = Callable[[Rule, str, str, Tier], dict[str, Any]]
"""Makes the config of an automation from a rule, an alias, a description and a tier."""

_SECURITY_DOMAINS: Final = frozenset({"alarm_control_panel", "lock", "siren"})
_SECURITY_CLASSES: Final = frozenset({"door", "garage", "gate"})
_COMFORT_DOMAINS: Final = frozenset(
    {"climate", "cover", "fan", "humidifier", "light", "water_heater"}
)
_SAVING: Final = frozenset(
    {"climate", "fan", "humidifier", "light", "media_player", "switch", "water_heater"}
)
"""Domains whose entities use less when they are off."""

_OFTEN_A_WEEK: Final = 4.0
"""More days than not: a habit of the working week has five."""
_SELDOM_A_WEEK: Final = 1.5
"""Less than two days of a week."""
_SURE: Final = 0.8
_UNSURE: Final = 0.6

_COUNTS: Final = (
    "days_observed",
    "opportunities",
    "hits",
    "wrong",
    "missed",
    "human_actions",
)
"""Of the evidence; all other numbers are made of them."""


def payload_of(
    proven: Proven, text: Text, facts: HomeFacts, build: BuildAutomation
) -> Suggestion:
    """Return everything about a proven rule but what its row in the store says."""
    title = cut(text.title, MAX_TITLE)
    entities = proven.rule.entities
    areas = [facts.of(entity_id).area_id for entity_id in entities]
    automation = build(proven.rule, title, text.description, proven.safety.tier)
    return {
        "kind": proven.rule.kind.value,
        "title": title,
        "description": text.description,
        "rationale": text.rationale,
        "category": category(proven.rule, facts),
        "priority": priority(proven),
        "confidence": round(proven.confidence, 4),
        "evidence": evidence_of(proven.evidence),
        "automation": automation,
        "automation_yaml": dump(automation),
        "entities": list(entities),
        "areas": list(dict.fromkeys(area for area in areas if area)),
        "safety": {
            "tier": proven.safety.tier.value,
            "reasons": list(proven.safety.reasons),
        },
        "covered_by": list(proven.covered_by),
        "installed": None,
        "text": {"source": "template", "language": text.language},
    }


def row_of(
    key: str,
    proven: Proven,
    payload: Suggestion,
    before: SuggestionRow | None,
    now: str,
    status: str = OPEN,
) -> SuggestionRow:
    """Return a suggestion as it is stored.

    Args:
        key: its id.
        proven: what is proposed.
        payload: of `payload_of`.
        before: what is stored under the id.
        now: ISO 8601 in UTC.
        status: what it is.
    """
    row = SuggestionRow(
        id=key,
        status=status,
        kind=proven.rule.kind.value,
        confidence=proven.confidence,
        score=proven.score,
        rule=rule_to_dict(proven.rule),
        payload=payload,
        version=1,
        created_at=now,
        updated_at=now,
        snoozed_until=None,
        last_supported=now,
        beside=_beside(proven),
    )
    if before is None:
        return row
    row = replace(row, version=before.version, created_at=before.created_at)
    if (row.rule, row.payload, row.status) == (
        before.rule,
        before.payload,
        before.status,
    ):
        return replace(row, updated_at=before.updated_at)
    return row


def _beside(proven: Proven) -> dict[str, Any]:
    beside: dict[str, Any] = {"conflicts": list(proven.conflicts)}
    if proven.instead is not None:
        beside["instead"] = {
            "rule": rule_to_dict(proven.instead.rule),
            "agreed": proven.instead.agreed,
            "occasions": proven.instead.occasions,
        }
    return beside


def proven_of(row: SuggestionRow) -> Proven:
    """Return what a suggestion was made of when it was stored.

    Raises:
        ValueError: it was stored by a version that wrote it otherwise.
    """
    payload, beside = row.payload, row.beside
    instead = beside.get("instead")
    try:
        return Proven(
            rule_from_dict(row.rule),
            _evidence(payload["evidence"]),
            row.confidence,
            row.score,
            Safety(
                Tier(payload["safety"]["tier"]), tuple(payload["safety"]["reasons"])
            ),
            tuple(payload["covered_by"]),
            tuple(beside.get("conflicts", ())),
            instead
            and Instead(
                rule_from_dict(instead["rule"]),
                instead["agreed"],
                instead["occasions"],
            ),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as err:
        raise ValueError(f"suggestion {row.id}: {err}") from err


def suggestion_of(
    row: SuggestionRow, installed: dict[str, Any] | None = None
) -> Suggestion:
    """Return the suggestion of a row of the store, as the contract has it.

    Args:
        row: what is stored of the suggestion.
        installed: what `own.installed_of` says of it.
    """
    return {
        "id": row.id,
        "status": row.status,
        **row.payload,
        "installed": installed,
        "version": row.version,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "snoozed_until": row.snoozed_until,
    }


def evidence_of(evidence: Evidence) -> dict[str, Any]:
    """Return the evidence with its rates; instants are ISO 8601 in UTC."""
    return {
        "days_observed": evidence.days_observed,
        "opportunities": evidence.opportunities,
        "hits": evidence.hits,
        "wrong": evidence.wrong,
        "missed": evidence.missed,
        "human_actions": evidence.human_actions,
        "coverage": round(evidence.coverage, 4),
        "precision": round(evidence.precision, 4),
        "precision_low": round(evidence.precision_low, 4),
        "saved_per_week": round(evidence.saved_per_week, 2),
        "unwanted_per_week": round(evidence.unwanted_per_week, 2),
        "first_seen": _iso(evidence.first_seen_ms),
        "last_seen": _iso(evidence.last_seen_ms),
        "examples": [_iso(instant) for instant in evidence.examples_ms],
        "provenance": dict(sorted(evidence.provenance.items())),
        "holdout": {
            "days": evidence.holdout.days,
            "hits": evidence.holdout.hits,
            "wrong": evidence.holdout.wrong,
        },
    }


def _evidence(shown: Mapping[str, Any]) -> Evidence:
    """Return what `evidence_of` shows, as far as it was not forgotten since."""
    counts = {name: shown[name] for name in _COUNTS}
    return Evidence(
        **counts,
        first_seen_ms=_ms(shown["first_seen"]),
        last_seen_ms=_ms(shown["last_seen"]),
        examples_ms=tuple(map(_ms, shown["examples"])),
        provenance=shown["provenance"],
        holdout=Holdout(**shown["holdout"]),
    )


def category(rule: Rule, facts: HomeFacts) -> str:
    """Return what an automation is good for, from what it does to which entities.

    Security if any action is about it; else what most of its actions are good for.
    """
    found = Counter(_category(action, facts) for action in rule.actions)
    if "security" in found:
        return "security"
    return found.most_common(1)[0][0]


def _category(action: Action, facts: HomeFacts) -> str:
    target = facts.of(action.target)
    domain = domain_of(action.target)
    if domain in _SECURITY_DOMAINS or (
        domain == "cover" and target.device_class in _SECURITY_CLASSES
    ):
        return "security"
    if domain in _SAVING and action.state == "off":
        return "energy"
    return "comfort" if domain in _COMFORT_DOMAINS else "convenience"


def priority(proven: Proven) -> str:
    """Return how much an automation matters: how often it serves, how surely."""
    often = proven.evidence.saved_per_week
    if often >= _OFTEN_A_WEEK and proven.confidence >= _SURE:
        return "high"
    if often < _SELDOM_A_WEEK or proven.confidence < _UNSURE:
        return "low"
    return "medium"


def _iso(instant_ms: int) -> str | None:
    """Return an instant as text, None where nothing was seen."""
    if not instant_ms:
        return None
    return datetime.fromtimestamp(instant_ms / 1000, UTC).isoformat()


def _ms(instant: str | None) -> int:
    return round(datetime.fromisoformat(instant).timestamp() * 1000) if instant else 0
