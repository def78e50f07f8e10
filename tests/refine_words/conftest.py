"""A home with a suggestion, a past, lamps that dim or not, and a model to talk to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
import logging
from typing import Any

from homeassistant.config_entries import ConfigFlow
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    mock_config_flow,
)

from custom_components.automation_scout.const import DOMAIN
from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.facts import EntityFacts
from tests.llm.server import Body, Server, facts_of
from tests.scripted import DOOR, EVENING, FACTS, Script, at, proven, result
from tests.telling import acts, filled, seen
from tests.words_run.ai_task_entity import DOMAIN as TALKER

for chatty in ("openai", "httpx", "httpcore", "httpx2", "httpcore2"):
    logging.getLogger(chatty).setLevel(logging.WARNING)

LAMP = "light.desk"
LATE = proven(at(1350), LAMP, score=5.0)
"""The desk lamp at half past ten."""
KEY = LATE.rule.key
BULB = "light.bulb"
PLAIN = proven(at(1290), BULB, score=4.5)
"""A bulb that cannot be dimmed, at half past nine."""
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]
WORDS = "only on weekdays, and 40 %"
DIMMED = {"change": [{"entity_id": LAMP, "values": {"brightness": 40}}]}
ON_WEEKDAYS = {"add": [{"weekdays": WEEKDAYS}]}

type Words = Callable[..., Awaitable[ScoutCoordinator]]
"""Sets the integration up with options about words, and finds the suggestions."""


@dataclass
class Model:
    """What the model of the server answers, one thing after the other."""

    answers: list[object] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    """The facts of each question."""

    def __call__(self, body: Body) -> object:
        """Answer; the last answer is given again and again."""
        self.asked.append(facts_of(body))
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        return answer(body) if callable(answer) else answer

    def says(self, *answers: object) -> None:
        """Take what is answered from now on."""
        self.answers[:] = answers


def saying(cannot: Any = (), summary: str = "", **changes: Any) -> dict[str, Any]:
    """Return an answer in the form of the schema."""
    return {"changes": changes, "cannot": [*cannot], "summary": summary}


async def refine(
    hass: HomeAssistant, instruction: str = WORDS, key: str = KEY, **data: Any
) -> dict[str, Any]:
    """Call the action with an instruction."""
    response = await hass.services.async_call(
        DOMAIN,
        "refine",
        {"suggestion_id": key, "instruction": instruction, **data},
        blocking=True,
        return_response=True,
    )
    assert isinstance(response, dict)
    return response


async def under_way(server: Server, number: int) -> None:
    """Wait until the server has so many requests; the first one loads a lot before."""
    async with asyncio.timeout(30):
        while server.in_flight < number:  # noqa: ASYNC110 - the server counts
            await asyncio.sleep(0.01)


@pytest.fixture
def model() -> Model:
    """Return the model behind the server."""
    return Model()


@pytest.fixture
async def server(socket_enabled: None, model: Model) -> AsyncIterator[Server]:
    """Yield a server that listens."""
    async with Server(answer=model) as listening:
        listening.usage = {"prompt_tokens": 1500, "completion_tokens": 100}
        yield listening


@pytest.fixture
def words(
    hass: HomeAssistant, script: Script, entry: MockConfigEntry, server: Server
) -> Words:
    """Return what sets the integration up, with a model or another choice of words."""

    async def set_up(**options: Any) -> ScoutCoordinator:
        chosen = {
            "provider": "openai",
            "api_key": "sk-good",
            "base_url": server.url,
            "model": "good-model",
            "price_in": 1.0,
            "price_out": 10.0,
            "pseudonyms": False,
            **options,
        }
        bulb = EntityFacts(BULB, "Bulb", "study")
        entities = {**FACTS.entities, BULB: bulb}
        script.facts = replace(FACTS, entities=entities)
        script.result = result(LATE, PLAIN, DOOR, EVENING)
        hass.config_entries.async_update_entry(entry, options={"words": chosen})
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        scout: ScoutCoordinator = entry.runtime_data
        hass.states.async_set(LAMP, "off", {"supported_color_modes": ["brightness"]})
        hass.states.async_set(BULB, "off", {"supported_color_modes": ["onoff"]})
        await scout.async_analyze(None, words=False)
        today = dt_util.now().date()
        rows = [row for back in range(1, 21) for row in acts(today, back, 1350, LAMP)]
        await filled(scout, [*rows, seen(today, 0, 1)])
        return scout

    return set_up


@pytest.fixture
async def scout(words: Words) -> ScoutCoordinator:
    """Set up the integration with the model of the server."""
    return await words()


@pytest.fixture
def talker_flow() -> Iterator[None]:
    """Let the integration with the AI Task entity have config entries."""
    with mock_config_flow(TALKER, ConfigFlow):
        yield
