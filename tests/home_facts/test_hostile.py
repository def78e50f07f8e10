"""Automations that make no sense: they cost nobody the others."""

from random import Random
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
import pytest

from custom_components.automation_scout.mining.rules import ALL_DAYS

from .samples import ACTION, register, written

KEYS: Final = (
    *(
        "triggers",
        "trigger",
        "platform",
        "conditions",
        "condition",
        "actions",
        "action",
    ),
    *("service", "target", "data", "entity_id", "choose", "if", "then", "else"),
    *("default", "repeat", "parallel", "sequence", "while", "for_each", "scene", "id"),
    *("delay", "device_id", "domain", "type", "variables", "stop", "enabled", "at"),
    *("to", "from", "not_to", "for", "above", "below", "attribute", "weekday"),
    *("after", "before", "after_offset", "event", "offset", "zone", "value_template"),
    *("state", "wait_for_trigger", "wait_template", "or", "not", "match", "hours"),
    *("minutes", "options", "event_type", "event_data", "area_id", "use_blueprint"),
)
VALUES: Final[tuple[Any, ...]] = (
    *("on", "off", "light.hall", "07:00", "sun.sun", "zone.home", "{{ x }}", "time"),
    *("{{ is_state('light.a', 'on') }}", "{{ now().hour == 7 }}", "state", "sun"),
    *("{{ area_entities('hall') }}", "{{ area_entities(1, 2, 3) }}", "numeric_state"),
    *("trigger", "template", "and", "or", "not", "device", "light.turn_on", "script.x"),
    *("homeassistant.turn_off", "scene.turn_on", "light.{{ y }}", "elevation", "all"),
    *("sunset", "mon", "/5", "timer.x", "idle", "timer.finished", "sensor.time"),
    *("input_datetime.x", "hall", None, True, False, 0, 5, -3.5, 1e300, ("mon", "x")),
)
LAMP: Final = [{"if": [], "then": [ACTION]}, ACTION]


def junk(chance: Random, depth: int = 0) -> Any:
    kind = chance.random()
    if depth > 4 or kind < 0.35:
        return chance.choice(VALUES)
    if kind < 0.55:
        return [junk(chance, depth + 1) for _ in range(chance.randrange(3))]
    return {
        chance.choice(KEYS): junk(chance, depth + 1) for _ in range(chance.randrange(5))
    }


@pytest.mark.parametrize("seed", range(4))
async def test_nonsense_is_read_as_nothing(hass: HomeAssistant, seed: int) -> None:
    ar.async_get(hass).async_create("Hall")
    register(hass, "light.hall")
    chance = Random(seed)  # noqa: S311
    for _ in range(250):
        config = {
            "triggers": junk(chance),
            "conditions": junk(chance),
            "actions": chance.choice((junk(chance), [junk(chance), *LAMP], LAMP)),
        }
        for branch in written(hass, config).ways:
            assert set(branch.weekdays) <= set(ALL_DAYS)
            assert all(isinstance(state, str) for _, state in branch.targets)
