"""Config flow: nothing to fill in; all there is to choose is in the options."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlow,
    OptionsFlowWithReload,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers import selector

from .const import (
    CONF_CONCURRENCY,
    CONF_EXCLUDE_USERS,
    CONF_MAX_OPEN,
    CONF_PEOPLE,
    CONF_RETENTION_DAYS,
    CONF_RUN_AT,
    CONF_SENSITIVITY,
    DEFAULT_MAX_OPEN,
    DEFAULT_RETENTION_DAYS,
    DEFAULT_RUN_AT,
    DOMAIN,
    NAME,
    SECTION_SCHEDULE,
    SECTION_SCOPE,
    SECTION_SUGGESTIONS,
    SECTION_WORDS,
)
from .mining.facts import TRIGGER_DOMAINS
from .mining.settings import Sensitivity
from .notice_options import SECTION_NOTIFICATIONS, notices_schema, trouble_with
from .words_form import (
    CONNECTION,
    EXAMPLES,
    async_problem,
    connection_schema,
    key_schema,
    with_key,
    without_key,
    words_schema,
)

if TYPE_CHECKING:
    # What `voluptuous` is an alias of since Home Assistant 2026.9.
    import probatio as vol
else:
    import voluptuous as vol

_MANY_ENTITIES: Final = selector.EntitySelector(
    selector.EntitySelectorConfig(
        multiple=True, filter={"domain": sorted({*TRIGGER_DOMAINS, "sensor"})}
    )
)
SCHEDULE: Final = vol.Schema(
    {
        vol.Required(
            CONF_RUN_AT, default=DEFAULT_RUN_AT.isoformat()
        ): selector.TimeSelector(),
        vol.Required(
            CONF_RETENTION_DAYS, default=DEFAULT_RETENTION_DAYS
        ): selector.NumberSelector(
            selector.NumberSelectorConfig(
                min=7, max=1830, step=1, mode=selector.NumberSelectorMode.BOX
            )
        ),
    }
)
SUGGESTIONS: Final = vol.Schema(
    {
        vol.Required(
            CONF_SENSITIVITY, default=Sensitivity.BALANCED.value
        ): selector.SelectSelector(
            selector.SelectSelectorConfig(
                options=[level.value for level in Sensitivity],
                translation_key=CONF_SENSITIVITY,
            )
        ),
        vol.Required(CONF_MAX_OPEN, default=DEFAULT_MAX_OPEN): selector.NumberSelector(
            selector.NumberSelectorConfig(
                min=1, max=50, step=1, mode=selector.NumberSelectorMode.BOX
            )
        ),
    }
)


class ScoutConfigFlow(ConfigFlow, domain=DOMAIN):
    """Sets up the one entry that there is."""

    VERSION = 1

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for nothing but the confirmation."""
        if user_input is None:
            return self.async_show_form(step_id="user", data_schema=vol.Schema({}))
        return self.async_create_entry(title=NAME, data={})

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose another model, or none."""
        entry = self._get_reconfigure_entry()
        stored = entry.options.get(SECTION_WORDS, {})
        if user_input is not None:
            rest = {key: stored[key] for key in stored if key not in CONNECTION}
            section = with_key({**rest, **user_input}, stored)
            return await self._async_keep(
                entry, "reconfigure", connection_schema(), section, user_input
            )
        return self._async_ask("reconfigure", connection_schema(), without_key(stored))

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Say that the key is refused."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for another key."""
        if user_input is None:
            return self._async_ask("reauth_confirm", key_schema(), {})
        entry = self._get_reauth_entry()
        stored = entry.options.get(SECTION_WORDS, {})
        section = with_key({**without_key(stored), **user_input}, stored)
        return await self._async_keep(
            entry, "reauth_confirm", key_schema(), section, user_input
        )

    async def _async_keep(
        self,
        entry: ConfigEntry,
        step: str,
        schema: vol.Schema,
        section: Mapping[str, Any],
        filled: Mapping[str, Any],
    ) -> ConfigFlowResult:
        """Keep what works; else show the form again as it was filled in."""
        if problem := await async_problem(self.hass, section, {}):
            return self._async_ask(step, schema, filled, problem)
        options = {**entry.options, SECTION_WORDS: dict(section)}
        return self.async_update_reload_and_abort(entry, options=options)

    @callback
    def _async_ask(
        self,
        step: str,
        schema: vol.Schema,
        values: Mapping[str, Any],
        problem: tuple[str, str] | None = None,
    ) -> ConfigFlowResult:
        key, said = problem or ("", "")
        return self.async_show_form(
            step_id=step,
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors={"base": key} if key else None,
            description_placeholders={"error": said, **EXAMPLES},
        )

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the options flow."""
        return ScoutOptionsFlow()


class ScoutOptionsFlow(OptionsFlowWithReload):
    """All options on one page, in sections."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the options and store what was chosen, once it works."""
        errors: dict[str, str] = {}
        said = ""
        stored = self.config_entry.options.get(SECTION_WORDS, {})
        if user_input is not None and not (errors := trouble_with(user_input)):
            words = with_key(user_input[SECTION_WORDS], stored)
            if not (problem := await async_problem(self.hass, words, stored)):
                chosen = {**user_input, SECTION_WORDS: words}
                return self.async_create_entry(data=_whole_numbers(chosen))
            errors["base"], said = problem
        users = await self._async_users()
        shown = {
            **self.config_entry.options,
            SECTION_WORDS: without_key(stored),
            **(user_input or {}),
        }
        scope = dict(shown.get(SECTION_SCOPE, {}))
        there = {option["value"] for option in users}
        for key in (CONF_EXCLUDE_USERS, CONF_PEOPLE):
            scope[key] = [user for user in scope.get(key, []) if user in there]
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                _schema(self.hass, users), {**shown, SECTION_SCOPE: scope}
            ),
            errors=errors,
            description_placeholders={"error": said, **EXAMPLES},
        )

    async def _async_users(self) -> list[selector.SelectOptionDict]:
        """Return the accounts whose actions may be left out."""
        users = await self.hass.auth.async_get_users()
        return [
            selector.SelectOptionDict(value=user.id, label=user.name or user.id)
            for user in users
            if not user.system_generated
        ]


def _whole_numbers(chosen: dict[str, Any]) -> dict[str, Any]:
    """Return the options with the numbers of what is counted as integers."""
    whole = {CONF_RETENTION_DAYS, CONF_MAX_OPEN, CONF_CONCURRENCY}
    return {
        name: {
            key: int(value) if key in whole else value for key, value in values.items()
        }
        for name, values in chosen.items()
    }


def _schema(hass: HomeAssistant, users: list[selector.SelectOptionDict]) -> vol.Schema:
    accounts = selector.SelectSelector(
        selector.SelectSelectorConfig(
            options=users, multiple=True, mode=selector.SelectSelectorMode.DROPDOWN
        )
    )
    scope = vol.Schema(
        {
            vol.Optional("include_entities", default=list): _MANY_ENTITIES,
            vol.Optional("exclude_entities", default=list): _MANY_ENTITIES,
            vol.Optional("exclude_areas", default=list): selector.AreaSelector(
                selector.AreaSelectorConfig(multiple=True)
            ),
            vol.Optional("exclude_labels", default=list): selector.LabelSelector(
                selector.LabelSelectorConfig(multiple=True)
            ),
            vol.Optional(CONF_EXCLUDE_USERS, default=list): accounts,
            vol.Optional(CONF_PEOPLE, default=list): accounts,
        }
    )
    return vol.Schema(
        {
            vol.Required(SECTION_SCHEDULE): section(SCHEDULE, {"collapsed": False}),
            vol.Required(SECTION_SUGGESTIONS): section(
                SUGGESTIONS, {"collapsed": False}
            ),
            vol.Required(SECTION_SCOPE): section(scope, {"collapsed": True}),
            vol.Required(SECTION_WORDS): section(
                words_schema(hass.config.currency), {"collapsed": True}
            ),
            vol.Required(SECTION_NOTIFICATIONS): section(
                notices_schema(hass), {"collapsed": True}
            ),
        }
    )
