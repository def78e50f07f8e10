"""Diagnostics tell how it went, and nothing about who lives how."""

from dataclasses import replace
import json

from homeassistant.core import HomeAssistant
from homeassistant.helpers.json import json_dumps
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.automation_scout.mining.result import Rejection

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
