"""Config flow of the demo home: there is nothing to ask."""

from typing import Any

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult

from .const import DOMAIN


class DemoHomeFlow(ConfigFlow, domain=DOMAIN):
    """Make the one entry."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Make the entry at a person's request."""
        return self.async_create_entry(title="Demo Home", data={})

    async def async_step_import(self, import_data: dict[str, Any]) -> ConfigFlowResult:
        """Make the entry because configuration.yaml asks for it."""
        return await self.async_step_user(import_data)
