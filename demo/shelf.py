"""Offers a file by an address, as a website does, for what Home Assistant imports."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web


@asynccontextmanager
async def offered(file: Path) -> AsyncIterator[str]:
    """Yield the address of a file on the loopback address while the block lasts."""
    application = web.Application()
    application.router.add_static("/", file.parent)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/{file.name}"
    finally:
        await runner.cleanup()
