"""How carefully a rule has to be set up, from what it acts on."""

from typing import Final

from .facts import HomeFacts, domain_of
from .result import Safety, Tier
from .rules import Rule

_NOTIFY_DOMAINS: Final = {"alarm_control_panel": "alarm", "lock": "lock"}
_NOTIFY_CLASSES: Final = {"garage": "opens_house", "gate": "opens_house"}
_DOOR_CLASSES: Final = frozenset({"door", "window"})
_CONFIRM_DOMAINS: Final = {
    "climate": "heating",
    "cover": "moves",
    "siren": "siren",
    "valve": "valve",
    "water_heater": "heating",
}
_CONFIRM_WORDS: Final = frozenset({"heater", "iron", "oven", "sauna", "stove"})


def safety_of(rule: Rule, facts: HomeFacts) -> Safety:
    """Return the tier of a rule with the keys of the reasons for it."""
    entity = facts.of(rule.action.entity_id)
    domain = domain_of(rule.action.entity_id)
    if domain in _NOTIFY_DOMAINS:
        return Safety(Tier.NOTIFY, (_NOTIFY_DOMAINS[domain],))
    if domain == "cover" and entity.device_class in _NOTIFY_CLASSES:
        return Safety(Tier.NOTIFY, (_NOTIFY_CLASSES[entity.device_class],))
    if (
        domain == "cover"
        and entity.device_class in _DOOR_CLASSES
        and rule.action.state == "open"
    ):
        return Safety(Tier.NOTIFY, ("opens_house",))
    if domain in _CONFIRM_DOMAINS:
        return Safety(Tier.CONFIRM, (_CONFIRM_DOMAINS[domain],))
    words = set(entity.name.casefold().split()) | set(
        rule.action.entity_id.partition(".")[2].split("_")
    )
    if domain == "switch" and rule.action.state == "on" and words & _CONFIRM_WORDS:
        return Safety(Tier.CONFIRM, ("heating",))
    return Safety(Tier.OK)
