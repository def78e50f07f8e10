"""The trigger "a suggestion arrived", in Home Assistant's purpose-specific form."""

from typing import TYPE_CHECKING, Any, Final, cast, override

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.trigger import Trigger, TriggerActionRunner, TriggerConfig
from homeassistant.helpers.typing import ConfigType

from .const import EVENT_SUGGESTION_NEW
from .mining.rules import KINDS

if TYPE_CHECKING:
    from homeassistant.helpers.trigger import TriggerNotTriggeredReporter
    import probatio as vol
else:
    import voluptuous as vol

SUGGESTION_ARRIVED: Final = "suggestion_arrived"

OPTIONS: Final = {
    vol.Optional("kind"): vol.All(cv.ensure_list, [vol.In(KINDS)]),
    vol.Optional("min_confidence"): vol.All(vol.Coerce(float), vol.Range(min=0, max=1)),
}
_SCHEMA: Final = vol.Schema({vol.Required(CONF_OPTIONS, default=dict): OPTIONS})


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers by name."""
    return {SUGGESTION_ARRIVED: SuggestionArrived}


class SuggestionArrived(Trigger):
    """Fires once for each suggestion that is opened."""

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Return the checked options."""
        return cast("ConfigType", _SCHEMA(config))

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take over the options."""
        super().__init__(hass, config)
        options = config.options or {}
        self._kinds = frozenset(options.get("kind") or KINDS)
        self._least: float = options.get("min_confidence", 0.0)

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Run the action for every suggestion that is asked for."""

        @callback
        def arrived(event: Event[dict[str, Any]]) -> None:
            suggestion = event.data
            if (
                suggestion.get("kind") in self._kinds
                and suggestion["confidence"] >= self._least
            ):
                run_action(
                    {"suggestion": dict(suggestion)},
                    f"suggestion {suggestion['title']}",
                    event.context,
                )

        return self._hass.bus.async_listen(EVENT_SUGGESTION_NEW, arrived)
