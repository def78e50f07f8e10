"""The open store: where it lies, how it is opened, and replaced once when damaged."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.update_coordinator import UpdateFailed
from homeassistant.util import dt as dt_util

from .const import DATABASE_NAME, DOMAIN, ISSUE_STORE_SET_ASIDE, LOGGER
from .phases import store_error
from .store.database import open_or_set_aside
from .store.errors import StoreClosed, StoreDamaged, StoreError, UnknownSuggestion
from .store.stores import Stores

ASK_AGAIN: Final = timedelta(minutes=5)
"""After stores could not be read: whoever locks them has other work, too."""


def database_path(hass: HomeAssistant) -> Path:
    """Return where the store lies."""
    return Path(hass.config.path(DATABASE_NAME))


class StoreKeeper:
    """Holds the open stores."""

    def __init__(self, hass: HomeAssistant, stores: Stores) -> None:
        """Take over open stores; `close` closes them."""
        self.stores = stores
        self._hass = hass
        self._replacing = asyncio.Lock()
        self._held = AsyncExitStack()
        self.is_closed = False
        self._is_ending = False

    @classmethod
    async def open(cls, hass: HomeAssistant) -> Self:
        """Open the store for a config entry.

        Raises:
            ConfigEntryNotReady: it cannot be opened now; translated.
        """
        try:
            return cls(hass, await _open(hass, damaged=False))
        except StoreError as err:
            told = store_error(err)
            raise ConfigEntryNotReady(
                translation_domain=told.translation_domain,
                translation_key=told.translation_key,
                translation_placeholders=told.translation_placeholders,
            ) from err

    async def replace(self, damaged: Stores) -> bool:
        """Put new stores in the place of damaged ones; return whether there are any.

        Several may find the same damage at once: the first one replaces, and the
        others find it done.
        """
        async with self._replacing:
            if self.is_closed:
                return False
            if self.stores is not damaged:
                return True
            await damaged.database.close()
            try:
                self.stores = await _open(self._hass, damaged=True)
            except StoreError as err:
                LOGGER.error("The damaged store could not be replaced: %s", err)
                return False
            return True

    async def healed[T](self, ask: Callable[[Stores], Awaitable[T]]) -> T:
        """Ask the stores; where they are damaged, ask those in their place.

        Raises:
            UpdateFailed: they cannot be read; translated.
        """
        stores = self.stores
        try:
            try:
                return await ask(stores)
            except StoreDamaged:
                if not await self.replace(stores):
                    raise
                return await ask(self.stores)
        except StoreError as err:
            raise UpdateFailed(
                translation_domain=DOMAIN,
                translation_key="store_failed",
                translation_placeholders={"error": str(err)},
            ) from err

    @asynccontextmanager
    async def translated(
        self, refresh: Callable[[], Awaitable[None]]
    ) -> AsyncIterator[None]:
        """Turn errors of the stores into translated ones.

        Args:
            refresh: shows what can be read after an error, or that nothing can.
        """
        stores = self.stores
        try:
            yield
        except UnknownSuggestion as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="unknown_suggestion",
                translation_placeholders={"suggestion_id": str(err)},
            ) from err
        except StoreDamaged as err:
            if await self.replace(stores):
                await refresh()
            raise store_error(err) from err
        except StoreError as err:
            await refresh()
            raise store_error(err) from err

    async def hold(self, patience_s: float, most_s: float) -> None:
        """Keep writers out while the files are copied, until `release`.

        Args:
            patience_s: how long to wait for what is being written.
            most_s: writers are let in again after this time in any case.

        Raises:
            StoreError: the store is closed or damaged; nothing is held.
            TimeoutError: it was written for too long; nothing is held.
        """
        await self.release()
        async with AsyncExitStack() as stack:
            async with asyncio.timeout(patience_s):
                await stack.enter_async_context(self.stores.database.held())
            if self._is_ending:
                raise StoreClosed("the store is being closed")
            stack.callback(async_call_later(self._hass, most_s, self.release))
            self._held = stack.pop_all()

    async def release(self, _now: datetime | None = None) -> None:
        """Let writers in again. May be called where nothing is held."""
        await self._held.pop_all().aclose()

    async def end_holds(self) -> None:
        """Let writers in again, and keep them out no more: they have to end."""
        self._is_ending = True
        await self.release()

    async def close(self) -> None:
        """Close the stores for good. May be called again."""
        await self.end_holds()
        async with self._replacing:
            self.is_closed = True
            await self.stores.database.close()


async def _open(hass: HomeAssistant, *, damaged: bool) -> Stores:
    """Open the store; one that is damaged is set aside, with a repair issue.

    Raises:
        StoreError: it is locked, made by a newer version, or cannot be opened.
    """
    stamp = dt_util.utcnow().strftime("%Y%m%dT%H%M%S")
    opened = await open_or_set_aside(database_path(hass), stamp, damaged=damaged)
    if opened.set_aside:
        ir.async_create_issue(
            hass,
            DOMAIN,
            ISSUE_STORE_SET_ASIDE,
            is_fixable=True,
            is_persistent=True,
            severity=ir.IssueSeverity.WARNING,
            translation_key=ISSUE_STORE_SET_ASIDE,
            translation_placeholders={
                "file": opened.set_aside.name,
                "salvaged": str(opened.salvaged),
            },
        )
    return Stores.of(opened.database)
