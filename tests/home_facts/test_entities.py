"""Which entities count, and what is known of them."""

from time import perf_counter

from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.home_facts import Scope
from custom_components.automation_scout.mining.facts import (
    EntityFacts,
)

from .samples import collected, register


def ids(hass: HomeAssistant, scope: Scope | None = None) -> list[str]:
    return list(collected(hass, scope).entities)


@pytest.fixture
def config_entry(hass: HomeAssistant) -> MockConfigEntry:
    entry = MockConfigEntry(domain="test")
    entry.add_to_hass(hass)
    return entry


@pytest.fixture
def device(hass: HomeAssistant, config_entry: MockConfigEntry) -> dr.DeviceEntry:
    return dr.async_get(hass).async_get_or_create(
        config_entry_id=config_entry.entry_id, identifiers={("test", "1")}
    )


async def test_bare_home(hass: HomeAssistant) -> None:
    facts = collected(hass)
    assert facts.time_zone == hass.config.time_zone
    assert not facts.entities
    assert not facts.areas
    assert facts.automations == ()


async def test_what_is_known_of_an_entity(
    hass: HomeAssistant, device: dr.DeviceEntry
) -> None:
    area = ar.async_get(hass).async_create("Küche")
    dr.async_get(hass).async_update_device(device.id, area_id=area.id)
    register(hass, "binary_sensor.tuer", device_id=device.id)
    hass.states.async_set(
        "binary_sensor.tuer",
        "off",
        {"friendly_name": "Tür 🚪", "device_class": "door"},
    )
    facts = collected(hass)
    assert facts.entities == {
        "binary_sensor.tuer": EntityFacts(
            "binary_sensor.tuer", "Tür 🚪", area.id, device.id, "door"
        )
    }
    assert facts.areas == {area.id: "Küche"}


async def test_area_of_the_device(hass: HomeAssistant, device: dr.DeviceEntry) -> None:
    area = ar.async_get(hass).async_create("Hall")
    dr.async_get(hass).async_update_device(device.id, area_id=area.id)
    register(hass, "light.hall", device_id=device.id)
    assert collected(hass).entities["light.hall"].area_id == area.id


async def test_area_of_the_device_before_there_were_parents(
    hass: HomeAssistant, device: dr.DeviceEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    area = ar.async_get(hass).async_create("Hall")
    dr.async_get(hass).async_update_device(device.id, area_id=area.id)
    register(hass, "light.hall", device_id=device.id)
    monkeypatch.delattr(dr, "async_get_effective_area_id", raising=False)
    assert collected(hass).entities["light.hall"].area_id == area.id


@pytest.mark.skipif(
    not hasattr(dr.DeviceRegistry, "async_get_or_create_child"),
    reason="devices have parents since 2026.9",
)
async def test_area_of_the_parent_device(
    hass: HomeAssistant, config_entry: MockConfigEntry, device: dr.DeviceEntry
) -> None:
    devices = dr.async_get(hass)
    area = ar.async_get(hass).async_create("Hall")
    devices.async_update_device(device.id, area_id=area.id)
    child = devices.async_get_or_create_child(
        config_entry_id=config_entry.entry_id,
        parent_device_id=device.id,
        identifiers={("test", "child")},
    )
    register(hass, "light.hall", device_id=child.id)
    assert collected(hass).entities["light.hall"].area_id == area.id


async def test_members_of_groups(hass: HomeAssistant) -> None:
    members = ["light.a", "light.b"]
    hass.states.async_set("light.a", "off")
    hass.states.async_set("light.old", "off", {"entity_id": members})
    hass.states.async_set("light.new", "off", {"group_entities": ("light.a",)})
    hass.states.async_set("light.self", "off", {"entity_id": ["light.self", 5]})
    hass.states.async_set("light.text", "off", {"entity_id": "light.a"})
    entities = collected(hass).entities
    assert {name: facts.members for name, facts in entities.items()} == {
        "light.a": (),
        "light.new": ("light.a",),
        "light.old": ("light.a", "light.b"),
        "light.self": (),
        "light.text": (),
    }


async def test_domains_that_cannot_matter(hass: HomeAssistant) -> None:
    for name in ("sensor.power", "camera.door", "light.hall", "person.anna", "sun.sun"):
        hass.states.async_set(name, "on")
    assert ids(hass) == ["light.hall", "person.anna"]


def measure(hass: HomeAssistant, entity_id: str, **attributes: object) -> None:
    known = {"state_class": "measurement", "unit_of_measurement": "°C"}
    hass.states.async_set(entity_id, "1", known | attributes)


async def test_sensors_that_measure_what_people_react_to(hass: HomeAssistant) -> None:
    measure(hass, "sensor.warm", device_class="temperature")
    measure(hass, "sensor.lux", device_class="illuminance", unit_of_measurement="lx")
    register(hass, "sensor.by_registry", original_device_class="humidity")
    measure(hass, "sensor.by_registry", unit_of_measurement="%")
    measure(hass, "sensor.battery", device_class="battery")
    measure(hass, "sensor.signal", device_class="signal_strength")
    measure(hass, "sensor.air", device_class="pressure")
    measure(hass, "sensor.no_class")
    measure(hass, "sensor.no_unit", device_class="aqi", unit_of_measurement=None)
    measure(hass, "sensor.odd_unit", device_class="power", unit_of_measurement=5)
    measure(hass, "sensor.energy", device_class="energy", state_class="total")
    measure(hass, "sensor.grows", device_class="power", state_class="total_increasing")
    hass.states.async_set("sensor.when", "2026-01-01", {"device_class": "timestamp"})
    hass.states.async_set("sensor.text", "Rain")
    register(hass, "sensor.chip", entity_category=EntityCategory.DIAGNOSTIC)
    measure(hass, "sensor.chip", device_class="temperature")
    entities = collected(hass).entities
    assert {
        name: (facts.unit, facts.is_numeric) for name, facts in entities.items()
    } == {
        "sensor.by_registry": ("%", True),
        "sensor.lux": ("lx", True),
        "sensor.warm": ("°C", True),
    }


async def test_sensors_of_few_states(hass: HomeAssistant) -> None:
    few = {"device_class": "enum", "options": ["wash", "spin", "done"]}
    hass.states.async_set("sensor.machine", "wash", few)
    many = {"device_class": "enum", "options": [str(number) for number in range(13)]}
    hass.states.async_set("sensor.code", "1", many)
    hass.states.async_set("sensor.bare", "x", {"device_class": "enum"})
    entities = collected(hass).entities
    assert list(entities) == ["sensor.bare", "sensor.machine"]
    assert not entities["sensor.machine"].is_numeric


async def test_states_of_services_are_no_states_of_the_home(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    devices = dr.async_get(hass)
    service = devices.async_get_or_create(
        config_entry_id=config_entry.entry_id,
        identifiers={("test", "backup")},
        entry_type=dr.DeviceEntryType.SERVICE,
    )
    for name in ("sensor.backup", "sensor.wind"):
        register(hass, name, device_id=service.id)
    hass.states.async_set("sensor.backup", "idle", {"device_class": "enum"})
    measure(hass, "sensor.wind", device_class="wind_speed", unit_of_measurement="m/s")
    assert ids(hass) == ["sensor.wind"]


async def test_sensors_that_a_person_includes(hass: HomeAssistant) -> None:
    measure(hass, "sensor.air", device_class="pressure", unit_of_measurement="hPa")
    hass.states.async_set("sensor.text", "Rain")
    scope = Scope(include_entities=frozenset({"sensor.air", "sensor.text"}))
    assert ids(hass, scope) == ["sensor.air"]


async def test_entities_that_people_do_not_live_with(hass: HomeAssistant) -> None:
    register(hass, "switch.led", entity_category=EntityCategory.CONFIG)
    register(hass, "binary_sensor.wifi", entity_category=EntityCategory.DIAGNOSTIC)
    register(hass, "light.member", hidden_by=er.RegistryEntryHider.INTEGRATION)
    register(hass, "binary_sensor.low", original_device_class="battery")
    register(hass, "binary_sensor.move", original_device_class="motion")
    register(hass, f"binary_sensor.{DOMAIN}_analyzing", platform=DOMAIN)
    hass.states.async_set("binary_sensor.ok", "on", {"device_class": "connectivity"})
    assert ids(hass) == ["binary_sensor.move"]


async def test_trackers_of_persons(hass: HomeAssistant) -> None:
    hass.states.async_set(
        "person.anna", "home", {"device_trackers": ["device_tracker.a"]}
    )
    hass.states.async_set("device_tracker.a", "home")
    hass.states.async_set("device_tracker.car", "home")
    assert ids(hass) == ["device_tracker.car", "person.anna"]


@pytest.mark.parametrize(
    "name", ["automation_scout_ignore", " Automation_Scout_Ignore "]
)
@pytest.mark.parametrize("on", ["entity", "device", "area"])
async def test_ignore_label(
    hass: HomeAssistant, device: dr.DeviceEntry, name: str, on: str
) -> None:
    label = lr.async_get(hass).async_create(name)
    area = ar.async_get(hass).async_create(
        "Hall", labels={label.label_id} if on == "area" else set()
    )
    register(hass, "light.hall", device_id=device.id)
    register(hass, "light.other")
    if on == "entity":
        er.async_get(hass).async_update_entity("light.hall", labels={label.label_id})
    dr.async_get(hass).async_update_device(
        device.id, area_id=area.id, labels={label.label_id} if on == "device" else set()
    )
    assert ids(hass) == ["light.other"]
    everything = frozenset({"light.hall", "light.other"})
    assert ids(hass, Scope(include_entities=everything)) == ["light.other"]


async def test_scope(hass: HomeAssistant) -> None:
    area = ar.async_get(hass).async_create("Attic")
    label = lr.async_get(hass).async_create("Guests")
    register(hass, "light.attic", area_id=area.id)
    register(hass, "light.guests", labels={label.label_id})
    register(hass, "light.hall")
    register(hass, "light.stairs")
    register(hass, "switch.led", entity_category=EntityCategory.CONFIG)
    scope = Scope.from_options(
        {
            "exclude_entities": ["light.stairs"],
            "exclude_areas": [area.id],
            "exclude_labels": [label.label_id],
            "exclude_users": None,
            "unknown": 1,
        }
    )
    assert scope.exclude_users == frozenset()
    assert ids(hass, scope) == ["light.hall"]
    chosen = Scope.from_options({"include_entities": ["light.hall", "switch.led"]})
    assert ids(hass, chosen) == ["light.hall", "switch.led"]


async def test_home_of_2000_entities_is_quick(
    hass: HomeAssistant, config_entry: MockConfigEntry
) -> None:
    """A bound far above what it takes, so that only a wrong order of growth fails."""
    devices = dr.async_get(hass)
    for number in range(2000):
        device = devices.async_get_or_create(
            config_entry_id=config_entry.entry_id,
            identifiers={("test", f"d{number // 2}")},
        )
        register(hass, f"light.l{number}", device_id=device.id)
    started = perf_counter()
    assert len(ids(hass)) == 2000
    assert perf_counter() - started < 1
