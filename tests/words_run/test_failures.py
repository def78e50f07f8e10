"""Whatever is wrong with a model, the run is complete and says so."""

import asyncio
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.asking import async_prune, month_now
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.store.errors import StoreLocked
from tests.helpers import rows
from tests.llm.server import Fault, Server
from tests.scripted import Script, result

from .conftest import TEN, SetUp

TEMPLATE = {"source": "template", "language": "en"}


async def assert_complete(
    scout: ScoutCoordinator, response: dict[str, Any], error: str, **words: int
) -> None:
    """Check that all ten are stored with their template, and why is said."""
    assert response["new"] == response["open"] == 10
    assert [item["text"] for item in await scout.async_list()] == [TEMPLATE] * 10
    (run,) = await scout.async_runs(1)
    assert run.status == "finished"
    assert all(phase["error"] is None for phase in run.phases)
    assert run.errors == response["errors"] == [error]
    counted = {key: response["words"][key] for key in words}
    assert counted == words


async def test_the_network_is_gone(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN)
    await server.__aexit__()
    response = await scout.async_analyze()
    error = "words: 10 of 10 kept their template: no connection"
    await assert_complete(scout, response, error, asked=10, failed=10, tokens=0)
    assert scout.data.month.failed == 30
    assert scout.data.month.cost == 0


async def test_the_package_is_missing(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN)
    ours = "custom_components.automation_scout.llm.openai"
    with patch.dict("sys.modules", {"openai": None}) as modules:
        modules.pop(ours, None)
        response = await scout.async_analyze()
    error = "words: the openai package is missing"
    await assert_complete(scout, response, error, asked=0, failed=10)
    assert server.requests == []


@pytest.mark.parametrize("job", ["language.import_module", "llm.openai.make_client"])
async def test_the_package_is_broken(
    set_up: SetUp,
    openai_options: dict[str, Any],
    script: Script,
    job: str,
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN)
    broken = f"custom_components.automation_scout.{job}"
    with patch(broken, side_effect=AttributeError("half of it")):
        response = await scout.async_analyze()
    error = "words: the openai package is broken: AttributeError"
    await assert_complete(scout, response, error, asked=0, failed=10)


async def test_the_address_is_none(
    set_up: SetUp, openai_options: dict[str, Any], script: Script
) -> None:
    scout = await set_up(**{**openai_options, "base_url": "http://\u2603.example/v1"})
    script.result = result(*TEN)
    response = await scout.async_analyze()
    error = "words: this is no address of a server"
    await assert_complete(scout, response, error, asked=0, failed=10)


async def test_what_is_known_is_used_without_the_package(
    set_up: SetUp, openai_options: dict[str, Any], script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN[:2])
    await scout.async_analyze()
    before = await scout.async_list()
    ours = "custom_components.automation_scout.llm.openai"
    hass, entry = scout.hass, scout.config_entry
    assert await hass.config_entries.async_reload(entry.entry_id)
    with patch.dict("sys.modules", {"openai": None}) as modules:
        modules.pop(ours, None)
        response = await entry.runtime_data.async_analyze()
    assert response["errors"] == ["words: the openai package is missing"]
    assert response["words"]["saved_by_cache"] == 2
    assert await entry.runtime_data.async_list() == before


@pytest.mark.parametrize("budget", [0, 0.001])
async def test_the_budget_is_spent(
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
    budget: float,
) -> None:
    scout = await set_up(**{**openai_options, "monthly_budget": budget})
    script.result = result(*TEN)
    response = await scout.async_analyze()
    month = scout.data.month_began
    assert month is not None
    spent = f"the budget of {month:%Y-%m} is spent"
    error = f"words: 10 of 10 kept their template: {spent}"
    counted = {"asked": 0, "failed": 0, "skipped_by_budget": 10, "tokens": 0}
    await assert_complete(scout, response, error, **counted)
    assert server.requests == []
    assert scout.data.month.skipped_by_budget == 10


async def test_the_budget_is_of_the_month_and_not_of_a_run(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    # The most that one question may cost is about 2,000 tokens of an answer: 0.02.
    server.usage = {"prompt_tokens": 1000, "completion_tokens": 2000}
    scout = await set_up(**{**openai_options, "monthly_budget": 0.05})
    script.result = result(TEN[0])
    await scout.async_analyze()
    script.result = result(*TEN[:2])
    await scout.async_analyze()
    assert len(server.requests) == 2
    script.result = result(*TEN[:3])
    hass, entry = scout.hass, scout.config_entry
    assert await hass.config_entries.async_reload(entry.entry_id)
    response = await entry.runtime_data.async_analyze()
    assert len(server.requests) == 2
    assert response["words"]["skipped_by_budget"] == 1
    assert response["words"]["saved_by_cache"] == 2
    assert entry.runtime_data.data.month.cost == pytest.approx(0.042)


async def test_a_refused_key_is_asked_for_anew(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
    entry: MockConfigEntry,
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN)
    server.key = "sk-other"
    server.delay_s = 0.2
    response = await scout.async_analyze()
    error = "words: 10 of 10 kept their template: HTTP 401 invalid_api_key"
    assert response["errors"] == [error]
    words = response["words"]
    assert (words["failed"], words["tokens"], words["cost"]) == (10, 0, 0)
    # The first refusal ends all calls of the run.
    assert len(server.requests) <= 5
    await scout.async_analyze()
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert flow["context"]["entry_id"] == entry.entry_id
    assert entry.state is ConfigEntryState.LOADED

    server.key = "sk-new"
    done = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"api_key": "sk-new"}
    )
    assert done["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    response = await entry.runtime_data.async_analyze()
    assert response["words"]["written"] == 10


async def test_one_question_that_is_forbidden_ends_no_other(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
) -> None:
    """OpenRouter's moderation answers so."""
    scout = await set_up(**openai_options)
    script.result = result(*TEN)
    flagged = '{"error": {"code": 403, "message": "flagged", "metadata": {}}}'
    server.faults = [Fault("body", times=1, value=("application/json", flagged, 403))]
    response = await scout.async_analyze()
    assert response["errors"] == ["words: 1 of 10 kept their template: HTTP 403"]
    assert response["words"]["written"] == 9
    await hass.async_block_till_done()
    assert hass.config_entries.flow.async_progress() == []


async def test_an_empty_account_needs_no_other_key(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN)
    server.faults = [Fault("status", value=(429, "insufficient_quota"))]
    response = await scout.async_analyze()
    assert "insufficient_quota" in response["errors"][0]
    await hass.async_block_till_done()
    assert hass.config_entries.flow.async_progress() == []


async def test_unloading_ends_the_calls_and_books_them(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
    entry: MockConfigEntry,
    database_file: Any,
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN)
    server.faults = [Fault("hang")]
    run = asyncio.ensure_future(scout.async_analyze())
    await server.until(5)
    assert await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(HomeAssistantError) as caught:
        await run
    assert caught.value.translation_key == "analysis_cancelled"
    await server.until(0)
    assert server.cut_off == 5
    query = "SELECT outcome, count(*) FROM model_call GROUP BY outcome"
    assert await rows(database_file, query) == [("cancelled", 5)]
    assert await rows(database_file, "SELECT status FROM run") == [("interrupted",)]
    assert await rows(database_file, "SELECT count(*) FROM suggestion") == [(0,)]


async def test_words_that_are_paid_for_outlast_a_run_that_fails(
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN[:2])
    with (
        patch(
            "custom_components.automation_scout.run.rows_of",
            side_effect=RuntimeError("no rows"),
        ),
        pytest.raises(HomeAssistantError) as caught,
    ):
        await scout.async_analyze()
    assert caught.value.translation_key == "phase_failed"
    assert await scout.async_list() == []
    response = await scout.async_analyze()
    assert response["words"]["saved_by_cache"] == 2
    assert len(server.requests) == 2


async def test_a_refused_key_is_asked_for_though_nothing_can_be_written(
    hass: HomeAssistant,
    set_up: SetUp,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
) -> None:
    scout = await set_up(**openai_options)
    server.key = "another"
    script.result = result(*TEN)
    book = "custom_components.automation_scout.wording.async_book"
    with patch(book, side_effect=StoreLocked("busy")):
        await scout.async_analyze()
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH


async def test_old_calls_and_texts_are_forgotten(
    set_up: SetUp, openai_options: dict[str, Any], script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(*TEN)
    await scout.async_analyze()
    stores = scout.keeper.stores
    now = dt_util.utcnow()
    month = scout.data.month
    assert month.calls == 10
    await async_prune(stores, now + timedelta(days=50), timedelta(days=1))
    assert await stores.model_calls.totals(month_now()) == month
    await async_prune(stores, now + timedelta(days=63), timedelta(days=1))
    assert (await stores.model_calls.totals(month_now())).calls == 0
