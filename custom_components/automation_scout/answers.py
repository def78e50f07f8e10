"""What people answer on their phone to a suggestion: accept, dismiss, later.

Whoever sent the notification, be it the integration or an automation: the answer comes
here, because here it is known who gave it. In an automation it would have the rights of
the automation, which are all.
"""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .const import ANSWER_ACCEPT, ANSWER_DISMISS, ANSWER_LATER, LOGGER, NAME
from .coordinator import ScoutCoordinator
from .error_text import async_error_text
from .installer.errors import refusal
from .markdown import literal
from .notice_options import NOTIFY, How, NoticeOptions
from .notifications import async_show
from .verdicts import pending_row

EVENT_ANSWER: Final = "mobile_app_notification_action"
LATER_DAYS: Final = 7
_ANSWERS: Final = (ANSWER_ACCEPT, ANSWER_DISMISS, ANSWER_LATER)


@callback
def async_listen_for_answers(
    hass: HomeAssistant, entry: ConfigEntry[ScoutCoordinator]
) -> None:
    """Do what administrators answer on their phones until the entry is unloaded."""

    async def answered(event: Event[Mapping[str, Any]]) -> None:
        try:
            await _async_decide(hass, entry.runtime_data, event)
        except HomeAssistantError as err:
            LOGGER.info("An answer on a phone was refused: %s", err)
            await _async_reply(hass, entry, err)

    entry.async_on_unload(hass.bus.async_listen(EVENT_ANSWER, answered, _is_ours))


@callback
def _is_ours(data: Mapping[str, Any]) -> bool:
    return str(data.get("action", "")).startswith(_ANSWERS)


async def _async_decide(
    hass: HomeAssistant, coordinator: ScoutCoordinator, event: Event[Mapping[str, Any]]
) -> None:
    """Do what was answered.

    Raises:
        HomeAssistantError: it may not, or cannot, be done; translated.
    """
    user_id = event.context.user_id
    user = await hass.auth.async_get_user(user_id) if user_id else None
    if user is None or not user.is_active or not user.is_admin:
        raise refusal("administrators_only")
    action = str(event.data["action"])
    answer = next(known for known in _ANSWERS if action.startswith(known))
    suggestion_id = action.removeprefix(answer)
    # A button of yesterday must not turn what was decided since.
    keeper = coordinator.keeper
    async with keeper.translated(coordinator.async_refresh):
        await pending_row(keeper.stores, suggestion_id)
    if answer == ANSWER_ACCEPT:
        await coordinator.acceptance.async_accept(suggestion_id)
    elif answer == ANSWER_DISMISS:
        await coordinator.async_dismiss(suggestion_id, None)
    else:
        await coordinator.async_snooze(suggestion_id, LATER_DAYS)


async def _async_reply(
    hass: HomeAssistant, entry: ConfigEntry, err: HomeAssistantError
) -> None:
    """Say why nothing was done, in Home Assistant and on the phone that is told."""
    message = await async_error_text(hass, err, hass.config.language)
    async_show(hass, "answer", NAME, literal(message))
    options = NoticeOptions.of(entry.options)
    if options.how is How.NOTIFY and hass.services.has_service(NOTIFY, options.action):
        await hass.services.async_call(
            NOTIFY, options.action, {"title": NAME, "message": message}
        )
