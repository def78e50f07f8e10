"""Choosing a model, changing it, and giving another key: each tested by asking it."""

import asyncio
from typing import Any
from unittest.mock import patch

from homeassistant.components.ai_task import AITaskEntityFeature
from homeassistant.config_entries import SOURCE_REAUTH, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.llm.limits import Limits
from custom_components.automation_scout.options import (
    Provider,
    ScoutOptions,
    WordsOptions,
)
from custom_components.automation_scout.store.errors import StoreLocked
from tests.llm.server import Fault, Server
from tests.scripted import Script

from ..helpers import all_options
from .ai_task_entity import ENTITY_ID, Talker, prefer, set_up_talker
from .conftest import SetUp

APP_KEY = "ignore:It is recommended to use web.AppKey"


def whole(**words: Any) -> dict[str, Any]:
    """Return all options, with these about words."""
    return all_options(words=words)


def suggested(form: ConfigFlowResult, section: str | None = None) -> dict[str, Any]:
    """Return what a form shows as filled in."""
    schema = form["data_schema"]
    assert schema
    if section:
        schema = schema.schema[section].schema
    return {
        str(key): key.description["suggested_value"]
        for key in schema.schema
        if key.description and "suggested_value" in key.description
    }


async def choose(
    hass: HomeAssistant, entry: MockConfigEntry, **words: Any
) -> ConfigFlowResult:
    """Fill in the options."""
    form = await hass.config_entries.options.async_init(entry.entry_id)
    return await hass.config_entries.options.async_configure(
        form["flow_id"], whole(**words)
    )


async def test_a_model_that_answers_is_taken(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    openai_options: dict[str, Any],
    server: Server,
) -> None:
    assert scout.options.words == WordsOptions()
    server.key = "sk-good"
    words = {**openai_options, "monthly_budget": 2.5, "concurrency": 3.0}
    done = await choose(hass, entry, **words)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert len(server.requests) == 1
    assert server.requests[0]["model"] == "good-model"
    kept = entry.runtime_data.options.words
    assert kept == WordsOptions(
        provider=Provider.OPENAI,
        api_key="sk-good",
        base_url=server.url,
        model="good-model",
        price_in=1.0,
        price_out=10.0,
        monthly_budget=2.5,
        concurrency=3,
        pseudonyms=False,
    )
    assert "sk-good" not in repr(kept)

    # What was tested is not tested again.
    done = await choose(hass, entry, **{**words, "pseudonyms": True})
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("changed", "faults", "error", "said"),
    [
        ({"api_key": "sk-bad"}, [], "invalid_auth", "HTTP 401 invalid_api_key"),
        (
            {},
            [Fault("status", value=(404, "model_not_found"))],
            "model_not_found",
            "HTTP 404 model_not_found",
        ),
        (
            {},
            [Fault("status", value=(403, "content_policy_violation"))],
            "model_not_found",
            "HTTP 403 content_policy_violation",
        ),
        (
            {},
            [Fault("status", value=(403, "account_deactivated"))],
            "invalid_auth",
            "HTTP 403 account_deactivated",
        ),
        (
            {},
            [Fault("body", value=("text/html", "<html>Forbidden</html>", 403))],
            "invalid_auth",
            "HTTP 403",
        ),
        (
            {},
            [Fault("status", value=(429, "insufficient_quota"))],
            "no_credit",
            "HTTP 429 insufficient_quota",
        ),
        ({}, [Fault("status", value=(503, "busy"))], "cannot_connect", "HTTP 503 busy"),
        ({}, [Fault("cut")], "cannot_connect", ""),
        ({"base_url": "http://127.0.0.1:9/v1"}, [], "cannot_connect", "no connection"),
        ({"base_url": "my server"}, [], "invalid_url", ""),
        ({"base_url": "http://\u2603.example/v1"}, [], "invalid_url", ""),
        ({"base_url": ""}, [], None, ""),
        ({"model": " "}, [], "model_missing", ""),
        ({"base_url": "", "api_key": ""}, [], "key_missing", ""),
        (
            {"price_in": 0, "price_out": 0, "monthly_budget": 0},
            [],
            "prices_missing",
            "",
        ),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, str) else "",
)
async def test_what_does_not_work_is_said_and_nothing_is_lost(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    openai_options: dict[str, Any],
    server: Server,
    changed: dict[str, Any],
    faults: list[Fault],
    error: str | None,
    said: str,
) -> None:
    server.key = "sk-good"
    server.faults = faults
    filled = {**openai_options, **changed}
    if error is None:
        # OpenAI itself is not asked by a test.
        filled, error, said = {**filled, "api_key": ""}, "key_missing", ""
    form = await choose(hass, entry, **filled)
    assert form["type"] is FlowResultType.FORM
    assert form["errors"] == {"base": error}
    assert form["description_placeholders"]
    assert said in form["description_placeholders"]["error"]
    assert suggested(form, "words") == whole(**filled)["words"]
    assert suggested(form, "schedule") == whole()["schedule"]
    assert entry.options == {}

    server.faults = []
    done = await hass.config_entries.options.async_configure(
        form["flow_id"], whole(**openai_options)
    )
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert entry.options["words"] == whole(**openai_options)["words"]


async def test_without_the_package(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    openai_options: dict[str, Any],
) -> None:
    with patch.dict("sys.modules", {"openai": None}) as modules:
        modules.pop("custom_components.automation_scout.llm.openai", None)
        form = await choose(hass, entry, **openai_options)
    assert form["errors"] == {"base": "package_missing"}
    with patch(
        "custom_components.automation_scout.language.import_module",
        side_effect=OSError("no such file"),
    ):
        form = await choose(hass, entry, **openai_options)
    assert form["errors"] == {"base": "package_missing"}
    assert form["description_placeholders"]
    said = form["description_placeholders"]["error"]
    assert said == "the openai package is broken: OSError"


@pytest.mark.parametrize("does", ["hang", "drip"])
async def test_a_server_that_never_ends_its_answer_is_not_waited_for(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    openai_options: dict[str, Any],
    server: Server,
    does: str,
) -> None:
    server.faults = [Fault(does)]
    limits = Limits(concurrency=1, tries=1, call_s=0.3)
    form_of = "custom_components.automation_scout.words_form"
    async with asyncio.timeout(20):
        with patch(f"{form_of}._LIMITS", limits):
            form = await choose(hass, entry, **openai_options)
    assert form["errors"] == {"base": "cannot_connect"}
    assert form["description_placeholders"]
    assert form["description_placeholders"]["error"].startswith("no answer in")
    await server.until(0)
    assert (scout.data.month.calls, scout.data.month.failed) == (1, 1)


async def test_a_test_is_among_the_costs_of_the_month(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    openai_options: dict[str, Any],
    server: Server,
    caplog: pytest.LogCaptureFixture,
) -> None:
    server.usage = {"prompt_tokens": 100, "completion_tokens": 10}
    form = await choose(hass, entry, **{**openai_options, "model": " "})
    book = "custom_components.automation_scout.asking.async_book"
    with patch(book, side_effect=StoreLocked("busy")):
        await hass.config_entries.options.async_configure(
            form["flow_id"], whole(**openai_options)
        )
    await hass.async_block_till_done()
    assert "lack the test of a model: busy" in caplog.text
    assert entry.runtime_data.data.month.calls == 0

    form = await entry.start_reconfigure_flow(hass)
    connection = {"provider": "openai", "base_url": server.url, "model": "good-model"}
    await hass.config_entries.flow.async_configure(form["flow_id"], connection)
    await hass.async_block_till_done()
    month = entry.runtime_data.data.month
    assert (month.calls, month.failed) == (1, 0)
    assert month.cost == pytest.approx(0.0002)


async def test_reconfiguring_what_is_not_loaded(
    hass: HomeAssistant,
    set_up: SetUp,
    entry: MockConfigEntry,
    openai_options: dict[str, Any],
    server: Server,
) -> None:
    await set_up(**openai_options)
    assert await hass.config_entries.async_unload(entry.entry_id)
    form = await entry.start_reconfigure_flow(hass)
    connection = {"provider": "openai", "base_url": server.url, "model": "other-model"}
    done = await hass.config_entries.flow.async_configure(form["flow_id"], connection)
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert len(server.requests) == 1


async def test_a_server_at_home_needs_no_key(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    openai_options: dict[str, Any],
    server: Server,
) -> None:
    del openai_options["api_key"]
    done = await choose(hass, entry, **openai_options)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert entry.runtime_data.options.words.api_key == ""
    assert len(server.requests) == 1


@pytest.mark.filterwarnings(APP_KEY)
@pytest.mark.usefixtures("talker_flow")
async def test_an_ai_task_entity_is_looked_at(
    hass: HomeAssistant, scout: ScoutCoordinator, entry: MockConfigEntry
) -> None:
    form = await choose(hass, entry, provider="ai_task")
    assert form["errors"] == {"base": "no_ai_task"}

    talker = Talker()
    unload = await set_up_talker(hass, talker)
    form = await choose(hass, entry, provider="ai_task")
    assert form["errors"] == {"base": "no_ai_task"}
    form = await choose(hass, entry, provider="ai_task", ai_task_entity="ai_task.other")
    assert form["errors"] == {"base": "no_ai_task"}
    assert await hass.config_entries.async_unload(unload.entry_id)
    form = await choose(hass, entry, provider="ai_task", ai_task_entity=ENTITY_ID)
    assert form["errors"] == {"base": "cannot_connect"}

    assert await hass.config_entries.async_setup(unload.entry_id)
    prefer(hass, ENTITY_ID)
    done = await choose(hass, entry, provider="ai_task")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert talker.tasks == []


@pytest.mark.filterwarnings(APP_KEY)
@pytest.mark.usefixtures("talker_flow")
async def test_an_entity_for_pictures_only_is_refused(
    hass: HomeAssistant, scout: ScoutCoordinator, entry: MockConfigEntry
) -> None:
    await set_up_talker(hass, Talker(features=AITaskEntityFeature.GENERATE_IMAGE))
    form = await choose(hass, entry, provider="ai_task", ai_task_entity=ENTITY_ID)
    assert form["errors"] == {"base": "no_ai_task"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("provider", "oracle"),
        ("concurrency", 0),
        ("concurrency", 11),
        ("price_in", -1),
        ("monthly_budget", -1),
        ("ai_task_entity", "no entity"),
    ],
)
async def test_options_that_make_no_sense_are_refused(
    hass: HomeAssistant,
    scout: ScoutCoordinator,
    entry: MockConfigEntry,
    key: str,
    value: object,
) -> None:
    with pytest.raises(InvalidData):
        await choose(hass, entry, **{key: value})


async def test_reconfiguring_changes_who_is_asked_and_nothing_else(
    hass: HomeAssistant,
    set_up: SetUp,
    entry: MockConfigEntry,
    openai_options: dict[str, Any],
    server: Server,
    script: Script,
) -> None:
    await set_up(**{**openai_options, "ai_task_entity": "ai_task.old"})
    form = await entry.start_reconfigure_flow(hass)
    assert form["step_id"] == "reconfigure"
    filled = suggested(form)
    assert filled["model"] == "good-model"

    server.key = "sk-new"
    connection = {
        "provider": "openai",
        "base_url": server.url,
        "model": "good-model",
        "api_key": "sk-bad",
    }
    form = await hass.config_entries.flow.async_configure(form["flow_id"], connection)
    assert form["errors"] == {"base": "invalid_auth"}
    assert suggested(form) == connection
    assert entry.options["words"]["api_key"] == "sk-good"

    done = await hass.config_entries.flow.async_configure(
        form["flow_id"], {**connection, "api_key": "sk-new"}
    )
    assert done["type"] is FlowResultType.ABORT
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    # What was cleared is gone, what was not asked for stays.
    expected = {**openai_options, **connection, "api_key": "sk-new"}
    assert entry.options == {"suggestions": {"max_open": 10}, "words": expected}
    assert entry.runtime_data.options.words.api_key == "sk-new"


async def test_reconfiguring_back_to_the_built_in_words_asks_nobody(
    hass: HomeAssistant,
    set_up: SetUp,
    entry: MockConfigEntry,
    openai_options: dict[str, Any],
    server: Server,
) -> None:
    await set_up(**openai_options)
    form = await entry.start_reconfigure_flow(hass)
    done = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"provider": "built_in"}
    )
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert server.requests == []
    assert not entry.runtime_data.language.is_on


async def test_another_key_is_tested_before_it_is_kept(
    hass: HomeAssistant,
    set_up: SetUp,
    entry: MockConfigEntry,
    openai_options: dict[str, Any],
    server: Server,
) -> None:
    await set_up(**openai_options)
    form = await entry.start_reauth_flow(hass)
    assert form["step_id"] == "reauth_confirm"
    assert suggested(form) == {}
    server.key = "sk-new"
    form = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"api_key": "sk-good"}
    )
    assert form["errors"] == {"base": "invalid_auth"}
    assert suggested(form) == {"api_key": "sk-good"}
    done = await hass.config_entries.flow.async_configure(
        form["flow_id"], {"api_key": "sk-new"}
    )
    assert done["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    expected = {**openai_options, "api_key": "sk-new"}
    assert entry.options["words"] == expected
    assert hass.config_entries.flow.async_progress_by_handler(DOMAIN) == []
    assert entry.runtime_data.options.words.api_key == "sk-new"
    assert SOURCE_REAUTH not in str(hass.config_entries.flow.async_progress())


async def test_the_stored_key_is_shown_to_no_browser_and_stays(
    hass: HomeAssistant,
    set_up: SetUp,
    entry: MockConfigEntry,
    openai_options: dict[str, Any],
    server: Server,
) -> None:
    await set_up(**openai_options)
    del openai_options["api_key"]
    flows = hass.config_entries.options
    form = await flows.async_init(entry.entry_id)
    assert suggested(form, "words") == openai_options

    # A form that is shown again has what was filled in, and no more.
    words = {**openai_options, "model": " "}
    form = await flows.async_configure(form["flow_id"], whole(**words))
    assert form["errors"] == {"base": "model_missing"}
    assert suggested(form, "words") == whole(**words)["words"]

    server.key = "sk-good"
    words = {**openai_options, "model": "other-model", "api_key": " "}
    done = await flows.async_configure(form["flow_id"], whole(**words))
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await hass.async_block_till_done()
    assert entry.options["words"]["api_key"] == "sk-good"
    assert len(server.requests) == 1

    form = await entry.start_reconfigure_flow(hass)
    connection = {"provider": "openai", "base_url": server.url, "model": "good-model"}
    assert suggested(form) == {**connection, "model": "other-model"}
    done = await hass.config_entries.flow.async_configure(form["flow_id"], connection)
    assert done["reason"] == "reconfigure_successful"
    await hass.async_block_till_done()
    assert entry.options["words"]["api_key"] == "sk-good"

    server.key = "sk-new"
    form = await entry.start_reauth_flow(hass)
    form = await hass.config_entries.flow.async_configure(form["flow_id"], {})
    assert form["errors"] == {"base": "invalid_auth"}
    assert suggested(form) == {}
    assert entry.options["words"]["api_key"] == "sk-good"


async def test_a_key_goes_to_no_other_address(
    hass: HomeAssistant,
    set_up: SetUp,
    entry: MockConfigEntry,
    openai_options: dict[str, Any],
    server: Server,
) -> None:
    await set_up(**openai_options)
    del openai_options["api_key"]
    form = await choose(hass, entry, **{**openai_options, "base_url": ""})
    assert form["errors"] == {"base": "key_missing"}
    async with Server(answer=server.answer, key="sk-good") as other:
        words = {**openai_options, "base_url": other.url}
        form = await choose(hass, entry, **words)
        assert form["errors"] == {"base": "invalid_auth"}
        form = await entry.start_reconfigure_flow(hass)
        form = await hass.config_entries.flow.async_configure(
            form["flow_id"],
            {"provider": "openai", "base_url": other.url, "model": "good-model"},
        )
        assert form["errors"] == {"base": "invalid_auth"}
    assert entry.options["words"]["api_key"] == "sk-good"


async def test_a_key_ends_with_its_provider(
    hass: HomeAssistant,
    set_up: SetUp,
    entry: MockConfigEntry,
    openai_options: dict[str, Any],
    server: Server,
) -> None:
    await set_up(**openai_options)
    del openai_options["api_key"]
    await choose(hass, entry, **{**openai_options, "provider": "built_in"})
    await hass.async_block_till_done()
    assert "api_key" not in entry.options["words"]
    server.key = "sk-good"
    form = await choose(hass, entry, **openai_options)
    assert form["errors"] == {"base": "invalid_auth"}


def test_words_of_junk_are_the_defaults() -> None:
    assert ScoutOptions.of({}).words == WordsOptions()
    read = WordsOptions.of({"api_key": " k ", "base_url": " ", "monthly_budget": 0})
    assert (read.api_key, read.base_url, read.monthly_budget) == ("k", None, 0.0)
    assert WordsOptions().monthly_budget is None
    assert WordsOptions().pseudonyms
