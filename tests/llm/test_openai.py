"""The adapter of the openai package, against a real server."""

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
import json
from traceback import format_exception

import openai
import pytest

from custom_components.automation_scout.llm.model import (
    Model,
    ModelBusy,
    ModelError,
    ModelRefused,
    ModelUnpaid,
    ModelUnusable,
    Question,
)
from custom_components.automation_scout.llm.openai import (
    OpenAIModel,
    make_client,
)

from .server import Fault, Server

QUESTION = Question(
    "text",
    "Do.",
    '{"plain_title": "Turn on"}',
    {"type": "object", "properties": {}, "additionalProperties": False},
    77,
)


async def test_a_question_as_it_is_sent(server: Server, model: OpenAIModel) -> None:
    server.usage = {"prompt_tokens": 12, "completion_tokens": 7}
    answer = await model.ask(QUESTION, 5)
    (body,) = server.requests
    assert body == {
        "model": "good-model",
        "messages": [
            {"role": "system", "content": "Do."},
            {"role": "user", "content": QUESTION.facts},
        ],
        "max_tokens": 77,
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "text",
                "strict": True,
                "schema": {**QUESTION.schema, "required": []},
            },
        },
    }
    assert (answer.tokens_in, answer.tokens_out) == (12, 7)
    assert isinstance(answer.data, str)
    as_model: Model = model
    assert (as_model.source, as_model.name) == ("openai", "good-model")


@pytest.mark.parametrize(
    ("unknown", "used"),
    [
        (("json_schema",), "json_object"),
        (("json_schema", "json_object"), None),
    ],
)
async def test_a_server_that_knows_no_schema_is_asked_simpler(
    server: Server, model: OpenAIModel, unknown: tuple[str, ...], used: str | None
) -> None:
    server.faults = [Fault("refuse_format", value=unknown)]
    await asyncio.gather(*(model.ask(QUESTION, 5) for _ in range(5)))
    first = len(server.requests)
    assert first <= 5 * (1 + len(unknown))
    await model.ask(QUESTION, 5)
    assert len(server.requests) == first + 1
    body = server.requests[-1]
    assert body.get("response_format", {}).get("type") == used
    assert "JSON schema" in body["messages"][0]["content"]


async def test_a_server_that_refuses_every_form(
    server: Server, model: OpenAIModel
) -> None:
    forms = ("json_schema", "json_object", "")
    server.faults = [Fault("refuse_format", value=forms)]
    with pytest.raises(ModelUnusable, match="HTTP 400 unsupported"):
        await model.ask(QUESTION, 5)
    assert len(server.requests) == 3


async def test_the_name_of_the_length_is_found_out(
    server: Server, model: OpenAIModel
) -> None:
    server.faults = [Fault("refuse_field", value="max_tokens")]
    await model.ask(QUESTION, 5)
    await model.ask(QUESTION, 5)
    assert [
        set(body) & {"max_tokens", "max_completion_tokens"} for body in server.requests
    ] == [
        {"max_tokens"},
        {"max_completion_tokens"},
        {"max_completion_tokens"},
    ]


def in_a_minute() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)


@pytest.mark.parametrize(
    ("fault", "kind", "told"),
    [
        (Fault("status", value=(401, "invalid_api_key")), ModelRefused, "HTTP 401"),
        (Fault("status", value=(402, "pay")), ModelUnpaid, "HTTP 402"),
        (Fault("status", value=(429, "insufficient_quota")), ModelUnpaid, "quota"),
        (Fault("status", value=(429, "slow")), ModelBusy, "HTTP 429"),
        (Fault("status", value=(500, "x")), ModelBusy, "HTTP 500"),
        (Fault("status", value=(503, "x")), ModelBusy, "HTTP 503"),
        (Fault("status", value=(408, "x")), ModelBusy, "HTTP 408"),
        (Fault("status", value=(404, "model_not_found")), ModelUnusable, "not_found"),
        (Fault("status", value=(400, "bad")), ModelUnusable, "HTTP 400"),
        (Fault("status", value=(413, "long")), ModelUnusable, "HTTP 413"),
        (Fault("cut"), ModelBusy, "no connection"),
        (Fault("hang"), ModelBusy, "no answer in time"),
        (Fault("body", value=("text/html", "<html>")), ModelBusy, "without an answer"),
        (Fault("body", value=("application/json", "{")), ModelBusy, "cannot be read"),
        (Fault("body", value=("application/json", "[]")), ModelBusy, "without"),
        (Fault("body", value=("application/json", '{"choices": 7}')), ModelBusy, ""),
    ],
    ids=lambda value: (
        f"{value.does}-{value.value}"[:30] if isinstance(value, Fault) else ""
    ),
)
async def test_errors(
    server: Server,
    model: OpenAIModel,
    fault: Fault,
    kind: type[ModelError],
    told: str,
) -> None:
    server.faults = [fault]
    with pytest.raises(ModelError) as caught:
        await model.ask(QUESTION, 0.5)
    assert type(caught.value) is kind
    assert told in str(caught.value)
    assert "sk-" not in str(caught.value)
    assert caught.value.is_passing is (kind is ModelBusy)
    assert caught.value.may_cost is (fault.does != "status")


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        # OpenAI, OpenRouter and Azure: this question, or this model.
        (
            {"code": "model_not_found", "type": "invalid_request_error"},
            ModelUnusable,
            "HTTP 403 model_not_found",
        ),
        (
            {"code": 403, "metadata": {"reasons": ["x"], "flagged_input": "y"}},
            ModelUnusable,
            "HTTP 403",
        ),
        ({"code": "content_filter"}, ModelUnusable, "HTTP 403 content_filter"),
        (
            {
                "code": "unsupported_country_region_territory",
                "type": "request_forbidden",
            },
            ModelUnusable,
            "HTTP 403 unsupported_country_region_territory",
        ),
        # OpenAI, Groq, LiteLLM and Azure: the key, or the account.
        ({"code": "account_deactivated"}, ModelRefused, "account_deactivated"),
        (
            {
                "code": "model_permission_blocked_org",
                "type": "permissions_error",
            },
            ModelRefused,
            "HTTP 403 model_permission_blocked_org",
        ),
        ({"code": "403", "type": "auth_error"}, ModelRefused, "HTTP 403"),
        (
            {"code": "403", "type": "key_model_access_denied"},
            ModelRefused,
            "HTTP 403",
        ),
        ({"code": "AuthenticationTypeDisabled"}, ModelRefused, "TypeDisabled"),
        # FastAPI, and a gateway that has not read the question.
        ("Not authenticated", ModelRefused, "HTTP 403"),
        (None, ModelRefused, "HTTP 403"),
    ],
    ids=str,
)
async def test_what_is_forbidden(
    server: Server,
    model: OpenAIModel,
    error: object,
    kind: type[ModelError],
    told: str,
) -> None:
    body = ("application/json", json.dumps({"error": error}), 403)
    if error is None:
        body = ("text/html", "<html>403 Forbidden</html>", 403)
    server.faults = [Fault("body", value=body)]
    with pytest.raises(ModelError) as caught:
        await model.ask(QUESTION, 5)
    assert type(caught.value) is kind
    assert str(caught.value).endswith(told)
    assert not caught.value.may_cost


async def test_what_a_server_says_is_in_no_error(
    server: Server, model: OpenAIModel
) -> None:
    """Home Assistant logs the whole chain of what an action raises."""
    error = {"message": "no key sk-secret in Anna's house", "code": "invalid_api_key"}
    said = ("application/json", json.dumps({"error": error}), 401)
    server.faults = [Fault("body", value=said)]
    with pytest.raises(ModelRefused) as caught:
        await model.ask(QUESTION, 5)
    whole = "".join(format_exception(caught.value))
    assert "invalid_api_key" in whole
    assert "secret" not in whole
    assert "Anna" not in whole


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (403, "Key limit exceeded (monthly limit).", ModelUnpaid),
        (403, "There are monkey limits.", ModelUnusable),
        (429, "The per-key limit is 20 requests a minute.", ModelBusy),
    ],
)
async def test_a_key_with_a_limit_of_its_own(
    server: Server,
    model: OpenAIModel,
    status: int,
    said: str,
    kind: type[ModelError],
) -> None:
    error = {"message": said, "code": status}
    body = ("application/json", json.dumps({"error": error}), status)
    server.faults = [Fault("body", value=body)]
    with pytest.raises(ModelError) as caught:
        await model.ask(QUESTION, 5)
    assert type(caught.value) is kind


@pytest.mark.parametrize("key", ["sk-\nx", "sk-“x”", "sk-\x7f"])
def test_a_key_that_no_request_can_hold(key: str) -> None:
    with pytest.raises(ModelRefused, match="no key"):
        make_client(key, "http://127.0.0.1:1/v1", None)


@pytest.mark.parametrize(
    ("header", "value", "seconds"),
    [
        ("Retry-After", "7", 7.0),
        ("Retry-After", "0.5", 0.5),
        ("Retry-After", "-3", None),
        ("Retry-After", "soon", None),
        ("Retry-After", "nan", None),
        ("Retry-After", "inf", 86_400.0),
        ("Retry-After", "", None),
        ("Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("retry-after-ms", "1500", 1.5),
    ],
)
async def test_retry_after(
    server: Server, model: OpenAIModel, header: str, value: str, seconds: float | None
) -> None:
    server.faults = [Fault("status", value=(429, "x", {header: value}))]
    with pytest.raises(ModelBusy) as caught:
        await model.ask(QUESTION, 5)
    assert caught.value.retry_after_s == seconds


async def test_retry_after_a_date(server: Server, model: OpenAIModel) -> None:
    server.faults = [Fault("status", value=(503, "x", {"Retry-After": in_a_minute()}))]
    with pytest.raises(ModelBusy) as caught:
        await model.ask(QUESTION, 5)
    assert caught.value.retry_after_s is not None
    assert 50 < caught.value.retry_after_s <= 60


async def test_tokens_that_are_none(server: Server, model: OpenAIModel) -> None:
    answer = await model.ask(QUESTION, 5)
    assert (answer.tokens_in, answer.tokens_out) == (None, None)
    server.usage = {"prompt_tokens": -1, "completion_tokens": "many"}  # type: ignore[dict-item]
    answer = await model.ask(QUESTION, 5)
    assert (answer.tokens_in, answer.tokens_out) == (None, None)


async def test_the_http_client_of_the_host(socket_enabled: None) -> None:
    """It is handed over, not closed, and may be of either HTTP library."""
    http_client = openai.DefaultAsyncHttpxClient()
    async with Server(answer=lambda _: {"a": 1}) as server:
        made = await asyncio.to_thread(make_client, "k", server.url, http_client)
        assert made.max_retries == 0
        await OpenAIModel(made, "m").ask(QUESTION, 5)
    assert not http_client.is_closed
    await http_client.aclose()
