"""Settings of entities: what people set besides on and off, and how it is called.

In the log a setting is an entity of its own, `light.desk#brightness`, whose states are
its values as text, rounded to `step`; a row is a change of it. Sensors that measure are
logged likewise, their numbers as text, reduced to changes that matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final

from .facts import HomeFacts, domain_of
from .rules import ATTRIBUTE_MARK


@dataclass(frozen=True, slots=True)
class Attribute:
    """One setting of the entities of a domain."""

    name: str
    """In the log and in `Values`."""
    source: str
    """Attribute of Home Assistant's state."""
    service: str
    """Action that sets it, without the domain."""
    key: str
    """Key of the value in that action's data."""
    step: float = 0.0
    """Logged values are multiples of it; 0 for text."""
    grain: float = 0.0
    """Values this far apart are the same to people; 0 for text."""
    to_log: float = 1.0
    """Factor from Home Assistant's state to the log."""
    to_data: float = 1.0
    """Factor from the log to the data of the action."""

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.step > 0


_TEMPERATURE: Final = Attribute(
    "temperature", "temperature", "set_temperature", "temperature", 0.5, 0.5
)
ATTRIBUTES: Final[Mapping[str, tuple[Attribute, ...]]] = {
    "climate": (
        _TEMPERATURE,
        Attribute("preset", "preset_mode", "set_preset_mode", "preset_mode"),
    ),
    "cover": (
        Attribute(
            "position", "current_position", "set_cover_position", "position", 1, 10
        ),
    ),
    "fan": (
        Attribute("percentage", "percentage", "set_percentage", "percentage", 1, 10),
    ),
    "humidifier": (
        Attribute("humidity", "humidity", "set_humidity", "humidity", 1, 5),
    ),
    "light": (
        Attribute(
            "brightness", "brightness", "turn_on", "brightness_pct", 1, 10, 100 / 255
        ),
        Attribute(
            "color_temp",
            "color_temp_kelvin",
            "turn_on",
            "color_temp_kelvin",
            50,
            300,
        ),
    ),
    "media_player": (
        Attribute(
            "volume", "volume_level", "volume_set", "volume_level", 1, 10, 100, 0.01
        ),
        Attribute("source", "source", "select_source", "source"),
    ),
    "water_heater": (_TEMPERATURE,),
}
"""Domain to its settings, in the order in which an automation sets them."""


def attribute_of(entity_id: str) -> Attribute | None:
    """Return the setting that a log's entity (`light.desk#brightness`) is, if any."""
    base, mark, name = entity_id.partition(ATTRIBUTE_MARK)
    if not mark:
        return None
    known = ATTRIBUTES.get(domain_of(base), ())
    return next((attribute for attribute in known if attribute.name == name), None)


def settings_of(entity_id: str) -> tuple[str, ...]:
    """Return what the settings of an entity are called in a log."""
    return tuple(
        f"{entity_id}{ATTRIBUTE_MARK}{attribute.name}"
        for attribute in ATTRIBUTES.get(domain_of(entity_id), ())
    )


def logged_names(facts: HomeFacts) -> frozenset[str]:
    """Return every name that the log of a home can hold."""
    return frozenset(
        name
        for entity_id in facts.entities
        for name in (entity_id, *settings_of(entity_id))
    )


def text_of(value: float, step: float) -> str:
    """Return a number as the log's text: the nearest multiple of the step."""
    count = value / step
    # A number so large has no multiple of a step below one.
    return f"{round(count) * step:.10g}" if isfinite(count) else f"{value:.10g}"
