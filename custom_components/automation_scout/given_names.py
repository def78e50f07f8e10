"""What people and things are called in a home, as far as Home Assistant knows it."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final
import unicodedata

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
)

from .llm.names import AREA, DEVICE, PERSON, PLACE, Name, joins, kind_of
from .mining.rules import DAY_NAMES, DERIVED

FLOOR: Final = "Floor"
HOME: Final = "Home"
_LEAST_PART: Final = 2
_PARTICLES: Final = frozenset(
    {"al", "bin", "da", "de", "del", "den", "der", "di", "dos", "du", "el", "la", "le"}
    | {"ter", "van", "von", "zu"}
)
"""Parts of names that are words of many languages."""
_GIVEN: Final = {3: (1,), 4: (1, 2)}
"""Length of a name in a script without spaces to where the given name may begin."""
_EVERYWHERE: Final = frozenset(
    {"home", "on", "off", "sun", "sunrise", "sunset", "weekday", "weekdays", "weekend"}
    | set(DAY_NAMES)
    # What Home Assistant itself proposes to call a home, in our languages.
    | {"casa", "dom", "domicile", "domov", "ev", "hem", "hjem", "koti", "lar", "maison"}
    | {"thuis", "zuhause", "дім", "дом", "家"}
)
"""What every home has: as a name it tells nothing, and it is a word of any question."""


async def given_names(hass: HomeAssistant) -> tuple[Name, ...]:
    """Return names of people, things and places, and the parts of people's names.

    Those of people come first, then whatever has a state or could have one, devices
    and places.
    """
    users = await hass.auth.async_get_users()
    accounts = [user.name or "" for user in users if not user.system_generated]
    found = (
        *_people(hass, accounts),
        *_things(hass),
        *_devices(hass),
        *_places(hass),
    )
    return tuple(
        name for name in found if name.text.strip().casefold() not in {"", *_EVERYWHERE}
    )


@callback
def _people(hass: HomeAssistant, accounts: Iterable[str]) -> Iterator[Name]:
    persons = [state.name for state in hass.states.async_all("person")]
    for text in (*persons, *accounts):
        yield Name(PERSON, text)
    # An account without a person is often a tablet, and "Kitchen" no first name.
    for text in persons:
        for part in _parts(text):
            yield Name(PERSON, part)


def _parts(text: str) -> Iterator[str]:
    """Yield what a person may be called of a name."""
    runs = groupby(unicodedata.normalize("NFC", text), _is_of_a_name)
    for part in ("".join(run) for is_name, run in runs if is_name):
        if len(part) >= _LEAST_PART and part.casefold() not in _PARTICLES:
            yield part
        if not any(map(joins, part)):
            yield from (part[start:] for start in _GIVEN.get(len(part), ()))


def _is_of_a_name(char: str) -> bool:
    """Return whether it is a letter, or a mark that belongs to one."""
    return unicodedata.category(char)[0] in "LM"


@callback
def _things(hass: HomeAssistant) -> Iterator[Name]:
    for state in hass.states.async_all():
        if state.domain not in {"person", "zone"} and state.entity_id not in DERIVED:
            yield Name(kind_of(state.entity_id), state.name, state.entity_id)
    for entry in er.async_get(hass).entities.values():
        texts: Iterable[object] = (entry.name, *entry.aliases)
        if hass.states.get(entry.entity_id) is None and not entry.has_entity_name:
            texts = (*texts, entry.original_name)
        for text in texts:
            # A newer version puts a mark among the aliases.
            if isinstance(text, str):
                yield Name(kind_of(entry.entity_id), text, entry.entity_id)


@callback
def _devices(hass: HomeAssistant) -> Iterator[Name]:
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
        yield from (Name(AREA, text) for text in (area.name, *area.aliases))
    for floor in fr.async_get(hass).async_list_floors():
        yield from (Name(FLOOR, text) for text in (floor.name, *floor.aliases))
    yield Name(HOME, hass.config.location_name)
