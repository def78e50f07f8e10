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
    | {"cancello", "deur", "poort", "porta", "porte", "portail", "puerta", "tor", "tür"}
)
_OPENING_STEMS: Final = (
    "cerradura", "garage", "garaje", "haustuer", "haustür", "oeffner", "portone",
    "schloss", "serratura", "serrure", "voordeur", "öffner",
)  # fmt: skip
"""Parts of words, in the languages that write compounds too."""
_HARMLESS_WORDS: Final = frozenset(
    {"bell", "chime", "klingel", "lamp", "lampe", "licht", "light", "luz", "lumière"}
)
"""A lamp of the garage and a chime of the door open nothing."""
_VITAL_WORDS: Final = frozenset(
    {"aquarium", "freezer", "fridge", "gefrierschrank", "kühlschrank", "modem", "nas"}
    | {"refrigerator", "router", "server"}
)
"""What is not to be turned off unasked."""
_MANY: Final = 4
"""Things that are turned off at once: somebody may be left in the dark."""
_CARE: Final = (Tier.OK, Tier.CONFIRM, Tier.NOTIFY)
"""Tiers by the care that they ask for."""
_CONFIRM_WORDS: Final = frozenset({"heater", "iron", "oven", "sauna", "stove"})


def safety_of(rule: Rule, facts: HomeFacts) -> Safety:
    """Return the tier of a rule with the keys of the reasons for it.

    Of several actions the one that needs most care decides for all.
    """
    found = [_safety(action, facts) for action in rule.actions]
    tier = max((tier for tier, _ in found), key=_CARE.index)
    reasons = [reason for its, reason in found if reason and its is tier]
    off = {action.entity_id for action in rule.actions if action.state == "off"}
    if tier is not Tier.NOTIFY and sum(_size(entity, facts) for entity in off) >= _MANY:
        tier = Tier.CONFIRM
        reasons.append("many")
    return Safety(tier, tuple(dict.fromkeys(reasons)))


def _safety(action: Action, facts: HomeFacts) -> tuple[Tier, str | None]:
    """Return the tier of one action and the reason for it."""
    entity = facts.of(action.target)
    text = f"{entity.name} {action.target.partition('.')[2]}".casefold()
    words = frozenset(re.split(r"[\W_]+", text))
    if reason := _only_a_reminder(action, entity, words):
        return Tier.NOTIFY, reason
    if reason := _only_when_asked(action, entity, words):
        return Tier.CONFIRM, reason
    return Tier.OK, None


def _size(entity_id: str, facts: HomeFacts) -> int:
    """Return how many things an entity stands for."""
    return max(1, len(facts.of(entity_id).members))


def _only_a_reminder(
    action: Action, entity: EntityFacts, words: frozenset[str]
) -> str | None:
    """Return why a rule may never act, None where it may."""
    domain = domain_of(action.target)
    if domain in _NOTIFY_DOMAINS:
        return _NOTIFY_DOMAINS[domain]
    if domain not in _OPENING_DOMAINS:
        return None
    # A setting of a cover is its position.
    opened = action.state == "open" or bool(action.attribute)
    door = entity.device_class in _DOOR_CLASSES and opened
    opens = door or entity.device_class in _OPENING_CLASSES or _names_opening(words)
    return "opens_house" if opens else None


def _names_opening(words: frozenset[str]) -> bool:
    """Return whether a name is that of something which opens the house."""
    if words & _HARMLESS_WORDS:
        return False
    stems = any(stem in word for word in words for stem in _OPENING_STEMS)
    return bool(words & _OPENING_WORDS) or stems


def _only_when_asked(
    action: Action, entity: EntityFacts, words: frozenset[str]
) -> str | None:
    """Return why a rule needs a person's confirmation, None where it does not."""
    domain = domain_of(action.target)
    if domain in _CONFIRM_DOMAINS:
        return _CONFIRM_DOMAINS[domain]
    heats = domain == "switch" and action.state == "on" and words & _CONFIRM_WORDS
    if action.state == "off" and words & _VITAL_WORDS:
        return "vital"
    return "heating" if heats else None
