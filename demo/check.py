"""Judges Automation Scout in a running Home Assistant of any version, from outside.

A suggestion is set up and taken back, and reloading leaves it working; what Home
Assistant wrote into its log meanwhile must not speak of the integration.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
import re
import time
from typing import Any, Final

from .client import Client, RefusedError
from .waiting import CheckFailedError, until

DOMAIN: Final = "automation_scout"
LOGS: Final = ("home-assistant.log", "console.log")
_ENTRY: Final = re.compile(
    # Home Assistant 2026.11 writes the zone as well.
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+(?:[+-]\d\d:\d\d)? [A-Z]+ "
)
_EXPECTED: Final = "We found a custom integration"
"""What Home Assistant says of each custom integration there is."""
_REFUSED: Final = re.compile(
    r"\[homeassistant\.components\.websocket_api\.[^\n]*"
    r": Only administrators decide about suggestions"
)
"""What Home Assistant says of each action that a guest was refused."""


async def check(client: Client, suggestions: Sequence[Mapping[str, Any]]) -> None:
    """Set the first suggestion that may be up, take it back, and reload.

    Raises:
        CheckFailedError: one of these did not do what it says.
    """
    chosen = next((s for s in suggestions if s["safety"]["tier"] == "ok"), None)
    if chosen is None:
        raise CheckFailedError("there is no suggestion that can be set up")
    suggestion = {"suggestion_id": chosen["id"]}
    made = await client.call(DOMAIN, "accept", suggestion)
    config = f"/api/config/automation/config/{made['automation_id']}"
    await _until(client, config, f"/api/states/{made['entity_id']}", there=True)
    written = await client.get(config)
    if written["triggers"] != chosen["automation"]["triggers"]:
        raise CheckFailedError(f"another automation was set up: {written}")
    undone = await client.call(DOMAIN, "undo", suggestion)
    await _until(client, config, f"/api/states/{made['entity_id']}", there=False)
    print(f"Set up {made['entity_id']}, took it back: {undone['status']}", flush=True)
    await _reload(client)


async def _reload(client: Client) -> None:
    path = "/api/config/config_entries/entry"
    entry = (await client.get(f"{path}?domain={DOMAIN}"))[0]["entry_id"]
    started = time.monotonic()
    await client.post(f"{path}/{entry}/reload", {})
    took = time.monotonic() - started
    listed = await client.call(DOMAIN, "list_suggestions", {"status": ["open"]})
    state = await client.get(f"/api/states/sensor.{DOMAIN}_suggestions")
    if state["state"] != str(len(listed["suggestions"])):
        raise CheckFailedError(f"after reloading the sensor says {state['state']}")
    print(f"Reloaded in {took * 1000:.0f} ms", flush=True)


async def _until(client: Client, *paths: str, there: bool) -> None:
    async def is_so() -> bool:
        found = [await _exists(client, path) for path in paths]
        return found == [there] * len(paths)

    state = "missing" if there else "still there"
    await until(is_so, f"{' and '.join(paths)}: {state}")


async def _exists(client: Client, path: str) -> bool:
    try:
        await client.get(path)
    except RefusedError as error:
        if ": 404 " not in str(error):
            raise
        return False
    return True


def judge_log(folder: Path) -> None:
    """Look through the logs of a Home Assistant that has ended.

    Raises:
        CheckFailedError: there is a traceback, or something about the integration.
    """
    entries = [
        entry
        for name in LOGS
        if (folder / name).exists()
        for entry in _entries((folder / name).read_text("utf-8", "replace"))
    ]
    if complaints := [entry for entry in entries if _complains(entry)]:
        raise CheckFailedError("\n".join(("Home Assistant logged:", *complaints)))
    print(f"No complaint among {len(entries)} entries of the log", flush=True)


def _entries(text: str) -> Iterator[str]:
    """Yield each entry with the lines that follow on it.

    Raises:
        CheckFailedError: there is none in all of the text.
    """
    entry: list[str] = []
    lines = text.splitlines()
    if lines and not any(map(_ENTRY.match, lines)):
        raise CheckFailedError(f"the log is written in another way: {lines[0]}")
    for line in lines:
        if _ENTRY.match(line) and entry:
            yield "\n".join(entry)
            entry = []
        entry.append(line)
    if entry:
        yield "\n".join(entry)


def _complains(entry: str) -> bool:
    if _EXPECTED in entry or _REFUSED.search(entry):
        return False
    return (
        "Traceback (most recent call last)" in entry
        or "Detected that custom integration" in entry
        or DOMAIN in entry
    )
