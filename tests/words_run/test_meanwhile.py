"""While a model is asked, people go on deciding; what they decide holds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.automation_scout.coordinator import ScoutCoordinator
from tests.llm.server import Server
from tests.scripted import DOOR, EVENING, MORNING, Script, at, proven, result

from .conftest import TEN, SetUp

FIRST = TEN[0].rule.key
NEW = TEN[5]


@pytest.fixture
async def scout(
    set_up: SetUp, openai_options: dict[str, Any], script: Script
) -> ScoutCoordinator:
    """Have three suggestions with words, and one that is yet to be asked about."""
    scout = await set_up(**openai_options)
    script.result = result(*TEN[:3])
    await scout.async_analyze()
    script.result = result(*TEN[:3], NEW)
    return scout


@asynccontextmanager
async def asking(
    scout: ScoutCoordinator, server: Server, questions: int = 1
) -> AsyncIterator[dict[str, Any]]:
    """Run the block while the model is asked, and fill in the answer of the run."""
    server.delay_s = 0.8
    answer: dict[str, Any] = {}
    run = asyncio.ensure_future(scout.async_analyze())
    await server.until(questions)
    yield answer
    assert server.in_flight == questions
    answer.update(await run)


async def statuses(scout: ScoutCoordinator) -> dict[str, str]:
    return {item["id"]: item["status"] for item in await scout.async_list()}


async def test_a_dismissal_is_not_waited_for_and_holds(
    hass: HomeAssistant, scout: ScoutCoordinator, server: Server
) -> None:
    news = async_capture_events(hass, "automation_scout_suggestion_new")
    async with asking(scout, server) as answer, asyncio.timeout(0.6):
        await scout.async_dismiss(FIRST, "not_useful")
    assert (await statuses(scout))[FIRST] == "dismissed"
    assert (await statuses(scout))[NEW.rule.key] == "open"
    assert (answer["new"], answer["open"]) == (1, 3)
    assert [event.data["id"] for event in news] == [NEW.rule.key]
    # What each gate let through is counted once, as it was in the end.
    gates = [step["gate"] for step in answer["funnel"]]
    assert len(gates) == len(set(gates))
    verdict = next(step for step in answer["funnel"] if step["gate"] == "verdict")
    assert (verdict["in"], verdict["out"]) == (4, 3)


async def test_a_snooze_holds(scout: ScoutCoordinator, server: Server) -> None:
    async with asking(scout, server):
        put_off = await scout.async_snooze(FIRST, 3)
    (item,) = await scout.async_list(["snoozed"])
    assert (item["id"], item["snoozed_until"]) == (FIRST, put_off["snoozed_until"])
    assert item["text"]["source"] == "openai"


async def test_what_is_about_to_be_told_may_be_dismissed_before(
    hass: HomeAssistant, scout: ScoutCoordinator, server: Server, script: Script
) -> None:
    """A relative of a dismissed suggestion is not opened by the run under way."""
    near = proven(at(70), score=20.5)
    script.result = result(near, *TEN[1:3], NEW)
    async with asking(scout, server, 2):
        await scout.async_dismiss(FIRST, None)
    assert (await statuses(scout))[FIRST] == "dismissed"
    assert all("01:10" not in item["title"] for item in scout.data.open)


async def test_a_change_holds(scout: ScoutCoordinator, server: Server) -> None:
    async with asking(scout, server):
        await scout.refining.async_refine(FIRST, {"trigger": {"at": "01:20"}})
    (item,) = [item for item in await scout.async_list() if item["id"] == FIRST]
    assert (item["status"], item["version"]) == ("open", 2)
    assert "01:20" in item["automation_yaml"]
    assert item["text"] == {"source": "template", "language": "en"}
    await scout.async_analyze()
    (item,) = [item for item in await scout.async_list() if item["id"] == FIRST]
    assert "01:20" in item["automation_yaml"]
    assert item["text"]["source"] == "openai"
    assert item["version"] == 2


async def test_a_change_of_what_was_changed_holds(
    scout: ScoutCoordinator, server: Server
) -> None:
    await scout.refining.async_refine(FIRST, {"trigger": {"at": "01:20"}})
    async with asking(scout, server, 2):
        await scout.refining.async_refine(FIRST, {"trigger": {"at": "01:30"}})
    (item,) = [item for item in await scout.async_list() if item["id"] == FIRST]
    assert "01:30" in item["automation_yaml"]
    assert item["version"] == 3


async def test_a_trial_that_is_over_opens_its_suggestion(
    scout: ScoutCoordinator, server: Server
) -> None:
    await on_trial_until_now(scout)
    async with asking(scout, server):
        assert FIRST not in {item["id"] for item in scout.data.open}
    assert scout.data.open[0]["id"] == FIRST
    assert scout.data.open[0]["text"]["source"] == "openai"


async def test_a_trial_that_is_over_may_be_dismissed_at_once(
    scout: ScoutCoordinator, server: Server
) -> None:
    await on_trial_until_now(scout)
    async with asking(scout, server):
        await scout.async_dismiss(FIRST, None)
    assert (await statuses(scout))[FIRST] == "dismissed"


async def on_trial_until_now(scout: ScoutCoordinator) -> None:
    """Have a trial of two days that is over."""
    then = dt_util.utcnow() - timedelta(days=2, minutes=1)
    with patch(
        "custom_components.automation_scout.trial.dt_util.utcnow", return_value=then
    ):
        await scout.async_start_trial(FIRST, 2)


async def test_a_look_at_a_few_days_asks_about_what_it_opens(
    scout: ScoutCoordinator, server: Server
) -> None:
    await scout.async_analyze(days=7)
    assert len(server.requests) == 4
    assert (await statuses(scout))[NEW.rule.key] == "open"


async def test_all_kinds_of_triggers(
    set_up: SetUp, openai_options: dict[str, Any], server: Server, script: Script
) -> None:
    scout = await set_up(**openai_options)
    script.result = result(MORNING, DOOR, EVENING)
    response = await scout.async_analyze()
    assert response["words"]["written"] == 3
