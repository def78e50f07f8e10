"""Repairs: what a person can do about an issue, step by step."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.util.yaml import dump

from .const import (
    CONF_EXCLUDE_USERS,
    CONF_PEOPLE,
    DOMAIN,
    ISSUE_MACHINE_USER,
    ISSUE_NOT_RECORDED,
    ISSUE_OVERRULED,
    SECTION_SCOPE,
)
from .coordinator import ScoutConfigEntry
from .markdown import literal

if TYPE_CHECKING:
    # Newer than 2026.3.
    from homeassistant.components.repairs import RepairsFlowResult

    # What `voluptuous` is an alias of since Home Assistant 2026.9.
    import probatio as vol
else:
    import voluptuous as vol

type Data = dict[str, str | int | float | None]
"""What an issue says about itself to its flow."""

_NOTHING: Final = vol.Schema({})


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: Data | None
) -> RepairsFlow:
    """Return the flow of an issue."""
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    key = issue.translation_key if issue else None
    told = dict((issue and issue.translation_placeholders) or {})
    given = data or {}
    if key == ISSUE_MACHINE_USER:
        return MachineUser(told, given)
    if key == ISSUE_NOT_RECORDED:
        return NotRecorded(told, given)
    if key == ISSUE_OVERRULED:
        return Overruled(told, given)
    if issue_id.startswith("install_"):
        return TryAgain(told, given)
    return ConfirmRepairFlow()


class _Repair(RepairsFlow):
    """A flow that needs the integration to be loaded, and may be declined."""

    choices: tuple[str, ...] = ()

    def __init__(self, told: dict[str, str], given: Data) -> None:
        """Keep the placeholders and the data of the issue."""
        self._told = told
        self._given = given

    async def async_step_init(
        self, _user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask what to do."""
        if self._entry is None:
            return self._abort("not_loaded")
        return self.async_show_menu(
            step_id="init",
            menu_options=list(self.choices),
            description_placeholders=self._told,
        )

    async def async_step_ignore(
        self, _user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Leave everything as it is, and say no more about it."""
        ir.async_ignore_issue(self.hass, DOMAIN, self.issue_id, True)
        return self._abort("ignored")

    @property
    def _entry(self) -> ScoutConfigEntry | None:
        entries: list[ScoutConfigEntry] = self.hass.config_entries.async_loaded_entries(
            DOMAIN
        )
        return entries[0] if entries else None

    def _abort(self, reason: str, **told: str) -> RepairsFlowResult:
        return self.async_abort(
            reason=reason, description_placeholders={**self._told, **told}
        )

    def _confirm(self, step_id: str, error: str = "") -> RepairsFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=_NOTHING,
            errors={"base": "failed"} if error else None,
            description_placeholders={**self._told, "error": error or "-"},
        )

    def _done(self) -> RepairsFlowResult:
        return self.async_create_entry(data={})

    @callback
    def _choose(
        self, key: str, ids: Iterable[str], instead_of: str = ""
    ) -> RepairsFlowResult:
        """Add ids to a list of the scope, take them out of another, and reload."""
        entry = self._entry
        if entry is None:
            return self._abort("not_loaded")
        ids = {*ids}
        scope = dict(entry.options.get(SECTION_SCOPE, {}))
        scope[key] = sorted({*scope.get(key, ()), *ids})
        if instead_of in scope:
            scope[instead_of] = sorted({*scope[instead_of]} - ids)
        self.hass.config_entries.async_update_entry(
            entry, options={**entry.options, SECTION_SCOPE: scope}
        )
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self._done()


class MachineUser(_Repair):
    """A user that acts to the second: a program, or a person after all."""

    choices = ("exclude", "person")

    async def async_step_exclude(
        self, _user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Leave out what the user does."""
        return self._choose(CONF_EXCLUDE_USERS, [self._user], CONF_PEOPLE)

    async def async_step_person(
        self, _user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Count what the user does, however exact it is."""
        return self._choose(CONF_PEOPLE, [self._user], CONF_EXCLUDE_USERS)

    @property
    def _user(self) -> str:
        return str(self._given["user_id"])


class NotRecorded(_Repair):
    """Entities of which the recorder keeps nothing."""

    choices = ("leave_out", "ignore")

    async def async_step_leave_out(
        self, _user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Look at them no more; what is suggested about them goes."""
        return self._choose("exclude_entities", str(self._given["entities"]).split(","))


class Overruled(_Repair):
    """An automation that people keep undoing."""

    choices = ("undo", "ignore")

    async def async_step_undo(
        self, _user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Remove the automation, or ask again where a person has changed it."""
        return await self._async_undo(force=False)

    async def async_step_force(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Remove an automation that a person has changed."""
        if user_input is None:
            return self._confirm("force")
        return await self._async_undo(force=True)

    async def _async_undo(self, *, force: bool) -> RepairsFlowResult:
        entry = self._entry
        if entry is None:
            return self._abort("not_loaded")
        try:
            await entry.runtime_data.acceptance.async_undo(
                str(self._given["suggestion_id"]), force
            )
        except HomeAssistantError as err:
            if err.translation_key == "automation_edited" and not force:
                return self._confirm("force")
            return self._abort("failed", error=literal(str(err)))
        return self._done()


class TryAgain(_Repair):
    """An automation that Home Assistant did not take."""

    @override
    async def async_step_init(
        self, _user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Say what to do first."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Set it up once more, as it was asked for."""
        return await self._async_step("confirm", user_input is None, confirm=False)

    async def async_step_sure(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Set up what asks for a confirmation, now that it is given."""
        return await self._async_step("sure", user_input is None, confirm=True)

    async def _async_step(
        self, step_id: str, is_new: bool, *, confirm: bool
    ) -> RepairsFlowResult:
        """Show the suggestion as it is now, or set up what was shown and no other."""
        entry = self._entry
        if entry is None:
            return self._abort("not_loaded")
        try:
            if not await self._look(entry):
                # What has changed may need a yes for other reasons, or none.
                return self._confirm("confirm")
            if is_new:
                return self._confirm(step_id)
            await entry.runtime_data.acceptance.async_accept(
                str(self._given["suggestion_id"]),
                enabled=bool(self._given["enabled"]),
                confirm=confirm,
                alias=str(self._given["alias"]) or None,
            )
        except HomeAssistantError as err:
            if err.translation_key == "confirmation_needed" and not confirm:
                told = err.translation_placeholders or {}
                self._told["reasons"] = literal(told["reasons"])
                return self._confirm("sure")
            return self._confirm(step_id, str(err))
        return self._done()

    async def _look(self, entry: ScoutConfigEntry) -> bool:
        """Take what is to be set up now; return whether that was shown before.

        Raises:
            HomeAssistantError: the store cannot be read; translated.
        """
        shown = self._told["yaml"]
        for item in await entry.runtime_data.async_list():
            if item["id"] == self._given["suggestion_id"]:
                alias = str(self._given["alias"]) or item["title"]
                self._told["alias"] = alias
                self._told["yaml"] = dump({**item["automation"], "alias": alias})
        return self._told["yaml"] == shown
