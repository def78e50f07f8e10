"""Two rules side by side, and what is wrong with a change, in words."""

from collections.abc import Iterable
from dataclasses import replace

from ..mining.evidence import Evidence
from ..mining.facts import HomeFacts
from ..mining.refining.problems import Problem
from ..mining.result import Instead
from ..mining.rules import Rule, TimeTrigger
from ..mining.standing import TrialReport
from .acts import acts_of
from .catalogue import Catalogue
from .clauses import when_of
from .measures import clock


def difference(
    new: Rule, old: Rule, facts: HomeFacts, catalogue: Catalogue
) -> tuple[str, str]:
    """Return what is different of two rules: ("22:50", "22:30"), as short as it goes.

    When they act, where that differs; else what they do.
    """
    match new.trigger, old.trigger:
        case TimeTrigger(minute), TimeTrigger(before) if minute != before:
            moved = replace(old, trigger=replace(old.trigger, minute=minute))
            if _when(new) == _when(moved):
                return clock(minute), clock(before)
        case _:
            pass
    whens = when_of(new, facts, catalogue), when_of(old, facts, catalogue)
    if whens[0] != whens[1]:
        return whens
    acts = [acts_of(rule, facts, catalogue, short=False) for rule in (new, old)]
    return acts[0], acts[1]


def _when(rule: Rule) -> tuple[object, ...]:
    return rule.trigger, rule.conditions


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
        "instead",
        new=new,
        old=old,
        hits=evidence.hits,
        runs=catalogue.count("times", evidence.opportunities),
        agreed=instead.agreed,
        occasions=catalogue.count("times", instead.occasions),
    )
    return text[:1].upper() + text[1:]


def tried(report: TrialReport, catalogue: Catalogue) -> str:
    """Return what a trial came to."""
    return catalogue.fill(
        "rationale",
        "trial",
        days=catalogue.count("days", report.days),
        runs=catalogue.count("times", report.runs),
        hits=report.hits,
        wrong=catalogue.count("times", report.wrong),
        missed=catalogue.count("times", report.missed),
    )


def problems_in_words(problems: Iterable[Problem], catalogue: Catalogue) -> str:
    """Return what is wrong with a change, one sentence after the other."""
    return " ".join(
        catalogue.fill("problem", problem.key, **dict(problem.gaps))
        for problem in problems
    )
