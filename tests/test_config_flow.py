"""Config flow and options flow."""

from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry, MockUser

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.options import ScoutOptions

from .helpers import all_options
from .scripted import Script


@pytest.mark.usefixtures("script", "database_file")
async def test_empty_user_step_gives_a_working_integration(hass: HomeAssistant) -> None:
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "user"
    done = await hass.config_entries.flow.async_configure(flow["flow_id"], {})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert done["title"] == "Automation Scout"
    assert done["data"] == {}
    await hass.async_block_till_done()
    assert done["result"].state is ConfigEntryState.LOADED
    response = await hass.services.async_call(
        DOMAIN, "analyze", {}, blocking=True, return_response=True
    )
    assert response
    assert response["errors"] == []


def chosen(**scope: Any) -> dict[str, Any]:
    left_out = {
        "exclude_entities": ["light.hall"],
        "exclude_areas": ["study"],
        "exclude_labels": ["private"],
    }
    return all_options(scope={**left_out, **scope})


async def test_options_are_stored_and_take_effect(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    entry: MockConfigEntry,
) -> None:
    bridge = MockUser(id="bridge", name="Bridge").add_to_hass(hass)
    MockUser(id="system", name="Supervisor", system_generated=True).add_to_hass(hass)
    form = await hass.config_entries.options.async_init(entry.entry_id)
    assert form["type"] is FlowResultType.FORM
    assert form["step_id"] == "init"
    assert form["data_schema"]
    assert {str(key) for key in form["data_schema"].schema} == set(chosen())

    done = await hass.config_entries.options.async_configure(
        form["flow_id"], chosen(exclude_users=[bridge.id])
    )
    await hass.async_block_till_done()
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == chosen(exclude_users=[bridge.id])
    assert isinstance(entry.options["schedule"]["retention_days"], int)

    reloaded = entry.runtime_data
    assert reloaded is not scout
    assert reloaded.options.max_open == 2
    await reloaded.async_analyze()
    assert script.settings[-1].sensitivity == "quiet"
    assert script.users[-1] == frozenset({"bridge"})


async def test_system_accounts_are_not_offered_and_deleted_ones_are_dropped(
    hass: HomeAssistant, scout: ScoutCoordinator, entry: MockConfigEntry
) -> None:
    MockUser(id="anna", name="Anna").add_to_hass(hass)
    MockUser(id="system", name="Supervisor", system_generated=True).add_to_hass(hass)
    with patch.object(hass.config_entries, "async_schedule_reload"):
        hass.config_entries.async_update_entry(
            entry, options=chosen(exclude_users=["anna", "gone"])
        )
    form = await hass.config_entries.options.async_init(entry.entry_id)
    assert form["data_schema"]
    sections = {str(key): value for key, value in form["data_schema"].schema.items()}
    users = next(
        (key, value)
        for key, value in sections["scope"].schema.schema.items()
        if key == "exclude_users"
    )
    assert [option["value"] for option in users[1].config["options"]] == ["anna"]
    assert users[0].description == {"suggested_value": ["anna"]}


@pytest.mark.parametrize(
    ("name", "key", "value"),
    [
        ("schedule", "run_at", "25:00:00"),
        ("schedule", "retention_days", 0),
        ("suggestions", "max_open", 0),
        ("suggestions", "sensitivity", "reckless"),
        ("scope", "exclude_entities", ["no entity"]),
    ],
)
async def test_options_that_make_no_sense_are_refused(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    name: str,
    key: str,
    value: object,
) -> None:
    form = await hass.config_entries.options.async_init(entry.entry_id)
    options = chosen()
    options[name][key] = value
    with pytest.raises(InvalidData):
        await hass.config_entries.options.async_configure(form["flow_id"], options)


def test_missing_options_are_the_defaults() -> None:
    options = ScoutOptions.of({})
    assert options.run_at.isoformat() == "03:00:00"
    assert (options.retention_days, options.max_open) == (180, 5)
    assert options.sensitivity == "balanced"
    assert ScoutOptions.of({"schedule": {"run_at": "junk"}}).run_at == options.run_at
