"""Title, description and rationale of a rule: deterministic, the same in, the same out.

Every word comes from the catalogue; this module knows which template applies.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..mining.evidence import Evidence
from ..mining.facts import HomeFacts, domain_of
from ..mining.result import Proven, Tier
from ..mining.rules import (
    ALL_DAYS,
    WEEKDAYS,
    WEEKEND,
    Action,
    StateTrigger,
    TimeTrigger,
    Trigger,
)
from .catalogue import Catalogue
from .names import clean


@dataclass(frozen=True, slots=True)
class Text:
    """The three texts of a suggestion, and the language that they are in."""

    title: str
    description: str
    rationale: str
    language: str


def describe(proven: Proven, facts: HomeFacts, catalogue: Catalogue) -> Text:
    """Put a proven rule into words."""
    rule = proven.rule
    act = _act(rule.action, facts, catalogue)
    when = _when(rule.trigger, facts, catalogue)
    form = "reminder" if proven.safety.tier is Tier.NOTIFY else "automation"
    return Text(
        title=_sentence(catalogue.fill("title", form, act=act, when=when)),
        description=_sentence(catalogue.fill("description", form, act=act, when=when)),
        rationale=" ".join(_rationale(proven, facts, catalogue)),
        language=catalogue.language,
    )


def days_of(weekdays: tuple[int, ...], catalogue: Catalogue) -> str:
    """Return a set of weekdays (Monday is 0) in words."""
    named = {ALL_DAYS: "all", WEEKDAYS: "weekdays", WEEKEND: "weekend"}
    if weekdays in named:
        return catalogue.fill("days", named[weekdays])
    left_out = [day for day in ALL_DAYS if day not in weekdays]
    form, listed = ("except", left_out) if len(left_out) == 1 else ("some", weekdays)
    names = [str(catalogue.texts["weekday"][day]) for day in listed]
    return catalogue.fill("days", form, days=catalogue.enumerate(names))


def _act(action: Action, facts: HomeFacts, catalogue: Catalogue) -> str:
    kinds = (domain_of(action.entity_id),)
    return catalogue.phrase("act", kinds, action.state).format(
        target=_name(action.entity_id, facts), state=_state(action.state, catalogue)
    )


def _when(trigger: Trigger, facts: HomeFacts, catalogue: Catalogue) -> str:
    match trigger:
        case TimeTrigger(minute, weekdays):
            return catalogue.fill(
                "time",
                time=f"{minute // 60:02}:{minute % 60:02}",
                days=days_of(weekdays, catalogue),
            )
        case StateTrigger(entity_id, state):
            entity = facts.of(entity_id)
            kinds = (f"{entity.domain}.{entity.device_class}", entity.domain)
            cue = catalogue.phrase("cue", kinds, state).format(
                name=_name(entity_id, facts), state=_state(state, catalogue)
            )
            return catalogue.fill("edge", cue=cue)


def _rationale(proven: Proven, facts: HomeFacts, catalogue: Catalogue) -> list[str]:
    lines = [_counts(proven.evidence, catalogue)]
    holdout = proven.evidence.holdout
    if holdout.hits + holdout.wrong:
        lines.append(
            catalogue.fill(
                "rationale",
                "holdout",
                hits=holdout.hits,
                runs=catalogue.count("times", holdout.hits + holdout.wrong),
            )
        )
    if proven.covered_by:
        known: Mapping[str, str] = {a.entity_id: a.name for a in facts.automations}
        names = [clean(known.get(key, key), key) for key in proven.covered_by]
        lines.append(
            catalogue.fill("rationale", "covered", names=catalogue.enumerate(names))
        )
    lines.extend(
        catalogue.fill("safety", reason)
        for reason in proven.safety.reasons
        if catalogue.has("safety", reason)
    )
    if proven.safety.tier is Tier.CONFIRM:
        lines.append(catalogue.fill("rationale", "confirm"))
    return lines


def _counts(evidence: Evidence, catalogue: Catalogue) -> str:
    return catalogue.fill(
        "rationale",
        "evidence",
        days=catalogue.count("days", evidence.days_observed),
        runs=catalogue.count("times", evidence.opportunities),
        hits=evidence.hits,
        wrong=catalogue.count("times", evidence.wrong),
        missed=catalogue.count("times", evidence.missed),
    )


def _name(entity_id: str, facts: HomeFacts) -> str:
    return clean(facts.of(entity_id).name, entity_id)


def _state(state: str, catalogue: Catalogue) -> str:
    return clean(catalogue.state(state), state)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
