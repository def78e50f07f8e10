"""Who decides: administrators, and automations, which have no user."""

from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized, UnknownUser

from .const import DOMAIN


class NotAdministratorError(Unauthorized):
    """Home Assistant's own refusal, in words that are translated.

    Without them a person reads "Unauthorized" on whatever they have tapped.
    """

    def __init__(self, context: Context, entity_id: str | None = None) -> None:
        """Refuse what somebody wanted."""
        super().__init__(context=context, entity_id=entity_id)
        # It has no arguments for this.
        HomeAssistantError.__init__(
            self, translation_domain=DOMAIN, translation_key="administrators_only"
        )


async def async_only_administrators(
    hass: HomeAssistant, context: Context, entity_id: str | None = None
) -> None:
    """Let those pass who may decide.

    Raises:
        Unauthorized: it is no administrator; translated.
    """
    if context.user_id is None:
        return
    user = await hass.auth.async_get_user(context.user_id)
    if user is None:
        raise UnknownUser(context=context, entity_id=entity_id)
    if not user.is_admin:
        raise NotAdministratorError(context, entity_id)
