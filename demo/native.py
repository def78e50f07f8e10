"""Lives with Automation Scout as somebody who never opens a page of its own.

Suggestions arrive; one is set up from the to-do list, works, and is taken back by
voice; another is put away on a phone; a guest can do none of it; and what came and went
has left nothing in the registries. All of it as a browser and a phone do it.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
import operator
from typing import Any, Final

from .client import Client, Json, RefusedError, Socket, seen
from .guest import Guest, say
from .house import ARRIVED, DOMAIN, TOLD, WAITING, furnish
from .phone import Phone, PushService
from .waiting import CheckFailedError, until

TODO: Final = f"todo.{DOMAIN}_suggestions"
EVENT: Final = f"event.{DOMAIN}_suggestion"
DIGEST: Final = f"{DOMAIN}_digest"
HEARD: Final = ("state_changed", "automation_triggered", ARRIVED, TOLD)


async def live_without_a_page(client: Client) -> None:
    """Go through all of it, and print what was seen.

    Raises:
        CheckFailedError: something was not as it has to be; the message says what.
    """
    print("\nWithout a page of its own:", flush=True)
    async with (
        PushService.open() as pushes,
        client.socket() as socket,
        Client.open(client.base) as visitor,
    ):
        for event_type in HEARD:
            await socket.listen(event_type)
        guest = await Guest.invite(socket, visitor, pushes.url, TODO)
        phone = await furnish(client, socket, pushes.url)
        await Life(client, socket, pushes, phone, guest).lead()


@dataclass(frozen=True, slots=True)
class Life:
    """What an administrator does, and sees."""

    client: Client
    socket: Socket
    pushes: PushService
    phone: Phone
    guest: Guest

    async def lead(self) -> None:
        """Have suggestions come and go."""
        await self._put_off()
        await self._ask_to_be_told()
        before = await self._registries()
        began = datetime.now(UTC)
        await self.client.call(DOMAIN, "analyze", {})
        arrived = await self._open()
        kept = _that_can_happen(arrived)
        away = next(one for one in arrived if one is not kept)
        await self._arrived(arrived, began)
        await self.guest.try_all(self.client, away, is_listed=True)
        entity_id = await self._accept(kept)
        await self._happens(kept, entity_id)
        await self.guest.try_all(self.client, kept, is_listed=False)
        _say("refused", f"{self.guest.refused} attempts of a guest, each in words")
        await self._undo(kept, entity_id)
        await self._dismiss(away)
        await self._remove_the_rest()
        _same(before, await self._registries())

    async def _open(self) -> list[Json]:
        answer = await self.client.call(DOMAIN, "list_suggestions", {"status": "open"})
        found: list[Json] = answer["suggestions"]
        return found

    async def _put_off(self) -> None:
        """Let those be the only ones that are about to arrive."""
        found = await self._open()
        for suggestion in found:
            data = {"suggestion_id": suggestion["id"], "days": 1}
            await self.client.call(DOMAIN, "snooze", data)
        _say("put off", f"{len(found)} that were open")

    async def _ask_to_be_told(self) -> None:
        """Choose a notification in Home Assistant, at any hour, in the options."""
        path = "/api/config/config_entries"
        [entry] = await self.client.get(f"{path}/entry?domain={DOMAIN}")
        flow = f"{path}/options/flow"
        form = await self.client.post(flow, {"handler": entry["entry_id"]})
        chosen = _as_offered(form["data_schema"])
        any_hour = {"not_before": "00:00:00", "not_after": "00:00:00"}
        chosen["notifications"] |= {"how": "persistent", **any_hour}
        done = await self.client.post(f"{flow}/{form['flow_id']}", chosen)
        if done["type"] != "create_entry":
            raise CheckFailedError(f"the options were not taken: {done}")
        await self._reloaded()
        _say("options", f"{', '.join(chosen)}: to be told in Home Assistant, any time")

    async def _reloaded(self) -> None:
        """Wait until the entry, which reloads by itself, is back."""

        def is_away(data: Json) -> bool:
            return data["entity_id"] == TODO and _state(data) == "unavailable"

        async def is_back() -> bool:
            return bool((await self.client.state(TODO))["state"] != "unavailable")

        await self._hear("state_changed", is_away)
        await until(is_back, "the entry was not loaded again")

    async def _registries(self) -> dict[str, Sequence[Json]]:
        issues = await self.socket.command("repairs/list_issues")
        return {
            "entities": await self.socket.command("config/entity_registry/list"),
            "devices": await self.socket.command("config/device_registry/list"),
            "issues": issues["issues"],
        }

    async def _arrived(self, arrived: Sequence[Json], began: datetime) -> None:
        for suggestion in arrived:
            title = suggestion["title"]
            await self._hear(ARRIVED, partial(_is_about, suggestion))
            await self._news("new", suggestion)
            sensor = await self._sensor(suggestion)
            if (
                sensor is None
                or sensor["state"] != f"{100 * suggestion['confidence']:.0f}"
            ):
                raise CheckFailedError(f"the sensor of {title} is {sensor}")
            for by in WAITING:
                await self._hear(TOLD, partial(operator.eq, {"by": by, "title": title}))
            pushed = await self._pushed(suggestion)
            buttons = ", ".join(item["title"] for item in pushed["data"]["actions"])
            _say("arrived", f"{title}")
            _say("", f"{sensor['entity_id']} {sensor['state']} %, {EVENT}: new")
        if (items := await self._items()) != [one["id"] for one in arrived]:
            raise CheckFailedError(f"the to-do list has {items}")
        _say("to-do", f"{len(items)} items")
        _say("automations", f"waited for {' and '.join(WAITING)}; ran for each")
        _say(
            "blueprint",
            f"imported by its address; pushed each to the phone, with {buttons}",
        )
        await self._is_notified(arrived)
        await self._is_in_the_logbook(arrived, began)

    async def _hear(self, event_type: str, fits: Callable[[Json], bool]) -> Json:
        try:
            return await self.socket.heard(event_type, fits)
        except TimeoutError as error:
            raise CheckFailedError(f"never heard the {event_type} of it") from error

    async def _news(self, kind: str, suggestion: Json) -> None:
        """Wait for what the event entity tells."""

        def fits(data: Json) -> bool:
            if data["entity_id"] != EVENT or not data["new_state"]:
                return False
            told = data["new_state"]["attributes"]
            wanted = {"event_type": kind, "suggestion_id": suggestion["id"]}
            return wanted.items() <= {key: told.get(key) for key in wanted}.items()

        await self._hear("state_changed", fits)

    async def _sensor(self, suggestion: Json) -> Json:
        states = await self.client.get("/api/states")
        return next(
            (
                state
                for state in states
                if state["entity_id"].startswith("sensor.")
                and state["attributes"].get("suggestion_id") == suggestion["id"]
            ),
            None,
        )

    async def _pushed(self, suggestion: Json) -> Json:
        try:
            return await self.pushes.pushed(
                lambda sent: (
                    sent["push_token"] == self.phone.name
                    and sent["title"] == suggestion["title"]
                )
            )
        except TimeoutError as error:
            raise CheckFailedError("the blueprint pushed nothing") from error

    async def _items(self) -> list[str]:
        wanted = {"entity_id": TODO, "status": "needs_action"}
        answer = await self.client.call("todo", "get_items", wanted)
        return [item["uid"] for item in answer[TODO]["items"]]

    async def _is_notified(self, arrived: Sequence[Json]) -> None:
        async def digest() -> Json:
            shown = await self.socket.command("persistent_notification/get")
            return [one for one in shown if one["notification_id"] == DIGEST]

        [shown] = await until(digest, "there is no notification")
        said = seen(shown["message"])
        if missing := [one["title"] for one in arrived if one["title"] not in said]:
            raise CheckFailedError(f"{missing} not in {shown}")
        _say("notified", shown["title"])

    async def _is_in_the_logbook(
        self, arrived: Sequence[Json], began: datetime
    ) -> None:
        async def missing_none() -> bool:
            entries = await self.socket.command(
                "logbook/get_events", start_time=began.isoformat()
            )
            said = [
                entry.get("message", "")
                for entry in entries
                if entry.get("domain") == DOMAIN
            ]
            return all(any(one["title"] in text for text in said) for one in arrived)

        await until(missing_none, "the logbook does not tell of all")
        _say("logbook", "tells of each")

    async def _accept(self, suggestion: Json) -> str:
        """Tick it, and return the automation."""
        await self._todo("update_item", item=suggestion["id"], status="completed")
        await self._news("accepted", suggestion)
        [now] = [
            one for one in await self._all("accepted") if one["id"] == suggestion["id"]
        ]
        entity_id = now["installed"]["entity_id"]
        state = await self.client.state(entity_id)
        if state["state"] != "on":
            raise CheckFailedError(f"{entity_id} is {state['state']}")
        _say("accepted", f"from the to-do list: {entity_id}")
        return str(entity_id)

    async def _all(self, status: str) -> list[Json]:
        answer = await self.client.call(DOMAIN, "list_suggestions", {"status": status})
        found: list[Json] = answer["suggestions"]
        return found

    async def _todo(self, action: str, **data: Json) -> None:
        await self.socket.call("todo", action, entity_id=TODO, **data)

    async def _happens(self, suggestion: Json, entity_id: str) -> None:
        """Bring about what it waits for, and see what it does."""
        [action, *_] = suggestion["automation"]["actions"]
        [target] = _listed(action["target"]["entity_id"])
        wanted = action["action"].rpartition("turn_")[2]
        other = {"on": "off", "off": "on"}[wanted]
        await self.client.post(
            f"/api/services/{target.partition('.')[0]}/turn_{other}",
            {"entity_id": target},
        )
        trigger = suggestion["automation"]["triggers"][0]
        for state in (f"not {trigger['to']}", trigger["to"]):
            await self.client.post(
                f"/api/states/{trigger['entity_id']}", {"state": state}
            )
        await self._hear(
            "automation_triggered", lambda data: data["entity_id"] == entity_id
        )

        async def is_done() -> bool:
            return bool((await self.client.state(target))["state"] == wanted)

        await until(is_done, f"{target} is not {wanted}")
        _say("fired", f"{trigger['entity_id']} to {trigger['to']}: {target} {wanted}")

    async def _undo(self, suggestion: Json, entity_id: str) -> None:
        text = f"undo the suggestion {suggestion['title']}"
        answer = await say(self.socket, text)
        await self._news("undone", suggestion)

        async def is_gone() -> bool:
            with suppress(RefusedError):
                await self.client.state(entity_id)
                return False
            return True

        await until(is_gone, f"{entity_id} is still there: {answer}")
        _say("undone", f"“{text}”: “{answer}”")

    async def _dismiss(self, suggestion: Json) -> None:
        pushed = await self._pushed(suggestion)
        [button] = [
            item["action"]
            for item in pushed["data"]["actions"]
            if item["title"] == "Dismiss"
        ]
        await self.phone.press(button)
        await self._news("dismissed", suggestion)
        if await self._sensor(suggestion) or suggestion["id"] in await self._items():
            raise CheckFailedError(f"{suggestion['title']} is still shown")
        _say("dismissed", f"on the phone: {suggestion['title']}")

    async def _remove_the_rest(self) -> None:
        left = await self._items()
        for uid in left:
            if uid in await self._items():
                await self._todo("remove_item", item=[uid])
        if found := await self._items():
            raise CheckFailedError(f"the to-do list still has {found}")
        _say("removed", f"{len(left)} more from the to-do list")


def _say(what: str, how: str) -> None:
    print(f"  {what:<12}{how}", flush=True)


def _is_about(suggestion: Json, data: Json) -> bool:
    return bool(data["id"] == suggestion["id"])


def _state(changed: Json) -> str | None:
    return changed["new_state"]["state"] if changed["new_state"] else None


def _as_offered(schema: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what a form holds before anything is changed in it."""
    offered: dict[str, Any] = {}
    for item in schema:
        suggested = item.get("description") or {}
        if item.get("type") == "expandable":
            offered[item["name"]] = _as_offered(item["schema"])
        elif "suggested_value" in suggested:
            offered[item["name"]] = suggested["suggested_value"]
        elif "default" in item:
            offered[item["name"]] = item["default"]
    return offered


def _that_can_happen(arrived: Sequence[Json]) -> Json:
    """Return one whose trigger is a state that can be brought about.

    Raises:
        CheckFailedError: there is none.
    """
    for suggestion in arrived:
        automation = suggestion["automation"]
        trigger = automation["triggers"][0]
        if (
            suggestion["safety"]["tier"] == "ok"
            and trigger["trigger"] == "state"
            and {"to", "entity_id"} <= trigger.keys()
            and "for" not in trigger
            and not automation["conditions"]
            and automation["actions"][0]["action"].endswith(("turn_on", "turn_off"))
        ):
            return suggestion
    raise CheckFailedError("no suggestion arrived that waits for a state alone")


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _same(
    before: Mapping[str, Sequence[Json]], after: Mapping[str, Sequence[Json]]
) -> None:
    for name, rows in before.items():
        added = [row for row in after[name] if row not in rows]
        gone = [row for row in rows if row not in after[name]]
        if added or gone:
            raise CheckFailedError(f"{name} have changed: {gone} became {added}")
    counts = ", ".join(f"{len(rows)} {name}" for name, rows in before.items())
    _say("registries", f"the same as before: {counts}")
