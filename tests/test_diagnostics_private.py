"""A home full of names, and none of them in its diagnostics."""

from typing import Any, Final

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
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts

from .scripted import Script, at, proven, result, when

USER_ID: Final = "5f1d3c0b9a8e4d7f8a6b5c4d3e2f1a0b"
NAMES: Final = (
    "Annegret",
    "Oberhuber",
    "Xaver",
    "Rumpelkammer",
    "Dachgeschoss",
    "Heimlich",
    "Nachttischlampe",
    "Wackelkontakt",
    "Villa Kunterbunt",
    "sk-verysecret",
    "annegrets_handy",
    "mein-modell",
    "ollama.kunterbunt",
    "rumpelkammer",
    "nachttischlampe",
    "haustuer",
    "tresor",
    "/config/secret_folder",
    "secret_folder",
    USER_ID,
)
OPTIONS: Final = {
    "schedule": {"run_at": "03:00:00", "retention_days": 180},
    "suggestions": {"sensitivity": "balanced", "max_open": 5},
    "scope": {
        "include_entities": ["light.nachttischlampe", "binary_sensor.haustuer"],
        "exclude_areas": ["rumpelkammer"],
        "exclude_users": [USER_ID],
        "people": [USER_ID],
    },
    "notifications": {
        "how": "notify",
        "notify_action": "notify.mobile_app_annegrets_handy",
        "notify_entity": "notify.annegrets_handy",
        "not_before": "08:00:00",
        "not_after": "21:00:00",
    },
    "words": {
        "provider": "openai",
        "api_key": "sk-verysecret",
        "base_url": "http://ollama.kunterbunt:11434/v1",
        "model": "mein-modell",
        "monthly_budget": 2.5,
        "pseudonyms": True,
    },
}
FACTS: Final = HomeFacts(
    "UTC",
    {
        "light.nachttischlampe": EntityFacts(
            "light.nachttischlampe", "Annegrets Nachttischlampe", "rumpelkammer"
        ),
        "binary_sensor.haustuer": EntityFacts(
            "binary_sensor.haustuer", "Xavers Wackelkontakt", None, None, "door"
        ),
    },
    {"rumpelkammer": "Rumpelkammer"},
)
ERRORS: Final = (
    "state: KeyError: 'light.nachttischlampe'",
    'time: ValueError: "Annegrets Nachttischlampe" has no area Rumpelkammer',
    "sun: OSError: [Errno 13] Permission denied: '/config/secret_folder/tresor'",
    "absence: RuntimeError: cannot open /config/secret_folder/tresor now",
    f"routine: TypeError: user {USER_ID} (Annegret Oberhuber) did it, said Xaver",
    "numeric: ValueError: Xavers Wackelkontakt in dachgeschoss, called Heimlich",
    "text: s1-0123456789abcdef: KeyError: haustuer",
    "store: OperationalError: database is locked",
)


@pytest.fixture
async def home(hass: HomeAssistant, entry: MockConfigEntry, script: Script) -> None:
    """Give everything a name that means something."""
    hass.config.location_name = "Villa Kunterbunt"
    MockUser(id=USER_ID, name="Annegret Oberhuber").add_to_hass(hass)
    area = ar.async_get(hass).async_create("Rumpelkammer")
    fr.async_get(hass).async_create("Dachgeschoss")
    lr.async_get(hass).async_create("Heimlich")
    other = MockConfigEntry(domain="test")
    other.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id,
        identifiers={("test", "lamp")},
        name="Nachttischlampe",
    )
    er.async_get(hass).async_get_or_create(
        "light",
        "test",
        "lamp",
        suggested_object_id="nachttischlampe",
        original_name="Annegrets Nachttischlampe",
        device_id=device.id,
    )
    dr.async_get(hass).async_update_device(device.id, area_id=area.id)
    hass.states.async_set(
        "binary_sensor.haustuer", "off", {"friendly_name": "Xavers Wackelkontakt"}
    )
    hass.states.async_set("person.xaver", "home", {"friendly_name": "Xaver"})
    hass.config_entries.async_update_entry(entry, options=OPTIONS)
    script.facts = FACTS
    script.result = result(
        proven(at(420), "light.nachttischlampe"),
        proven(when("binary_sensor.haustuer", "on"), "light.nachttischlampe", "off"),
        errors=ERRORS,
    )
    assert await async_setup_component(hass, "diagnostics", {})


@pytest.mark.usefixtures("home", "socket_enabled")
async def test_no_name_is_told(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """What a person downloads, over HTTP."""
    answer = await scout.async_analyze()
    first, second = await scout.async_list()
    assert "Nachttischlampe" in first["title"]
    await scout.async_snooze(second["id"], 3)

    told: Any = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    text = str(told)
    found = [name for name in NAMES if name.casefold() in text.casefold()]
    assert found == []
    for item in (first, second):
        assert item["id"] not in text
        assert item["title"] not in text

    (run,) = told["runs"]
    assert run["funnel"] == answer["funnel"]
    assert {phase["name"]: phase["seconds"] for phase in run["phases"]}.keys() >= {
        "facts", "ingest", "mine", "text", "store",
    }  # fmt: skip
    *errors, words = run["errors"]
    assert len(errors) == len(ERRORS)
    # The server of the options is nowhere.
    assert words.startswith("words: 2 of 2 kept their template: ")
    starts = [" ".join(line.split()[:2]) for line in errors]
    assert starts[:4] == [
        "state: KeyError:", "time: ValueError:", "sun: OSError:",
        "absence: RuntimeError:",
    ]  # fmt: skip
    assert errors[-1] == ERRORS[-1]
    hashes = told["suggestions"][0]["entities"]
    assert any(entity_id in errors[0] for entity_id in hashes)
    assert told["options"]["words"] == {
        "provider": "openai",
        "api_key": "**REDACTED**",
        "base_url": "**REDACTED**",
        "model": "**REDACTED**",
        "monthly_budget": 2.5,
        "pseudonyms": True,
    }
    assert told["options"]["notifications"]["how"] == "notify"
    assert told["options"]["schedule"] == OPTIONS["schedule"]
