"""Phones that are registered over HTTP, get pushes over HTTP, and answer by webhook."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from importlib.util import find_spec
from pathlib import Path
import sys
from types import ModuleType
from typing import Any, Final
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.automation_scout.coordinator import ScoutCoordinator
from demo.hass import COMPILED

from ..scripted import FACTS, Script

ZONE: Final = ZoneInfo("Europe/Amsterdam")
NOON: Final = datetime(2026, 11, 10, 12, tzinfo=ZONE)
PUSH_URL: Final = "http://push.test/"


@dataclass(frozen=True)
class Phone:
    """A phone of a user."""

    hass: HomeAssistant
    client: Any
    mocker: AiohttpClientMocker
    name: str
    webhook_id: str
    device_id: str

    @property
    def action(self) -> str:
        """Return the action that sends to it."""
        return f"notify.mobile_app_{self.name}"

    def pushed(self) -> list[dict[str, Any]]:
        """Return what was pushed to it, oldest first."""
        return [
            call[2]
            for call in self.mocker.mock_calls
            if call[2] and call[2]["push_token"] == self.name
        ]

    async def press(self, title: str) -> None:
        """Press a button of the last notification."""
        [button] = [
            item
            for item in self.pushed()[-1]["data"]["actions"]
            if item["title"] == title
        ]
        await self.answer(button["action"])

    async def answer(self, action: str) -> None:
        """Say which button was pressed, as the app does."""
        response = await self.client.post(
            f"/api/webhook/{self.webhook_id}",
            json={
                "type": "fire_event",
                "data": {
                    "event_type": "mobile_app_notification_action",
                    "event_data": {"action": action},
                },
            },
        )
        assert response.status == HTTPStatus.OK
        await self.hass.async_block_till_done(wait_background_tasks=True)


type Register = Callable[[str, str], Awaitable[Phone]]


@pytest.fixture
def no_microphone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do without the packages for voice, which have to be compiled; no phone speaks."""
    for package, name in COMPILED.items():
        if find_spec(package) is None:
            module = ModuleType(package)
            setattr(module, name, None)
            monkeypatch.setitem(sys.modules, package, module)


@pytest.fixture
async def register(
    socket_enabled: None,
    no_microphone: None,
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    aioclient_mock: AiohttpClientMocker,
    hass_client_no_auth: ClientSessionGenerator,
    enable_custom_integrations: None,
) -> Register:
    """Register a phone by its name and the token of its user."""
    await hass.config.async_set_time_zone(ZONE.key)
    freezer.move_to(NOON)
    for component in ("homeassistant", "mobile_app", "notify"):
        assert await async_setup_component(hass, component, {})
    await hass.async_block_till_done()
    client: Any = await hass_client_no_auth()
    push: Any = aioclient_mock
    push.post(PUSH_URL, json={}, status=HTTPStatus.CREATED)

    async def registered(name: str, token: str) -> Phone:
        response = await client.post(
            "/api/mobile_app/registrations",
            json={
                "app_data": {"push_token": name, "push_url": PUSH_URL},
                "app_id": "test",
                "app_name": "Test",
                "app_version": "1",
                "device_id": f"id-{name}",
                "device_name": name,
                "manufacturer": "Test",
                "model": "Test",
                "os_name": "Test",
                "os_version": "1",
                "supports_encryption": False,
            },
            headers={"Authorization": f"Bearer {token}"},
        )
        assert response.status == HTTPStatus.CREATED
        webhook_id = (await response.json())["webhook_id"]
        await hass.async_block_till_done()
        [entry] = [
            item
            for item in hass.config_entries.async_entries("mobile_app")
            if item.data["webhook_id"] == webhook_id
        ]
        [device] = dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id)
        return Phone(hass, client, aioclient_mock, name, webhook_id, device.id)

    return registered


@pytest.fixture
async def phone(register: Register, hass_access_token: str) -> Phone:
    """Return the phone of an administrator."""
    return await register("annas_phone", hass_access_token)


@pytest.fixture
async def childs_phone(register: Register, hass_read_only_access_token: str) -> Phone:
    """Return the phone of somebody who is no administrator."""
    return await register("childs_phone", hass_read_only_access_token)


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Give Home Assistant a folder in which automations.yaml is included."""
    path = tmp_path / "config"
    path.mkdir()
    (path / "configuration.yaml").write_text("automation: !include automations.yaml\n")
    (path / "automations.yaml").write_text("[]\n")
    hass.config.config_dir = str(path)
    return path


type SetUp = Callable[..., Awaitable[ScoutCoordinator]]


@pytest.fixture
def set_up(
    hass: HomeAssistant, script: Script, entry: MockConfigEntry, folder: Path
) -> SetUp:
    """Set up the integration, told as the test wants to be."""
    del script, folder

    async def done(**notifications: str) -> ScoutCoordinator:
        for entity_id in FACTS.entities:
            hass.states.async_set(entity_id, "off")
        hass.services.async_register("light", "turn_on", lambda _call: None)
        options = {"notifications": notifications} if notifications else {}
        hass.config_entries.async_update_entry(entry, options=options)
        assert await async_setup_component(hass, "automation", {})
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        coordinator: ScoutCoordinator = entry.runtime_data
        return coordinator

    return done
