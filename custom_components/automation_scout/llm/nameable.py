"""Which entities a change may name, and what is said of them: those at hand, bounded.

At hand is what the suggestion is about, what the instruction names, and what lies in
the same areas. The rest of the home is nobody's business in a question.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ..mining.attributes import ATTRIBUTES, Attribute
from ..mining.facts import HomeFacts, domain_of
from ..mining.refining import Ability
from ..mining.rules import DERIVED, Rule
from ..mining.services import states_of
from ..words.names import clean
from .contexts import DeviceContext, context_of
from .names import AREA, Names, names_of

MOST: Final = 40
"""Entities that a question tells of, beside those of the suggestion."""
MOST_OPTIONS: Final = 20
_PERCENT: Final = frozenset(
    {"brightness", "humidity", "percentage", "position", "volume"}
)
_STATES: Final[Mapping[str, tuple[str, ...]]] = {
    "binary_sensor": ("on", "off"),
    "device_tracker": ("home", "not_home"),
    "person": ("home", "not_home"),
}
"""States of what is watched and never acted on."""
_PEOPLE: Final = frozenset({"device_tracker", "person"})


def nameable(rule: Rule, instruction: str, facts: HomeFacts) -> tuple[str, ...]:
    """Return ids of entities, those of the rule first, each once.

    People are among them only where the rule or the instruction is about them.
    """
    own = [name for name in rule.entities if name not in DERIVED]
    named = Names(names_of(facts)).found_in(instruction)
    called = {name.text for name in named if name.kind == AREA}
    areas = {facts.of(name).area_id for name in own} - {None}
    areas |= {area for area, name in facts.areas.items() if name in called}
    near = [
        entity.entity_id
        for entity in facts.entities.values()
        if entity.area_id in areas and entity.domain not in _PEOPLE
    ]
    meant = (name.entity_id for name in named if name.entity_id in facts.entities)
    others = dict.fromkeys((*meant, *sorted(near, key=_by_use)))
    return (*own, *[name for name in others if name not in own][:MOST])


def _by_use(entity_id: str) -> tuple[bool, str]:
    """Sort what can be acted on before what can only be watched."""
    return not states_of(domain_of(entity_id)), entity_id


def told_of(
    entity_ids: Iterable[str], facts: HomeFacts, abilities: Mapping[str, Ability]
) -> list[dict[str, Any]]:
    """Return what is said of each entity: its name, its place, what it can be."""
    return [
        _told(entity_id, facts, abilities.get(entity_id, Ability()))
        for entity_id in entity_ids
    ]


def _told(entity_id: str, facts: HomeFacts, ability: Ability) -> dict[str, Any]:
    entity = facts.of(entity_id)
    acts = states_of(entity.domain)
    states = ability.states or acts or _STATES.get(entity.domain, ())
    known = context_of(entity_id, facts) or DeviceContext(entity_id, entity_id)
    return {
        **known.plain(),
        "measures": entity.is_numeric,
        "can_be_acted_on": bool(acts),
        "states": [clean(state, "") for state in states[:MOST_OPTIONS]],
        "settings": {
            one.name: _setting(one, facts, ability)
            for one in ATTRIBUTES.get(entity.domain, ())
            if one.name not in ability.lacks
        },
        "cannot_be_set": sorted(ability.lacks),
    }


def _setting(one: Attribute, facts: HomeFacts, ability: Ability) -> dict[str, Any]:
    if not one.is_number:
        options = ability.options.get(one.name, ())
        return {"one_of": [clean(option, "") for option in options[:MOST_OPTIONS]]}
    span = ability.numbers.get(one.name)
    unit = "%" if one.name in _PERCENT else "K"
    if one.name == "temperature":
        unit = facts.temperature_unit
    return {"unit": unit, **({"from": span.low, "to": span.high} if span else {})}
