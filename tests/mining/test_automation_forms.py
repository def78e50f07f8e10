"""What every form of a trigger, a condition, a value and a routine becomes."""

from itertools import chain
from typing import Any

from homeassistant.components.automation.config import async_validate_config_item
from homeassistant.core import HomeAssistant
from homeassistant.helpers.template import Template
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import dump, parse_yaml
from hypothesis import given, strategies as st
import pytest

from custom_components.automation_scout.mining.attributes import ATTRIBUTES
from custom_components.automation_scout.mining.automation import automation_config
from custom_components.automation_scout.mining.result import Tier
from custom_components.automation_scout.mining.rules import (
    HOME,
    SUN,
    Action,
    Condition,
    NumericCondition,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    Step,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    Values,
    WeekdayCondition,
    WindowCondition,
)
from custom_components.automation_scout.mining.services import (
    Service,
    calls_for,
    service_for,
)

LAMP = Action("light.hall", "on")
NOT_FROM = {"not_from": ["unavailable", "unknown"]}

TRIGGERS: list[tuple[Trigger, dict[str, Any]]] = [
    (TimeTrigger(1439), {"trigger": "time", "at": "23:59:00"}),
    (SunTrigger(SunEvent.SUNSET), {"trigger": "sun", "event": "sunset"}),
    (
        SunTrigger(SunEvent.SUNSET, 20),
        {"trigger": "sun", "event": "sunset", "offset": "00:20:00"},
    ),
    (
        SunTrigger(SunEvent.SUNRISE, -95),
        {"trigger": "sun", "event": "sunrise", "offset": "-01:35:00"},
    ),
    (
        StateTrigger("binary_sensor.hall", "off", for_s=600),
        {
            "trigger": "state",
            "entity_id": "binary_sensor.hall",
            "to": "off",
            **NOT_FROM,
            "for": "00:10:00",
        },
    ),
    (
        StateTrigger(HOME, "0"),
        {"trigger": "state", "entity_id": HOME, "to": "0", **NOT_FROM},
    ),
    (
        StateTrigger(HOME, "occupied"),
        {"trigger": "numeric_state", "entity_id": HOME, "above": 0},
    ),
    (
        StateTrigger(HOME, "occupied", for_s=60),
        {"trigger": "numeric_state", "entity_id": HOME, "above": 0, "for": "00:01:00"},
    ),
    (
        StateTrigger(SUN, "below_horizon"),
        {"trigger": "state", "entity_id": SUN, "to": "below_horizon", **NOT_FROM},
    ),
    (
        NumericTrigger("sensor.t", Side.ABOVE, 24.0),
        {"trigger": "numeric_state", "entity_id": "sensor.t", "above": 24},
    ),
    (
        NumericTrigger("sensor.t", Side.BELOW, 18.5, for_s=300),
        {
            "trigger": "numeric_state",
            "entity_id": "sensor.t",
            "below": 18.5,
            "for": "00:05:00",
        },
    ),
]
CONDITIONS: list[tuple[Condition, dict[str, Any]]] = [
    (WeekdayCondition((1, 3)), {"condition": "time", "weekday": ["tue", "thu"]}),
    (
        WindowCondition(18 * 60, 23 * 60 + 30),
        {"condition": "time", "after": "18:00:00", "before": "23:30:00"},
    ),
    (
        WindowCondition(22 * 60, 24 * 60),
        {"condition": "time", "after": "22:00:00", "before": "00:00:00"},
    ),
    (
        StateCondition(SUN, "below_horizon"),
        {"condition": "state", "entity_id": SUN, "state": "below_horizon"},
    ),
    (
        StateCondition("person.anna", "home"),
        {"condition": "state", "entity_id": "person.anna", "state": "home"},
    ),
    (
        StateCondition(HOME, "0"),
        {"condition": "state", "entity_id": HOME, "state": "0"},
    ),
    (
        StateCondition(HOME, "occupied"),
        {"condition": "numeric_state", "entity_id": HOME, "above": 0},
    ),
    (
        NumericCondition("sensor.lux", Side.BELOW, 12.5),
        {"condition": "numeric_state", "entity_id": "sensor.lux", "below": 12.5},
    ),
]
CALLS: list[tuple[Action, Values, list[Service]]] = [
    (
        LAMP,
        (("brightness", 40.0), ("color_temp", 2700.0)),
        [Service("light.turn_on", {"brightness_pct": 40, "color_temp_kelvin": 2700})],
    ),
    (Action("light.hall", "off"), (("brightness", 40.0),), [Service("light.turn_off")]),
    (
        Action("climate.hall", "heat"),
        (("preset", "eco"), ("temperature", 21.5)),
        [
            Service("climate.set_hvac_mode", {"hvac_mode": "heat"}),
            Service("climate.set_temperature", {"temperature": 21.5}),
            Service("climate.set_preset_mode", {"preset_mode": "eco"}),
        ],
    ),
    (
        Action("cover.blind", "open"),
        (("position", 40.0),),
        [Service("cover.set_cover_position", {"position": 40})],
    ),
    (
        Action("fan.attic", "on"),
        (("percentage", 60.0),),
        [Service("fan.turn_on", {"percentage": 60})],
    ),
    (
        Action("humidifier.bed", "on"),
        (("humidity", 45.0),),
        [
            Service("humidifier.turn_on"),
            Service("humidifier.set_humidity", {"humidity": 45}),
        ],
    ),
    (
        Action("media_player.tv", "playing"),
        (("source", "Radio {{ 1 }}"), ("volume", 35.0)),
        [
            Service("media_player.media_play"),
            Service("media_player.volume_set", {"volume_level": 0.35}),
            Service("media_player.select_source", {"source": "Radio {{ 1 }}"}),
        ],
    ),
    (
        Action("water_heater.boiler", "eco"),
        (("temperature", 50.0), ("unheard_of", 1.0)),
        [
            Service("water_heater.set_operation_mode", {"operation_mode": "eco"}),
            Service("water_heater.set_temperature", {"temperature": 50}),
        ],
    ),
    (
        Action("climate.hall#temperature", "21"),
        (),
        [Service("climate.set_temperature", {"temperature": 21})],
    ),
    (
        Action("light.hall#brightness", "30"),
        (),
        [Service("light.turn_on", {"brightness_pct": 30})],
    ),
    (
        Action("media_player.tv#source", "HDMI 1"),
        (),
        [Service("media_player.select_source", {"source": "HDMI 1"})],
    ),
]
ROUTINE = (
    Step(Action("media_player.tv", "off")),
    Step(Action("light.hall", "on"), (("brightness", 20.0),), delay_s=90),
    Step(Action("cover.blind", "open")),
)


@pytest.mark.parametrize(("trigger", "config"), TRIGGERS)
def test_triggers(trigger: Trigger, config: dict[str, Any]) -> None:
    made = automation_config(Rule(trigger, LAMP, 900), "A", "B")
    assert made["triggers"] == [config]
    assert len(made["conditions"]) == isinstance(trigger, NumericTrigger)


@pytest.mark.parametrize(("condition", "config"), CONDITIONS)
def test_conditions(condition: Condition, config: dict[str, Any]) -> None:
    rule = Rule(TimeTrigger(420, (0,)), LAMP, 900, (condition,))
    monday = {"condition": "time", "weekday": ["mon"]}
    assert automation_config(rule, "A", "B")["conditions"] == [monday, config]


def test_the_weekdays_of_the_sun_are_a_condition() -> None:
    rule = Rule(SunTrigger(SunEvent.SUNSET, 5, (5, 6)), LAMP, 900)
    assert automation_config(rule, "A", "B")["conditions"] == [
        {"condition": "time", "weekday": ["sat", "sun"]}
    ]


@pytest.mark.parametrize(("action", "values", "calls"), CALLS)
def test_calls_with_values(
    action: Action, values: Values, calls: list[Service]
) -> None:
    assert list(calls_for(action, values)) == calls


@pytest.mark.parametrize(
    "target",
    [
        ("light.hall#brightness", "on"),
        ("light.hall#brightness", "nan"),
        ("light.hall#position", "40"),
        ("switch.pump#speed", "40"),
        ("media_player.tv#source", ""),
    ],
)
def test_what_is_no_setting_has_no_call(target: tuple[str, str]) -> None:
    assert service_for(Action(*target)) is None
    assert calls_for(Action(*target)) == ()


def test_every_setting_has_a_call() -> None:
    for domain, attributes in ATTRIBUTES.items():
        for attribute in attributes:
            service = service_for(Action(f"{domain}.x#{attribute.name}", "20"))
            assert service is not None
            assert service.name == f"{domain}.{attribute.service}"
            assert set(service.data) == {attribute.key}


def test_a_routine_is_one_sequence() -> None:
    made = automation_config(Rule(TimeTrigger(0), LAMP, 900, more=ROUTINE), "A", "B")
    on = {"action": "light.turn_on", "target": {"entity_id": "light.hall"}}
    tv = {
        "action": "media_player.turn_off",
        "target": {"entity_id": "media_player.tv"},
    }
    assert made["actions"][:3] == [on, tv, {"delay": "00:01:30"}]
    assert made["actions"][3] == {
        "if": [not_yet("light.hall", "on")],
        "then": [on | {"data": {"brightness_pct": 20}}],
    }
    assert made["actions"][4]["if"] == [not_yet("cover.blind", "open")]
    assert len(made["actions"]) == 5
    assert made["conditions"] == []


def not_yet(entity_id: str, state: str) -> dict[str, Any]:
    """Return the condition that an entity is not in a state."""
    held = {"condition": "state", "entity_id": entity_id, "state": state}
    return {"condition": "not", "conditions": [held]}


def test_what_is_already_so_is_left_alone() -> None:
    """A lamp that somebody dimmed, a blind that is half open."""
    dimmed = Rule(TimeTrigger(0), LAMP, 900, values=(("brightness", 40.0),))
    blind = Rule(TimeTrigger(0), Action("cover.blind", "open"), 900)
    assert automation_config(dimmed, "A", "B")["conditions"] == [
        not_yet("light.hall", "on")
    ]
    assert automation_config(blind, "A", "B")["conditions"] == [
        not_yet("cover.blind", "open")
    ]


def configs() -> list[dict[str, Any]]:
    """Return every form of a trigger, a condition, a value, a routine, a reminder."""
    quiet = StateTrigger("binary_sensor.hall", "on", quiet_s=3600)
    rules = chain(
        (Rule(trigger, LAMP, 900) for trigger, _ in TRIGGERS),
        (Rule(quiet, LAMP, 900, (condition,)) for condition, _ in CONDITIONS),
        (
            Rule(TimeTrigger(5), action, 900, values=values)
            for action, values, _ in CALLS
        ),
        (
            Rule(TimeTrigger(5), Action(f"{domain}.x#{attribute.name}", "20"), 900)
            for domain, attributes in ATTRIBUTES.items()
            for attribute in attributes
        ),
        (Rule(quiet, LAMP, 900, more=ROUTINE),),
    )
    return [
        automation_config(rule, "Ä {{", "Ö", tier)
        for rule in rules
        for tier in (Tier.OK, Tier.NOTIFY)
    ]


async def test_home_assistant_accepts_every_form(hass: HomeAssistant) -> None:
    assert await async_setup_component(hass, "automation", {})
    for config in configs():
        valid = await async_validate_config_item(hass, "scout_1", dict(config))
        assert valid is not None
        assert valid.validation_error is None, (config, valid.validation_error)


def test_every_form_survives_yaml() -> None:
    for config in configs():
        assert parse_yaml(dump(config)) == config


async def test_a_source_with_braces_is_a_name(hass: HomeAssistant) -> None:
    action = Action("media_player.tv#source", "Radio {{ 1 }}")
    [call] = automation_config(Rule(TimeTrigger(0), action, 900), "A", "B")["actions"]
    text = Template(call["data"]["source"], hass).async_render(parse_result=False)
    assert text == "Radio {{ 1 }}"


@given(st.integers(-360, 360), st.integers(1, 200_000), st.floats(-1e6, 1e6))
def test_numbers_are_written_plainly(offset: int, for_s: int, threshold: float) -> None:
    """Offsets and stays come back to the second, thresholds to four places."""
    sun = automation_config(Rule(SunTrigger(SunEvent.SUNSET, offset), LAMP, 9), "", "")
    text = sun["triggers"][0].get("offset", "00:00:00")
    sign = -1 if text.startswith("-") else 1
    assert sign * seconds(text.lstrip("-")) == offset * 60
    numeric = NumericTrigger("sensor.t", Side.ABOVE, threshold, for_s)
    [made] = automation_config(Rule(numeric, LAMP, 9), "", "")["triggers"]
    assert seconds(made["for"]) == for_s
    assert made["above"] == pytest.approx(threshold, abs=5e-5)


def seconds(text: str) -> int:
    """Return the seconds of hours, minutes and seconds."""
    hours, minutes, rest = map(int, text.split(":"))
    return 3600 * hours + 60 * minutes + rest
