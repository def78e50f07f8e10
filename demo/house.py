"""What a person has set up around Automation Scout: a phone and automations."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from .client import Client, Json, Socket
from .phone import Phone
from .shelf import offered
from .waiting import CheckFailedError, until

DOMAIN: Final = "automation_scout"
ARRIVED: Final = f"{DOMAIN}_suggestion_new"
"""Event on the bus."""
TOLD: Final = "demo_told"
"""Event that the automations fire, with who they are and the title."""
BLUEPRINT: Final = Path(__file__).parent.parent.joinpath(
    "blueprints", "automation", DOMAIN, "notify_suggestions.yaml"
)

WAITING: Final[Mapping[str, tuple[Mapping[str, str], str]]] = {
    "the trigger": (
        {"trigger": f"{DOMAIN}.suggestion_arrived"},
        "trigger.suggestion.title",
    ),
    "the event of the bus": (
        {"trigger": "event", "event_type": ARRIVED},
        "trigger.event.data.title",
    ),
}
"""What automations wait for, and where the title then stands."""


async def furnish(client: Client, socket: Socket, push_url: str) -> Phone:
    """Set up a phone, automations of a person's own, and one by our blueprint."""
    phone = await Phone.register(client, "Phone of an administrator", push_url)
    for number, (name, (trigger, title)) in enumerate(WAITING.items()):
        told = {"by": name, "title": f"{{{{ {title} }}}}"}
        await _automate(
            client,
            f"demo_waits_{number}",
            {
                "triggers": [trigger],
                "conditions": [],
                "actions": [{"event": TOLD, "event_data": told}],
                "mode": "queued",
            },
        )
    path = await _import(socket)
    any_hour = {"not_before": "00:00:00", "not_after": "00:00:00"}
    inputs = {"phone": await _device_of(socket, phone), **any_hour}
    blueprint = {"path": path, "input": inputs}
    await _automate(client, "demo_blueprint", {"use_blueprint": blueprint})
    return phone


async def _import(socket: Socket) -> str:
    """Import the blueprint by an address, as its badge does; return where it is."""
    async with offered(BLUEPRINT) as address:
        found = await socket.command("blueprint/import", url=address)
    if problems := found["validation_errors"]:
        raise CheckFailedError(f"the blueprint cannot be used: {problems}")
    path = f"{found['suggested_filename']}.yaml"
    await socket.command(
        "blueprint/save",
        domain="automation",
        path=path,
        yaml=found["raw_data"],
        source_url=found["blueprint"]["metadata"]["source_url"],
        allow_override=True,
    )
    return path


async def _automate(client: Client, key: str, config: Mapping[str, Any]) -> None:
    path = f"/api/config/automation/config/{key}"
    await client.post(path, {"alias": key, "description": "", **config})

    async def is_on() -> bool:
        states: list[Json] = await client.get("/api/states")
        return any(
            state["attributes"].get("id") == key and state["state"] == "on"
            for state in states
        )

    await until(is_on, f"{key} was not loaded")


async def _device_of(socket: Socket, phone: Phone) -> str:
    devices: list[Json] = await socket.command("config/device_registry/list")
    return next(
        str(device["id"])
        for device in devices
        if ["mobile_app", phone.name] in device["identifiers"]
    )
