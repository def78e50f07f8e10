"""The one place where a rule gets its rank."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from .evidence import Evidence
from .facts import HomeFacts, domain_of
from .result import Proven
from .rules import (
    ALL_DAYS,
    WEEKDAYS,
    WEEKEND,
    Kind,
    Rule,
    StateTrigger,
    SunTrigger,
    TimeTrigger,
)

WRONG_COST: Final = 0.5
"""An unwanted firing annoys, but it can be taken back."""
DOMAIN_CLARITY: Final = {"input_boolean": 0.8, "media_player": 0.9}
"""People ask less often for these; lights, switches and covers are 1."""
CONDITION_CLARITY: Final = 0.85
"""Each condition is one more thing to understand, and to be wrong about.

Of the candidates of Trace2TAP (IMWUT 4, 2020) people took 6.9 % of those without any,
2.1 % of those with one and 1.0 % of those with two; part of that is their precision."""
CHAIN_CLARITY: Final = 0.8
"""Another appliance as the trigger says less than a sensor or a person."""
QUIET_CLARITY: Final = 0.9
"""That it was quiet before is a condition in disguise."""
ODD_DAYS_CLARITY: Final = 0.95
"""Tuesday and Thursday, as against every day, workdays and the weekend."""
OFF_CLARITY: Final = 0.95
"""People want to have things turned on rather than off; if left on, either way."""
USUAL: Final = {
    (Kind.TIME, "light"): 0.9,
    (Kind.TIME, "switch"): 1.05,
    (Kind.TIME, "climate"): 1.2,
    (Kind.STATE, "light"): 1.15,
    (Kind.NUMERIC, "switch"): 1.15,
}
"""How much more often people write such automations than chance would pair the two.

Of 1,286 public ones: 13.9 % have a time as trigger, 9.8 % motion or a door, 5.4 % a
number; 32.5 % act on lights, 12.8 % on switches, 2.5 % on heating. Pairs: time-light
2.3 %, time-switch 2.3, time-climate 1.0, motion or door-light 5.6, number-switch 1.2.
The fourth root of share over chance, within 0.9 and 1.2: a prior and no verdict."""
STALE_DAYS: Final = 14
HALF_LIFE_DAYS: Final = 30
"""What was not done for two weeks counts half as much a month later."""
SAME_ACTION: Final = 0.7
SAME_AREA: Final = 0.9
"""What each better suggestion for the same action, or room, leaves of a score."""


def score(
    rule: Rule,
    evidence: Evidence,
    confidence: float,
    liking: float = 1.0,
    idle_days: float = 0.0,
) -> float:
    """Return acts saved a week x lower bound x clarity, less the cost of wrong firings.

    Args:
        rule: what would be done.
        evidence: from its replay.
        confidence: lower bound of its precision, 0..1.
        liking: factor by what people said to its like (`Feedback.factor`).
        idle_days: days since it was last done.
    """
    # At a hit of a routine at least half of its actions were done by hand.
    acts = max(1.0, len(rule.actions) / 2)
    fresh: float = 0.5 ** (max(0.0, idle_days - STALE_DAYS) / HALF_LIFE_DAYS)
    gain = evidence.saved_per_week * acts * confidence * clarity(rule)
    cost = WRONG_COST * evidence.unwanted_per_week * (1 - confidence)
    return gain * liking * fresh - cost


def clarity(rule: Rule) -> float:
    """Return how plainly a person sees the rule and its use, about 1.

    A clock time and a door are plain; conditions, another appliance as the trigger, and
    what nobody automates are less so.
    """
    domain = domain_of(rule.action.target)
    clear = DOMAIN_CLARITY.get(domain, 1.0)
    clear *= CONDITION_CLARITY ** len(rule.conditions)
    if rule.action.state == "off" and rule.trigger_kind is not Kind.ABSENCE:
        clear *= OFF_CLARITY
    match rule.trigger:
        case TimeTrigger() | SunTrigger():
            if rule.trigger.weekdays not in (ALL_DAYS, WEEKDAYS, WEEKEND):
                clear *= ODD_DAYS_CLARITY
        case StateTrigger(entity_id, _, for_s, quiet_s):
            if quiet_s:
                clear *= QUIET_CLARITY
            watched = domain_of(entity_id)
            sensor = watched in ("binary_sensor", "person", "device_tracker", "zone")
            if not sensor and not for_s:
                return clear * CHAIN_CLARITY
            if watched != "binary_sensor":
                return clear
        case _:
            pass
    return clear * USUAL.get((rule.trigger_kind, domain), 1.0)


def ordered(proven: Sequence[Proven], facts: HomeFacts) -> tuple[Proven, ...]:
    """Return proven rules best first, with what speaks for variety in their scores.

    A further habit of the same action or room counts a little less for each better one,
    so that the few that are shown are not all of one lamp where others are nearly as
    good. The best stays the best, and nothing is left out.
    """
    waiting = sorted(proven, key=lambda item: (-item.score, item.rule.key))
    found: list[Proven] = []
    share = [1.0] * len(waiting)
    while waiting:
        marks = [
            item.score * part if item.score > 0 else item.score
            for item, part in zip(waiting, share, strict=True)
        ]
        best = max(range(len(waiting)), key=lambda place: (marks[place], -place))
        chosen = replace(waiting.pop(best), score=marks[best])
        del share[best]
        found.append(chosen)
        share = [
            part * _alike(chosen.rule, item.rule, facts)
            for item, part in zip(waiting, share, strict=True)
        ]
    return tuple(found)


def _alike(better: Rule, rule: Rule, facts: HomeFacts) -> float:
    """Return what a better rule leaves of the score of another one."""
    left = 1.0
    if set(better.actions) & set(rule.actions):
        left *= SAME_ACTION
    area = facts.of(rule.action.target).area_id
    if area is not None and area == facts.of(better.action.target).area_id:
        left *= SAME_AREA
    return left
