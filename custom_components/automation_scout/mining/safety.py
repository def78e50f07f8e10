"""How carefully a rule has to be set up, from what it acts on."""

import re
from typing import Final

from .facts import EntityFacts, HomeFacts, domain_of
from .result import Safety, Tier
from .rules import Action, Rule

_NOTIFY_DOMAINS: Final = {"alarm_control_panel": "alarm", "lock": "lock"}
_OPENING_CLASSES: Final = frozenset({"garage", "gate"})
_OPENING_DOMAINS: Final = frozenset({"cover", "input_boolean", "switch"})
_DOOR_CLASSES: Final = frozenset({"door", "window"})
_CONFIRM_DOMAINS: Final = {
    "climate": "heating",
    "cover": "moves",
    "siren": "siren",
    "valve": "valve",
    "water_heater": "heating",
}
_OPENING_WORDS: Final = frozenset(
    {"buzzer", "door", "garage", "gate", "latch", "lock", "opener"}
)
_MANY: Final = 4
"""Members of a group that is turned off: somebody may be left in the dark."""
_CONFIRM_WORDS: Final = frozenset({"heater", "iron", "oven", "sauna", "stove"})


def safety_of(rule: Rule, facts: HomeFacts) -> Safety:
    """Return the tier of a rule with the keys of the reasons for it."""
    entity = facts.of(rule.action.entity_id)
    text = f"{entity.name} {rule.action.entity_id.partition('.')[2]}".casefold()
    words = frozenset(re.split(r"[\W_]+", text))
    if reason := _only_a_reminder(rule.action, entity, words):
        return Safety(Tier.NOTIFY, (reason,))
    if reason := _only_when_asked(rule.action, entity, words):
        return Safety(Tier.CONFIRM, (reason,))
    return Safety(Tier.OK)


def _only_a_reminder(
    action: Action, entity: EntityFacts, words: frozenset[str]
) -> str | None:
    """Return why a rule may never act, None where it may."""
    domain = domain_of(action.entity_id)
    if domain in _NOTIFY_DOMAINS:
        return _NOTIFY_DOMAINS[domain]
    if domain not in _OPENING_DOMAINS:
        return None
    door = entity.device_class in _DOOR_CLASSES and action.state == "open"
    opens = door or entity.device_class in _OPENING_CLASSES or words & _OPENING_WORDS
    return "opens_house" if opens else None


def _only_when_asked(
    action: Action, entity: EntityFacts, words: frozenset[str]
) -> str | None:
    """Return why a rule needs a person's confirmation, None where it does not."""
    domain = domain_of(action.entity_id)
    if domain in _CONFIRM_DOMAINS:
        return _CONFIRM_DOMAINS[domain]
    if action.state == "off" and len(entity.members) >= _MANY:
        return "many"
    heats = domain == "switch" and action.state == "on" and words & _CONFIRM_WORDS
    return "heating" if heats else None
