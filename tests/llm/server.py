"""A real server that speaks the chat completions protocol, and misbehaves on request.

It listens on a free port of 127.0.0.1. What it does with a request is decided by the
first matching `Fault`, else it answers as it should. Each request is kept, and how many
were under way at once is counted here, where nobody can fake it.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
import json
from typing import Any, Self

from aiohttp import web

type Body = dict[str, Any]


@dataclass
class Fault:
    """What the server does to some requests in the place of an answer."""

    does: str
    """A method of `Server` without its underscore."""
    where: Callable[[Body], bool] = lambda _: True
    times: int | None = None
    """To how many requests; None for all."""
    value: Any = None
    met: int = 0

    def meets(self, body: Body) -> bool:
        """Return whether a request is meant, and count it."""
        if (self.times is not None and self.met >= self.times) or not self.where(body):
            return False
        self.met += 1
        return True


def facts_of(body: Body) -> dict[str, Any]:
    """Return the facts that a request holds."""
    facts: dict[str, Any] = json.loads(body["messages"][-1]["content"])
    return facts


def reply_of(body: Body) -> dict[str, str]:
    """Return what a good model would answer: the plain text in other words."""
    facts = facts_of(body)
    return {
        "title": f"{facts['plain_title'][:80]}, for you"[:100],
        "description": f"So that you need not think of it: {facts['plain_title']}."[
            :400
        ],
        "rationale": "You do this by hand again and again.",
        "category": "comfort",
        "priority": "high",
    }


@dataclass
class Server:
    """The server and what it has seen."""

    faults: list[Fault] = field(default_factory=list)
    answer: Callable[[Body], object] = reply_of
    """Returns the content of an answer, text or JSON."""
    delay_s: float = 0.0
    usage: Mapping[str, int] | None = None
    key: str | None = None
    """The key that is accepted; None for any."""
    requests: list[Body] = field(default_factory=list)
    in_flight: int = 0
    most_in_flight: int = 0
    cut_off: int = 0
    """Requests that the client gave up."""
    url: str = ""
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Start to listen."""
        app = web.Application(client_max_size=2**24)
        app.router.add_post("/v1/chat/completions", self._complete)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop, also what hangs."""
        assert self._runner is not None
        await self._runner.cleanup()

    async def until(self, in_flight: int) -> None:
        """Wait until so many requests are under way; fail when that takes long."""
        async with asyncio.timeout(3):
            while self.in_flight != in_flight:  # noqa: ASYNC110 - others count
                await asyncio.sleep(0.01)

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body: Body = await request.json()
        self.requests.append(body)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            if self._is_wrong(request):
                return _error(401, "invalid_api_key")
            return await self._answered(request, body)
        except asyncio.CancelledError:
            self.cut_off += 1
            raise
        finally:
            self.in_flight -= 1

    def _is_wrong(self, request: web.Request) -> bool:
        given = request.headers.get("Authorization")
        return self.key is not None and given != f"Bearer {self.key}"

    async def _answered(self, request: web.Request, body: Body) -> web.StreamResponse:
        for fault in self.faults:
            if fault.meets(body):
                does = getattr(self, f"_{fault.does}")
                response: web.StreamResponse = await does(request, body, fault.value)
                return response
        await asyncio.sleep(self.delay_s)
        return web.json_response(self._completion(self.answer(body), body))

    def _completion(self, content: object, body: Body) -> Body:
        if not isinstance(content, str | None):
            content = json.dumps(content, ensure_ascii=False)
        done: Body = {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": content},
                }
            ],
        }
        if self.usage is not None:
            done["usage"] = dict(self.usage)
        return done

    async def _status(
        self, _: web.Request, __: Body, value: tuple[int, str, Mapping[str, str]]
    ) -> web.StreamResponse:
        """Answer with a status, a code of the error and headers."""
        return _error(*value)

    async def _say(
        self, _: web.Request, body: Body, value: object
    ) -> web.StreamResponse:
        """Answer well-formed, with any content."""
        return web.json_response(self._completion(value, body))

    async def _body(
        self, _: web.Request, __: Body, value: tuple[str, str] | tuple[str, str, int]
    ) -> web.StreamResponse:
        """Answer with any content type, any text and a status, 200 by default."""
        content_type, text, *status = value
        return web.Response(
            content_type=content_type, text=text, status=(*status, 200)[0]
        )

    async def _hang(self, _: web.Request, __: Body, ___: object) -> web.StreamResponse:
        """Never answer."""
        await asyncio.sleep(3600)
        raise AssertionError

    async def _drip(
        self, request: web.Request, _: Body, __: object
    ) -> web.StreamResponse:
        """Begin an answer, and never end it."""
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    async def _cut(
        self, request: web.Request, body: Body, _: object
    ) -> web.StreamResponse:
        """Promise a whole answer, send half of it, and close."""
        whole = json.dumps(self._completion(self.answer(body), body)).encode()
        response = web.StreamResponse(
            headers={
                "Content-Type": "application/json",
                "Content-Length": str(len(whole)),
            }
        )
        await response.prepare(request)
        await response.write(whole[: len(whole) // 2])
        assert request.transport is not None
        request.transport.close()
        return response

    async def _refuse_format(
        self, _: web.Request, body: Body, value: tuple[str, ...]
    ) -> web.StreamResponse:
        """Answer 400 to requests whose form the server does not know."""
        form = body.get("response_format", {}).get("type", "")
        if form in value:
            return _error(400, "unsupported", message=f"response_format {form}: no")
        return web.json_response(self._completion(self.answer(body), body))

    async def _refuse_field(
        self, _: web.Request, body: Body, value: str
    ) -> web.StreamResponse:
        """Answer 400 to requests with a parameter that the server does not know."""
        if value in body:
            message = f"Unsupported parameter: '{value}' is not supported here."
            return _error(400, "unsupported_parameter", message=message)
        return web.json_response(self._completion(self.answer(body), body))


def _error(
    status: int,
    code: str,
    headers: Mapping[str, str] | None = None,
    message: str = "No. Key sk-secret-4711 of Anna",
) -> web.Response:
    error = {"message": message, "type": "error", "code": code, "param": None}
    return web.json_response({"error": error}, status=status, headers=headers)
