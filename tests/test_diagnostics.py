"""Diagnostics tell how it went, and nothing about who lives how."""

from dataclasses import replace
import json
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_dumps
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.automation_scout.mining.result import Rejection
from custom_components.automation_scout.store.errors import StoreLocked
from custom_components.automation_scout.store.runs import RunStore
from custom_components.automation_scout.store.suggestions import SuggestionStore

from .scripted import DOOR, EVENING, FACTS, MORNING, Script, at, proven, result


async def test_numbers_are_told_and_names_are_not(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    entry: MockConfigEntry,
) -> None:
    hass.config_entries.async_update_entry(
        entry,
        options={
            "schedule": {"run_at": "03:00:00", "retention_days": 180},
            "suggestions": {"sensitivity": "balanced", "max_open": 5},
            "scope": {"exclude_entities": ["light.porch"], "exclude_users": ["anna"]},
        },
    )
    script.result = result(
        MORNING, DOOR, EVENING, errors=("state: KeyError: 'light.desk'",)
    )
    miss = Rejection(proven(at(1111), "light.porch").rule, "support", 3, 4)
    script.result = replace(script.result, rejections=(miss,))
    await scout.async_analyze()
    await scout.async_dismiss(EVENING.rule.key, "wrong")
    await scout.async_snooze(DOOR.rule.key, 7)
    told = await async_get_config_entry_diagnostics(hass, entry)
    text = json_dumps(told)

    for facts in FACTS.entities.values():
        assert facts.entity_id not in text
        assert facts.name not in text
    for secret in ("anna", "title", "examples", "first_seen", "automation_yaml"):
        assert secret not in text

    (run,) = told["runs"]
    assert run["status"] == "finished"
    assert run["counters"]["open"] == 3
    assert [step["gate"] for step in run["funnel"]][-1] == "attention"
    assert run["errors"][0].startswith("state: KeyError: 'light.")
    (miss_told,) = run["misses"]
    assert miss_told.pop("entities")[0].startswith("light.")
    assert miss_told == {
        "kind": "time",
        "gate": "support",
        "measured": 3,
        "required": 4,
        "more_days": 1,
    }
    assert "1111" not in text
    assert told["answers"] == {"dismissed wrong": 1, "snoozed": 1}
    assert told["archive"]["events"] == 2
    assert told["options"]["suggestions"] == {
        "sensitivity": "balanced",
        "max_open": 5,
    }
    assert len(told["options"]["scope"]["exclude_entities"]) == 1
    morning = told["suggestions"][0]
    assert morning["evidence"]["hits"] == 19
    assert morning["entities"][0].startswith("light.")
    assert morning["entities"][0] in run["errors"][0]
    assert json.loads(text)


async def test_before_the_first_run(
    hass: HomeAssistant, scout: ScoutCoordinator, entry: MockConfigEntry
) -> None:
    told = await async_get_config_entry_diagnostics(hass, entry)
    assert told["runs"] == []
    assert told["suggestions"] == []
    assert told["archive"]["days"] == 0


async def test_a_part_that_cannot_be_read_keeps_no_other_back(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script, entry: MockConfigEntry
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    with patch.object(
        SuggestionStore, "list", side_effect=StoreLocked("/config/secret is locked")
    ):
        told = await async_get_config_entry_diagnostics(hass, entry)
    assert told["suggestions"] == {"error": "StoreLocked"}
    assert len(told["runs"]) == 1
    assert told["answers"] == {}
    assert told["archive"]["events"] == 2
    with patch.object(RunStore, "list", side_effect=KeyError("Anna")):
        told = await async_get_config_entry_diagnostics(hass, entry)
    assert told["runs"] == {"error": "KeyError"}
    assert len(told["suggestions"]) == 1


async def test_a_set_up_that_failed_is_told(
    hass: HomeAssistant, entry: MockConfigEntry, script: Script
) -> None:
    hass.config_entries.async_update_entry(entry, options={"words": {"budget": 1}})
    with patch(
        "custom_components.automation_scout.stores.open_or_set_aside",
        side_effect=StoreLocked("busy"),
    ):
        assert not await hass.config_entries.async_setup(entry.entry_id)
    told = await async_get_config_entry_diagnostics(hass, entry)
    assert told.pop("set_up") == {"state": "setup_retry", "reason": "store_locked"}
    assert told.pop("options") == {"words": {"budget": 1}}
    assert told.keys() == {"runs", "answers", "archive", "suggestions"}
    assert all(part == {"error": "ConfigEntryNotReady"} for part in told.values())
