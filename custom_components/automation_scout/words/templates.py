"""Title, description and rationale of a rule: deterministic, the same in, the same out.

Every word comes from the catalogue; this package knows which template applies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..mining.evidence import Evidence
from ..mining.facts import HomeFacts
from ..mining.result import Instead, Proven, Safety, Tier
from ..mining.rules import DERIVED, Kind
from .acts import acts_of
from .catalogue import Catalogue
from .clauses import is_clause, when_of
from .comparing import compared
from .measures import name_of
from .names import clean


@dataclass(frozen=True, slots=True)
class Text:
    """The three texts of a suggestion, and the language that they are in."""

    title: str
    """As long as its names make it."""
    description: str
    rationale: str
    language: str


def describe(proven: Proven, facts: HomeFacts, catalogue: Catalogue) -> Text:
    """Put a proven rule into words."""
    rule = proven.rule
    form = _form(proven)
    words = {
        "when": when_of(rule, facts, catalogue),
        "name": _names([rule.replaces], facts)[0],
    }
    short = acts_of(rule, facts, catalogue, short=True, heading=True)
    full = acts_of(rule, facts, catalogue, short=False)
    before = "," if is_clause(rule, whole=False) else ""
    title = catalogue.fill("title", form, act=short, comma=before, **words)
    after = "," if is_clause(rule, whole=True) else ""
    description = catalogue.fill("description", form, act=full, comma=after, **words)
    return Text(
        title=catalogue.sentence(title),
        description=catalogue.sentence(description),
        rationale=catalogue.paragraph(_rationale(proven, facts, catalogue)),
        language=catalogue.language,
    )


def cautions(
    safety: Safety, conflicts: Sequence[str], facts: HomeFacts, catalogue: Catalogue
) -> str:
    """Return why something is only set up after an explicit yes, in sentences.

    Args:
        safety: of what is set up, of `Tier.CONFIRM`.
        conflicts: entity ids of the automations that would undo it.
        facts: names of the automations.
        catalogue: words of the language.
    """
    lines = _cautious(safety, catalogue)
    if conflicts:
        lines.append(_named("conflict", conflicts, facts, catalogue))
    return catalogue.paragraph(lines or [catalogue.fill("rationale", "confirm")])


def _cautious(safety: Safety, catalogue: Catalogue) -> list[str]:
    """Return the reasons of a tier; a conflict is said with its names, elsewhere."""
    return [
        catalogue.fill("safety", reason)
        for reason in safety.reasons
        if catalogue.has("safety", reason)
    ]


def _form(proven: Proven) -> str:
    """Return which title and description a suggestion gets."""
    special = proven.rule.special
    if proven.safety.tier is Tier.NOTIFY and special is not Kind.TIDY:
        return "reminder"
    return special.value if special is not None else "automation"


def _rationale(proven: Proven, facts: HomeFacts, catalogue: Catalogue) -> list[str]:
    special = proven.rule.special
    match special:
        case Kind.TIDY:
            lines = _untidy(proven, facts, catalogue)
        case Kind.OPPORTUNITY:
            about = [
                name_of(entity_id, facts)
                for entity_id in proven.rule.entities
                if entity_id not in DERIVED
            ]
            evidence = proven.evidence
            lines = [
                catalogue.fill(
                    "rationale",
                    "idea",
                    names=catalogue.enumerate(about),
                    hits=evidence.hits,
                    **catalogue.counted("times", runs=evidence.opportunities),
                )
            ]
        case Kind.ADJUST if proven.instead is not None:
            lines = [_overruled(proven, proven.instead, facts, catalogue)]
        case _:
            lines = _counts(proven.evidence, catalogue)
    if proven.instead is not None:
        evidence, instead = proven.evidence, proven.instead
        lines.append(compared(proven.rule, evidence, instead, facts, catalogue))
    if special is not Kind.TIDY:
        lines += _beside(proven, facts, catalogue)
    lines += _cautious(proven.safety, catalogue)
    if proven.safety.tier is Tier.CONFIRM:
        lines.append(catalogue.fill("rationale", "confirm"))
    return lines


def _overruled(
    proven: Proven, instead: Instead, facts: HomeFacts, catalogue: Catalogue
) -> str:
    """Return how often people saw to it that an automation did otherwise."""
    return catalogue.fill(
        "rationale",
        "overruled",
        name=_names([proven.rule.replaces], facts)[0],
        times=instead.occasions - instead.agreed,
        **catalogue.counted("days", days=proven.evidence.days_observed),
        **catalogue.counted("times", occasions=instead.occasions),
    )


def _counts(evidence: Evidence, catalogue: Catalogue) -> list[str]:
    lines = [
        catalogue.fill(
            "rationale",
            "evidence",
            hits=evidence.hits,
            **catalogue.counted("days", days=evidence.days_observed),
            **catalogue.counted(
                "times",
                runs=evidence.opportunities,
                wrong=evidence.wrong,
                missed=evidence.missed,
            ),
        )
    ]
    holdout = evidence.holdout
    if runs := holdout.hits + holdout.wrong:
        lines.append(
            catalogue.fill(
                "rationale",
                "holdout",
                hits=holdout.hits,
                **catalogue.counted("times", runs=runs),
            )
        )
    return lines


def _beside(proven: Proven, facts: HomeFacts, catalogue: Catalogue) -> list[str]:
    """Return what other automations have to do with it."""
    off = {item.entity_id for item in facts.automations if not item.enabled}
    groups = {
        "covered": [one for one in proven.covered_by if one not in off],
        "turned_off": [one for one in proven.covered_by if one in off],
        "conflict": proven.conflicts,
    }
    return [_named(key, ids, facts, catalogue) for key, ids in groups.items() if ids]


def _named(
    key: str, automations: Sequence[str], facts: HomeFacts, catalogue: Catalogue
) -> str:
    """Return what is said of some automations."""
    names = catalogue.enumerate(_names(automations, facts))
    return catalogue.fill("rationale", key, names=names)


def _untidy(proven: Proven, facts: HomeFacts, catalogue: Catalogue) -> list[str]:
    """Return what is wrong with an automation."""
    known = {item.entity_id: item for item in facts.automations}
    about = known.get(proven.rule.replaces)
    missing = [clean(entity_id, "") for entity_id in about.missing] if about else []
    others = _names(proven.covered_by, facts)
    return [
        catalogue.fill(
            "tidy",
            reason,
            name=_names([proven.rule.replaces], facts)[0],
            things=catalogue.shorten(missing) if missing else "",
            others=catalogue.enumerate(others) if others else "",
        )
        for reason in proven.safety.reasons
        if catalogue.has("tidy", reason)
    ]


def _names(automations: Sequence[str], facts: HomeFacts) -> list[str]:
    """Return the names of automations."""
    known: Mapping[str, str] = {a.entity_id: a.name for a in facts.automations}
    return [clean(known.get(key, key), key) for key in automations]
