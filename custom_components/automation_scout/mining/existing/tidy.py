"""Automations that do nothing any more, or that another one does as well."""

from collections.abc import Iterator
from typing import Final

from ..evidence import Evidence
from ..facts import ExistingAutomation, HomeFacts
from ..history import History
from ..localtime import DAY_MS
from ..occasions import occasions
from ..result import Proven, Safety, Tier
from ..rules import (
    Action,
    Kind,
    NumericTrigger,
    Rule,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
    Trigger,
)

IDLE_DAYS: Final = 60
"""Without a single run for so long, and as long at least in the home."""
OFTEN: Final = 10
"""Times that its trigger occurred meanwhile: what waits for smoke is not idle."""
SCORE: Final = -500.0
"""Below every habit, above ideas."""

NEVER_RAN: Final = "never_ran"
MISSING: Final = "missing"
DUPLICATE: Final = "duplicate"


def untidy(history: History) -> list[Proven]:
    """Return a suggestion for each automation that is on and is of no use.

    The reasons are in `safety.reasons`; the automation of such a suggestion would only
    remind of it.
    """
    found = []
    for automation in history.facts.automations:
        if not automation.enabled:
            continue
        twins = tuple(_twins(automation, history.facts))
        reasons = []
        if _never_ran(automation, history):
            reasons.append(NEVER_RAN)
        if automation.missing:
            reasons.append(MISSING)
        if twins:
            reasons.append(DUPLICATE)
        if reasons:
            found.append(_suggested(automation, history, tuple(reasons), twins))
    return found


def _suggested(
    automation: ExistingAutomation,
    history: History,
    reasons: tuple[str, ...],
    twins: tuple[str, ...],
) -> Proven:
    trigger: Trigger = automation.triggers[0] if automation.triggers else TimeTrigger(0)
    rule = Rule(
        trigger,
        Action(automation.entity_id, "off"),
        1,
        special=Kind.TIDY,
        replaces=automation.entity_id,
    )
    evidence = Evidence(len(history.days), 0, 0, 0, 0, 0, 0, 0, ())
    safety = Safety(Tier.NOTIFY, reasons)
    return Proven(rule, evidence, 1.0, SCORE + len(reasons), safety, twins)


def _twins(automation: ExistingAutomation, facts: HomeFacts) -> Iterator[str]:
    """Yield the automations before this one that do exactly the same."""
    for other in facts.automations:
        if (
            other.enabled
            and other.entity_id < automation.entity_id
            and other.fingerprint == automation.fingerprint != ""
        ):
            yield other.entity_id


def _never_ran(automation: ExistingAutomation, history: History) -> bool:
    now_ms = history.span[1]
    since_ms = max(automation.created_ms or now_ms, automation.last_triggered_ms or 0)
    if now_ms - since_ms < IDLE_DAYS * DAY_MS:
        return False
    return any(_often(trigger, history, since_ms) for trigger in automation.triggers)


def _often(trigger: Trigger, history: History, since_ms: int) -> bool:
    """Return whether a trigger occurred again and again since an instant."""
    match trigger:
        case TimeTrigger() | SunTrigger():
            return True
        case StateTrigger() | NumericTrigger():
            return int((occasions(history, trigger)[0] > since_ms).sum()) >= OFTEN
