"""Writes an automation, has Home Assistant load it, and makes sure that it did.

If it did not, the file is put back as it was. One change at a time; the file is only
written as it was read, else all begins anew. The editor of Home Assistant has a lock of
its own that nobody else can take, so that what it writes in the same instant is noticed
rather than kept out.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from homeassistant.components.automation import DATA_COMPONENT
from homeassistant.config import AUTOMATION_CONFIG_PATH
from homeassistant.const import (
    SERVICE_RELOAD,
    SERVICE_TURN_OFF,
    SERVICE_TURN_ON,
    STATE_ON,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, restore_state
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN, LOGGER
from . import files, text
from .errors import failure, refusal
from .outline import Unfit
from .places import AUTOMATION, entity_id_of
from .trouble import (
    NOT_INCLUDED,
    REJECTED,
    UNREADABLE,
    NotLoaded,
    async_clear,
    async_clear_config,
    async_report,
)

TRIES: Final = 5
"""How often a file that somebody else writes is read anew."""
_LOCK: Final[HassKey[asyncio.Lock]] = HassKey(f"{DOMAIN}_automations_file")


@dataclass(frozen=True, slots=True)
class Written:
    """An automation as it was written, with its `id`, and how."""

    config: Mapping[str, Any]
    splice: text.Splice


@dataclass(frozen=True, slots=True)
class _Change:
    """One writing of the file."""

    before: bytes | None
    after: bytes | None
    written: Written


type Remember = Callable[[Written], Awaitable[None]]
"""Told what is about to be written."""


class Installer:
    """Sets automations up in a home, and takes them back."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Nothing is read yet."""
        self._hass = hass
        self._path = Path(hass.config.path(AUTOMATION_CONFIG_PATH))
        self._lock = hass.data.setdefault(_LOCK, asyncio.Lock())

    async def async_find(self, config: Mapping[str, Any]) -> bool | None:
        """Return whether an automation is in the file as it was written.

        Returns:
            False where somebody changed it, None where it is not there.

        Raises:
            HomeAssistantError: the file cannot be read; translated.
        """
        return await self._job(lambda: text.find(files.read(self._path), config))

    async def async_install(
        self,
        config: Mapping[str, Any],
        *,
        enabled: bool,
        remember: Remember,
        is_named: bool = False,
    ) -> str:
        """Write an automation and return the entity that it became.

        Args:
            config: of the automation.
            enabled: whether it is to be on.
            remember: is called with what is written, before it is.
            is_named: whether a person chose the alias.

        Raises:
            HomeAssistantError: it was not set up, and all is as it was; translated.
        """
        async with self._lock:
            for _ in range(TRIES):
                try:
                    entity_id = await self._install(config, enabled, remember)
                except NotLoaded as reason:
                    raise async_report(
                        self._hass, config, reason, enabled=enabled, is_named=is_named
                    ) from reason
                if entity_id and await self.async_find(config) is not None:
                    async_clear(self._hass, config["id"])
                    async_clear_config(self._hass)
                    return entity_id
            await self._drop(config["id"])
        raise failure("file_busy")

    async def async_remove(
        self, written: Written, *, empty: str = "", force: bool = False
    ) -> None:
        """Take an automation out of the file and out of Home Assistant.

        Args:
            written: what was written.
            empty: what stood in the place of the first automation of the file.
            force: also where somebody changed it.

        Raises:
            ServiceValidationError: somebody changed it; translated.
            HomeAssistantError: the file cannot be changed; translated.
        """
        automation_id = written.config["id"]

        async with self._lock:
            await self._write(
                partial(_taken_out, written=written, empty=empty, force=force), _nothing
            )
            await self._drop(automation_id)
        async_clear(self._hass, automation_id)

    @callback
    def is_loaded(self, automation_id: str) -> bool:
        """Return whether Home Assistant runs an automation, or could."""
        try:
            self._entity_of(automation_id)
        except NotLoaded:
            return False
        return True

    async def _install(
        self, config: Mapping[str, Any], enabled: bool, remember: Remember
    ) -> str:
        """Write and load an automation once; somebody may write over it meanwhile."""
        known = entity_id_of(self._hass, config["id"])
        self._enable_entity(known)
        # What is to be off must not run for an instant either.
        first = config if enabled else {**config, "initial_state": False}
        changes = [await self._write(partial(_added, config=first), remember)]
        try:
            entity_id = await self._load(config["id"])
            if not enabled:
                # Before it is in the file without `initial_state`: whatever happens.
                await self._remember_states()
                change = partial(_awake, dormant=changes[0].written, config=config)
                changes.append(await self._write(change, remember, backup=False))
                entity_id = await self._load(config["id"])
            await self._be(entity_id, enabled)
        except NotLoaded:
            if await self.async_find(config) is None:
                return ""
            await self._put_back(changes, known is not None)
            raise
        except HomeAssistantError:
            await self._put_back(changes, known is not None)
            raise
        return entity_id

    async def _write(
        self,
        change: Callable[[bytes | None], tuple[bytes | None, Written]],
        remember: Remember,
        *,
        backup: bool = True,
    ) -> _Change:
        """Change the file, as often as somebody else does so at the same time."""
        for _ in range(TRIES):
            before = await self._job(lambda: files.read(self._path))
            after, written = await self._job(partial(change, before))
            await remember(written)
            if after == before:
                return _Change(before, after, written)
            with suppress(files.FileChanged):
                await self._job(
                    partial(files.replace, self._path, before, after, backup=backup)
                )
                return _Change(before, after, written)
        raise failure("file_busy")

    async def _load(self, automation_id: str) -> str:
        """Have Home Assistant load an automation; return its entity.

        Raises:
            NotLoaded: it did not.
        """
        try:
            await self._reload(automation_id)
        except Exception as err:
            raise NotLoaded(UNREADABLE, " ".join(str(err).split())) from err
        return self._entity_of(automation_id)

    async def _reload(self, automation_id: str) -> None:
        await self._hass.services.async_call(
            AUTOMATION, SERVICE_RELOAD, {"id": automation_id}, blocking=True
        )

    @callback
    def _entity_of(self, automation_id: str) -> str:
        entity_id = entity_id_of(self._hass, automation_id)
        component = self._hass.data.get(DATA_COMPONENT)
        if component is None or entity_id is None:
            raise NotLoaded(NOT_INCLUDED)
        entity = component.get_entity(entity_id)
        if entity is None:
            raise NotLoaded(NOT_INCLUDED)
        if not entity.available:
            raise NotLoaded(REJECTED)
        return entity_id

    async def async_turn(self, service: str, entity_id: str) -> None:
        """Turn an automation on or off, so that it is so after a crash as well."""
        await self._hass.services.async_call(
            AUTOMATION, service, {"entity_id": entity_id}, blocking=True
        )
        await self._remember_states()

    async def _remember_states(self) -> None:
        """Write down now what Home Assistant writes down every quarter of an hour."""
        await restore_state.async_get(self._hass).async_dump_states()

    async def _be(self, entity_id: str, enabled: bool) -> None:
        """Make sure of the state; one of the same name may have been off before."""
        state = self._hass.states.get(entity_id)
        if state is not None and (state.state == STATE_ON) is not enabled:
            await self.async_turn(
                SERVICE_TURN_ON if enabled else SERVICE_TURN_OFF, entity_id
            )

    async def _put_back(self, changes: list[_Change], keep_entry: bool) -> None:
        """Bring the file back to what it was, or take out what was put in."""
        before, now = changes[0].before, changes[-1].after
        written = changes[-1].written
        try:
            await self._job(
                partial(files.replace, self._path, now, before, backup=False)
            )
        except files.FileChanged:
            await self._write(
                partial(_taken_out, written=written, empty="", force=True),
                _nothing,
                backup=False,
            )
        await self._drop(written.config["id"], keep_entry=keep_entry)

    async def _drop(self, automation_id: str, *, keep_entry: bool = False) -> None:
        """Have Home Assistant forget an automation that is not in the file any more."""
        try:
            await self._reload(automation_id)
        except Exception as err:  # noqa: BLE001 - removing its entry ends it as well
            LOGGER.warning("Automations could not be reloaded: %s", err)
        entity_id = entity_id_of(self._hass, automation_id)
        if entity_id and not keep_entry:
            er.async_get(self._hass).async_remove(entity_id)

    @callback
    def _enable_entity(self, entity_id: str | None) -> None:
        """Enable the entity of an automation that was there before."""
        entities = er.async_get(self._hass)
        entry = entities.async_get(entity_id) if entity_id else None
        if entry is not None and entry.disabled_by:
            entities.async_update_entity(entry.entity_id, disabled_by=None)

    async def _job[T](self, job: Callable[[], T]) -> T:
        """Run a job on the file in the executor, its errors translated."""
        try:
            return await self._hass.async_add_executor_job(job)
        except Unfit as err:
            raise refusal(err.key, file=self._path.name, error=err.detail) from err
        except text.Edited as err:
            raise refusal("automation_edited") from err
        except OSError as err:
            raise failure("file_failed", file=self._path.name, error=str(err)) from err


async def _nothing(_written: Written) -> None:
    """Remember nothing: what is taken out is known."""


def _added(data: bytes | None, config: Mapping[str, Any]) -> tuple[bytes, Written]:
    found = text.find(data, config)
    if found is False:
        raise refusal("automation_there", automation_id=str(config["id"]))
    if found:
        data = text.remove(data, config)
    after, splice = text.append(data, config)
    return after, Written(config, splice)


def _awake(
    data: bytes | None, dormant: Written, config: Mapping[str, Any]
) -> tuple[bytes, Written]:
    """Take `initial_state` out of the file: what is off now stays so by itself.

    With it, who turns the automation on would find it off after the next start.
    """
    without = text.remove(data, dormant.config, dormant.splice)
    after, splice = text.append(without, config)
    return after, Written(config, splice)


def _taken_out(
    data: bytes | None, *, written: Written, empty: str, force: bool
) -> tuple[bytes | None, Written]:
    if data is None:
        return None, written
    after = text.remove(data, written.config, written.splice, empty=empty, force=force)
    return after, written
