"""What goes wrong in a run costs as little as it can, and is told in plain words."""

import logging
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
)

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.recorder_source import (
    RecorderMigrating,
    RecorderMissing,
)
from custom_components.automation_scout.store.errors import (
    StoreDamaged,
    StoreError,
    StoreLocked,
)

from .helpers import pass_time
from .scripted import DOOR, MORNING, Script, at, proven, result


@pytest.mark.parametrize(
    ("step", "phase"),
    [
        ("collect", "facts"),
        ("ready", "ingest"),
        ("windows", "ingest"),
        ("mine", "mine"),
    ],
)
async def test_unexpected_failure_names_its_phase_once_and_leaves_all_running(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    caplog: pytest.LogCaptureFixture,
    step: str,
    phase: str,
) -> None:
    finished = async_capture_events(hass, "automation_scout_analysis_finished")
    logging.getLogger("custom_components.automation_scout").setLevel(logging.INFO)
    script.failures = {step: RuntimeError("a surprise")}
    with pytest.raises(HomeAssistantError) as raised:
        await scout.async_analyze()
    assert raised.value.translation_key == "phase_failed"
    assert raised.value.translation_placeholders == {
        "phase": phase,
        "error": "RuntimeError: a surprise",
    }
    assert f"failed in its phase {phase}" in str(raised.value)
    logged = [
        record
        for record in caplog.records
        if record.name.startswith("custom_components.automation_scout")
        and "a surprise" in record.message
    ]
    assert len(logged) == 1
    assert phase in logged[0].message
    assert logged[0].exc_info is None
    (run,) = await scout.async_runs(1)
    assert run.status == "failed"
    assert run.errors == [f"{phase}: RuntimeError: a surprise"]
    assert run.phases[-1]["name"] == phase
    assert run.phases[-1]["error"] == "RuntimeError: a surprise"
    assert not finished
    assert scout.analyzing is False

    script.failures = {}
    assert (await scout.async_analyze())["errors"] == []


async def test_failed_pruning_costs_only_itself(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING)
    with patch(
        "custom_components.automation_scout.store.archive.Archive.prune",
        side_effect=RuntimeError("no"),
    ):
        response = await scout.async_analyze()
    assert response["errors"] == ["prune: RuntimeError: no"]
    assert response["open"] == 1


async def test_detector_that_raised_is_told_and_the_others_count(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING, errors=("state: ZeroDivisionError: oh",))
    response = await scout.async_analyze()
    assert response["errors"] == ["state: ZeroDivisionError: oh"]
    assert response["open"] == 1


async def test_suggestion_without_text_is_left_out_and_told(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(MORNING, DOOR)
    script.failures = {"build light.hall": ValueError("nothing does that")}
    response = await scout.async_analyze()
    assert response["open"] == 1
    assert len(response["errors"]) == 1
    assert "nothing does that" in response["errors"][0]


async def test_bad_row_among_good_ones_is_left_out_and_told(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.result = result(
        MORNING, proven(at(900), "light.porch", confidence=float("nan"))
    )
    response = await scout.async_analyze()
    assert response["open"] == response["new"] == 1
    assert len(response["errors"]) == 1


@pytest.mark.parametrize(
    ("error", "key"),
    [(StoreLocked("busy"), "store_locked"), (StoreError("full"), "store_failed")],
)
async def test_failing_store_leaves_the_state_before_the_run(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    error: Exception,
    key: str,
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    before = await scout.async_list()
    script.result = result(DOOR)
    with (
        patch(
            "custom_components.automation_scout.store.suggestions"
            ".SuggestionStore.store_batch",
            side_effect=error,
        ),
        pytest.raises(HomeAssistantError) as raised,
    ):
        await scout.async_analyze()
    assert raised.value.translation_key == key
    assert await scout.async_list() == before


async def test_store_that_is_damaged_in_a_run_is_replaced(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    issue_registry: ir.IssueRegistry,
) -> None:
    script.result = result(MORNING)
    await scout.async_analyze()
    await scout.async_dismiss(MORNING.rule.key, None)
    with (
        patch(
            "custom_components.automation_scout.store.archive.Archive.load",
            side_effect=StoreDamaged("a chunk"),
        ),
        pytest.raises(HomeAssistantError) as raised,
    ):
        await scout.async_analyze()
    assert raised.value.translation_key == "store_damaged"
    assert issue_registry.async_get_issue(DOMAIN, "store_set_aside")
    response = await scout.async_analyze()
    assert response["open"] == 0
    assert [item["status"] for item in await scout.async_list()] == ["dismissed"]


async def test_missing_recorder_is_a_repair_issue_until_it_is_back(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    issue_registry: ir.IssueRegistry,
) -> None:
    assert issue_registry.async_get_issue(DOMAIN, "recorder_missing")
    script.result = result(MORNING)
    await scout.async_analyze()
    assert not issue_registry.async_get_issue(DOMAIN, "recorder_missing")
    script.failures = {"ready": RecorderMissing()}
    with pytest.raises(ServiceValidationError) as raised:
        await scout.async_analyze()
    assert raised.value.translation_key == "recorder_missing"
    assert "recorder is not running" in str(raised.value)
    assert issue_registry.async_get_issue(DOMAIN, "recorder_missing")


async def test_migrating_recorder_is_a_message(
    hass: HomeAssistant, scout: ScoutCoordinator, script: Script
) -> None:
    script.failures = {"ready": RecorderMigrating()}
    with pytest.raises(ServiceValidationError) as raised:
        await scout.async_analyze()
    assert raised.value.translation_key == "recorder_migrating"
    (run,) = await scout.async_runs(1)
    assert run.status == "failed"


@pytest.mark.parametrize("state", [CoreState.starting, CoreState.not_running])
async def test_while_home_assistant_starts_there_is_a_message_and_no_issue(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    script: Script,
    issue_registry: ir.IssueRegistry,
    state: CoreState,
) -> None:
    await scout.async_analyze()
    script.failures = {"ready": RecorderMissing()}
    hass.set_state(state)
    with pytest.raises(ServiceValidationError) as raised:
        await scout.async_analyze()
    hass.set_state(CoreState.running)
    assert raised.value.translation_key == "not_started"
    assert not issue_registry.async_get_issue(DOMAIN, "recorder_missing")
    assert len(await scout.async_runs(5)) == 1


async def test_failed_run_that_cannot_even_be_noted_is_still_told(
    scout: ScoutCoordinator, script: Script
) -> None:
    script.failures = {"mine": RuntimeError("a surprise")}
    with (
        patch(
            "custom_components.automation_scout.store.runs.RunStore.finish",
            side_effect=StoreError("full"),
        ),
        pytest.raises(HomeAssistantError) as raised,
    ):
        await scout.async_analyze()
    assert raised.value.translation_key == "phase_failed"


async def test_damaged_store_that_cannot_be_replaced_is_told(
    scout: ScoutCoordinator, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        patch(
            "custom_components.automation_scout.store.archive.Archive.load",
            side_effect=StoreDamaged("a chunk"),
        ),
        patch(
            "custom_components.automation_scout.stores.open_or_set_aside",
            side_effect=StoreError("disk full"),
        ),
        pytest.raises(HomeAssistantError) as raised,
    ):
        await scout.async_analyze()
    assert raised.value.translation_key == "store_damaged"
    assert "could not be replaced: disk full" in caplog.text
    with pytest.raises(HomeAssistantError, match="cannot be used"):
        await scout.async_list()


@pytest.mark.parametrize("found_by", ["itself", "an action"])
async def test_store_that_cannot_be_read_makes_the_entities_unavailable(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    found_by: str,
) -> None:
    with patch(
        "custom_components.automation_scout.store.suggestions.SuggestionStore.list",
        side_effect=StoreError("gone"),
    ):
        if found_by == "itself":
            await scout.async_refresh()
        else:
            with pytest.raises(HomeAssistantError):
                await scout.async_list()
        await hass.async_block_till_done()
        for _ in range(2):
            states = {
                state.state
                for state in hass.states.async_all()
                if "automation_scout" in state.entity_id
            }
            assert states == {"unavailable"}, states
            await pass_time(hass, freezer, 301)
    assert caplog.text.count("cannot be used") == 1
    # Who held it lets it go, and nobody has to do anything.
    await pass_time(hass, freezer, 301)
    state = hass.states.get("sensor.automation_scout_suggestions")
    assert state
    assert state.state == "0"
    assert caplog.text.count("Fetching Automation Scout data recovered") == 1
