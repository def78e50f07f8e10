"""What entities can be brought to, as their states say."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from homeassistant.components.cover import CoverEntityFeature
from homeassistant.components.fan import (  # type: ignore[attr-defined]
    FanEntityFeature,
)
from homeassistant.components.light import (  # type: ignore[attr-defined]
    brightness_supported,
    color_temp_supported,
)
from homeassistant.components.media_player import (  # type: ignore[attr-defined]
    MediaPlayerEntityFeature,
)
from homeassistant.const import ATTR_SUPPORTED_FEATURES
from homeassistant.core import HomeAssistant, State, callback

from ..mining.refining.abilities import Ability, NumberRange

_SHARE: Final = NumberRange(0, 100)
"""Settings that are shares of a whole, in percent."""
_LEAST_LIGHT: Final = NumberRange(1, 100)
"""At 0 % a light is off."""


@callback
def abilities(hass: HomeAssistant, entity_ids: Iterable[str]) -> dict[str, Ability]:
    """Return what each of some entities can do; without those that are not there."""
    found: dict[str, Ability] = {}
    for entity_id in entity_ids:
        state = hass.states.get(entity_id)
        if state is not None and state.domain in _READERS:
            found[entity_id] = _READERS[state.domain](state)
    return found


def _climate(state: State) -> Ability:
    return Ability(
        _range(state, "temperature", "min_temp", "max_temp"),
        _options(state, {"preset": "preset_modes"}),
        _texts(state.attributes.get("hvac_modes")),
    )


def _water_heater(state: State) -> Ability:
    return Ability(
        _range(state, "temperature", "min_temp", "max_temp"),
        {},
        _texts(state.attributes.get("operation_list")),
    )


def _humidifier(state: State) -> Ability:
    return Ability(_range(state, "humidity", "min_humidity", "max_humidity"))


def _light(state: State) -> Ability:
    modes = state.attributes.get("supported_color_modes")
    if modes is None:
        return Ability({"brightness": _LEAST_LIGHT})
    lacks = set()
    if not brightness_supported(modes):
        lacks.add("brightness")
    if not color_temp_supported(modes):
        lacks.add("color_temp")
    names = "min_color_temp_kelvin", "max_color_temp_kelvin"
    kelvin = _range(state, "color_temp", *names)
    return Ability({"brightness": _LEAST_LIGHT, **kelvin}, lacks=frozenset(lacks))


def _cover(state: State) -> Ability:
    can = _has(state, CoverEntityFeature.SET_POSITION)
    return Ability(
        {"position": _SHARE}, lacks=frozenset() if can else frozenset({"position"})
    )


def _fan(state: State) -> Ability:
    can = _has(state, FanEntityFeature.SET_SPEED)
    return Ability(
        {"percentage": _SHARE},
        lacks=frozenset() if can else frozenset({"percentage"}),
    )


def _media_player(state: State) -> Ability:
    wanted = {
        "volume": MediaPlayerEntityFeature.VOLUME_SET,
        "source": MediaPlayerEntityFeature.SELECT_SOURCE,
    }
    lacks = {name for name, feature in wanted.items() if not _has(state, feature)}
    return Ability(
        {"volume": _SHARE},
        _options(state, {"source": "source_list"}),
        lacks=frozenset(lacks),
    )


_READERS: Final[Mapping[str, Callable[[State], Ability]]] = {
    "climate": _climate,
    "cover": _cover,
    "fan": _fan,
    "humidifier": _humidifier,
    "light": _light,
    "media_player": _media_player,
    "water_heater": _water_heater,
}


def _has(state: State, feature: int) -> bool:
    return bool(int(state.attributes.get(ATTR_SUPPORTED_FEATURES, 0)) & feature)


def _range(state: State, name: str, low: str, high: str) -> dict[str, NumberRange]:
    ends = state.attributes.get(low), state.attributes.get(high)
    if all(isinstance(end, int | float) for end in ends):
        return {name: NumberRange(float(ends[0]), float(ends[1]))}  # type: ignore[arg-type]  # checked above
    return {}


def _options(state: State, names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    found = {
        name: _texts(state.attributes.get(source)) for name, source in names.items()
    }
    return {name: texts for name, texts in found.items() if texts}


def _texts(value: Any) -> tuple[str, ...]:  # noqa: ANN401 - whatever an entity says
    if not isinstance(value, list | tuple):
        return ()
    return tuple(str(item) for item in value)
