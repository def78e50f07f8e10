"""The home as the reading of automations sees it: states, and what ids stand for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from astral import Observer
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..mining.elevation import at_height
from ..mining.reach import INDIRECT, Reach
from ..mining.rules import Side, SunEvent, SunTrigger
from ..mining.written.pieces import items, seconds_of, words

_DAY_MIN: Final = 1440


@dataclass(frozen=True, slots=True)
class View:
    """What the triggers and conditions of all automations are read with."""

    hass: HomeAssistant
    reach: Reach
    persons: Mapping[str, str] = field(default_factory=dict)
    """Device tracker to the person that it stands for."""
    everybody: frozenset[str] = frozenset()
    """All persons."""

    @classmethod
    def of(cls, hass: HomeAssistant, reach: Reach) -> View:
        """Return the view of a home."""
        everybody = hass.states.async_all("person")
        persons = {
            tracker: person.entity_id
            for person in everybody
            for tracker in items(person.attributes.get("device_trackers"))
            if isinstance(tracker, str)
        }
        ids = frozenset(person.entity_id for person in everybody)
        return cls(hass, reach, persons, ids)

    def entity_ids(self, value: object) -> list[str]:
        """Return entity ids, also where the registry's own ids stand for them."""
        return [self.reach.aliases.get(word, word) for word in words(value)]

    def targets(self, source: object) -> tuple[frozenset[str], frozenset[str]]:
        """Return the entities that a target names, and those that it reaches.

        It reaches them by way of areas, devices, floors, labels and groups.
        """
        if not isinstance(source, Mapping):
            return frozenset(), frozenset()
        named = frozenset(self.entity_ids(source.get("entity_id")))
        indirect = {
            entity_id
            for kind in INDIRECT
            for target_id in words(source.get(kind))
            for entity_id in self.reach.entities_of(kind, target_id)
        }
        return named, self.reach.with_members(named | indirect) - named

    def minute(self, value: object) -> int | None:
        """Return a minute of the local day, also from a helper; None where unknown.

        A helper that holds a date as well names one day and no daily time.
        """
        if not isinstance(value, str):
            return None
        if value.startswith("input_datetime."):
            helper = self.hass.states.get(value)
            value = helper.state if helper else ""
        moment = dt_util.parse_time(value)
        return None if moment is None else moment.hour * 60 + moment.minute

    def sun_at(self, side: Side, degrees: float) -> SunTrigger | None:
        """Return when the sun passes a height now: below it sets, above it rises."""
        config = self.hass.config
        observer = Observer(config.latitude, config.longitude, config.elevation)
        event = SunEvent.SUNRISE if side is Side.ABOVE else SunEvent.SUNSET
        return at_height(event, degrees, observer, dt_util.utcnow().date())

    def shifted(self, at: Mapping[str, object]) -> int | None:
        """Return the minute of an entity with an offset, None where unknown."""
        minute = self.minute(at.get("entity_id"))
        if minute is None:
            return None
        return (minute + round(seconds_of(at.get("offset")) / 60)) % _DAY_MIN
