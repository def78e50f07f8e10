"""Fixtures of the tests of what asks a model: a real server, and the real package."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
import logging
from random import Random

import openai
import pytest

from custom_components.automation_scout.llm.budget import Budget
from custom_components.automation_scout.llm.calling import Caller
from custom_components.automation_scout.llm.languages import load_all
from custom_components.automation_scout.llm.limits import Limits
from custom_components.automation_scout.llm.openai import OpenAIModel, make_client
from custom_components.automation_scout.llm.writer import Home

from .homes import home_names
from .server import Server

# Every request with its headers would be written to the log.
for chatty in ("openai", "httpx", "httpcore", "httpx2", "httpcore2"):
    logging.getLogger(chatty).setLevel(logging.WARNING)


@pytest.fixture
async def server(socket_enabled: None) -> AsyncIterator[Server]:
    """Yield a server that listens."""
    async with Server() as listening:
        yield listening


@pytest.fixture
async def client(server: Server) -> AsyncIterator[openai.AsyncOpenAI]:
    """Yield a client of the server, with an HTTP client that somebody else owns."""
    http_client = openai.DefaultAsyncHttpxClient()
    yield await asyncio.to_thread(make_client, "sk-test", server.url, http_client)
    await http_client.aclose()


@pytest.fixture
def model(client: openai.AsyncOpenAI) -> OpenAIModel:
    """Return the model of the server."""
    return OpenAIModel(client, "good-model")


@pytest.fixture
def home() -> Home:
    """Return the home of `homes`, whose names may leave it."""
    return Home(home_names(), load_all())


async def nothing_known(_: Sequence[str]) -> Mapping[str, str]:
    """Return that nothing is kept."""
    return {}


class Pauses(list[float]):
    """How long pauses would have been; they are none."""

    async def sleep(self, seconds: float) -> None:
        """Note the length."""
        self.append(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def pauses() -> Pauses:
    """Return what notes pauses in the place of making them."""
    return Pauses()


@pytest.fixture
def caller(model: OpenAIModel, pauses: Pauses) -> Caller:
    """Return a caller of the model with no budget and short patience."""
    limits = Limits(call_s=5, run_s=20)
    return Caller(
        model,
        Budget("2026-11"),
        limits,
        random=Random(7),  # noqa: S311
        sleep=pauses.sleep,
    )
