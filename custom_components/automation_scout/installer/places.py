"""Where an automation is found in the interface: its label, category and area."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import (
    category_registry as cr,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.helpers.translation import async_get_translations

from ..const import DOMAIN, NAME

AUTOMATION: Final = "automation"
_ICON: Final = "mdi:lightbulb-auto-outline"


@callback
def entity_id_of(hass: HomeAssistant, automation_id: str) -> str | None:
    """Return the entity of an automation, None where the registry has none."""
    return er.async_get(hass).async_get_entity_id(AUTOMATION, AUTOMATION, automation_id)


async def async_place(
    hass: HomeAssistant, entity_id: str, category: str, area_id: str | None
) -> None:
    """Give an automation the label, a category and an area.

    What a person gave it before stays.
    """
    entities = er.async_get(hass)
    entry = entities.async_get(entity_id)
    if entry is None:
        return
    name = await _category_name(hass, category)
    changes: dict[str, Any] = {"labels": entry.labels | {_label(hass)}}
    if AUTOMATION not in entry.categories:
        changes["categories"] = {
            **entry.categories,
            AUTOMATION: _category(hass, name),
        }
    if entry.area_id is None and area_id:
        changes["area_id"] = area_id
    entities.async_update_entity(entity_id, **changes)


@callback
def _label(hass: HomeAssistant) -> str:
    """Return the id of the label, which is made where it is not there.

    A person may have renamed it; the id stays.
    """
    labels = lr.async_get(hass)
    found = labels.async_get_label(DOMAIN) or labels.async_get_label_by_name(NAME)
    return (found or labels.async_create(NAME, icon=_ICON)).label_id


async def _category_name(hass: HomeAssistant, category: str) -> str:
    names: Mapping[str, str] = await async_get_translations(
        hass, hass.config.language, "selector", {DOMAIN}
    )
    key = f"component.{DOMAIN}.selector.category.options.{category}"
    return names.get(key, category.capitalize())


@callback
def _category(hass: HomeAssistant, name: str) -> str:
    """Return the id of the category of automations with a name, made if need be."""
    categories = cr.async_get(hass)
    for entry in categories.async_list_categories(scope=AUTOMATION):
        if entry.name.casefold() == name.casefold():
            return entry.category_id
    return categories.async_create(scope=AUTOMATION, name=name).category_id
