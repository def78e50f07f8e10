"""The automations that a home has, as far as they can be compared with a habit.

Automations are read as they were written: with today's keys or those before 2024.10,
with one item where a list may stand, and with targets of every kind.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import blake2b
import json
from typing import Any, Final

from homeassistant.components.automation import DATA_COMPONENT, BaseAutomationEntity
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant, State, callback, valid_entity_id
from homeassistant.helpers import entity_registry as er

from ..mining.facts import ExistingAutomation
from ..mining.rules import ALL_DAYS, DERIVED
from .config import items
from .outcomes import outcomes
from .triggers import starts, weekdays_of
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


@callback
def existing_automations(hass: HomeAssistant) -> tuple[ExistingAutomation, ...]:
    """Return what starts each automation and what it brings about."""
    component = hass.data.get(DATA_COMPONENT)
    if component is None:
        return ()
    found = [_existing(hass, entity) for entity in component.entities]
    return tuple(sorted(found, key=lambda automation: automation.entity_id))


def _existing(hass: HomeAssistant, entity: BaseAutomationEntity) -> ExistingAutomation:
    config = entity.raw_config or {}
    state = hass.states.get(entity.entity_id)
    triggers = {
        start for trigger in _triggers(config) for start in starts(hass, trigger)
    }
    return ExistingAutomation(
        entity.entity_id,
        state.name if state else entity.entity_id,
        state is not None and state.state == STATE_ON,
        tuple(sorted(triggers, key=repr)),
        _weekdays(config.get("conditions", config.get("condition"))),
        frozenset(outcomes(hass, config.get("actions", config.get("action")))),
        _created_ms(hass, entity.entity_id),
        _last_ms(state),
        _missing(hass, entity),
        _fingerprint(config),
        is_whole(config, lambda call: any(True for _ in outcomes(hass, call))),
    )


def _triggers(config: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the triggers that are not switched off, those in lists of lists too."""
    for trigger in items(config.get("triggers", config.get("trigger"))):
        if isinstance(trigger, dict) and trigger.get("enabled") is not False:
            if "triggers" in trigger:
                yield from _triggers(trigger)
            else:
                yield trigger


def _weekdays(conditions: object) -> tuple[int, ...]:
    """Return the days on which the conditions hold that are about days of the week."""
    days = set(ALL_DAYS)
    for condition in items(conditions):
        if not isinstance(condition, dict) or condition.get("enabled") is False:
            continue
        kind = condition.get("condition")
        if kind == "and" or "and" in condition:
            both = condition.get("conditions", condition.get("and"))
            days &= set(_weekdays(both))
        elif kind == "time":
            days &= set(weekdays_of(condition.get("weekday")))
    return tuple(sorted(days))


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
