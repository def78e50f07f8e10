"""A home with a configuration folder of its own, and Home Assistant's automations."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator

from ..scripted import DOOR, EVENING, FACTS, MORNING, Script, result

type Call = Callable[..., Awaitable[dict[str, Any]]]

CONFIGURATION = "automation: !include automations.yaml\n"


@pytest.fixture
def folder(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Give Home Assistant a folder in which automations.yaml is included."""
    path = tmp_path / "config"
    path.mkdir()
    (path / "more").mkdir()
    (path / "configuration.yaml").write_text(CONFIGURATION)
    (path / "automations.yaml").write_text("[]\n")
    hass.config.config_dir = str(path)
    return path


@dataclass(frozen=True)
class Automations:
    """The file with the automations, as a person has it open."""

    path: Path

    def read(self) -> bytes:
        return self.path.read_bytes()

    def write(self, content: str | bytes) -> None:
        self.path.write_bytes(content.encode() if isinstance(content, str) else content)

    def data(self) -> list[dict[str, Any]]:
        """Return what Home Assistant reads in it."""
        found = load_yaml(self.path)
        assert isinstance(found, list)
        return found

    def exists(self) -> bool:
        return self.path.exists()

    def delete(self) -> None:
        self.path.unlink()

    def beside(self) -> list[str]:
        """Return the names of what we left in the folder."""
        names = [other.name for other in self.path.parent.iterdir()]
        return sorted(name for name in names if "scout" in name)

    def configure(self, content: str) -> None:
        """Write the file that says where automations are."""
        self.path.with_name("configuration.yaml").write_text(content)


@pytest.fixture
def file(folder: Path) -> Automations:
    """Return the file with the automations."""
    return Automations(folder / "automations.yaml")


@pytest.fixture
def calls(hass: HomeAssistant) -> list[ServiceCall]:
    """Have the entities and actions that the scripted rules need; return the calls."""
    for entity_id in FACTS.entities:
        hass.states.async_set(entity_id, "off")
    async_mock_service(hass, "climate", "set_hvac_mode")
    async_mock_service(hass, "cover", "open_cover")
    async_mock_service(hass, "persistent_notification", "create")
    return async_mock_service(hass, "light", "turn_on")


@pytest.fixture
async def home(
    hass: HomeAssistant,
    folder: Path,
    calls: list[ServiceCall],
    script: Script,
    entry: MockConfigEntry,
) -> AsyncIterator[ScoutCoordinator]:
    """Have three suggestions open in a home with automations."""
    assert await async_setup_component(hass, "automation", {})
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    script.result = result(MORNING, DOOR, EVENING)
    coordinator: ScoutCoordinator = entry.runtime_data
    await coordinator.async_analyze()
    yield coordinator
    # What waits for a time of the day would outlive the test.
    for entity_id in hass.states.async_entity_ids("automation"):
        await hass.services.async_call(
            "automation", "turn_off", {"entity_id": entity_id}, blocking=True
        )


@pytest.fixture
def call(hass: HomeAssistant) -> Call:
    """Call an action and return its answer."""

    async def asked(action: str, **data: Any) -> dict[str, Any]:
        response = await hass.services.async_call(
            DOMAIN, action, data, blocking=True, return_response=True
        )
        assert isinstance(response, dict)
        return response

    return asked
