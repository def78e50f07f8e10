"""Whether two rules are the same to a person who was asked about one of them.

What `kinship` takes for one habit on two days is. So is the same act at another value,
and the same through a sensor that tells the same of the same place.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from .doing import SunMinutes
from .facts import ACTUATOR_DOMAINS, EntityFacts, HomeFacts
from .kinship import distance
from .rules import Action, Kind, NumericTrigger, Rule, StateTrigger

PRESENCE: Final = frozenset({"motion", "moving", "occupancy", "presence"})
"""Classes that all say that somebody is there."""


def akin(one: Rule, two: Rule, facts: HomeFacts, sun: SunMinutes | None = None) -> bool:
    """Return whether who has answered to one rule need not be asked the other.

    An adjustment is about its automation: it is akin to adjustments of the same alone.
    """
    if (one.special is Kind.ADJUST or two.special is Kind.ADJUST) and (
        (one.special, one.replaces) != (two.special, two.replaces)
    ):
        return False
    if _is_sibling(one, two, facts):
        one = _set_off_by(_source(two), one)
    return distance(_any_value(one), _any_value(two), sun) is not None


def touches(rule: Rule, things: Collection[str], facts: HomeFacts) -> bool:
    """Return whether a rule acts on, or waits for, one of these devices or entities.

    That a condition looks at one is no act on it.
    """
    return any(not part.isdisjoint(things) for part in _parts(rule, facts))


def acted_on(rule: Rule, facts: HomeFacts) -> frozenset[str]:
    """Return ids of the entities that a rule acts on, and of their devices."""
    return frozenset().union(*(_thing(a.target, facts) for a in rule.actions))


def _parts(rule: Rule, facts: HomeFacts) -> Iterator[frozenset[str]]:
    for action in rule.actions:
        yield _thing(action.target, facts)
        for member in facts.of(action.target).members:
            yield _thing(member, facts)
    if source := _source(rule):
        yield _thing(source, facts)


def _thing(entity_id: str, facts: HomeFacts) -> frozenset[str]:
    device_id = facts.of(entity_id).device_id
    return frozenset({entity_id, device_id} if device_id else {entity_id})


def _source(rule: Rule) -> str:
    """Return the entity whose change sets a rule off, "" where the clock does."""
    if isinstance(rule.trigger, StateTrigger | NumericTrigger):
        return rule.trigger.entity_id.partition("#")[0]
    return ""


def _set_off_by(entity_id: str, rule: Rule) -> Rule:
    """Return the rule with another sensor in the place of its own."""
    if isinstance(rule.trigger, StateTrigger | NumericTrigger):
        return replace(rule, trigger=replace(rule.trigger, entity_id=entity_id))
    return rule


def _is_sibling(one: Rule, two: Rule, facts: HomeFacts) -> bool:
    """Return whether other sensors set the rules off that tell the same."""
    if type(one.trigger) is not type(two.trigger) or _source(one) == _source(two):
        return False
    mine, theirs = facts.of(_source(one)), facts.of(_source(two))
    if _sense(mine) is None or _sense(mine) != _sense(theirs):
        return False
    return bool(
        (mine.device_id and mine.device_id == theirs.device_id)
        or (mine.area_id and mine.area_id == theirs.area_id)
    )


def _sense(entity: EntityFacts) -> tuple[str, str] | None:
    """Return what a sensor tells, None for what is no sensor or says not what it is."""
    if entity.domain in ACTUATOR_DOMAINS or entity.device_class is None:
        return None
    known = entity.device_class in PRESENCE
    return entity.domain, "presence" if known else entity.device_class


def _any_value(rule: Rule) -> Rule:
    """Return the rule with all values of a setting for one."""
    return replace(
        rule,
        action=_of_any_value(rule.action),
        more=tuple(
            replace(step, action=_of_any_value(step.action)) for step in rule.more
        ),
    )


def _of_any_value(action: Action) -> Action:
    return replace(action, state="") if action.attribute else action
