"""What a rule becomes: the call, the care it needs, and a config that is accepted."""

from dataclasses import replace
from typing import Any

from homeassistant.components.automation.config import async_validate_config_item
from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template
from homeassistant.setup import async_setup_component
import pytest
import voluptuous as vol

from custom_components.automation_scout.mining.automation import automation_config
from custom_components.automation_scout.mining.facts import (
    ACTUATOR_DOMAINS,
    EntityFacts,
    HomeFacts,
)
from custom_components.automation_scout.mining.result import Tier
from custom_components.automation_scout.mining.rules import (
    WEEKDAYS,
    Action,
    Rule,
    StateTrigger,
    Step,
    TimeTrigger,
)
from custom_components.automation_scout.mining.safety import safety_of
from custom_components.automation_scout.mining.services import service_for

from .worlds import ZONE, facts_of

AT = TimeTrigger(1205)
CALLS = {
    ("light.hallway", "on"): "light.turn_on",
    ("light.hallway", "off"): "light.turn_off",
    ("switch.pump", "on"): "switch.turn_on",
    ("fan.attic", "off"): "fan.turn_off",
    ("siren.yard", "on"): "siren.turn_on",
    ("humidifier.bed", "on"): "humidifier.turn_on",
    ("input_boolean.guest", "off"): "input_boolean.turn_off",
    ("cover.blind", "open"): "cover.open_cover",
    ("cover.blind", "closed"): "cover.close_cover",
    ("valve.water", "open"): "valve.open_valve",
    ("valve.water", "closed"): "valve.close_valve",
    ("lock.front", "locked"): "lock.lock",
    ("lock.front", "unlocked"): "lock.unlock",
    ("alarm_control_panel.home", "armed_away"): "alarm_control_panel.alarm_arm_away",
    ("alarm_control_panel.home", "disarmed"): "alarm_control_panel.alarm_disarm",
    ("media_player.tv", "off"): "media_player.turn_off",
    ("media_player.tv", "playing"): "media_player.media_play",
    ("media_player.tv", "paused"): "media_player.media_pause",
    ("vacuum.robo", "cleaning"): "vacuum.start",
    ("vacuum.robo", "docked"): "vacuum.return_to_base",
    ("climate.hall", "off"): "climate.turn_off",
    ("climate.hall", "heat_cool"): "climate.set_hvac_mode",
    ("water_heater.boiler", "eco"): "water_heater.set_operation_mode",
    ("water_heater.boiler", "off"): "water_heater.turn_off",
}
NOTHING = [
    ("cover.blind", "opening"),
    ("lock.front", "jammed"),
    ("light.hallway", "unavailable"),
    ("media_player.tv", "buffering"),
    ("alarm_control_panel.home", "triggered"),
    ("vacuum.robo", "returning"),
    ("sensor.power", "on"),
    ("binary_sensor.door", "on"),
    ("climate.hall", ""),
    ("", "on"),
]


@pytest.mark.parametrize(("target", "name"), CALLS.items(), ids=map("=".join, CALLS))
def test_the_call_that_brings_it_about(target: tuple[str, str], name: str) -> None:
    service = service_for(Action(*target))
    assert service is not None
    assert service.name == name


def test_modes_travel_as_data() -> None:
    climate = service_for(Action("climate.hall", "heat_cool"))
    boiler = service_for(Action("water_heater.boiler", "eco"))
    assert climate is not None
    assert boiler is not None
    assert climate.data == {"hvac_mode": "heat_cool"}
    assert boiler.data == {"operation_mode": "eco"}


@pytest.mark.parametrize("target", NOTHING)
def test_no_call_brings_it_about(target: tuple[str, str]) -> None:
    assert service_for(Action(*target)) is None
    with pytest.raises(ValueError, match="nothing brings"):
        automation_config(Rule(AT, Action(*target), 900), "A", "B")


def test_every_domain_that_people_act_on_has_a_call() -> None:
    assert {entity_id.partition(".")[0] for entity_id, _ in CALLS} == ACTUATOR_DOMAINS


def tier(entity_id: str, state: str, name: str = "", klass: str | None = None) -> Tier:
    facts = facts_of(EntityFacts(entity_id, name or entity_id, device_class=klass))
    return safety_of(Rule(AT, Action(entity_id, state), 900), facts).tier


@pytest.mark.parametrize(
    ("entity_id", "state", "klass", "expected"),
    [
        ("light.hallway", "off", None, Tier.OK),
        ("light.wall_lamp", "off", None, Tier.OK),
        ("light.all_lights", "on", None, Tier.OK),
        ("switch.socket", "on", None, Tier.OK),
        ("switch.socket", "on", "outlet", Tier.OK),
        ("switch.environment", "on", None, Tier.OK),
        ("fan.attic", "on", None, Tier.OK),
        ("media_player.tv", "playing", None, Tier.OK),
        ("vacuum.robo", "cleaning", None, Tier.OK),
        ("cover.blind", "open", "blind", Tier.CONFIRM),
        ("cover.blind", "closed", None, Tier.CONFIRM),
        ("cover.front", "closed", "door", Tier.CONFIRM),
        ("climate.hall", "heat", None, Tier.CONFIRM),
        ("water_heater.boiler", "eco", None, Tier.CONFIRM),
        ("valve.water", "open", None, Tier.CONFIRM),
        ("siren.yard", "on", None, Tier.CONFIRM),
        ("switch.sauna", "on", None, Tier.CONFIRM),
        ("switch.kitchen_oven", "on", None, Tier.CONFIRM),
        ("switch.sauna", "off", None, Tier.OK),
        ("cover.front", "open", "door", Tier.NOTIFY),
        ("cover.roof", "open", "window", Tier.NOTIFY),
        ("cover.car", "open", "garage", Tier.NOTIFY),
        ("cover.car", "closed", "garage", Tier.NOTIFY),
        ("cover.drive", "open", "gate", Tier.NOTIFY),
        ("switch.garage_door", "on", None, Tier.NOTIFY),
        ("switch.front_door_opener", "on", None, Tier.NOTIFY),
        ("cover.garage_door", "open", None, Tier.NOTIFY),
        ("lock.front", "unlocked", None, Tier.NOTIFY),
        ("lock.front", "locked", None, Tier.NOTIFY),
        ("alarm_control_panel.home", "disarmed", None, Tier.NOTIFY),
        ("alarm_control_panel.home", "armed_away", None, Tier.NOTIFY),
    ],
)
def test_tiers(entity_id: str, state: str, klass: str | None, expected: Tier) -> None:
    assert tier(entity_id, state, klass=klass) is expected


def test_a_group_of_many_is_asked_about_before_it_goes_off() -> None:
    many = EntityFacts("light.all", "All", members=tuple(map(str, range(4))))
    few = replace(many, members=("light.a", "light.b"))
    rule = Rule(AT, Action("light.all", "off"), 900)
    assert safety_of(rule, facts_of(many)).reasons == ("many",)
    assert safety_of(rule, facts_of(few)).tier is Tier.OK


def test_words_count_in_the_name_too() -> None:
    assert tier("switch.plug_3", "on", "Space-heater") is Tier.CONFIRM
    assert tier("switch.plug_3", "on", "Space HEATER") is Tier.CONFIRM
    assert tier("switch.plug_3", "on", "Fan") is Tier.OK


def test_every_care_has_its_reason() -> None:
    for entity_id, state in CALLS:
        rule = Rule(AT, Action(entity_id, state), 900)
        safety = safety_of(rule, HomeFacts(ZONE))
        assert bool(safety.reasons) == (safety.tier is not Tier.OK)


def test_the_config_of_a_clock_habit() -> None:
    rule = Rule(TimeTrigger(65, WEEKDAYS), Action("light.hallway", "off"), 900)
    assert automation_config(rule, "Hall off", "Every workday.") == {
        "alias": "Hall off",
        "description": "Every workday.",
        "triggers": [{"trigger": "time", "at": "01:05:00"}],
        "conditions": [
            {"condition": "time", "weekday": ["mon", "tue", "wed", "thu", "fri"]}
        ],
        "actions": [
            {"action": "light.turn_off", "target": {"entity_id": "light.hallway"}}
        ],
        "mode": "single",
    }


def test_the_config_of_a_reaction() -> None:
    rule = Rule(
        StateTrigger("person.anna", "home"), Action("climate.hall", "heat"), 300
    )
    config = automation_config(rule, "Warm", "When Anna comes home.")
    assert config["triggers"] == [
        {
            "trigger": "state",
            "entity_id": "person.anna",
            "to": "home",
            "not_from": ["unavailable", "unknown"],
        }
    ]
    assert config["conditions"] == []
    assert config["actions"] == [
        {
            "action": "climate.set_hvac_mode",
            "target": {"entity_id": "climate.hall"},
            "data": {"hvac_mode": "heat"},
        }
    ]


def test_a_reminder_never_acts() -> None:
    rule = Rule(AT, Action("lock.front", "unlocked"), 900)
    config = automation_config(rule, "Door", "You unlock at eight.", Tier.NOTIFY)
    assert [call["action"] for call in config["actions"]] == [
        "persistent_notification.create"
    ]
    assert "lock." not in str(config["actions"])


def test_nobody_is_reminded_of_what_is_done() -> None:
    door, gate = Action("lock.front", "locked"), Action("lock.gate", "locked")
    [one] = automation_config(Rule(AT, door, 900), "A", "B", Tier.NOTIFY)["conditions"]
    state = {"condition": "state", "entity_id": "lock.front", "state": "locked"}
    assert one == {"condition": "not", "conditions": [state]}
    both = Rule(AT, door, 900, more=(Step(gate),))
    [either] = automation_config(both, "A", "B", Tier.NOTIFY)["conditions"]
    assert either["condition"] == "or"
    assert either["conditions"][0] == one
    assert len(either["conditions"]) == 2
    position = Rule(AT, Action("cover.gate#position", "50"), 900)
    assert automation_config(position, "A", "B", Tier.NOTIFY)["conditions"] == []


def configs() -> list[dict[str, Any]]:
    """Return a config of every call with every trigger, in each tier."""
    triggers = (
        TimeTrigger(0),
        TimeTrigger(1439, (1, 3)),
        StateTrigger("binary_sensor.door", "on"),
        StateTrigger("person.anna", "home"),
    )
    return [
        automation_config(Rule(trigger, Action(*target), 900), "Ä", "Ö", tier)
        for trigger in triggers
        for target in CALLS
        for tier in (Tier.OK, Tier.NOTIFY)
    ]


@pytest.mark.parametrize(
    "name", ["{{ 1 + 1 }}", "{% if %}", "{# no #}", "{{{%", "}} {{", "a { b", "{{'\"}}"]
)
async def test_names_with_braces_are_words(hass: HomeAssistant, name: str) -> None:
    """The data of an action are templates; a name renders to itself."""
    rule = Rule(AT, Action("lock.front", "locked"), 900)
    [call] = automation_config(rule, name, name, Tier.NOTIFY)["actions"]
    for text in call["data"].values():
        assert Template(text, hass).async_render(parse_result=False) == name


async def test_home_assistant_accepts_every_config(hass: HomeAssistant) -> None:
    """By its own schema, with the platforms of the triggers and conditions."""
    assert await async_setup_component(hass, "automation", {})
    for config in configs():
        valid = await async_validate_config_item(hass, "scout_1", dict(config))
        assert valid is not None
        assert valid.validation_error is None, valid.validation_error
        assert valid.raw_config == config


async def test_a_broken_config_would_be_noticed(hass: HomeAssistant) -> None:
    """The check above can fail."""
    assert await async_setup_component(hass, "automation", {})
    config = configs()[0] | {"triggers": [{"trigger": "time", "at": "25:00:00"}]}
    with pytest.raises(vol.Invalid, match="HH:MM"):
        await async_validate_config_item(hass, "scout_1", config)
