"""`scripts/bench stall`: the longest stall of the event loop during an analysis."""

from argparse import ArgumentParser, Namespace
import asyncio
from datetime import UTC, datetime
from pathlib import Path
import shutil
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from demo import folder as configuration
from demo.client import Client
from demo.history import DATABASE, write_history
from demo.home import PEOPLE
from demo.past import make_past
from demo.server import Server, own_port

from .report import Row, table

PROBE: Final = Path(__file__).parent / "loop_probe"
SETTLE_S: Final = 20.0
"""Home Assistant goes on with its own start for a while after it answers."""


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--runs", type=int, default=5, help="analyses after the first")


def run(options: Namespace) -> list[Row]:
    """Start the demo home, analyse it several times, and print what the loop saw."""
    with TemporaryDirectory(prefix="automation-scout-stall-") as name:
        home = Path(name)
        _prepare(home)
        with own_port() as port:
            configuration.write_port(home, port)
            server = Server(home)
            server.start()
            try:
                address = f"http://127.0.0.1:{port}"
                rows = asyncio.run(_measure(server, address, options.runs))
            finally:
                server.stop()
    print(table(rows))
    return rows


def _prepare(home: Path) -> None:
    configuration.write_files(home, link=False)
    shutil.copytree(PROBE, home / "custom_components" / PROBE.name)
    with (home / "configuration.yaml").open("a", encoding="utf-8") as file:
        file.write("loop_probe:\n")
    configuration.skip_core_config_step(home)
    logins = {one.key: (one.name, one.key) for one in PEOPLE}
    users = configuration.make_users(home, logins)
    write_history(home / DATABASE, make_past(datetime.now(UTC), users))


async def _measure(server: Server, address: str, runs: int) -> list[Row]:
    rows: list[Row] = []
    async with Client.open(address) as client:
        await client.wait_until_up(server.check)
        await client.onboard("Bench", "bench", "bench")
        await asyncio.sleep(SETTLE_S)

        async def during(what: str, seconds: float, reads: int | None = None) -> None:
            seen = await client.call("loop_probe", "read", {})
            rows.append(
                {
                    "during": what,
                    "seconds": round(seconds, 2),
                    "changes read": reads,
                    "p50 ms": round(seen["p50_ms"], 1),
                    "p99 ms": round(seen["p99_ms"], 1),
                    "max ms": round(seen["max_ms"], 1),
                }
            )

        await client.call("loop_probe", "read", {})
        await asyncio.sleep(5)
        await during("nothing, for comparison", 5)
        started = perf_counter()
        await client.add_integration("automation_scout")
        await during("adding the integration", perf_counter() - started)
        for number in range(runs + 1):
            started = perf_counter()
            answer = await client.call("automation_scout", "analyze", {})
            name = "first analysis, 45 days" if number == 0 else "analysis again"
            await during(name, perf_counter() - started, answer["events_read"])
    return rows
