"""What a service call says of the changes around it; groups, echoes and covers."""

from datetime import datetime
from typing import Any

from homeassistant.helpers import (
    area_registry as ar,
    device_registry as dr,
    entity_registry as er,
    label_registry as lr,
)
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts

from ..recorder_history import History
from .reading import ANNA, ZONE, after_appearance, home, quiet, read

# Calls and their targets.


@pytest.mark.parametrize(
    ("seconds", "origin"), [(8, "USER"), (15, "USER"), (16, "PHYSICAL")]
)
async def test_late_report(past: History, seconds: float, origin: str) -> None:
    quiet(past).call("light.turn_on", {"entity_id": "light.hall"}, past.context(ANNA))
    past.later(seconds).press("light.hall", "on")
    assert [row[2] for row in await after_appearance(past)] == [origin]


async def test_late_report_of_an_automations_call(past: History) -> None:
    run = quiet(past).trigger("automation.dusk")
    past.later(7200).call("light.turn_on", {"entity_id": "light.hall"}, run)
    past.later(9).press("light.hall", "on")
    assert await after_appearance(past) == [
        ("light.hall", "on", "AUTOMATION", "automation.dusk")
    ]


async def test_late_report_after_midnight(past: History) -> None:
    quiet(past).at(datetime(2026, 3, 2, 23, 59, 55, tzinfo=ZONE))
    past.call("light.turn_on", {"entity_id": "light.hall"}, past.context(ANNA))
    past.later(10).press("light.hall", "on")
    assert [row[2] for row in await after_appearance(past)] == ["USER"]


@pytest.mark.parametrize(
    "data",
    [
        {"entity_id": "light.hall"},
        {"entity_id": ["light.stairs", "light.hall"]},
        {"entity_id": "light.stairs, Light.Hall"},
        {"entity_id": "all"},
        {"target": {"entity_id": "light.hall"}},
    ],
)
async def test_forms_of_direct_targets(past: History, data: dict[str, Any]) -> None:
    quiet(past).call("light.turn_on", data, past.context(ANNA))
    past.later(9).press("light.hall", "on")
    past.press("switch.fan", "on")
    assert [row[2] for row in await after_appearance(past)] == ["USER", "PHYSICAL"]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"entity_id": None},
        {"entity_id": {"a": 1}},
        {"entity_id": [1, None, ["x"]]},
        {"area_id": "nowhere", "device_id": 5, "label_id": [[]]},
    ],
)
async def test_junk_in_targets(past: History, data: dict[str, Any]) -> None:
    quiet(past).call("light.turn_on", data, past.context(ANNA))
    past.later(9).press("light.hall", "on")
    assert [row[2] for row in await after_appearance(past)] == ["PHYSICAL"]


async def test_call_that_was_too_long_to_be_kept(past: History) -> None:
    context = quiet(past).call(
        "light.turn_on",
        {"entity_id": "light.pair", "x": "y" * 33_000},
        past.context(ANNA),
    )
    past.state("light.hall", "on", context)
    assert await after_appearance(past) == [("light.hall", "on", "USER", ANNA)]


@pytest.mark.parametrize("target", ["area_id", "device_id", "label_id", "floor_id"])
async def test_indirect_targets(
    past: History,
    target: str,
    area_registry: ar.AreaRegistry,
    device_registry: dr.DeviceRegistry,
    entity_registry: er.EntityRegistry,
    floor_registry: Any,
    label_registry: lr.LabelRegistry,
) -> None:
    floor = floor_registry.async_create("Ground")
    area = area_registry.async_create("Hall", floor_id=floor.floor_id)
    label = label_registry.async_create("Night")
    entry = MockConfigEntry(domain="test")
    entry.add_to_hass(past.hass)
    device = device_registry.async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={("test", "1")}
    )
    device_registry.async_update_device(device.id, area_id=area.id)
    for domain, name in (("light", "hall"), ("switch", "fan")):
        known = entity_registry.async_get_or_create(
            domain, "test", name, device_id=device.id
        )
        entity_registry.async_update_entity(
            known.entity_id,
            new_entity_id=f"{domain}.{name}",
            labels={label.label_id},
        )
    ids = {
        "area_id": area.id,
        "device_id": device.id,
        "floor_id": floor.floor_id,
        "label_id": label.label_id,
    }
    quiet(past).call("light.turn_on", {target: [ids[target]]}, past.context(ANNA))
    past.later(9).press("light.hall", "on")
    past.press("switch.fan", "on")
    assert [row[2] for row in await after_appearance(past)] == ["USER", "PHYSICAL"]


# Groups, echoes, covers.


async def test_group_that_a_user_switches(past: History) -> None:
    context = quiet(past).call(
        "light.turn_on", {"entity_id": "light.pair"}, past.context(ANNA)
    )
    past.act("light.hall", "on", context)
    past.later(0.01).state("light.pair", "on", context)
    past.later(0.01).state("light.stairs", "on", context)
    assert await after_appearance(past) == [
        ("light.hall", "on", "UNKNOWN", ""),
        ("light.pair", "on", "USER", ANNA),
        ("light.stairs", "on", "UNKNOWN", ""),
    ]


async def test_group_of_which_a_member_is_switched(past: History) -> None:
    context = quiet(past).tap("light.hall", "on", ANNA)
    past.later(0.01).state("light.pair", "on", context)
    assert await after_appearance(past) == [
        ("light.hall", "on", "USER", ANNA),
        ("light.pair", "on", "UNKNOWN", ""),
    ]


async def test_group_that_is_not_watched_stands_for_its_members(past: History) -> None:
    past.state("group.all", "off", None, {"entity_id": ["light.hall", "group.more"]})
    past.state("group.more", "off", None, {"entity_id": ["light.stairs", "group.all"]})
    quiet(past).call(
        "homeassistant.turn_on", {"entity_id": "group.all"}, past.context(ANNA)
    )
    past.later(9).press("light.stairs", "on")
    assert await after_appearance(past) == [("light.stairs", "on", "USER", ANNA)]


async def test_group_that_is_not_recorded_hides_no_act(past: History) -> None:
    facts = home("light.hall", light__pair=("light.hall",))
    past.appear(light__hall="off")
    context = past.later(60).call(
        "light.turn_on", {"entity_id": "light.pair"}, past.context(ANNA)
    )
    past.act("light.hall", "on", context)
    assert (await read(past, facts=facts))[1:] == [("light.hall", "on", "USER", ANNA)]


async def test_echo_of_the_same_device(past: History) -> None:
    facts = HomeFacts(
        ZONE.key,
        {
            name: EntityFacts(name, name, device_id="plug")
            for name in ("light.plug", "switch.plug")
        },
    )
    past.appear(light__plug="off", switch__plug="off")
    past.later(60).press("switch.plug", "on")
    past.later(0.5).press("light.plug", "on")
    found = await read(past, facts=facts)
    assert [row[2] for row in found[2:]] == ["PHYSICAL", "UNKNOWN"]


@pytest.mark.parametrize("midnight", [False, True])
async def test_cover_comes_to_rest(past: History, *, midnight: bool) -> None:
    quiet(past)
    if midnight:
        past.at(datetime(2026, 3, 2, 23, 59, 40, tzinfo=ZONE))
    context = past.call(
        "cover.open_cover", {"entity_id": "cover.blind"}, past.context(ANNA)
    )
    past.later(0.2).state("cover.blind", "opening", context)
    past.later(40).press("cover.blind", "open")
    assert await after_appearance(past) == [("cover.blind", "open", "USER", ANNA)]


async def test_cover_that_turns_back_is_no_event(past: History) -> None:
    quiet(past).press("cover.blind", "opening")
    past.later(5).press("cover.blind", "closing")
    past.later(5).press("cover.blind", "closed")
    assert await after_appearance(past) == []
