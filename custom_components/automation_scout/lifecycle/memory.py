"""What people's answers hold back of what a run has proven.

A dismissed idea stays away, and so do its relatives, until `COOLING` has passed and the
home has changed for it. `not_now` is a milder word and holds for `LATER`. Who says
`never_this_device` is not asked about what the suggestion acts on, whether as a target
or as a trigger, until it is restored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from ..mining.doing import SunMinutes
from ..mining.facts import EntityFacts, HomeFacts
from ..mining.kinship import distance
from ..mining.relatives import acted_on, akin, touches
from ..mining.result import FunnelStep, Proven
from ..mining.rules import Kind, Rule
from .change import Basis, has_changed
from .statuses import ACCEPTED, DISMISSED, NEVER, NOT_NOW, OPEN, SNOOZED, SUPERSEDED

COOLING: Final = timedelta(days=90)
"""A season: long enough that nobody takes the question for the same one again."""
LATER: Final = timedelta(days=28)
"""Four weeks: holidays, visitors and building works are mostly over by then."""

NOWHERE: Final = HomeFacts("UTC")

type Never = list[tuple[datetime, frozenset[str]]]
"""When somebody said it, and about which devices and entities."""
type Items = list[tuple[str, Proven]]


@dataclass(frozen=True, slots=True)
class Known:
    """What the store says about a suggestion."""

    status: str
    score: float
    last_supported: datetime | None
    rule: Rule | None = None
    """None where the stored one cannot be read."""
    snoozed_until: datetime | None = None
    decided_at: datetime | None = None
    """When somebody answered to it last."""
    reason: str | None = None
    """What they gave as the reason."""
    basis: Basis = field(default_factory=Basis)

    def is_due(self, now: datetime) -> bool:
        """Return whether it was snoozed, and the time is over."""
        return self.status == SNOOZED and (
            self.snoozed_until is None or self.snoozed_until <= now
        )


@dataclass(frozen=True, slots=True)
class Home:
    """What the answers are held against."""

    facts: HomeFacts
    sun: SunMinutes = field(default_factory=dict)
    whole: bool = True
    """Whether the evidence is that of the whole history. A few days show no change."""


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is left of the proven rules."""

    free: tuple[tuple[str, Proven], ...]
    steps: tuple[FunnelStep, ...]
    """`verdict`: answered itself; `snooze`; `relatives`: near to what was answered."""
    barred: frozenset[str]
    """Ids of known suggestions about a device that somebody never wants to see."""


def sift(
    known: Mapping[str, Known],
    proven: Sequence[tuple[str, Proven]],
    home: Home,
    now: datetime,
) -> Sifted:
    """Leave out what people have answered already, and what is near to it."""
    memory = _Memory(known, home, now)
    steps: list[FunnelStep] = []
    left: Items = list(proven)
    for name, holds in (
        ("verdict", memory.is_answered),
        ("snooze", memory.is_snoozed),
        ("relatives", memory.has_answered_relative),
    ):
        entered = len(left)
        left = [item for item in left if not holds(*item)]
        steps.append(FunnelStep(name, entered, len(left)))
    return Sifted(tuple(left), tuple(steps), barred(known, home.facts))


def barred(known: Mapping[str, Known], facts: HomeFacts = NOWHERE) -> frozenset[str]:
    """Return ids of suggestions about a device that somebody never wants to see.

    Without `facts`, devices are those at which the suggestions were shown.
    """
    facts = _with_places(facts, known.values())
    never = _never(known, facts)
    return frozenset(
        key
        for key, item in known.items()
        if item.rule and _is_barred(item.rule, item, never, facts)
    )


class _Memory:
    """The answers of one moment."""

    def __init__(self, known: Mapping[str, Known], home: Home, now: datetime) -> None:
        self._known = known
        self._home = home
        self._now = now
        self._facts = _with_places(home.facts, known.values())
        self._running = {a.entity_id for a in home.facts.automations if a.enabled}
        self._never = _never(known, self._facts)

    def is_answered(self, key: str, proven: Proven) -> bool:
        item = self._known.get(key)
        if item is None or item.status not in {ACCEPTED, DISMISSED}:
            return False
        return item.status == ACCEPTED or self._holds(item, proven)

    def is_snoozed(self, key: str, _proven: Proven) -> bool:
        item = self._known.get(key)
        return (
            item is not None and item.status == SNOOZED and not item.is_due(self._now)
        )

    def has_answered_relative(self, key: str, proven: Proven) -> bool:
        own = self._known.get(key)
        if _is_barred(proven.rule, own, self._never, self._facts):
            return True
        if own is not None and (own.status == OPEN or own.is_due(self._now)):
            # Somebody has left it open beside what they dismissed, or wants it back.
            return False
        replaced = own is not None and own.status == SUPERSEDED
        return any(
            self._is_answered_by(item, proven, replaced)
            for other, item in self._known.items()
            if other != key
        )

    def _is_answered_by(self, item: Known, proven: Proven, replaced: bool) -> bool:
        rule, sun = item.rule, self._home.sun
        if rule is None:
            return False
        match item.status:
            case "dismissed":
                held = self._holds(item, proven)
                return held and akin(proven.rule, rule, self._facts, sun)
            case "snoozed":
                held = not item.is_due(self._now)
                return held and akin(proven.rule, rule, self._facts, sun)
            case "accepted":
                adjusts = proven.rule.special is Kind.ADJUST
                return not adjusts and distance(proven.rule, rule, sun) is not None
            case "open":
                return replaced and distance(proven.rule, rule, sun) is not None
        return False

    def _holds(self, item: Known, proven: Proven) -> bool:
        """Return whether a dismissal still stands against a rule."""
        if item.reason == NEVER or item.decided_at is None:
            return True
        age = self._now - item.decided_at
        if item.reason == NOT_NOW:
            return age < LATER
        return age < COOLING or not (
            self._home.whole
            and has_changed(
                item.basis, proven.evidence, self._home.facts, self._running
            )
        )


def _never(known: Mapping[str, Known], facts: HomeFacts) -> Never:
    return [
        (item.decided_at, acted_on(item.rule, facts))
        for item in known.values()
        if (item.status, item.reason) == (DISMISSED, NEVER)
        and item.rule
        and item.decided_at
    ]


def _is_barred(rule: Rule, own: Known | None, never: Never, facts: HomeFacts) -> bool:
    """Return whether a rule is about a device of which somebody said so.

    Who opens one such suggestion all the same afterwards means just that.
    """
    opened_at = own.decided_at if own and own.status == OPEN else None
    return any(
        touches(rule, things, facts)
        for at, things in never
        if opened_at is None or at > opened_at
    )


def _with_places(facts: HomeFacts, known: Iterable[Known]) -> HomeFacts:
    """Return the home with the entities that it had when suggestions were shown."""
    gone = {
        name: EntityFacts(name, name, area_id, device_id, device_class)
        for item in known
        for name, (device_id, area_id, device_class) in item.basis.places.items()
        if name not in facts.entities
    }
    return replace(facts, entities={**gone, **facts.entities})
