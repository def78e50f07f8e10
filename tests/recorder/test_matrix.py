"""Who did it, where Home Assistant's own automations, scripts and groups did."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, override

from homeassistant.components.light import LightEntity
from homeassistant.components.light.const import ColorMode
from homeassistant.components.recorder.core import Recorder
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddEntitiesCallback
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockModule,
    MockPlatform,
    MockUser,
    async_fire_time_changed,
    mock_integration,
    mock_platform,
)
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.automation_scout.home_facts import Scope, collect
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.recorder_source import async_windows

LAMPS = ("lamp", "other")


class Lamp(LightEntity):
    """A light that obeys at once."""

    _attr_should_poll = False
    _attr_color_mode = ColorMode.ONOFF
    _attr_supported_color_modes = {ColorMode.ONOFF}  # noqa: RUF012
    _attr_is_on = False

    def __init__(self, name: str) -> None:
        self._attr_name = name
        self._attr_unique_id = name

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self._attr_is_on = True
        self.async_write_ha_state()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self._attr_is_on = False
        self.async_write_ha_state()


class Dimmer(Lamp):
    """A light that takes a brightness."""

    _attr_color_mode = ColorMode.BRIGHTNESS
    _attr_supported_color_modes = {ColorMode.BRIGHTNESS}  # noqa: RUF012
    _attr_brightness = 255

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self._attr_brightness = kwargs.get("brightness", self._attr_brightness)
        await super().async_turn_on(**kwargs)


def turn_on(entity_id: str) -> dict[str, Any]:
    return {"action": "light.turn_on", "target": {"entity_id": entity_id}}


CONFIG = {
    "light": [
        {"platform": "test"},
        {
            "platform": "group",
            "name": "Pair",
            "entities": ["light.lamp", "light.other"],
        },
    ],
    "input_boolean": {"motion": {}},
    "script": {"film": {"sequence": [turn_on("light.lamp")]}},
    "scene": [{"name": "Film", "entities": {"light.lamp": "on"}}],
    "automation": [
        {
            "alias": "Motion",
            "triggers": {"trigger": "state", "entity_id": "input_boolean.motion"},
            "actions": [turn_on("light.lamp")],
        },
        {
            "alias": "Clock",
            "triggers": {"trigger": "time_pattern", "minutes": "/1"},
            "conditions": {
                "condition": "state",
                "entity_id": "light.other",
                "state": "on",
            },
            "actions": [turn_on("light.lamp")],
        },
        {
            "alias": "Chain",
            "triggers": {"trigger": "event", "event_type": "chain"},
            "actions": [{"action": "script.film"}],
        },
        {
            "alias": "Dim",
            "triggers": {"trigger": "event", "event_type": "dim"},
            "actions": [
                {
                    "action": "light.turn_on",
                    "target": {"entity_id": "light.dimmer"},
                    "data": {"brightness_pct": 20},
                }
            ],
        },
    ],
}


@pytest.fixture
async def user(recorder_mock: Recorder, hass: HomeAssistant) -> AsyncIterator[MockUser]:
    """Set the home up, and yield a person in it."""

    async def platform(
        hass: HomeAssistant,
        config: Any,
        add: AddEntitiesCallback,
        discovered: Any = None,
    ) -> None:
        add([*(Lamp(name) for name in LAMPS), Dimmer("dimmer")])

    mock_integration(hass, MockModule("test"), built_in=False)
    mock_platform(
        hass, "test.light", MockPlatform(async_setup_platform=platform), built_in=False
    )
    for domain in ("homeassistant", *CONFIG):
        assert await async_setup_component(hass, domain, CONFIG)
    await hass.async_block_till_done()
    await async_wait_recording_done(hass)
    yield MockUser(is_owner=True).add_to_hass(hass)
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )


async def acts(hass: HomeAssistant) -> list[tuple[str, str, str, str]]:
    """Return the changes that are not the system's, without those of the helper."""
    await async_wait_recording_done(hass)
    until_ms = round((dt_util.utcnow() + timedelta(hours=1)).timestamp() * 1000)
    facts = await collect(hass, Scope())
    found = []
    async for window in async_windows(hass, facts, None, until_ms, {}, frozenset()):
        log = window.log
        found += [
            (
                log.entities[log.entity[row]],
                log.states[log.state[row]],
                Origin(log.origin[row]).name,
                log.actors[log.actor[row]],
            )
            for row in range(len(log))
            if log.origin[row] != Origin.SYSTEM
        ]
    return sorted(row for row in found if row[0] != "input_boolean.motion")


async def call(
    hass: HomeAssistant, user: MockUser, service: str, entity_id: str = ""
) -> None:
    domain, _, name = service.partition(".")
    target = {"entity_id": entity_id} if entity_id else {}
    await hass.services.async_call(
        domain, name, target, blocking=True, context=Context(user_id=user.id)
    )
    await hass.async_block_till_done()


FOLLOWS = ("light.pair", "on", "UNKNOWN", "")


async def test_user(user: MockUser, hass: HomeAssistant) -> None:
    await call(hass, user, "light.turn_on", "light.lamp")
    assert await acts(hass) == [("light.lamp", "on", "USER", user.id), FOLLOWS]


async def test_group(user: MockUser, hass: HomeAssistant) -> None:
    await call(hass, user, "light.turn_on", "light.pair")
    assert await acts(hass) == [
        ("light.lamp", "on", "UNKNOWN", ""),
        ("light.other", "on", "UNKNOWN", ""),
        ("light.pair", "on", "USER", user.id),
    ]


def by(origin: str, actor: str) -> list[tuple[str, str, str, str]]:
    return [
        ("light.lamp", "on", origin, actor),
        ("light.pair", "on", origin, actor),
    ]


async def test_automation_by_a_state(user: MockUser, hass: HomeAssistant) -> None:
    await call(hass, user, "input_boolean.turn_on", "input_boolean.motion")
    assert await acts(hass) == by("AUTOMATION", "automation.motion")


async def test_automation_by_time(user: MockUser, hass: HomeAssistant) -> None:
    await call(hass, user, "light.turn_on", "light.other")
    later = dt_util.utcnow().replace(second=0) + timedelta(minutes=1, seconds=1)
    async_fire_time_changed(hass, later)
    await hass.async_block_till_done()
    assert await acts(hass) == [
        ("light.lamp", "on", "AUTOMATION", "automation.clock"),
        ("light.other", "on", "USER", user.id),
        FOLLOWS,
    ]


async def test_automation_that_a_user_triggers(
    user: MockUser, hass: HomeAssistant
) -> None:
    await call(hass, user, "automation.trigger", "automation.motion")
    assert await acts(hass) == by("AUTOMATION", "automation.motion")


async def test_light_that_is_dimmed(user: MockUser, hass: HomeAssistant) -> None:
    """Two moves of a slider are one value; an automation's is its own."""
    for percent in (70, 40):
        await hass.services.async_call(
            "light",
            "turn_on",
            {"entity_id": "light.dimmer", "brightness_pct": percent},
            blocking=True,
            context=Context(user_id=user.id),
        )
    await hass.async_block_till_done()
    assert await acts(hass) == [
        ("light.dimmer", "on", "USER", user.id),
        ("light.dimmer#brightness", "40", "USER", user.id),
    ]


async def test_light_that_an_automation_dims(
    user: MockUser, hass: HomeAssistant
) -> None:
    hass.bus.async_fire("dim")
    await hass.async_block_till_done()
    assert await acts(hass) == [
        ("light.dimmer", "on", "AUTOMATION", "automation.dim"),
        ("light.dimmer#brightness", "20", "AUTOMATION", "automation.dim"),
    ]


@pytest.mark.parametrize("service", ["script.film", "script.turn_on"])
async def test_script_that_a_user_starts(
    user: MockUser, hass: HomeAssistant, service: str
) -> None:
    entity_id = "script.film" if service == "script.turn_on" else ""
    await call(hass, user, service, entity_id)
    assert await acts(hass) == by("SCRIPT", "script.film")


async def test_script_that_an_automation_starts(
    user: MockUser, hass: HomeAssistant
) -> None:
    hass.bus.async_fire("chain")
    await hass.async_block_till_done()
    assert await acts(hass) == by("AUTOMATION", "automation.chain")


async def test_scene(user: MockUser, hass: HomeAssistant) -> None:
    await call(hass, user, "scene.turn_on", "scene.film")
    assert await acts(hass) == by("SCENE", "")


EXCLUDED = {
    "exclude": {
        "event_types": ["automation_triggered", "call_service", "script_started"]
    }
}


@pytest.mark.parametrize("recorder_config", [EXCLUDED])
async def test_without_events(user: MockUser, hass: HomeAssistant) -> None:
    await call(hass, user, "script.film")
    await call(hass, user, "light.turn_off", "light.lamp")
    await call(hass, user, "automation.trigger", "automation.motion")
    assert await acts(hass) == sorted(
        [
            *by("SCRIPT", "script.film"),
            ("light.lamp", "off", "USER", user.id),
            ("light.pair", "off", "UNKNOWN", ""),
            *by("AUTOMATION", "automation.motion"),
        ]
    )


async def test_push_of_a_light_without_device(
    user: MockUser, hass: HomeAssistant
) -> None:
    assert er.async_get(hass).async_get("light.lamp") is not None
    lamp = hass.data["entity_components"]["light"].get_entity("light.lamp")
    await lamp.async_turn_on()
    assert await acts(hass) == by("UNKNOWN", "")
