"""The demo from nothing to the printed suggestions, and the home it leaves running."""

import argparse
import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
import shutil
import tempfile
from typing import Final

from . import folder as configuration, interrupt
from .check import check, judge_log
from .client import Client, Json, Socket
from .history import DATABASE, write_history
from .home import ANNA, BEN, PEOPLE
from .native import live_without_a_page
from .past import make_past, restorable
from .progress import step
from .report import funnel, table
from .server import Server, own_port

SCOUT: Final = "automation_scout"
VISITOR: Final = "demo"
"""Name and password of the administrator who is made in the onboarding."""
KEPT: Final = Path(__file__).parent.parent / ".demo"
COMPLETE: Final = ".complete"
"""Written when the first visit is over; a home without it is made anew."""


def run(arguments: Sequence[str]) -> int:
    """Show the demo; return an exit code."""
    parser = argparse.ArgumentParser(
        "scripts/demo", description="A Home Assistant with a past, and what is in it."
    )
    parser.add_argument(
        "--once", action="store_true", help="end after printing the suggestions"
    )
    # A home that was lived in has a guest, a phone and automations.
    fate = parser.add_mutually_exclusive_group()
    fate.add_argument(
        "--check",
        action="store_true",
        help="live with it as an administrator and as a guest, read the log, and end",
    )
    fate.add_argument(
        "--develop",
        action="store_true",
        help="keep the home in .demo, with the source linked into it",
    )
    options = parser.parse_args(arguments)
    home = _folder(keep=options.develop)
    prepare(home, link=options.develop)
    with own_port() as port:
        configuration.write_port(home, port)
        server = Server(home)
        server.start()
        address = f"http://127.0.0.1:{port}"
        asyncio.run(_visit(server, address, judged=options.check))
        (home / COMPLETE).touch()
        if options.check:
            server.stop()
            judge_log(home)
        elif not options.once:
            print("Ctrl-C ends it.", flush=True)
            server.wait()
    return 0


def _folder(*, keep: bool) -> Path:
    """Return the configuration folder; a temporary one is removed at the end."""
    if keep:
        return KEPT
    with interrupt.uninterrupted():
        home = Path(tempfile.mkdtemp(prefix="automation-scout-demo-"))
        interrupt.at_end(partial(shutil.rmtree, home, ignore_errors=True))
    return home


def prepare(home: Path, *, link: bool) -> None:
    """Make the home with its past, where it is not there yet.

    Args:
        home: configuration folder.
        link: whether the integration is linked into it, or a copy.
    """
    if (home / COMPLETE).exists():
        configuration.write_files(home, link=link)
        return
    if link:
        shutil.rmtree(home, ignore_errors=True)
    with step("Making users and configuration"):
        configuration.write_files(home, link=link)
        configuration.skip_core_config_step(home)
        logins = {one.key: (one.name, one.key) for one in PEOPLE}
        users = configuration.make_users(home, logins)
    with step("Making 45 days of history"):
        trail = make_past(datetime.now(UTC), users)
        write_history(home / DATABASE, trail)
        configuration.write_restore_state(home, restorable(trail))


async def _visit(server: Server, address: str, *, judged: bool) -> None:
    async with Client.open(address) as client:
        with step("Starting Home Assistant"):
            await client.wait_until_up(server.check)
        with step("Going through the onboarding"):
            await client.onboard("Demo", VISITOR, VISITOR)
            await until_running(client, server)
            async with client.socket() as socket:
                await _introduce_people(socket)
        with step("Adding Automation Scout"):
            await client.add_integration(SCOUT)
        with step("Looking for habits"):
            answer = await client.call(SCOUT, "analyze", {})
        found = await client.call(SCOUT, "list_suggestions", {"status": ["open"]})
        print(f"\n{table(found['suggestions'])}\n\n{funnel(answer)}\n")
        if judged:
            await check(client, found["suggestions"])
            await live_without_a_page(client)
    print(f"{address}  login {VISITOR}, password {VISITOR}", flush=True)


async def until_running(client: Client, server: Server) -> None:
    """Return when all that belongs to the start is done."""
    while (await client.get("/api/config"))["state"] != "RUNNING":
        server.check()
        await asyncio.sleep(0.2)


async def _introduce_people(socket: Socket) -> None:
    """Make the persons of those who live here; the visitor is none of them."""
    users: list[Json] = await socket.command("config/auth/list")
    persons: list[Json] = (await socket.command("person/list"))["storage"]
    known = {person["name"] for person in persons}
    for person in persons:
        if person["name"] not in (ANNA.name, BEN.name):
            await socket.command("person/delete", person_id=person["id"])
    for person in PEOPLE:
        if person.name not in known:
            user_id = next(user["id"] for user in users if user["name"] == person.name)
            await socket.command(
                "person/create",
                name=person.name,
                user_id=user_id,
                device_trackers=[person.tracker],
            )
