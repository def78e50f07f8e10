"""Somebody who lives here and is no administrator tries to decide about suggestions."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Final, Self

from .client import Client, Json, RefusedError, Socket, seen
from .house import DOMAIN
from .phone import Phone
from .waiting import CheckFailedError, until

NAME: Final = "guest"
"""Login, password and name of the user."""
GROUP: Final = "system-users"
ONLY: Final = "administrators_only"
"""Translation key of what is said to others."""
FOR_EVERYBODY: Final = frozenset({"list_suggestions", "backtest"})


@dataclass(slots=True)
class Guest:
    """Somebody with an account, an app in the browser and one on the phone."""

    client: Client
    phone: Phone
    todo: str
    """Entity id of the to-do list."""
    only: str
    """What is said to those who are no administrators."""
    refused: int = 0

    @classmethod
    async def invite(
        cls, host: Socket, client: Client, push_url: str, todo: str
    ) -> Self:
        """Have an administrator make the account, and log in with it."""
        made = await host.command("config/auth/create", name=NAME, group_ids=[GROUP])
        await host.command(
            "config/auth_provider/homeassistant/create",
            user_id=made["user"]["id"],
            username=NAME,
            password=NAME,
        )
        texts = await host.command(
            "frontend/get_translations",
            language="en",
            category="exceptions",
            integration=[DOMAIN],
        )
        key = f"component.{DOMAIN}.exceptions.{ONLY}.message"
        await client.login(NAME, NAME)
        phone = await Phone.register(client, "Phone of a guest", push_url)
        return cls(client, phone, todo, texts["resources"][key])

    async def try_all(self, host: Client, suggestion: Json, *, is_listed: bool) -> None:
        """Try each way there is, and see that it says why not and changes nothing.

        Args:
            host: an administrator, who sees what was done.
            suggestion: what to decide about.
            is_listed: whether it is on the to-do list.

        Raises:
            CheckFailedError: something was done, or not refused in words.
        """
        before = await _all_there_is(host)
        async with self.client.socket() as socket:
            await self._by_actions(host, socket, suggestion)
            if is_listed:
                await self._by_list(socket, suggestion)
            await self._by_voice(socket, suggestion)
        await self._by_phone(host, suggestion)
        if await _all_there_is(host) != before:
            raise CheckFailedError("what a guest was refused was done all the same")

    async def _by_actions(self, host: Client, socket: Socket, suggestion: Json) -> None:
        given = _data(suggestion)
        for domain in await host.get("/api/services"):
            if domain["domain"] == DOMAIN:
                for action in sorted(domain["services"].keys() - FOR_EVERYBODY):
                    asked = socket.ask(DOMAIN, action, **given[action])
                    await self._is_refused(asked, f"{DOMAIN}.{action}")

    async def _by_list(self, socket: Socket, suggestion: Json) -> None:
        item = {"entity_id": self.todo, "item": suggestion["id"]}
        ticked = socket.call("todo", "update_item", **item, status="completed")
        await self._is_refused(ticked, "todo.update_item")
        removed = socket.call("todo", "remove_item", **item)
        await self._is_refused(removed, "todo.remove_item")

    async def _is_refused(self, asked: Awaitable[Json], what: str) -> None:
        try:
            await asked
        except RefusedError as error:
            said = error.error
            # Home Assistant takes the full stop off.
            words = self.only.removesuffix(".")
            if said.get("translation_key") != ONLY or words not in said["message"]:
                raise CheckFailedError(f"{what} says {said}") from error
            self.refused += 1
        else:
            raise CheckFailedError(f"{what} was done for a guest")

    async def _by_voice(self, socket: Socket, suggestion: Json) -> None:
        for verb in ("accept", "dismiss", "confirm", "undo"):
            said = await say(socket, f"{verb} the suggestion {suggestion['title']}")
            if "Only an administrator" not in said:
                raise CheckFailedError(f"{verb} by voice says {said!r}")
            self.refused += 1

    async def _by_phone(self, host: Client, suggestion: Json) -> None:
        for answer in ("ACCEPT", "DISMISS", "LATER"):
            await self.phone.press(f"{DOMAIN.upper()}_{answer}_{suggestion['id']}")
            await self._reads(host)
            self.refused += 1

    async def _reads(self, host: Client) -> None:
        """Wait for the notification that says why not, and put it away."""
        about = f"{DOMAIN}_answer"
        async with host.socket() as socket:

            async def message() -> str:
                shown = await socket.command("persistent_notification/get")
                texts = [
                    one["message"] for one in shown if one["notification_id"] == about
                ]
                return seen(texts[0]) if texts else ""

            said = await until(message, "a guest's phone got no answer")
            if said != self.only:
                raise CheckFailedError(f"the answer to a guest's phone is {said!r}")
            await socket.call(
                "persistent_notification", "dismiss", notification_id=about
            )


def _data(suggestion: Json) -> dict[str, dict[str, Any]]:
    """Return what each action for administrators would do something with."""
    this = {"suggestion_id": suggestion["id"]}
    return {
        "accept": this,
        "analyze": {},
        "dismiss": this,
        "forget": {"entity_id": suggestion["entities"][0]},
        "preview_prompt": this,
        "refine": {**this, "changes": {"conditions": {"remove": [0]}}},
        "restore": this,
        "snooze": {**this, "days": 7},
        "undo": this,
    }


async def say(socket: Socket, text: str) -> str:
    """Say something to Assist, and return what it answers."""
    answer = await socket.command("conversation/process", text=text, language="en")
    return str(answer["response"]["speech"]["plain"]["speech"])


async def _all_there_is(host: Client) -> dict[str, Any]:
    listed = await host.call(DOMAIN, "list_suggestions", {})
    automations = [
        state["entity_id"]
        for state in await host.get("/api/states")
        if state["entity_id"].startswith("automation.")
    ]
    return {**listed, "automations": automations}
