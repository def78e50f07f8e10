"""Two rules side by side, and what is wrong with a change, in words."""

from collections.abc import Iterable

from ..mining.evidence import Evidence
from ..mining.facts import HomeFacts
from ..mining.refining.problems import Problem
from ..mining.result import Instead
from ..mining.rules import (
    NumericTrigger,
    Rule,
    StateTrigger,
    TimeTrigger,
    Trigger,
)
from ..mining.standing import TrialReport
from .acts import acts_of
from .catalogue import Catalogue
from .clauses import when_of
from .measures import clock, duration, measure


def difference(
    new: Rule, old: Rule, facts: HomeFacts, catalogue: Catalogue
) -> tuple[str, str]:
    """Return what is different of two rules: ("22:50", "22:30"), as short as it goes.

    When they act, where that differs; else what they do.
    """
    return differences(new, old, facts, catalogue)[0]


def differences(
    new: Rule, old: Rule, facts: HomeFacts, catalogue: Catalogue
) -> list[tuple[str, str]]:
    """Return all that is different of two rules, as `difference` has it.

    When they act and what they do, each where it differs; at least one of them.
    """
    acts = [acts_of(rule, facts, catalogue, short=False) for rule in (new, old)]
    found = [(acts[0], acts[1])] if acts[0] != acts[1] else []
    short = None
    if new.conditions == old.conditions:
        short = _moved(new.trigger, old.trigger, facts, catalogue)
    whens = short or (when_of(new, facts, catalogue), when_of(old, facts, catalogue))
    return [whens, *found] if whens[0] != whens[1] else found or [(acts[0], acts[1])]


def _moved(
    new: Trigger, old: Trigger, facts: HomeFacts, catalogue: Catalogue
) -> tuple[str, str] | None:
    """Return the one number in which triggers differ, None where there is more."""
    match new, old:
        case TimeTrigger(a, days), TimeTrigger(b, others) if a != b and days == others:
            return clock(a, catalogue), clock(b, catalogue)
        case NumericTrigger(entity_id, side, a, stay), NumericTrigger(_, _, b) if (
            a != b and old == NumericTrigger(entity_id, side, b, stay)
        ):
            unit = facts.of(entity_id).unit
            return measure(a, unit, catalogue), measure(b, unit, catalogue)
        case StateTrigger(entity_id, state, a, quiet), StateTrigger(_, _, b) if (
            a != b and a and b and old == StateTrigger(entity_id, state, b, quiet)
        ):
            return duration(a, catalogue), duration(b, catalogue)
        case _:
            return None


def compared(
    rule: Rule,
    evidence: Evidence,
    instead: Instead,
    facts: HomeFacts,
    catalogue: Catalogue,
) -> str:
    """Return how a rule did, and how what it takes the place of did.

    "22:50 instead of 22:30 would have agreed 9 of 10 times; 22:30 did 1 of 10 times."
    """
    new, old = difference(rule, instead.rule, facts, catalogue)
    text = catalogue.fill(
        "rationale",
        "instead" if evidence.opportunities else "never",
        new=new,
        old=old,
        hits=evidence.hits,
        agreed=instead.agreed,
        **catalogue.counted(
            "times", runs=evidence.opportunities, occasions=instead.occasions
        ),
    )
    return catalogue.sentence(text)


def tried(report: TrialReport, catalogue: Catalogue) -> str:
    """Return what a trial came to."""
    return catalogue.fill(
        "rationale",
        "trial",
        hits=report.hits,
        **catalogue.counted("days", days=report.days),
        **catalogue.counted(
            "times", runs=report.runs, wrong=report.wrong, missed=report.missed
        ),
    )


def problems_in_words(problems: Iterable[Problem], catalogue: Catalogue) -> str:
    """Return what is wrong with a change, one sentence after the other."""
    return catalogue.paragraph(
        catalogue.fill("problem", problem.key, **dict(problem.gaps))
        for problem in problems
    )
