"""Which automations are no more than what can be compared of them."""

from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from .samples import ACTION, TIMED, SetUp, register, written

PLAIN = {"triggers": [TIMED], "conditions": [], "actions": [ACTION]}
TWO = {
    "action": "light.turn_on",
    "target": {"entity_id": ["light.hall", "light.porch"]},
}
DARK = {"condition": "state", "entity_id": "sun.sun", "state": "below_horizon"}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"mode": "restart", "description": "It."},
        {"conditions": [{"condition": "time", "weekday": ["mon"]}]},
        {"conditions": {"condition": "time", "weekday": "mon", "alias": "Days"}},
        {"actions": ACTION},
        {"actions": [{**ACTION, "data": {"brightness_pct": 40}}]},
        {"triggers": [{"platform": "sun", "event": "sunset", "offset": "-00:20:00"}]},
    ],
)
def test_all_of_it_is_known(hass: HomeAssistant, changes: dict[str, Any]) -> None:
    register(hass, "light.hall")
    assert written(hass, {**PLAIN, **changes}).is_whole


@pytest.mark.parametrize(
    "changes",
    [
        {"conditions": [DARK]},
        {"conditions": "{{ is_state('sun.sun', 'below_horizon') }}"},
        {"conditions": [{"condition": "time", "after": "18:00:00"}]},
        {"conditions": [{"and": [{"condition": "time", "weekday": ["mon"]}]}]},
        {"actions": [ACTION, {"delay": 5}]},
        {"actions": [{"if": [DARK], "then": [ACTION]}]},
        {"actions": [ACTION, {"action": "notify.notify", "data": {"message": "It"}}]},
        {"actions": [TWO, {"action": "notify.notify", "data": {"message": "It"}}]},
        {"actions": [DARK, ACTION]},
        {"actions": [{**ACTION, "continue_on_error": True}]},
        {"actions": []},
        {"triggers": [{**TIMED, "variables": {}, "surprise": 1}]},
    ],
)
def test_there_is_more_to_it(hass: HomeAssistant, changes: dict[str, Any]) -> None:
    register(hass, "light.hall")
    assert not written(hass, {**PLAIN, **changes}).is_whole


async def test_as_home_assistant_has_it(hass: HomeAssistant, automation: SetUp) -> None:
    register(hass, "light.hall")
    found = await automation(PLAIN)
    assert found.is_whole
    assert found.targets == {("light.hall", "on")}
