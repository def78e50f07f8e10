"""Actions: what automations, scripts and other clients can ask for."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.util.json import JsonValueType

from .administrators import async_only_administrators
from .const import DOMAIN
from .coordinator import ScoutConfigEntry, ScoutCoordinator
from .lifecycle import REASONS, STATUSES
from .mining.rules import KINDS
from .suggestion import Suggestion

if TYPE_CHECKING:
    # What `voluptuous` is an alias of since Home Assistant 2026.9.
    import probatio as vol
else:
    import voluptuous as vol

SERVICE_ACCEPT: Final = "accept"
SERVICE_ANALYZE: Final = "analyze"
SERVICE_BACKTEST: Final = "backtest"
SERVICE_DISMISS: Final = "dismiss"
SERVICE_FORGET: Final = "forget"
SERVICE_LIST: Final = "list_suggestions"
SERVICE_PREVIEW: Final = "preview_prompt"
SERVICE_REFINE: Final = "refine"
SERVICE_RESTORE: Final = "restore"
SERVICE_SNOOZE: Final = "snooze"
SERVICE_UNDO: Final = "undo"


_WAYS: Final = ("changes", "instruction")
"""In which it is said what is to be changed."""


def _one_line(text: str) -> str:
    return " ".join(text.split())


_SUGGESTION_ID: Final = vol.All(cv.string, vol.Length(min=1, max=255))
_INSTRUCTION: Final = vol.All(cv.string, vol.Length(min=1, max=1000))
ANALYZE_SCHEMA: Final = vol.Schema(
    {
        vol.Optional("days"): vol.All(vol.Coerce(int), vol.Range(min=1, max=365)),
        vol.Optional("words"): cv.boolean,
    }
)
BACKTEST_SCHEMA: Final = vol.Schema(
    {
        vol.Required("automation"): vol.Any(dict, list, str),
        vol.Optional("days"): vol.All(vol.Coerce(int), vol.Range(min=1, max=365)),
    }
)
LIST_SCHEMA: Final = vol.Schema(
    {
        vol.Optional("status"): vol.All(cv.ensure_list, [vol.In(STATUSES)]),
        vol.Optional("kind"): vol.All(cv.ensure_list, [vol.In(KINDS)]),
        vol.Optional("min_confidence"): vol.All(
            vol.Coerce(float), vol.Range(min=0, max=1)
        ),
        vol.Optional("limit"): vol.All(vol.Coerce(int), vol.Range(min=1)),
    }
)
DISMISS_SCHEMA: Final = vol.Schema(
    {
        vol.Required("suggestion_id"): _SUGGESTION_ID,
        vol.Optional("reason"): vol.In(REASONS),
    }
)
REFINE_SCHEMA: Final = vol.Schema(
    {
        vol.Required("suggestion_id"): _SUGGESTION_ID,
        vol.Optional("changes"): dict,
        vol.Optional("instruction"): _INSTRUCTION,
    }
)
PREVIEW_SCHEMA: Final = vol.Schema(
    {
        vol.Required("suggestion_id"): _SUGGESTION_ID,
        vol.Optional("instruction"): _INSTRUCTION,
    }
)
RESTORE_SCHEMA: Final = vol.Schema({vol.Required("suggestion_id"): _SUGGESTION_ID})
FORGET_SCHEMA: Final = vol.Schema(
    {
        vol.Optional("entity_id"): cv.entity_id,
        vol.Optional("user_id"): vol.All(cv.string, vol.Length(min=1, max=255)),
        vol.Optional("before"): vol.Any(cv.date, cv.datetime),
    }
)
SNOOZE_SCHEMA: Final = vol.Schema(
    {
        vol.Required("suggestion_id"): _SUGGESTION_ID,
        vol.Required("days"): vol.All(vol.Coerce(int), vol.Range(min=1, max=365)),
    }
)
ACCEPT_SCHEMA: Final = vol.Schema(
    {
        vol.Required("suggestion_id"): _SUGGESTION_ID,
        vol.Optional("enabled", default=True): cv.boolean,
        vol.Optional("confirm", default=False): cv.boolean,
        vol.Optional("alias"): vol.All(cv.string, _one_line, vol.Length(1, 255)),
        vol.Optional("trial_days"): vol.All(vol.Coerce(int), vol.Range(min=1, max=90)),
    }
)
UNDO_SCHEMA: Final = vol.Schema(
    {
        vol.Required("suggestion_id"): _SUGGESTION_ID,
        vol.Optional("force", default=False): cv.boolean,
    }
)

type Handler = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; they work while the integration is loaded."""
    admin: tuple[tuple[str, Handler, vol.Schema], ...] = (
        (SERVICE_ACCEPT, _async_accept, ACCEPT_SCHEMA),
        (SERVICE_ANALYZE, _async_analyze, ANALYZE_SCHEMA),
        (SERVICE_DISMISS, _async_dismiss, DISMISS_SCHEMA),
        (SERVICE_FORGET, _async_forget, FORGET_SCHEMA),
        (SERVICE_REFINE, _async_refine, REFINE_SCHEMA),
        (SERVICE_RESTORE, _async_restore, RESTORE_SCHEMA),
        (SERVICE_SNOOZE, _async_snooze, SNOOZE_SCHEMA),
        (SERVICE_UNDO, _async_undo, UNDO_SCHEMA),
    )
    for name, handler, schema in admin:
        hass.services.async_register(
            DOMAIN,
            name,
            partial(for_administrators, handler),
            schema,
            supports_response=SupportsResponse.OPTIONAL,
        )
    hass.services.async_register(
        DOMAIN,
        SERVICE_PREVIEW,
        partial(for_administrators, _async_preview),
        PREVIEW_SCHEMA,
        supports_response=SupportsResponse.ONLY,
    )
    everybody: tuple[tuple[str, Handler, vol.Schema], ...] = (
        (SERVICE_BACKTEST, _async_backtest, BACKTEST_SCHEMA),
        (SERVICE_LIST, _async_list, LIST_SCHEMA),
    )
    for name, handler, schema in everybody:
        hass.services.async_register(
            DOMAIN, name, handler, schema, supports_response=SupportsResponse.ONLY
        )


async def for_administrators(handler: Handler, call: ServiceCall) -> ServiceResponse:
    """Refuse whoever is none in words, which `async_register_admin_service` has not."""
    await async_only_administrators(call.hass, call.context)
    return await handler(call)


def _coordinator(hass: HomeAssistant) -> ScoutCoordinator:
    entries: list[ScoutConfigEntry] = hass.config_entries.async_loaded_entries(DOMAIN)
    if not entries:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="not_set_up"
        )
    return entries[0].runtime_data


async def _async_analyze(call: ServiceCall) -> ServiceResponse:
    return await _coordinator(call.hass).async_analyze(
        call.data.get("days"), words=call.data.get("words", True)
    )


async def _async_backtest(call: ServiceCall) -> ServiceResponse:
    return await _coordinator(call.hass).async_backtest(
        call.data["automation"], call.data.get("days")
    )


async def _async_list(call: ServiceCall) -> ServiceResponse:
    found = await _coordinator(call.hass).async_list(call.data.get("status") or None)
    kinds = call.data.get("kind") or KINDS
    least = call.data.get("min_confidence", 0.0)
    chosen = [
        item for item in found if item["kind"] in kinds and item["confidence"] >= least
    ]
    shown: list[JsonValueType] = [*chosen[: call.data.get("limit")]]
    return {"suggestions": shown}


async def _async_dismiss(call: ServiceCall) -> ServiceResponse:
    suggestion = await _coordinator(call.hass).async_dismiss(
        call.data["suggestion_id"], call.data.get("reason")
    )
    return {"suggestion_id": suggestion["id"], "status": suggestion["status"]}


async def _async_refine(call: ServiceCall) -> ServiceResponse:
    given = {name: call.data[name] for name in _WAYS if name in call.data}
    if not given:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_changes"
        )
    if len(given) > 1:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="refine_one_way"
        )
    return await _coordinator(call.hass).refining.async_refine(
        call.data["suggestion_id"], **given
    )


async def _async_preview(call: ServiceCall) -> ServiceResponse:
    coordinator = _coordinator(call.hass)
    if "instruction" in call.data:
        return await coordinator.refining.async_preview(**call.data)
    return await coordinator.async_preview(**call.data)


async def _async_restore(call: ServiceCall) -> ServiceResponse:
    suggestion = await _coordinator(call.hass).async_restore(call.data["suggestion_id"])
    return {"suggestion_id": suggestion["id"], "status": suggestion["status"]}


async def _async_forget(call: ServiceCall) -> ServiceResponse:
    return await _coordinator(call.hass).async_forget(**call.data)


def _put_off(suggestion: Suggestion) -> ServiceResponse:
    return {
        "suggestion_id": suggestion["id"],
        "status": suggestion["status"],
        "snoozed_until": suggestion["snoozed_until"],
    }


async def _async_snooze(call: ServiceCall) -> ServiceResponse:
    return _put_off(
        await _coordinator(call.hass).async_snooze(
            call.data["suggestion_id"], call.data["days"]
        )
    )


async def _async_accept(call: ServiceCall) -> ServiceResponse:
    coordinator, suggestion_id = _coordinator(call.hass), call.data["suggestion_id"]
    if days := call.data.get("trial_days"):
        return _put_off(await coordinator.async_start_trial(suggestion_id, days))
    answer: dict[str, JsonValueType] = {
        **await coordinator.acceptance.async_accept(
            suggestion_id,
            call.data["enabled"],
            call.data["confirm"],
            call.data.get("alias"),
        )
    }
    return answer


async def _async_undo(call: ServiceCall) -> ServiceResponse:
    suggestion_id = call.data["suggestion_id"]
    acceptance = _coordinator(call.hass).acceptance
    status = await acceptance.async_undo(suggestion_id, call.data["force"])
    return {"suggestion_id": suggestion_id, "status": status}
