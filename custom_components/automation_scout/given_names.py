"""What people and things are called in a home, as far as Home Assistant knows it."""

from collections.abc import Iterable, Iterator
import re
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    floor_registry as fr,
)

from .llm.names import AREA, DEVICE, PLACE, Name, kind_of
from .mining.rules import DERIVED

PERSON: Final = "Person"
FLOOR: Final = "Floor"
HOME: Final = "Home"
_WORD: Final = re.compile(r"\w{2,}")
_EVERYWHERE: Final = frozenset({"home", "sun"})
"""What every home has: as a name it tells nothing, and it is a word of any question."""


async def given_names(hass: HomeAssistant) -> tuple[Name, ...]:
    """Return names of people, things and places, and the parts of people's names.

    Those of people come first, then whatever has a state, devices and places.
    """
    users = await hass.auth.async_get_users()
    accounts = [user.name or "" for user in users if not user.system_generated]
    found = [*_people(hass, accounts), *_things(hass), *_places(hass)]
    return tuple(
        name for name in found if name.text.strip().casefold() not in {"", *_EVERYWHERE}
    )


@callback
def _people(hass: HomeAssistant, accounts: Iterable[str]) -> Iterator[Name]:
    persons = [state.name for state in hass.states.async_all("person")]
    for text in (*persons, *accounts):
        yield Name(PERSON, text)
    for text in persons:
        for part in _WORD.findall(text):
            # "van" and "de" are words of many languages.
            if not part[0].islower():
                yield Name(PERSON, part)


@callback
def _things(hass: HomeAssistant) -> Iterator[Name]:
    for state in hass.states.async_all():
        if state.domain not in {"person", "zone"} and state.entity_id not in DERIVED:
            yield Name(kind_of(state.entity_id), state.name, state.entity_id)
    devices = dr.async_get(hass)
    # Before 2026.9 they are a mapping of which these are the ids.
    known: Iterable[object] = devices.devices
    for item in known:
        device = devices.async_get(item) if isinstance(item, str) else item
        if isinstance(device, dr.DeviceEntry):
            yield Name(DEVICE, device.name_by_user or "")
            yield Name(DEVICE, device.name or "")


@callback
def _places(hass: HomeAssistant) -> Iterator[Name]:
    for zone in hass.states.async_all("zone"):
        yield Name(PLACE, zone.name)
    for area in ar.async_get(hass).async_list_areas():
        yield Name(AREA, area.name)
        yield from (Name(AREA, alias) for alias in area.aliases)
    for floor in fr.async_get(hass).async_list_floors():
        yield Name(FLOOR, floor.name)
    yield Name(HOME, hass.config.location_name)
