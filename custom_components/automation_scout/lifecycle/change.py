"""Whether a home is another one, for a suggestion, than when it was dismissed.

What may bring a dismissed idea back: a device of its rule has been replaced or moved,
an automation that did something near to it is gone or off, or people do it clearly more
often, or more surely, than they did. That they do it less is no reason to ask again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from ..mining.evidence import Evidence
from ..mining.facts import HomeFacts
from ..mining.rules import DERIVED, Rule
from ..mining.stats import wilson_high, wilson_low

type Place = tuple[str | None, str | None, str | None]
"""Device, area and device class of an entity."""

OFTENER: Final = 2.0
"""Times as many acts a week: a habit of two days that became one of four."""
LEAST_MORE: Final = 1.0
"""Acts a week on top, as twice of next to nothing is still next to nothing."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a suggestion rested on."""

    places: Mapping[str, Place] = field(default_factory=dict)
    """Entity id to where it belonged."""
    covered_by: tuple[str, ...] = ()
    """Automations that did something near to it."""
    hits: int = 0
    opportunities: int = 0
    saved_per_week: float = 0.0


def places_of(rule: Rule, facts: HomeFacts) -> dict[str, Place]:
    """Return where the entities of a rule belong, as far as they are there."""
    return {
        entity_id: (found.device_id, found.area_id, found.device_class)
        for entity_id in rule.entities
        if entity_id not in DERIVED and (found := facts.entities.get(entity_id))
    }


def has_changed(
    before: Basis, evidence: Evidence, facts: HomeFacts, running: Collection[str]
) -> bool:
    """Return whether the home has changed materially for a suggestion.

    Args:
        before: what it rested on when it was shown last.
        evidence: that of the rule which would be shown now.
        facts: the home now.
        running: entity ids of the automations that are there and on.
    """
    return (
        any(_has_moved(name, *place, facts) for name, place in before.places.items())
        or not set(before.covered_by) <= set(running)
        or _is_clearer(before, evidence)
    )


def _has_moved(
    entity_id: str,
    device_id: str | None,
    area_id: str | None,
    _device_class: str | None,
    facts: HomeFacts,
) -> bool:
    """Return whether an entity is of another device or area, or there no more."""
    found = facts.entities.get(entity_id)
    return found is None or (found.device_id, found.area_id) != (device_id, area_id)


def _is_clearer(before: Basis, now: Evidence) -> bool:
    """Return whether people do it more surely than could be said then, or oftener."""
    if not before.opportunities:
        return False
    surer = wilson_low(now.hits, now.opportunities) > wilson_high(
        before.hits, before.opportunities
    )
    more = max(OFTENER * before.saved_per_week, before.saved_per_week + LEAST_MORE)
    return surer or now.saved_per_week >= more
