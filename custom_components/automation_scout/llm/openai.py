"""A model behind the chat completions protocol: OpenAI, or a server that speaks it.

The one module that imports the `openai` package, which takes a while: it is itself
imported where a model is set up, and off the event loop. The package's own retries are
off, as `calling` has the limits of the run in mind.
"""

from contextlib import suppress
from email.utils import parsedate_to_datetime
from http import HTTPStatus
import json
import re
from time import time
from typing import Any, Final, cast

import openai

from .model import (
    Answer,
    BadAddress,
    ModelBusy,
    ModelError,
    ModelRefused,
    ModelUnpaid,
    ModelUnusable,
    Question,
)
from .plain_text import one_line
from .strict import strict

SOURCE: Final = "openai"
_FORMATS: Final = ("json_schema", "json_object", "")
"""What servers know of structured answers, best first; "" for nothing."""
_FORMAT_WORDS: Final = ("response_format", "json_schema", "json_object")
_LENGTHS: Final = ("max_completion_tokens", "max_tokens")
"""Newer models know the first name alone, many local servers the second."""
_MOST_WAIT_S: Final = 86_400.0
_SHORT_OF_MONEY: Final = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_OF_THE_ACCOUNT: Final = (
    "key",
    "account",
    "auth",
    "permission",
    "credential",
    "organi",
)
"""In codes of a 403 that another key can help: `permissions_error`, `auth_error`,
`AuthenticationTypeDisabled`, `key_model_access_denied`, `organization_restricted`."""
_KEY_LIMIT: Final = re.compile(r"\bkey limit\b", re.IGNORECASE)
_PASSING: Final = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
)


def make_client(
    api_key: str, base_url: str | None, http_client: object
) -> openai.AsyncOpenAI:
    """Return a client. Blocks: not for the event loop.

    Args:
        api_key: of the account; any text where the server wants none.
        base_url: of the server; None for OpenAI's own.
        http_client: of Home Assistant; whose it is, closes it.

    Raises:
        BadAddress: the address is no URL, or its host no name.
        ModelRefused: no request can hold such a key.
    """
    if not (api_key.isascii() and api_key.isprintable()):
        raise ModelRefused("this is no key")
    try:
        client = openai.AsyncOpenAI(
            api_key=api_key,
            base_url=base_url,
            http_client=cast("Any", http_client),
            max_retries=0,
        )
    except Exception as err:
        if _name_of(err) != "InvalidURL":
            raise
        raise BadAddress("this is no address of a server") from err
    # Both are slow the first time: one reads files of the system, the other imports
    # hundreds of modules.
    client.platform_headers()
    _ = client.chat.completions
    return client


class OpenAIModel:
    """One model of one server."""

    def __init__(self, client: openai.AsyncOpenAI, model: str) -> None:
        """Take a client of `make_client` and the name of a model."""
        self._client = client
        self._model = model
        self._formats = list(_FORMATS)
        self._lengths = list(_LENGTHS)
        if "openai.com" not in str(client.base_url):
            self._lengths.reverse()

    @property
    def source(self) -> str:
        """Return the provider."""
        return SOURCE

    @property
    def name(self) -> str:
        """Return the model."""
        return self._model

    async def ask(self, question: Question, timeout_s: float) -> Answer:
        """Return the answer to one question.

        What a server says that it does not know is left out from then on.

        Raises:
            ModelError: there is none.
        """
        while True:
            form, length = self._formats[0], self._lengths[0]
            try:
                done = await self._client.chat.completions.create(
                    model=self._model,
                    messages=[
                        {"role": "system", "content": _system(form, question)},
                        {"role": "user", "content": question.facts},
                    ],
                    timeout=timeout_s,
                    extra_body={
                        length: question.most_tokens,
                        **_response_format(form, question),
                    },
                )
            except (openai.BadRequestError, openai.UnprocessableEntityError) as err:
                if not self._is_simpler(err, form, length):
                    raise _translated(err) from None
            except Exception as err:  # noqa: BLE001 - whatever it is, it is no answer
                # Without its cause: Home Assistant logs the whole chain of what an
                # action raises, and a server may quote the question or the key.
                raise _translated(err) from None
            else:
                return _answer(done, self._model)

    def _is_simpler(self, err: openai.APIStatusError, form: str, length: str) -> bool:
        """Return whether there is a simpler request than the one that was refused.

        Of several requests that are refused at once each is made simpler only once.
        """
        said = f"{err.message} {err.param}".casefold()
        if any(word in said for word in _FORMAT_WORDS):
            return _without(self._formats, form)
        if any(word in said for word in _LENGTHS):
            return _without(self._lengths, length)
        return False


def _without(forms: list[str], refused: str) -> bool:
    """Drop a form that was refused; return whether there is another one."""
    if forms[0] == refused and len(forms) > 1:
        del forms[0]
    return forms[0] != refused


def _system(form: str, question: Question) -> str:
    """Return what a model is to do, with the schema where the request has none."""
    if form == "json_schema":
        return question.system
    schema = json.dumps(question.schema, ensure_ascii=False)
    return f"{question.system}\nThe object has this JSON schema: {schema}"


def _response_format(form: str, question: Question) -> dict[str, object]:
    if not form:
        return {}
    wanted: dict[str, object] = {"type": form}
    if form == "json_schema":
        wanted[form] = {
            "name": question.task,
            "strict": True,
            "schema": strict(question.schema),
        }
    return {"response_format": wanted}


def _answer(done: Any, model: str) -> Answer:  # noqa: ANN401 - as it came
    """Return the answer in a response of whatever form.

    Raises:
        ModelBusy: it holds none.
    """
    try:
        content = done.choices[0].message.content
    except (AttributeError, IndexError, TypeError) as err:
        raise ModelBusy("a response without an answer", may_cost=True) from err
    usage = getattr(done, "usage", None)
    return Answer(
        content,
        model,
        _whole(getattr(usage, "prompt_tokens", None)),
        _whole(getattr(usage, "completion_tokens", None)),
    )


def _whole(number: object) -> int | None:
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        return None
    return number


def _translated(err: Exception) -> ModelError:
    """Return our error for one of the package, without what the server wrote."""
    match err:
        case openai.APITimeoutError():
            return ModelBusy("no answer in time", may_cost=not _is_unsent(err))
        case openai.APIConnectionError():
            return ModelBusy("no connection", may_cost=not _is_unsent(err))
        case openai.APIStatusError():
            return _of_status(err)
        case openai.OpenAIError() if not _is_no_json(err):
            return ModelUnusable(type(err).__name__)
        case _:
            return ModelBusy("a response that cannot be read", may_cost=True)


def _of_status(err: openai.APIStatusError) -> ModelError:
    code = str(err.code or err.type or "")
    status = err.status_code
    shown = one_line(code)[:40] if code.isascii() and code != str(status) else ""
    reason = f"HTTP {status} {shown}".rstrip()
    if status == HTTPStatus.PAYMENT_REQUIRED or _is_short_of_money(err, code):
        return ModelUnpaid(reason)
    if status == HTTPStatus.UNAUTHORIZED or _is_locked_out(err):
        return ModelRefused(reason)
    if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ModelBusy(reason, _retry_after(err))
    return ModelUnusable(reason)


def _is_short_of_money(err: openai.APIStatusError, code: str) -> bool:
    """Return whether there is nothing left to pay with.

    OpenRouter has no code for a key whose own limit is reached, and says so in words.
    """
    is_forbidden = err.status_code == HTTPStatus.FORBIDDEN
    return code in _SHORT_OF_MONEY or (
        is_forbidden and bool(_KEY_LIMIT.search(err.message))
    )


def _is_locked_out(err: openai.APIStatusError) -> bool:
    """Return whether a 403 is about who asks, and not about this one question.

    Who judges a question says so by a code. Without any the answer is of a gateway
    that has not read the question, and the next one would end there as well.
    """
    if err.status_code != HTTPStatus.FORBIDDEN:
        return False
    said = f"{err.code or ''} {err.type or ''}".casefold().strip()
    return not said or any(word in said for word in _OF_THE_ACCOUNT)


def _retry_after(err: openai.APIStatusError) -> float | None:
    """Return in how many seconds to try again, where the server says so."""
    headers = err.response.headers
    for name, per_second in (("retry-after-ms", 1000), ("retry-after", 1)):
        with suppress(TypeError, ValueError):
            seconds = float(headers.get(name, "")) / per_second
            if seconds >= 0:
                return min(seconds, _MOST_WAIT_S)
    with suppress(TypeError, ValueError, OverflowError):
        due = parsedate_to_datetime(headers.get("retry-after", "")).timestamp()
        return min(max(0.0, due - time()), _MOST_WAIT_S)
    return None


def _is_unsent(err: Exception) -> bool:
    """Return whether a request never reached the server."""
    unsent = {"ConnectError", "ConnectTimeout", "PoolTimeout"}
    return _name_of(err.__cause__) in unsent


def _name_of(err: BaseException | None) -> str:
    """Return the class of an error of the HTTP library.

    By name: the package brings another library with each major version.
    """
    return type(err).__name__


def _is_no_json(err: Exception) -> bool:
    return not isinstance(err, openai.OpenAIError) or isinstance(
        err, openai.APIResponseValidationError
    )
