"""How carefully an automation has to be set up, from what it acts on.

A rule is judged by the calls that its automation would make, and a configuration by
those that it holds, so that both come to the same.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from .facts import EntityFacts, HomeFacts, domain_of
from .result import Safety, Tier
from .rules import ATTRIBUTE_MARK, Action, Rule, Step
from .safety_words import Words, name_heating, name_opening, name_vital, words_of
from .services import calls_for
from .written.calls import ANY_DOMAIN, SWITCHING, Call, calls
from .written.outcomes import number, outcomes

_NOTIFY_DOMAINS: Final = {"alarm_control_panel": "alarm", "lock": "lock"}
_OPENING_CLASSES: Final = frozenset({"garage", "gate"})
_OPENING_DOMAINS: Final = frozenset(
    {"button", "cover", "input_boolean", "input_button", "remote", "scene", "script"}
    | {"switch"}
)
"""Domains whose entities may open something, as their names say."""
_DOOR_CLASSES: Final = frozenset({"door", "window"})
_CONFIRM_DOMAINS: Final = {
    "climate": "heating",
    "cover": "moves",
    "lawn_mower": "moves",
    "siren": "siren",
    "valve": "valve",
    "water_heater": "heating",
}
_PLAIN_DOMAINS: Final = frozenset(
    {"counter", "fan", "humidifier", "input_boolean", "input_button", "input_datetime"}
    | {"input_number", "input_select", "input_text", "light", "logbook", "media_player"}
    | {"mobile_app"}
    | {"notify", "persistent_notification", "switch", "system_log", "timer", "todo"}
    | {"tts", "vacuum"}
)
"""Domains whose actions do no more than their names say."""
_MANY: Final = 4
"""Things that are turned off at once: somebody may be left in the dark."""
_CARE: Final = (Tier.OK, Tier.CONFIRM, Tier.NOTIFY)
"""Tiers by the care that they ask for."""
_SET_POINTS: Final = ("temperature", "target_temp_high", "target_temp_low")
_COMFORT: Final[Mapping[str, tuple[float, float]]] = {
    "climate": (5.0, 30.0),
    "water_heater": (5.0, 65.0),
}
"""Set points in °C beyond which a home freezes, burns fuel for nothing, or scalds."""

type Concern = tuple[Tier, str]
"""A tier, and the key of the reason for it."""


def safety_of(rule: Rule, facts: HomeFacts) -> Safety:
    """Return the tier of a rule with the keys of the reasons for it.

    Of several actions the one that needs most care decides for all. It is that of the
    act, also where the rule becomes a reminder of it.
    """
    return _judged([call for step in rule.steps for call in _of_step(step)], facts)


def safety_of_config(config: Mapping[str, Any], facts: HomeFacts) -> Safety:
    """Return the tier of any automation with the keys of the reasons for it.

    Scripts, scenes, groups and targets of every kind are followed as far as `facts`
    can tell; what cannot be told is at least `Tier.CONFIRM`, with the reason `untold`.

    Args:
        config: an automation as it is written, whoever wrote it; today's keys or those
            before 2024.10, blueprints filled in.
        facts: the home, `reach` included.
    """
    found = list(calls(config, facts.reach))
    safety = _judged(found, facts)
    if "use_blueprint" in config and not found and safety.tier is Tier.OK:
        return Safety(Tier.CONFIRM, ("untold",))
    return safety


def with_care_for(safety: Safety, conflicts: Collection[str]) -> Safety:
    """Return a tier where other automations do the opposite at the same time.

    Two that undo each other are only set up together by who knows of it.
    """
    if not conflicts:
        return safety
    tier = strictest(safety.tier, Tier.CONFIRM)
    return Safety(tier, (*safety.reasons, "conflict"))


def strictest(*tiers: Tier) -> Tier:
    """Return the tier that asks for the most care."""
    return max(tiers, key=_CARE.index)


def together(*found: Safety) -> Safety:
    """Return the strictest tier of several, with the reasons of all that have it."""
    tier = strictest(*(one.tier for one in found))
    reasons = [reason for one in found if one.tier is tier for reason in one.reasons]
    return Safety(tier, tuple(dict.fromkeys(reasons)))


def _of_step(step: Step) -> Iterator[Call]:
    target = frozenset({step.action.target})
    for service in calls_for(step.action, step.values):
        domain, _, name = service.name.partition(".")
        yield Call(domain, name, service.data, target)
    if not calls_for(step.action, step.values):
        # Judged like the rest, although nothing performs it.
        states = {step.action.entity_id: {"state": step.action.state}}
        yield Call("scene", "apply", {"entities": states})


def _judged(found: Iterable[Call], facts: HomeFacts) -> Safety:
    concerns: list[Concern] = []
    off: set[str] = set()
    for call in found:
        concerns += _concerns(call, facts)
        off |= {
            part
            for entity_id, state in outcomes(call)
            if state == "off"
            for part in facts.parts_of(entity_id)
            if not facts.is_group(part)
        }
    tier = strictest(Tier.OK, *(tier for tier, _ in concerns))
    reasons = [reason for its, reason in concerns if its is tier]
    if tier is not Tier.NOTIFY and len(off) >= _MANY:
        tier = Tier.CONFIRM
        reasons.append("many")
    return Safety(tier, tuple(dict.fromkeys(reasons)))


def _concerns(call: Call, facts: HomeFacts) -> Iterator[Concern]:
    """Yield what speaks for care with one call."""
    acts = [Action(*outcome) for outcome in outcomes(call)]
    told = {act.target for act in acts}
    # What an action does that is not known: it is judged by what it is done to.
    acts += [Action(entity_id, "") for entity_id in sorted(call.entities - told)]
    for act in acts:
        for part in sorted(facts.parts_of(act.target)):
            entity_id = (
                f"{part}{ATTRIBUTE_MARK}{act.attribute}" if act.attribute else part
            )
            yield from _of_act(Action(entity_id, act.state), facts)
    if _is_extreme(call, facts):
        yield Tier.CONFIRM, "extreme"
    if not call.is_told or not _is_plain(call):
        reason = _NOTIFY_DOMAINS.get(call.domain)
        yield (Tier.NOTIFY, reason) if reason else (Tier.CONFIRM, "untold")


def _is_plain(call: Call) -> bool:
    """Return whether an action does to its entities what is known, and nothing else."""
    if (call.domain, call.name) == ("scene", "apply"):
        return True
    if call.domain == ANY_DOMAIN:
        return call.name in SWITCHING | {"update_entity"}
    if call.domain == "automation":
        return call.name != "trigger"
    return call.domain in _PLAIN_DOMAINS | {*_CONFIRM_DOMAINS, *_NOTIFY_DOMAINS}


def _of_act(action: Action, facts: HomeFacts) -> Iterator[Concern]:
    entity = facts.acted_on(action.target)
    words = words_of(entity)
    if reason := _only_a_reminder(action, entity, words):
        yield Tier.NOTIFY, reason
    elif reason := _only_when_asked(action, words):
        yield Tier.CONFIRM, reason


def _only_a_reminder(action: Action, entity: EntityFacts, words: Words) -> str | None:
    """Return why nothing may act on its own, None where it may."""
    domain = domain_of(action.target)
    if domain in _NOTIFY_DOMAINS:
        return _NOTIFY_DOMAINS[domain]
    if domain not in _OPENING_DOMAINS:
        return None
    # A setting of a cover is its position.
    opened = action.state in ("open", "") or bool(action.attribute)
    door = entity.device_class in _DOOR_CLASSES and opened
    opens = door or entity.device_class in _OPENING_CLASSES or name_opening(words)
    return "opens_house" if opens else None


def _only_when_asked(action: Action, words: Words) -> str | None:
    """Return why something needs a person's confirmation, None where it does not."""
    domain = domain_of(action.target)
    if domain in _CONFIRM_DOMAINS:
        return _CONFIRM_DOMAINS[domain]
    if action.state == "off" and name_vital(words):
        return "vital"
    heats = domain == "switch" and action.state == "on" and name_heating(words)
    return "heating" if heats else None


def _is_extreme(call: Call, facts: HomeFacts) -> bool:
    """Return whether a call sets a temperature that nobody lives in."""
    if (call.domain, call.name) == ("scene", "apply"):
        states = call.data.get("entities", {})
        return any(
            _beyond(domain_of(entity_id), values, facts)
            for entity_id, values in states.items()
            if isinstance(values, Mapping)
        )
    return call.name == "set_temperature" and _beyond(call.domain, call.data, facts)


def _beyond(domain: str, values: Mapping[str, Any], facts: HomeFacts) -> bool:
    low, high = _COMFORT.get(domain, (float("-inf"), float("inf")))
    for key in _SET_POINTS:
        value = number(values.get(key))
        if value is None:
            continue
        celsius = (value - 32) / 1.8 if facts.temperature_unit == "°F" else value
        if not low <= celsius <= high:
            return True
    return False
