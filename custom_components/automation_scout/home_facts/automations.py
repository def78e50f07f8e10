"""The automations that a home has, as far as they can be compared with a habit.

Automations are read as they were written: with today's keys or those before 2024.10,
with one item where a list may stand, and with targets of every kind.
"""

from collections.abc import Generator, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
import json
from typing import Any, Final

from homeassistant.components.automation import DATA_COMPONENT, BaseAutomationEntity
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant, State, valid_entity_id
from homeassistant.helpers import entity_registry as er

from ..mining.chains import with_chains
from ..mining.facts import ExistingAutomation
from ..mining.rules import DERIVED
from ..mining.written.pieces import items
from .branches import branches_of, flat_triggers
from .conditions import asked_of
from .templates import settled
from .triggers import starts
from .view import View
from .whole import is_whole

NAMES: Final = frozenset(
    {"alias", "description", "id", "initial_state", "use_blueprint"}
)
"""Keys that change nothing of what an automation does."""
FORMER: Final = {
    "trigger": "triggers",
    "condition": "conditions",
    "action": "actions",
}
"""Keys before 2024.10 and what they are called since."""


def existing_automations(
    view: View,
) -> Generator[None, None, tuple[ExistingAutomation, ...]]:
    """Return what starts each automation and what it brings about.

    Yields between the automations, so that whoever drives it can let others have the
    loop.
    """
    component = view.hass.data.get(DATA_COMPONENT)
    found: list[ExistingAutomation] = []
    for entity in component.entities if component is not None else ():
        found.append(_existing(view, entity))
        yield
    return with_chains(
        tuple(sorted(found, key=lambda automation: automation.entity_id))
    )


def _existing(view: View, entity: BaseAutomationEntity) -> ExistingAutomation:
    config = settled(view.hass, entity.raw_config or {})
    state = view.hass.states.get(entity.entity_id)
    triggers = {
        start
        for trigger in flat_triggers(config.get("triggers", config.get("trigger")))
        for start in starts(view, dict(trigger))
    }
    conditions = asked_of(view, config.get("conditions", config.get("condition")))
    branches = branches_of(view, config)
    found = ExistingAutomation(
        entity.entity_id,
        state.name if state else entity.entity_id,
        state is not None and state.state == STATE_ON,
        tuple(sorted(triggers, key=repr)),
        tuple(sorted(conditions.weekdays)),
        frozenset().union(*(branch.targets for branch in branches)),
        _created_ms(view.hass, entity.entity_id),
        _last_ms(state),
        _missing(view.hass, entity),
        _fingerprint(config),
        is_whole(config, lambda call: _is_known(view, config, call)),
    )
    return found if branches == found.ways else replace(found, branches=branches)


def _is_known(view: View, config: Mapping[str, Any], call: object) -> bool:
    """Return whether it is known of one of its calls what it brings about."""
    triggers = config.get("triggers", config.get("trigger"))
    alone = {"triggers": triggers, "actions": [call]}
    return any(branch.targets for branch in branches_of(view, alone))


def _created_ms(hass: HomeAssistant, entity_id: str) -> int | None:
    entry = er.async_get(hass).async_get(entity_id)
    return int(entry.created_at.timestamp() * 1000) if entry else None


def _last_ms(state: State | None) -> int | None:
    last = state.attributes.get("last_triggered") if state else None
    return int(last.timestamp() * 1000) if isinstance(last, datetime) else None


def _missing(hass: HomeAssistant, entity: BaseAutomationEntity) -> tuple[str, ...]:
    """Return the entities that an automation names and that nothing provides.

    A trigger of the sun counts as naming `sun.sun`, and works without it.
    """
    registry = er.async_get(hass)
    return tuple(
        sorted(
            entity_id
            for entity_id in getattr(entity, "referenced_entities", ())
            if valid_entity_id(entity_id)
            and entity_id not in DERIVED
            and hass.states.get(entity_id) is None
            and registry.async_get(entity_id) is None
        )
    )


def _fingerprint(config: Mapping[str, Any]) -> str:
    """Return a digest of what an automation does, "" where it does nothing."""
    does = {
        FORMER.get(key, key): items(value) if key.rstrip("s") in FORMER else value
        for key, value in config.items()
        if key not in NAMES
    }
    if not does.get("actions"):
        return ""
    text = json.dumps(does, sort_keys=True, default=str)
    return blake2b(text.encode(), digest_size=8).hexdigest()
