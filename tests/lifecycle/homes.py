"""A home with sensors that have siblings, and rules of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from custom_components.automation_scout.lifecycle import (
    DISMISSED,
    OPEN,
    SNOOZED,
    Basis,
    Known,
    places_of,
)
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.result import Proven
from custom_components.automation_scout.mining.rules import (
    NumericTrigger,
    Rule,
    Side,
    StateTrigger,
    Trigger,
)

from ..scripted import at, proven

NOW = datetime(2026, 10, 1, 3, tzinfo=UTC)
MOTION, OCCUPANCY = "binary_sensor.hall_motion", "binary_sensor.hall_occupancy"
ELSEWHERE = "binary_sensor.study_motion"
DAMP = "sensor.bath_humidity"
FACTS = HomeFacts(
    "UTC",
    {
        item.entity_id: item
        for item in (
            EntityFacts("light.hall", "Hall", "hall", "lamp"),
            EntityFacts("light.desk", "Desk", "study", "strip"),
            EntityFacts("light.shelf", "Shelf", "study", "strip"),
            EntityFacts("light.all", "All", members=("light.hall", "light.desk")),
            EntityFacts("fan.bath", "Fan", "bath", "fan"),
            EntityFacts(MOTION, "Motion", "hall", "sense", "motion"),
            EntityFacts(OCCUPANCY, "Radar", "hall", "radar", "occupancy"),
            EntityFacts(ELSEWHERE, "Motion", "study", "other", "motion"),
            EntityFacts("binary_sensor.hall_door", "Door", "hall", "door", "door"),
            EntityFacts(DAMP, "Damp", "bath", "damp", "humidity"),
            EntityFacts("sensor.bath_damp_2", "Damp", "bath", "damp2", "humidity"),
        )
    },
)


def edge(entity_id: str, for_s: int = 0) -> StateTrigger:
    return StateTrigger(entity_id, "on", for_s)


def above(entity_id: str, threshold: float) -> NumericTrigger:
    return NumericTrigger(entity_id, Side.ABOVE, threshold)


def rule(trigger: Trigger, entity_id: str = "light.hall", state: str = "on") -> Rule:
    return proven(trigger, entity_id, state).rule


HALL = proven(edge(MOTION), "light.hall")
MORNING = proven(at(420), "light.desk")


def dismissed(
    item: Proven, reason: str | None = None, days: float = 1, facts: HomeFacts = FACTS
) -> Known:
    """Return what the store says of an idea that was dismissed some days ago."""
    return known(item, DISMISSED, reason=reason, days=days, facts=facts)


def snoozed(item: Proven, days: float) -> Known:
    """Return what it says of one that is away for so many days more."""
    row = known(item, SNOOZED)
    return replace(row, snoozed_until=NOW + timedelta(days=days))


def known(
    item: Proven,
    status: str = OPEN,
    *,
    reason: str | None = None,
    days: float = 1,
    facts: HomeFacts = FACTS,
) -> Known:
    seen = item.evidence
    basis = Basis(
        places_of(item.rule, facts),
        item.covered_by,
        seen.hits,
        seen.opportunities,
        seen.saved_per_week,
    )
    decided = NOW - timedelta(days=days)
    return Known(status, 1.0, NOW, item.rule, None, decided, reason, basis)


def without(facts: HomeFacts, entity_id: str) -> HomeFacts:
    left = {key: value for key, value in facts.entities.items() if key != entity_id}
    return replace(facts, entities=left)


def having(facts: HomeFacts, *entities: EntityFacts) -> HomeFacts:
    more: Mapping[str, EntityFacts] = {item.entity_id: item for item in entities}
    return replace(facts, entities={**facts.entities, **more})
