"""The words of a home that are no names of things: places, sources, modes of its own.

What every home may have (`on`, `eco`, `docked`) tells nothing of this one. Every other
text that is a state or the value of a setting was given by a person or a device, and is
treated as a name.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from ..mining.attributes import ATTRIBUTES
from ..mining.facts import ACTUATOR_DOMAINS, domain_of
from ..mining.result import Proven
from ..mining.rules import Rule, StateCondition, StateTrigger
from ..mining.services import states_of
from .folding import fold
from .names import PLACE, VALUE, Name, is_number

TEXT_SETTINGS: Final = frozenset(
    one.name for known in ATTRIBUTES.values() for one in known if not one.is_number
)
"""Settings whose values are texts."""
_FOLLOWED: Final = frozenset({"device_tracker", "person"})
"""Domains whose states are places."""
USUAL: Final = frozenset(
    {state for domain in ACTUATOR_DOMAINS for state in states_of(domain)}
    | {"home", "not_home", "0", "occupied", "above_horizon", "below_horizon"}
    # States that nothing is brought into, as Home Assistant names them.
    | {"unknown", "unavailable", "idle", "standby", "buffering", "returning", "error"}
    | {"opening", "closing", "locking", "unlocking", "jammed", "armed_custom_bypass"}
    | {"arming", "disarming", "pending", "triggered", "normal"}
    # Its presets of climate.
    | {"none", "eco", "away", "boost", "comfort", "sleep", "activity"}
)
"""States and values that any home may have."""


def free_words_of(proven: Proven) -> Iterator[Name]:
    """Yield the free words of a proven rule, and of the one that it stands in for."""
    yield from free_words(proven.rule)
    if proven.instead is not None:
        yield from free_words(proven.instead.rule)


def free_words(rule: Rule) -> Iterator[Name]:
    """Yield the words of the home that a rule has."""
    for entity_id, state in _states(rule):
        kind = PLACE if domain_of(entity_id) in _FOLLOWED else VALUE
        yield from words_in([state], kind)
    for step in rule.steps:
        settings = [*step.values, (step.action.attribute, step.action.state)]
        yield from words_in(
            value
            for setting, value in settings
            if setting in TEXT_SETTINGS and isinstance(value, str)
        )


def words_in(texts: Iterable[str], kind: str = VALUE) -> Iterator[Name]:
    """Yield those of some states and values that are words of the home.

    Each as it is logged, and as our texts write it. "Off" is no word of the home
    either: a token for it would take the state from every other thing.
    """
    for text in texts:
        if fold(text) not in USUAL and not is_number(text):
            yield Name(kind, text)
            if "_" in text:
                yield Name(kind, text.replace("_", " "))


def _states(rule: Rule) -> Iterator[tuple[str, str]]:
    for part in (rule.trigger, *rule.conditions):
        if isinstance(part, StateTrigger | StateCondition):
            yield part.entity_id, part.state
    for action in rule.actions:
        if not action.attribute:
            yield action.entity_id, action.state
