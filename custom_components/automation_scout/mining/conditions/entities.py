"""Which entities a condition of a rule may ask for."""

from typing import Final

from ..facts import TRIGGER_DOMAINS, EntityFacts, domain_of
from ..history import History
from ..rules import (
    ATTRIBUTE_MARK,
    HOME,
    SUN,
    NumericTrigger,
    Rule,
    StateTrigger,
)

MOST: Final = 60
"""Entities looked at for one rule; each makes every other harder to prove."""
MODES: Final = frozenset({"alarm_control_panel", "input_boolean", "input_select"})
"""Domains that say in which mode a home is, wherever they are."""

OCCUPIED: Final = frozenset({"occupancy", "presence"})
"""Device classes of sensors that tell where somebody is: in bed, at the desk."""


def watchable(history: History, rule: Rule) -> tuple[str, ...]:
    """Return the entities, at most `MOST`, in this order, by name within each step.

    Presence, daylight, persons; modes of the home; media players in the area of target
    or trigger; what measures there, light first; what else is in the target's area, in
    the trigger's; media players elsewhere, what measures in no area (the weather), and
    where else somebody is. Never the target, its device or group, what else the
    trigger's device reports besides its measurements, or a setting.
    """
    watched = _watched(rule)
    targets = [action.target for action in rule.actions]
    facts = history.facts
    areas = [
        {area for name in names if (area := facts.of(name).area_id) is not None}
        for names in (targets, watched)
    ]
    ranked: list[tuple[int, str]] = [(0, SUN)]
    if history.persons:
        ranked.append((0, HOME))
    for name in history.log.entities:
        rank = _rank(history, name, areas[0], areas[1])
        if (
            rank is not None
            and name not in watched
            and not any(_is_kin(history, name, target) for target in targets)
            and not any(_same_report(history, name, other) for other in watched)
        ):
            ranked.append((rank, name))
    return tuple(name for _, name in sorted(ranked)[:MOST])


def _watched(rule: Rule) -> tuple[str, ...]:
    trigger = rule.trigger
    if isinstance(trigger, StateTrigger | NumericTrigger):
        return (trigger.entity_id,)
    return ()


def _rank(
    history: History, name: str, of_target: set[str], of_trigger: set[str]
) -> int | None:
    """Return the step of an entity in the order, None where it is none of it."""
    domain, facts = domain_of(name), history.facts.of(name)
    if ATTRIBUTE_MARK in name or name in (HOME, SUN) or not history.knows(name):
        return None
    if domain == "person" or domain in MODES:
        return 1 if domain == "person" else 2
    if facts.area_id in of_target or facts.area_id in of_trigger:
        return _rank_near(history, facts, at_target=facts.area_id in of_target)
    if domain == "media_player":
        return 8
    if facts.area_id is None and history.is_measured(name):
        return 9
    return 10 if domain == "binary_sensor" and facts.device_class in OCCUPIED else None


def _rank_near(history: History, facts: EntityFacts, *, at_target: bool) -> int | None:
    """Return the step of an entity in the area of target or trigger."""
    if history.is_measured(facts.entity_id):
        return 4 if facts.device_class == "illuminance" else 5
    if facts.domain == "media_player":
        return 3
    if facts.domain not in TRIGGER_DOMAINS:
        return None
    return 6 if at_target else 7


def _is_kin(history: History, name: str, target: str) -> bool:
    """Return whether an entity says nothing but what the target does."""
    one, two = history.facts.of(name), history.facts.of(target)
    same_device = one.device_id is not None and one.device_id == two.device_id
    in_group = name in two.members or target in one.members
    return name == target or same_device or in_group


def _same_report(history: History, name: str, trigger: str) -> bool:
    """Return whether an entity is the trigger seen otherwise: no measurement."""
    return not history.is_measured(name) and _is_kin(history, name, trigger)
