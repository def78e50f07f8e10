"""A home with a lamp, a person with a habit, and the days that pass in it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Final, override
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.light import LightEntity
from homeassistant.components.light.const import ColorMode
from homeassistant.components.recorder.core import Recorder
from homeassistant.core import Context, HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockUser,
    async_fire_time_changed,
    setup_test_component_platform,
)
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.automation_scout.const import DOMAIN

ZONE: Final = ZoneInfo("Europe/Amsterdam")
FIRST: Final = datetime(2026, 3, 2, tzinfo=ZONE)
"""A Monday; the clocks change on the 29th."""
LEARNT: Final = 21
"""Days of the habit before the first analysis."""
LAMP: Final = "light.lamp"
EVENT: Final = "event.automation_scout_suggestion"
BEFORE: Final = """\
# Mine, do not touch
- id: "1"   # the first
  alias: 'Küche am Morgen'
  triggers:
  - {trigger: time, at: "06:15:00"}
  actions:
  - {action: light.turn_on, target: {entity_id: light.kitchen}}
# the end
"""


class Light(LightEntity):
    """A lamp that does at once what it is told."""

    _attr_should_poll = False
    _attr_color_mode = ColorMode.ONOFF

    def __init__(self, name: str) -> None:
        """Be off."""
        self._attr_name = name
        self._attr_unique_id = name
        self._attr_is_on = False
        self._attr_supported_color_modes = {ColorMode.ONOFF}

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        self._attr_is_on = True
        self.async_write_ha_state()

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        self._attr_is_on = False
        self.async_write_ha_state()


@dataclass(frozen=True)
class Home:
    """What a person does, as days pass."""

    hass: HomeAssistant
    freezer: FrozenDateTimeFactory
    user_id: str
    file: Path

    async def until(self, day: int, hour: int, minute: float) -> None:
        """Let time pass until a time of a day; what is due at night is awaited."""
        date = FIRST + timedelta(days=day)
        self.freezer.move_to(date.replace(hour=hour) + timedelta(minutes=minute))
        async_fire_time_changed(self.hass)
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def tap(self, entity_id: str, state: str) -> None:
        """Switch a lamp in the app."""
        await self.hass.services.async_call(
            "light",
            f"turn_{state}",
            {"entity_id": entity_id},
            blocking=True,
            context=Context(user_id=self.user_id),
        )
        await self.hass.async_block_till_done()

    async def daytime(self, day: int) -> None:
        """Live through a day until the evening: the kitchen at any time."""
        chance = Random(day)  # noqa: S311
        for hour in sorted(chance.sample(range(8, 21), 4)):
            on = chance.uniform(0, 40)
            await self.until(day, hour, on)
            await self.tap("light.kitchen", "on")
            await self.until(day, hour, on + chance.uniform(3, 19))
            await self.tap("light.kitchen", "off")

    async def call(self, action: str, **data: Any) -> dict[str, Any]:
        """Call an action of the integration and return its answer."""
        response = await self.hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=True
        )
        await self.hass.async_block_till_done()
        assert isinstance(response, dict)
        return response

    async def analyze(self) -> None:
        """Analyse all that the recorder has been told, without an error."""
        await async_wait_recording_done(self.hass)
        assert (await self.call("analyze"))["errors"] == []

    async def suggestion(self, suggestion_id: str) -> dict[str, Any]:
        """Return a suggestion, whatever its status is."""
        found = (await self.call("list_suggestions"))["suggestions"]
        return next(item for item in found if item["id"] == suggestion_id)

    async def lamp_on(self, **filters: Any) -> list[dict[str, Any]]:
        """Return the suggestions of a list that turn the lamp on."""
        found = (await self.call("list_suggestions", **filters))["suggestions"]
        wanted = {"action": "light.turn_on", "target": {"entity_id": LAMP}}
        return [item for item in found if wanted in item["automation"]["actions"]]

    def state(self, entity_id: str) -> str | None:
        """Return the state of an entity, None where there is none."""
        state = self.hass.states.get(entity_id)
        return state.state if state else None

    def told(self) -> dict[str, Any]:
        """Return what the event entity was told last."""
        state = self.hass.states.get(EVENT)
        assert state
        return dict(state.attributes)


@pytest.fixture
def persistent_database() -> bool:
    """Keep the recorder's database in a file: one in memory hides a wrong thread."""
    return True


@pytest.fixture
async def home(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    hass_admin_user: MockUser,
    entry: MockConfigEntry,
    tmp_path: Path,
) -> AsyncIterator[Home]:
    """Live three weeks, turning the lamp on at 22:30; then set up the integration."""
    del recorder_mock
    await hass.config.async_set_time_zone(ZONE.key)
    freezer.move_to(FIRST)
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "configuration.yaml").write_text("automation: !include automations.yaml")
    file = folder / "automations.yaml"
    file.write_text(BEFORE)
    hass.config.config_dir = str(folder)
    setup_test_component_platform(hass, "light", [Light("Lamp"), Light("Kitchen")])
    lights = {"light": {"platform": "test"}}
    assert await async_setup_component(hass, "light", lights)
    assert await async_setup_component(hass, "automation", {})
    await hass.services.async_call("automation", "reload", blocking=True)
    await hass.async_block_till_done()
    home = Home(hass, freezer, hass_admin_user.id, file)
    for day in range(LEARNT):
        chance = Random(f"evening {day}")  # noqa: S311
        await home.daytime(day)
        await home.until(day, 22, 30 + chance.uniform(-3, 3))
        await home.tap(LAMP, "on")
        await home.until(day, 23, chance.uniform(0, 55))
        await home.tap(LAMP, "off")
    await home.until(LEARNT, 7, 0)
    await async_wait_recording_done(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    yield home
    # What waits for a time of the day would outlive the test.
    for entity_id in hass.states.async_entity_ids("automation"):
        await hass.services.async_call(
            "automation", "turn_off", {"entity_id": entity_id}, blocking=True
        )
