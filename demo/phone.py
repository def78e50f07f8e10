"""Phones with the companion app, played over HTTP: pushes come in, answers go out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Self

from aiohttp import web

from .client import EVENT_TIMEOUT_S, Client, Json

EVENT_ANSWER: Final = "mobile_app_notification_action"


class PushService:
    """Takes what Home Assistant sends to phones, as Google's and Apple's do."""

    def __init__(self) -> None:
        """Nothing was sent yet."""
        self.url = ""
        self._sent: list[Json] = []
        self._came = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Self]:
        """Listen on a port of the loopback address as long as the block lasts."""
        service = cls()
        application = web.Application()
        application.router.add_post("/push", service._take)
        runner = web.AppRunner(application)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            service.url = f"http://127.0.0.1:{runner.addresses[0][1]}/push"
            yield service
        finally:
            await runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        self._sent.append(await request.json())
        self._came.set()
        return web.json_response({}, status=201)

    async def pushed(self, fits: Callable[[Json], bool]) -> Json:
        """Return the first notification that fits.

        Raises:
            TimeoutError: none came.
        """
        async with asyncio.timeout(EVENT_TIMEOUT_S):
            while True:
                self._came.clear()
                for sent in self._sent:
                    if fits(sent):
                        return sent
                await self._came.wait()


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone that somebody is logged in on."""

    client: Client
    webhook: str
    name: str

    @classmethod
    async def register(cls, client: Client, name: str, push_url: str) -> Self:
        """Register a phone for the user of a client, as the app does."""
        answer = await client.post(
            "/api/mobile_app/registrations",
            {
                "app_data": {"push_token": name, "push_url": push_url},
                "app_id": "demo",
                "app_name": "Demo",
                "app_version": "1",
                "device_id": name,
                "device_name": name,
                "manufacturer": "Demo",
                "model": "Demo",
                "os_name": "Demo",
                "os_version": "1",
                "supports_encryption": False,
            },
        )
        return cls(client, f"/api/webhook/{answer['webhook_id']}", name)

    async def press(self, action: str) -> None:
        """Press a button of a notification."""
        data = {"event_type": EVENT_ANSWER, "event_data": {"action": action}}
        await self.client.post(self.webhook, {"type": "fire_event", "data": data})
