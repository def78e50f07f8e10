"""From a person's yes to an automation, and back.

Everything is looked at again at the moment of the yes: it may be weeks since the
suggestion was found. What is about to be written is noted before, so that an end of
Home Assistant in between is found and settled at the next start.
"""

import asyncio
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Collection,
    Iterable,
    Mapping,
)
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from homeassistant.const import SERVICE_TURN_OFF, SERVICE_TURN_ON, STATE_ON
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from . import news
from .const import DOMAIN, LOGGER
from .installer.checks import async_check, only_tells
from .installer.errors import refusal
from .installer.install import Installer, Written
from .installer.places import async_place, entity_id_of
from .installer.text import Splice
from .lifecycle import ACCEPTED, DISMISSED, TAKEN_BACK
from .mining.doing import conflicting, does, for_sure
from .mining.facts import HomeFacts
from .mining.result import Safety, Tier
from .mining.rule_json import rule_from_dict
from .mining.rules import Kind, Rule
from .mining.safety import (
    safety_of,
    safety_of_config,
    together,
    with_care_for,
)
from .news import async_announce
from .options import ScoutOptions
from .own import entity_of
from .parts import Parts
from .store.installed import (
    INSTALLED,
    INSTALLING,
    UNDONE,
    InstalledRow,
    InstalledStore,
)
from .store.stores import Stores
from .store.suggestions import SuggestionRow
from .suggestion import suggestion_of
from .words.templates import cautions


@dataclass(slots=True)
class Acceptance:
    """Accepts suggestions and takes that back."""

    hass: HomeAssistant
    options: ScoutOptions
    parts: Callable[[], Awaitable[Parts]]
    stores: Callable[[], Stores]
    verdicts: asyncio.Lock
    """Held while statuses are decided: no run comes in between."""
    translated: Callable[[], AbstractAsyncContextManager[None]]
    """Turns errors of the store into translated ones."""
    refresh: Callable[[], Awaitable[None]]
    """Shows what has changed."""
    installer: Installer = field(init=False)

    def __post_init__(self) -> None:
        """Make the installer of this home."""
        self.installer = Installer(self.hass)

    async def async_accept(
        self,
        suggestion_id: str,
        enabled: bool = True,
        confirm: bool = False,
        alias: str | None = None,
    ) -> dict[str, str]:
        """Set a suggestion up; one that is set up already stays as it is.

        Args:
            suggestion_id: the suggestion, whatever its status is.
            enabled: whether the automation is on; off, it is so until it is turned on.
            confirm: said where the tier of the suggestion asks for it.
            alias: name of the automation instead of the title.

        Returns:
            `automation_id` and `entity_id`.

        Raises:
            HomeAssistantError: it was not set up, and all is as it was; translated.
        """
        async with self._deciding():
            row = await self.stores().suggestions.required(suggestion_id)
            done = await self._settled(row)
            is_new = done is None
            if done is None:
                config = await self._config(row, confirm=confirm, alias=alias)
                await self._install(row, config, enabled, alias is not None)
                done = (await self._store.latest())[suggestion_id]
        await self.refresh()
        entity_id = entity_of(self.hass, done)
        if is_new:
            shown = suggestion_of(row)
            async_announce(self.hass, news.ACCEPTED, shown, automation=entity_id)
        return {"automation_id": done.automation_id, "entity_id": entity_id}

    async def async_undo(self, suggestion_id: str, force: bool = False) -> str:
        """Take back what was set up; return the status that the suggestion has now.

        Args:
            suggestion_id: the suggestion.
            force: also where a person has changed the automation.

        Raises:
            HomeAssistantError: all is as it was; translated.
        """
        async with self._deciding():
            await self.stores().suggestions.required(suggestion_id)
            there = await self._store.latest()
            done = there.get(suggestion_id)
            if done is None or done.state == UNDONE:
                raise refusal("not_accepted")
            entity_id = entity_of(self.hass, done)
            await self.installer.async_remove(
                written_of(done), empty=await self._empty(), force=force
            )
            await self._give_way(done, there.values(), entity_id)
            now = dt_util.utcnow().isoformat()
            await self._store.undo(suggestion_id, now)
            row = await self._close(suggestion_id, now)
        await self.refresh()
        async_announce(self.hass, news.UNDONE, suggestion_of(row), automation=entity_id)
        return row.status

    async def _give_way(
        self, done: InstalledRow, there: Iterable[InstalledRow], entity_id: str
    ) -> None:
        """Turn on again what an automation had taken the place of.

        Where another one has taken its own place since, that one's undo will.
        """
        for heir in there:
            if heir.state == INSTALLED and heir.turned_off == entity_id:
                await self._store.turned_off(heir.suggestion_id, done.turned_off)
                return
        if done.turned_off and self.hass.states.get(done.turned_off):
            await self.installer.async_turn(SERVICE_TURN_ON, done.turned_off)

    async def async_settle(self, _hass: HomeAssistant) -> None:
        """Bring what is noted in line with what is there.

        What an end of Home Assistant left half done is finished or forgotten, and what
        a person has deleted is closed.
        """
        with suppress(HomeAssistantError):
            async with self._deciding():
                pending = [
                    (row, done)
                    for suggestion_id, done in (await self._store.latest()).items()
                    if (row := await self.stores().suggestions.get(suggestion_id))
                    and self._is_unsettled(row, done)
                ]
                for row, done in pending:
                    try:
                        await self._settle(row, done)
                    except HomeAssistantError as err:
                        LOGGER.warning("Suggestion %s: %s", row.id, err)
            if pending:
                await self.refresh()

    @asynccontextmanager
    async def _deciding(self) -> AsyncIterator[None]:
        """Keep runs and other verdicts out; nothing is decided before all is there."""
        if self.hass.state is not CoreState.running:
            raise refusal("not_started")
        async with self.translated(), self.verdicts:
            yield

    @property
    def _store(self) -> InstalledStore:
        return self.stores().installed

    async def _facts(self) -> HomeFacts:
        parts = await self.parts()
        return await parts.collect(self.hass, parts.scope(self.options.scope))

    async def _settled(self, row: SuggestionRow) -> InstalledRow | None:
        """Return the setting up of a suggestion that is still there.

        An automation that a person deleted is not.
        """
        done = (await self._store.latest()).get(row.id)
        if done is not None and done.state != UNDONE:
            await self._settle(row, done)
            done = (await self._store.latest()).get(row.id)
        return done if done is not None and done.state == INSTALLED else None

    def _is_unsettled(self, row: SuggestionRow, done: InstalledRow) -> bool:
        if done.state == INSTALLED and row.status == ACCEPTED:
            return not self.installer.is_loaded(done.automation_id)
        return done.state != UNDONE or row.status == ACCEPTED

    async def _settle(self, row: SuggestionRow, done: InstalledRow) -> None:
        """Bring the store in line with what is in the file."""
        if done.state == INSTALLING:
            await self._settle_begun(row)
            return
        now = dt_util.utcnow().isoformat()
        if done.state == INSTALLED and (
            await self.installer.async_find(done.config) is not None
        ):
            if row.status != ACCEPTED:
                await self.stores().suggestions.set_status(row.id, ACCEPTED, at=now)
            return
        if done.state == INSTALLED:
            await self._store.undo(row.id, now)
        if row.status == ACCEPTED:
            await self._close(row.id, now)

    async def _settle_begun(self, row: SuggestionRow) -> None:
        """Finish an automation that is whole in the file; else leave nothing of it."""
        begun = [
            done
            for done in reversed(await self._store.list())
            if done.suggestion_id == row.id and done.state == INSTALLING
        ]
        found = [await self.installer.async_find(done.config) for done in begun]
        if found and found[0] is not None:
            done = begun[found.index(True) if True in found else 0]
            is_half = done.config.get("initial_state") is False
            if self.installer.is_loaded(done.automation_id) and not is_half:
                await self._finish(row, done.seq, done.automation_id)
                return
            await self.installer.async_remove(written_of(done), force=True)
        await self._store.forget(row.id)

    async def _install(
        self, row: SuggestionRow, config: dict[str, Any], enabled: bool, is_named: bool
    ) -> None:
        now = dt_util.utcnow().isoformat()
        automation_id = str(config["id"])
        seq = 0

        async def remember(written: Written) -> None:
            nonlocal seq
            splice = written.splice
            seq = await self._store.begin(
                InstalledRow(
                    row.id,
                    automation_id,
                    "",
                    INSTALLING,
                    dict(written.config),
                    splice.inserted,
                    splice.removed,
                    now,
                )
            )

        try:
            await self.installer.async_install(
                config, enabled=enabled, remember=remember, is_named=is_named
            )
        except HomeAssistantError:
            # What could not be put back either is settled at the next start.
            with suppress(HomeAssistantError):
                await self._settle_begun(row)
            raise
        await self._finish(row, seq, automation_id)

    async def _finish(self, row: SuggestionRow, seq: int, automation_id: str) -> None:
        """Note that an automation is there, in the place of the one it replaces."""
        rule = _rule_of(row)
        entity_id = entity_id_of(self.hass, automation_id) or ""
        facts = await self._facts()
        areas = {facts.of(action.target).area_id for action in rule.actions}
        area_id = areas.pop() if len(areas) == 1 else None
        await async_place(self.hass, entity_id, row.payload["category"], area_id)
        turned_off = None
        # What is set up but off takes nobody's place yet.
        if self._is_on(entity_id) and self._is_on(rule.replaces):
            turned_off = rule.replaces
            await self.installer.async_turn(SERVICE_TURN_OFF, turned_off)
        await self._store.finish(seq, entity_id, turned_off)
        now = dt_util.utcnow().isoformat()
        await self.stores().suggestions.set_status(row.id, ACCEPTED, at=now)

    def _is_on(self, entity_id: str) -> bool:
        state = self.hass.states.get(entity_id) if entity_id else None
        return state is not None and state.state == STATE_ON

    async def _close(self, suggestion_id: str, at: str) -> SuggestionRow:
        return await self.stores().suggestions.set_status(
            suggestion_id, DISMISSED, at=at, verdict=TAKEN_BACK, reason=TAKEN_BACK
        )

    async def _empty(self) -> str:
        """Return what stood in the place of the list before the first was written."""
        found = [row.removed for row in await self._store.list() if row.removed]
        return found[-1] if found else ""

    async def _config(
        self, row: SuggestionRow, *, confirm: bool, alias: str | None
    ) -> dict[str, Any]:
        """Return the automation of a suggestion, looked at as the home is now.

        Raises:
            ServiceValidationError: it may not, or cannot, be set up; translated.
        """
        rule = _rule_of(row)
        if rule.special is Kind.TIDY:
            raise refusal("nothing_to_set_up", entity_id=rule.replaces)
        parts, facts = await self.parts(), await self._facts()
        sun = parts.sun_minutes(facts, int(dt_util.utcnow().timestamp() * 1000))
        doing = [
            automation.entity_id
            for automation in facts.automations
            if automation.enabled and does(automation, rule, sun, for_sure)
        ]
        if doing:
            raise refusal("already_automated", automations=", ".join(doing))
        config = dict(row.payload["automation"])
        conflicts = conflicting(facts, rule, sun, for_sure)
        safety = _safety(row, rule, config, facts, conflicts)
        tier = safety.tier
        if tier is Tier.CONFIRM and not confirm:
            catalogue = await self.hass.async_add_executor_job(
                parts.catalogue, self.hass.config.language
            )
            undone_by = conflicts or row.beside.get("conflicts", ())
            raise refusal(
                "confirmation_needed",
                title=row.payload["title"],
                reasons=cautions(safety, undone_by, facts, catalogue),
            )
        if tier is Tier.NOTIFY and not only_tells(config):
            config = parts.build(rule, config["alias"], config["description"], tier)
        texts = (config["description"], row.payload["rationale"])
        config = {
            "id": f"{DOMAIN}_{row.id}",
            **config,
            "alias": alias or config["alias"],
            "description": f"{' '.join(filter(None, texts))} ({dt_util.now().date()})",
        }
        await async_check(self.hass, config)
        return config


def _rule_of(row: SuggestionRow) -> Rule:
    """Return the rule of a suggestion.

    Raises:
        ServiceValidationError: it is of another version; translated.
    """
    try:
        return rule_from_dict(row.rule)
    except ValueError as err:
        raise refusal("rule_unreadable", error=str(err)) from err


def written_of(done: InstalledRow) -> Written:
    """Return how an automation was written."""
    return Written(done.config, Splice(done.inserted, done.removed))


def _safety(
    row: SuggestionRow,
    rule: Rule,
    config: Mapping[str, Any],
    facts: HomeFacts,
    conflicts: Collection[str],
) -> Safety:
    """Return how carefully to set up: then or now, whichever asks for more care."""
    then = row.payload["safety"]
    return together(
        Safety(Tier(then["tier"]), tuple(then["reasons"])),
        with_care_for(safety_of(rule, facts), conflicts),
        safety_of_config(config, facts),
    )
