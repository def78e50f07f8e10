"""The automations that a home has, as far as they can be compared with a habit.

Automations are read as they were written: with today's keys or those before 2024.10,
with one item where a list may stand, and with targets of every kind.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from homeassistant.components.automation import DATA_COMPONENT
from homeassistant.const import STATE_ON
from homeassistant.core import HomeAssistant, callback

from ..mining.facts import ExistingAutomation
from .config import items
from .outcomes import outcomes
from .triggers import edges, minutes


@callback
def existing_automations(hass: HomeAssistant) -> tuple[ExistingAutomation, ...]:
    """Return what starts each automation and what it brings about."""
    component = hass.data.get(DATA_COMPONENT)
    if component is None:
        return ()
    found = []
    for entity in component.entities:
        config = entity.raw_config or {}
        state = hass.states.get(entity.entity_id)
        triggers = list(_triggers(config))
        found.append(
            ExistingAutomation(
                entity.entity_id,
                state.name if state else entity.entity_id,
                state is not None and state.state == STATE_ON,
                tuple(sorted({m for t in triggers for m in minutes(hass, t)})),
                tuple(sorted({e for t in triggers for e in edges(hass, t)})),
                frozenset(outcomes(hass, config.get("actions", config.get("action")))),
            )
        )
    return tuple(sorted(found, key=lambda automation: automation.entity_id))


def _triggers(config: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the triggers that are not switched off, those in lists of lists too."""
    for trigger in items(config.get("triggers", config.get("trigger"))):
        if isinstance(trigger, dict) and trigger.get("enabled") is not False:
            if "triggers" in trigger:
                yield from _triggers(trigger)
            else:
                yield trigger
