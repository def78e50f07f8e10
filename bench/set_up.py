"""`scripts/bench setup`: how long the set-up of the entry takes in a real home."""

from argparse import ArgumentParser, Namespace
import asyncio
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from demo import folder as configuration, tour
from demo.client import Client, Json
from demo.server import Server, own_port

from .report import Row, table

DOMAIN: Final = "automation_scout"
ENTRIES: Final = "/api/config/config_entries/entry"
FLOWS: Final = "/api/config/config_entries/flow"
NAME: Final = "bench"
SETTLE_S: Final = 10.0
"""Home Assistant goes on with its own start for a while after it answers."""


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--runs", type=int, default=20, help="reloads")


def run(options: Namespace) -> list[Row]:
    """Set the demo home up, reload the integration, restart, and print the times."""
    with (
        TemporaryDirectory(prefix="automation-scout-setup-") as name,
        own_port() as port,
    ):
        home, address = Path(name), f"http://127.0.0.1:{port}"
        tour.prepare(home, link=False)
        configuration.write_port(home, port)
        server = Server(home)
        try:
            server.start()
            rows = asyncio.run(_running(server, address, options.runs))
            server.stop()
            server.start()
            rows += asyncio.run(_started(server, address))
        finally:
            server.stop()
    print(table(rows))
    return rows


async def _running(server: Server, address: str, runs: int) -> list[Row]:
    """Measure from outside, so the way there and back is in it."""
    async with Client.open(address) as client:
        await client.wait_until_up(server.check)
        await client.onboard("Bench", NAME, NAME)
        await asyncio.sleep(SETTLE_S)
        started = perf_counter()
        flow = await client.post(FLOWS, {"handler": DOMAIN})
        loaded = perf_counter() - started
        started = perf_counter()
        await client.post(f"{FLOWS}/{flow['flow_id']}", {})
        added = perf_counter() - started
        await client.call(DOMAIN, "analyze", {})
        entry = (await client.get(f"{ENTRIES}?domain={DOMAIN}"))[0]["entry_id"]
        reloads: list[float] = []
        for _ in range(runs):
            started = perf_counter()
            await client.post(f"{ENTRIES}/{entry}/reload", {})
            reloads.append(perf_counter() - started)
    return [
        _row("loading it for the config flow", [loaded]),
        _row("first set-up", [added]),
        _row("unload and set-up with 45 days", reloads),
    ]


async def _started(server: Server, address: str) -> list[Row]:
    """Ask Home Assistant how long the integration took of its start."""
    async with Client.open(address) as client:
        await client.wait_until_up(server.check)
        await client.login(NAME, NAME)
        await tour.until_running(client, server)
        async with client.socket() as socket:
            told: list[Json] = await socket.command("integration/setup_info")
    took = [one["seconds"] for one in told if one["domain"] == DOMAIN]
    return [_row("at the start of Home Assistant, with 45 days", took)]


def _row(what: str, seconds: Sequence[float]) -> Row:
    return {
        "what": what,
        "times": len(seconds),
        "median ms": round(1000 * median(seconds)),
        "longest ms": round(1000 * max(seconds)),
    }
