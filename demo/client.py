"""Goes through Home Assistant over HTTP and WebSocket, as a browser does."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
import re
import time
from typing import Any, Final, Self

import aiohttp

type Json = Any
"""What an answer holds: the shapes are Home Assistant's."""

START_TIMEOUT_S: Final = 200.0
"""The first start compiles Home Assistant's byte code: 50 s on two idle cores."""

EVENT_TIMEOUT_S: Final = 20.0
"""An event is there at once; a busy machine may take longer."""


def seen(markdown: str) -> str:
    """Return what a reader sees of a text in which marks are escaped."""
    return re.sub(r"\\(.)", r"\1", markdown)


class RefusedError(Exception):
    """Home Assistant answered a request with an error."""

    def __init__(self, text: str, error: Mapping[str, Json] | None = None) -> None:
        """Take what to tell, and the error as the WebSocket has it."""
        super().__init__(text)
        self.error = dict(error or {})


class Client:
    """One browser: a session, and after `onboard` or `login` a token."""

    def __init__(self, session: aiohttp.ClientSession, base: str) -> None:
        """Take a session and the address, without a slash at its end."""
        self._session = session
        self.base = base
        self._client_id = f"{base}/"
        self._headers: dict[str, str] = {}
        self._token = ""

    @classmethod
    @asynccontextmanager
    async def open(cls, base: str) -> AsyncIterator[Self]:
        """Open a session that is closed with the block."""
        async with aiohttp.ClientSession() as session:
            yield cls(session, base)

    async def wait_until_up(self, check: Callable[[], None]) -> None:
        """Return when Home Assistant answers; `check` raises where it has ended."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            check()
            try:
                async with self._session.get(f"{self.base}/api/onboarding") as answer:
                    # 404: everything is done, so the onboarding is not loaded.
                    if answer.status in (200, 404):
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.2)
        raise TimeoutError(f"no answer from {self.base} in {START_TIMEOUT_S:.0f} s")

    async def open_steps(self) -> list[str]:
        """Return the steps of the onboarding that are still to be done."""
        async with self._session.get(f"{self.base}/api/onboarding") as answer:
            if answer.status == 404:
                return []
            steps: Sequence[Mapping[str, Json]] = await answer.json()
        return [step["step"] for step in steps if not step["done"]]

    async def onboard(self, name: str, username: str, password: str) -> None:
        """Do what is left of the onboarding; the token is that of its user."""
        steps = await self.open_steps()
        if "user" in steps:
            answer = await self.post(
                "/api/onboarding/users",
                {
                    "client_id": self._client_id,
                    "name": name,
                    "username": username,
                    "password": password,
                    "language": "en",
                },
            )
            await self._redeem(answer["auth_code"])
        else:
            await self.login(username, password)
        if "core_config" in steps:
            await self.post("/api/onboarding/core_config", {})
        if "analytics" in steps:
            await self.post("/api/onboarding/analytics", {})
        if "integration" in steps:
            await self.post(
                "/api/onboarding/integration",
                {
                    "client_id": self._client_id,
                    "redirect_uri": f"{self.base}/?auth_callback=1",
                },
            )

    async def login(self, username: str, password: str) -> None:
        """Log in with a password."""
        flow = await self.post(
            "/auth/login_flow",
            {
                "client_id": self._client_id,
                "handler": ["homeassistant", None],
                "redirect_uri": f"{self.base}/?auth_callback=1",
            },
        )
        done = await self.post(
            f"/auth/login_flow/{flow['flow_id']}",
            {
                "client_id": self._client_id,
                "username": username,
                "password": password,
            },
        )
        if done["type"] != "create_entry":
            raise RefusedError(f"login of {username}: {done.get('errors')}")
        await self._redeem(done["result"])

    async def _redeem(self, code: str) -> None:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": self._client_id,
        }
        async with self._session.post(f"{self.base}/auth/token", data=form) as answer:
            tokens = await _content(answer)
        self._token = tokens["access_token"]
        self._headers = {"Authorization": f"Bearer {self._token}"}

    async def get(self, path: str) -> Json:
        """GET a path; raises `RefusedError` on an error."""
        async with self._session.get(
            f"{self.base}{path}", headers=self._headers
        ) as answer:
            return await _content(answer)

    async def post(self, path: str, body: Mapping[str, Json]) -> Json:
        """POST JSON to a path; raises `RefusedError` on an error."""
        async with self._session.post(
            f"{self.base}{path}", json=body, headers=self._headers
        ) as answer:
            return await _content(answer)

    async def state(self, entity_id: str) -> Json:
        """Return the state of an entity; raises `RefusedError` if there is none."""
        return await self.get(f"/api/states/{entity_id}")

    async def call(
        self, domain: str, action: str, data: Mapping[str, Json]
    ) -> dict[str, Json]:
        """Run an action that answers with data, and return that."""
        path = f"/api/services/{domain}/{action}?return_response"
        answer: dict[str, Json] = (await self.post(path, data))["service_response"]
        return answer

    async def add_integration(self, domain: str) -> bool:
        """Go through a config flow, leaving everything as offered.

        Returns:
            False where the integration is there already.
        """
        path = "/api/config/config_entries"
        entries = await self.get(f"{path}/entry?domain={domain}")
        if entries:
            return False
        step = await self.post(f"{path}/flow", {"handler": domain})
        while step["type"] == "form":
            if step.get("errors"):
                raise RefusedError(f"{domain}: {step['errors']}")
            step = await self.post(f"{path}/flow/{step['flow_id']}", {})
        if step["type"] != "create_entry":
            raise RefusedError(f"{domain}: {step.get('reason', step['type'])}")
        return True

    @asynccontextmanager
    async def socket(self) -> AsyncIterator[Socket]:
        """Open the WebSocket, logged in."""
        address = self.base.replace("http", "ws", 1) + "/api/websocket"
        async with self._session.ws_connect(address, max_msg_size=0) as connection:
            await connection.receive_json()
            await connection.send_json({"type": "auth", "access_token": self._token})
            answer = await connection.receive_json()
            if answer["type"] != "auth_ok":
                raise RefusedError(f"WebSocket: {answer}")
            yield Socket(connection)


class Socket:
    """Commands over the WebSocket, one at a time, and events as they come."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        """Take a connection that is logged in."""
        self._connection = connection
        self._last_id = 0
        self._heard: list[Json] = []

    async def command(self, kind: str, **data: Json) -> Json:
        """Send a command and return its result; raises `RefusedError` on an error."""
        self._last_id += 1
        await self._connection.send_json({"id": self._last_id, "type": kind, **data})
        while True:
            message = await self._receive()
            if message["id"] == self._last_id and message["type"] == "result":
                break
        if not message["success"]:
            raise RefusedError(f"{kind}: {message['error']}", message["error"])
        return message["result"]

    async def call(self, domain: str, action: str, **data: Json) -> Json:
        """Run an action as the interface does; raises `RefusedError` on an error."""
        return await self.command(
            "call_service", domain=domain, service=action, service_data=data
        )

    async def ask(self, domain: str, action: str, **data: Json) -> Json:
        """Run an action that answers with data; raises `RefusedError` on an error."""
        return await self.command(
            "call_service",
            domain=domain,
            service=action,
            service_data=data,
            return_response=True,
        )

    async def listen(self, event_type: str) -> None:
        """Keep the events of a type from now on, for `heard`."""
        await self.command("subscribe_events", event_type=event_type)

    async def heard(self, event_type: str, fits: Callable[[Json], bool]) -> Json:
        """Return what the first event of a type says that fits.

        Raises:
            TimeoutError: none came.
        """
        seen = 0
        async with asyncio.timeout(EVENT_TIMEOUT_S):
            while True:
                for event in self._heard[seen:]:
                    if event["event_type"] == event_type and fits(event["data"]):
                        return event["data"]
                seen = len(self._heard)
                await self._receive()

    async def _receive(self) -> Json:
        message = await self._connection.receive_json()
        if message["type"] == "event":
            self._heard.append(message["event"])
        return message


async def _content(answer: aiohttp.ClientResponse) -> Json:
    if answer.status >= 400:
        text = (await answer.text())[:500]
        raise RefusedError(f"{answer.method} {answer.url.path}: {answer.status} {text}")
    return await answer.json()
