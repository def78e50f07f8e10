"""The demo home: its habits, found once, and a Home Assistant that has its devices."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar
from unittest.mock import patch

from homeassistant.config import async_hass_config_yaml
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    label_registry as lr,
)
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.home_facts import Scope, collect
from custom_components.automation_scout.mining.events import EventLog
from custom_components.automation_scout.mining.facts import HomeFacts
from custom_components.automation_scout.mining.gates import GATES
from custom_components.automation_scout.mining.gates.already_automated import (
    AlreadyAutomated,
)
from custom_components.automation_scout.mining.gates.protocol import (
    Draft,
    GateContext,
    Judgement,
)
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.result import MiningResult
from custom_components.automation_scout.mining.settings import MiningSettings
from custom_components.automation_scout.parts import load_parts
from demo.custom_components.demo_home.devices import DEVICES
from demo.home import CORE_SETTINGS, PEOPLE, attributes_of

from ..scan.conftest import look
from ..scan.folders import make_demo
from .forms import Form

type SetUp = Callable[[Form], Awaitable[HomeFacts]]


@dataclass(slots=True)
class _Watching:
    """A gate that stops nothing and remembers what came so far."""

    name: ClassVar[str] = "watching"
    drafts: Sequence[Draft] = ()

    def judge(self, drafts: Sequence[Draft], _context: GateContext) -> Judgement:
        self.drafts = drafts
        return Judgement(tuple(drafts), ())


@dataclass(frozen=True, slots=True)
class Past:
    """The log of the demo home, and what reaches the last question."""

    log: EventLog
    settings: MiningSettings
    drafts: Sequence[Draft]

    def judged(self, facts: HomeFacts) -> Judgement:
        """Ask of each habit whether it is automated."""
        context = GateContext(History(self.log, facts), self.settings, {}, 0)
        return AlreadyAutomated().judge(self.drafts, context)

    def mined(self, facts: HomeFacts) -> MiningResult:
        """Analyse everything anew."""
        return mine(self.log, facts, self.settings)


@pytest.fixture(scope="session")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """Read the history of the demo home as a run does, and mine it up to the gate."""
    folder = tmp_path_factory.mktemp("covered") / "config"
    make_demo(folder)
    parts = load_parts()
    seen: list[tuple[EventLog, HomeFacts, MiningSettings]] = []

    def watched(
        log: EventLog, facts: HomeFacts, settings: MiningSettings
    ) -> MiningResult:
        seen.append((log, facts, settings))
        return parts.mine(log, facts, settings)

    with patch("scan.analysis.load_parts", return_value=replace(parts, mine=watched)):
        look(folder)
    ((log, facts, settings),) = seen
    watching = _Watching()
    place = next(i for i, gate in enumerate(GATES) if gate.name == "already_automated")
    mine(
        log,
        replace(facts, automations=()),
        settings,
        gates=[*GATES[:place], watching],
    )
    return Past(log, settings, watching.drafts)


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let automations wait for their times until Home Assistant stops."""
    return True


@pytest.fixture
async def demo_home(hass: HomeAssistant) -> HomeAssistant:
    """Register the devices and people of the demo home."""
    await hass.config.async_update(
        time_zone=CORE_SETTINGS["time_zone"],
        latitude=CORE_SETTINGS["latitude"],
        longitude=CORE_SETTINGS["longitude"],
        elevation=CORE_SETTINGS["elevation"],
    )
    owner = MockConfigEntry(domain="demo_home")
    owner.add_to_hass(hass)
    ground = fr.async_get(hass).async_create("Ground")
    for label in ("Morning", "Evening"):
        lr.async_get(hass).async_create(label)
    areas, devices = ar.async_get(hass), dr.async_get(hass)
    entities = er.async_get(hass)
    for each in DEVICES:
        device = devices.async_get_or_create(
            config_entry_id=owner.entry_id,
            identifiers={("demo_home", each.object_id)},
            name=each.name,
        )
        if each.area:
            area = areas.async_get_or_create(each.area)
            devices.async_update_device(device.id, area_id=area.id)
        entry = entities.async_get_or_create(
            each.domain,
            "demo_home",
            each.object_id,
            device_id=device.id,
            config_entry=owner,
            original_device_class=each.device_class,
        )
        if entry.entity_id != each.entity_id:
            entities.async_update_entity(entry.entity_id, new_entity_id=each.entity_id)
        hass.states.async_set(
            each.entity_id, each.idle, attributes_of(each.entity_id, each.idle, 20.0)
        )
    areas.async_update("kitchen", floor_id=ground.floor_id)
    entities.async_update_entity("light.kitchen_light", labels={"morning"})
    entities.async_update_entity("light.counter_light", labels={"evening"})
    for person in PEOPLE:
        trackers = {"device_trackers": [person.tracker], "friendly_name": person.name}
        hass.states.async_set(person.entity_id, "home", trackers)
    return hass


@pytest.fixture
def set_up(demo_home: HomeAssistant, tmp_path: Path) -> SetUp:
    """Return a function that sets up a form for real and tells what is known then."""
    hass = demo_home

    def id_of(kind: str, entity_id: str) -> str:
        entry = er.async_get(hass).async_get(entity_id)
        assert entry is not None
        assert entry.device_id is not None
        return entry.device_id if kind == "DEVICE" else entry.id

    async def do(form: Form) -> HomeFacts:
        await hass.async_add_executor_job(form.write, tmp_path, id_of)
        hass.config.config_dir = str(tmp_path)
        config = await async_hass_config_yaml(hass)
        domains = {key.partition(" ")[0] for key in config}
        assert await async_setup_component(hass, "homeassistant", config)
        for domain in sorted(domains - {"automation", "homeassistant"}):
            assert await async_setup_component(hass, domain, config)
        await hass.async_block_till_done()
        assert await async_setup_component(hass, "automation", config)
        await hass.async_block_till_done()
        return await collect(hass, Scope())

    return do
