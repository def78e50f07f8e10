"""Tells people of new suggestions: one digest a day, never at night, never twice.

What was told stands in the store, so what arrived at night waits for the morning over a
restart too. A digest goes once all that it names is decided, wherever that was. Nothing
more happens while nobody wants to be told.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any, Final

from homeassistant.const import EVENT_HOMEASSISTANT_STOP, STATE_UNAVAILABLE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from .alarm import Alarm
from .const import (
    ANSWER_ACCEPT,
    ANSWER_DISMISS,
    ANSWER_LATER,
    DOMAIN,
    ISSUE_NOTIFY_FAILED,
    LOGGER,
)
from .coordinator import ScoutConfigEntry, ScoutCoordinator
from .lifecycle import OPEN
from .markdown import literal
from .news import NEW, async_listen
from .notice_options import NOTIFY, How, NoticeOptions
from .notifications import async_show, async_take_back
from .store.errors import StoreClosed, StoreError
from .stores import ASK_AGAIN
from .suggestion import Suggestion, suggestion_of
from .words.catalogue import Catalogue, load

MOBILE_APP: Final = "mobile_app_"
"""Beginning of the actions that understand buttons."""
_DIGEST: Final = "digest"
_TAG: Final = f"{DOMAIN}_{_DIGEST}"
_CLEAR: Final = "clear_notification"
"""The message with which the companion app takes back what has the same tag."""


@callback
def async_setup_notices(
    hass: HomeAssistant, entry: ScoutConfigEntry, coordinator: ScoutCoordinator
) -> None:
    """Tell people of new suggestions until the entry is unloaded."""
    options = NoticeOptions.of(entry.options)
    # What still cannot be sent is found out at once.
    ir.async_delete_issue(hass, DOMAIN, ISSUE_NOTIFY_FAILED)
    notices = Notices(hass, entry, options, coordinator)
    entry.async_on_unload(coordinator.async_add_listener(notices.async_follow))
    if options.how is How.NONE:
        return

    @callback
    def heard(kind: str, _told: Mapping[str, Any]) -> None:
        if kind == NEW:
            notices.async_look_soon()

    @callback
    def started(_hass: HomeAssistant) -> None:
        notices.async_look_soon()

    @callback
    def stopped(_event: Event) -> None:
        notices.async_cancel()

    entry.async_on_unload(async_listen(hass, heard))
    entry.async_on_unload(async_at_started(hass, started))
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, stopped))
    entry.async_on_unload(notices.async_cancel)


def due_at(now: datetime, last: datetime | None, options: NoticeOptions) -> datetime:
    """Return when the next digest may go out, `now` at the earliest.

    Args:
        now: aware, local.
        last: aware; when the last one went out.
        options: the hours that people want to be told in.
    """
    zone, at = now.tzinfo, now
    if last is not None and last.astimezone(zone).date() == now.date():
        at = datetime.combine(now.date() + timedelta(days=1), time.min, zone)
    begin, end = options.not_before, options.not_after
    if begin <= end:
        is_fine = begin == end or begin <= at.time() < end
    else:
        is_fine = at.time() >= begin or at.time() < end
    if is_fine:
        return at
    day = at.date() + timedelta(days=at.time() >= begin)
    return datetime.combine(day, begin, zone)


@dataclass(slots=True)
class Notices:
    """The digests of one installation."""

    hass: HomeAssistant
    entry: ScoutConfigEntry
    options: NoticeOptions
    coordinator: ScoutCoordinator
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _due: datetime | None = None
    _failed: datetime | None = None
    """When one last failed. Options that somebody has mended are tried at once."""
    _named: frozenset[str] | None = None
    """What a digest that can be taken back names; None before the store was asked."""
    _alarm: Alarm = field(init=False)

    def __post_init__(self) -> None:
        """Make the alarm; it is not set yet."""
        self._alarm = Alarm(self.hass, lambda: self._due, self.async_look_soon)

    @callback
    def async_look_soon(self) -> None:
        """Look whether there is something to tell, and when."""
        self.entry.async_create_background_task(
            self.hass, self._async_look(), f"{DOMAIN} digest"
        )

    @callback
    def async_follow(self) -> None:
        """Take the digest back once nothing that it names is open any more."""
        if self._named is None or (self._named and self._is_decided(self._named)):
            self.entry.async_create_background_task(
                self.hass, self._async_follow(), f"{DOMAIN} end of a digest"
            )

    @callback
    def async_cancel(self) -> None:
        """Wait for nothing any more."""
        self._alarm.async_cancel()

    async def _async_look(self) -> None:
        async with self._lock:
            try:
                self._due = await self._async_due()
                if self._due is not None and self._due <= dt_util.utcnow():
                    await self._async_tell()
                    self._due = await self._async_due()
            except StoreError as err:
                LOGGER.debug("Nobody can be told of suggestions now: %s", err)
                if self.coordinator.keeper.is_closed:
                    return
                self._due = dt_util.utcnow() + ASK_AGAIN
            self._alarm.async_follow()

    async def _async_due(self) -> datetime | None:
        """Return when there is something to be told, None if there is nothing."""
        notices = self.coordinator.keeper.stores.notices
        if not await notices.untold():
            if self._failed is not None:
                # What did not arrive was decided without it.
                self._failed = None
                ir.async_delete_issue(self.hass, DOMAIN, ISSUE_NOTIFY_FAILED)
            return None
        last = dt_util.parse_datetime(await notices.last() or "")
        tried = max(filter(None, (last, self._failed)), default=None)
        return dt_util.as_utc(due_at(dt_util.now(), tried, self.options))

    async def _async_tell(self) -> None:
        """Tell all that is untold; what does not arrive is told another day."""
        stores = self.coordinator.keeper.stores
        untold = await stores.notices.untold()
        rows = {row.id: row for row in await stores.suggestions.list([OPEN])}
        told = [suggestion_of(rows[key]) for key in untold if key in rows]
        if not told:
            return
        catalogue = await self.hass.async_add_executor_job(
            load, self.hass.config.language
        )
        # Told before it is sent: an end in between must not tell it twice.
        now, last = dt_util.utcnow(), await stores.notices.last()
        await stores.notices.tell(untold, now.isoformat())
        ways, failed = self._ways(told, catalogue), dict[str, str]()
        for target, way in ways.items():
            try:
                await way()
            except Exception as err:  # noqa: BLE001 - whatever a platform raises
                LOGGER.warning("The digest did not arrive at %s: %s", target, err)
                failed[target] = str(err) or "-"
        if not failed:
            self._failed = None
            ir.async_delete_issue(self.hass, DOMAIN, ISSUE_NOTIFY_FAILED)
        else:
            self._report(failed)
        # Who was reached is told once, whatever became of the others.
        if failed.keys() == ways.keys():
            self._failed = now
            await stores.notices.untell(untold, last)
            return
        reached = ways.keys() - failed.keys()
        await stores.notices.stands(next(filter(_can_be_taken_back, reached), ""))
        # It may have been decided meanwhile.
        self._named = None
        self.async_follow()

    async def _async_follow(self) -> None:
        async with self._lock:
            stores = self.coordinator.keeper.stores
            notices = stores.notices
            try:
                where, named = await notices.standing()
                self._named = named if where else frozenset()
                open_ = await stores.suggestions.list([OPEN])
                if not where or not named.isdisjoint(row.id for row in open_):
                    return
                await notices.stands("")
            except StoreClosed:
                # The next set-up asks again.
                return
            except StoreError as err:
                LOGGER.debug("The digest cannot be taken back now: %s", err)
                return
            self._named = frozenset()
            await self._async_take_back(where)

    def _is_decided(self, named: frozenset[str]) -> bool:
        return named.isdisjoint(item["id"] for item in self.coordinator.data.open)

    async def _async_take_back(self, where: str) -> None:
        if where == DOMAIN:
            async_take_back(self.hass, _DIGEST)
            return
        clear = {"message": _CLEAR, "data": {"tag": _TAG}}
        try:
            await self._async_call(where.removeprefix(f"{NOTIFY}."), clear)
        except Exception as err:  # noqa: BLE001 - whatever a platform raises
            LOGGER.debug("The digest stays at %s: %s", where, err)

    def _ways(
        self, told: Sequence[Suggestion], catalogue: Catalogue
    ) -> dict[str, Callable[[], Awaitable[None]]]:
        """Return how each target is told, by its name."""
        title = catalogue.fill(
            "notice", "title", count=catalogue.count("new_suggestions", len(told))
        )
        if self.options.how is How.PERSISTENT:
            return {DOMAIN: partial(self._async_show, told, title, catalogue)}
        ways: dict[str, Callable[[], Awaitable[None]]] = {}
        text: dict[str, Any] = {"title": title, "message": _message(told)}
        if action := self.options.action:
            data = dict(text)
            if action.startswith(MOBILE_APP):
                data["data"] = buttons(self.hass, told, catalogue)
            ways[f"{NOTIFY}.{action}"] = partial(self._async_call, action, data)
        if entity_id := self.options.entity_id:
            ways[entity_id] = partial(self._async_message, entity_id, text)
        return ways

    async def _async_call(self, action: str, data: dict[str, Any]) -> None:
        await self.hass.services.async_call(NOTIFY, action, data, blocking=True)

    async def _async_message(self, entity_id: str, text: dict[str, Any]) -> None:
        """Send a message to an entity, of which Home Assistant says nothing if gone.

        Raises:
            HomeAssistantError: it is not there, or cannot.
        """
        state = self.hass.states.get(entity_id)
        if state is None or state.state == STATE_UNAVAILABLE:
            raise HomeAssistantError(f"{entity_id} is not available")
        await self._async_call("send_message", {"entity_id": entity_id, **text})

    async def _async_show(
        self, told: Sequence[Suggestion], title: str, catalogue: Catalogue
    ) -> None:
        message = _message(
            [{key: literal(item[key]) for key in _SHOWN} for item in told]
        )
        link = f"[{catalogue.fill('notice', 'link')}]({link_of(self.hass)})"
        async_show(self.hass, _DIGEST, title, f"{message}\n\n{link}")

    def _report(self, failed: Mapping[str, str]) -> None:
        ir.async_create_issue(
            self.hass,
            DOMAIN,
            ISSUE_NOTIFY_FAILED,
            is_fixable=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=ISSUE_NOTIFY_FAILED,
            translation_placeholders={
                "target": ", ".join(failed),
                "error": literal("; ".join(failed.values())),
            },
        )


def _can_be_taken_back(target: str) -> bool:
    return target == DOMAIN or target.startswith(f"{NOTIFY}.{MOBILE_APP}")


_SHOWN: Final = ("title", "rationale")


def _message(told: Sequence[Mapping[str, Any]]) -> str:
    """Return the only suggestion with its reason, or the titles of all."""
    if len(told) == 1:
        return f"{told[0]['title']}\n\n{told[0]['rationale']}"
    return "\n".join(f"- {item['title']}" for item in told)


def buttons(
    hass: HomeAssistant, told: Sequence[Suggestion], catalogue: Catalogue
) -> dict[str, Any]:
    """Return what a phone does with a digest: one suggestion is answered on it."""
    link = link_of(hass)
    data: dict[str, Any] = {"tag": _TAG, "url": link, "clickAction": link}
    if len(told) == 1:
        data["actions"] = [
            {"action": f"{answer}{told[0]['id']}", "title": catalogue.fill(*path)}
            for answer, path in (
                (ANSWER_ACCEPT, ("notice", "accept")),
                (ANSWER_DISMISS, ("notice", "dismiss")),
                (ANSWER_LATER, ("notice", "later")),
            )
        ]
    return data


@callback
def link_of(hass: HomeAssistant) -> str:
    """Return where suggestions are seen: the to-do list, or the integration."""
    for entry in er.async_get(hass).entities.values():
        is_list = entry.platform == DOMAIN and entry.domain == "todo"
        if is_list and not entry.disabled:
            return f"/todo?entity_id={entry.entity_id}"
    return f"/config/integrations/integration/{DOMAIN}"
