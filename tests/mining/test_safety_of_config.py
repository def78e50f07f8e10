"""The care that any automation needs, whoever wrote it and however."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.automation_scout.mining.attributes import ATTRIBUTES
from custom_components.automation_scout.mining.automation import automation_config
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.result import Safety, Tier
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    Step,
    TimeTrigger,
)
from custom_components.automation_scout.mining.safety import (
    safety_of,
    safety_of_config,
)
from custom_components.automation_scout.mining.services import calls_for

from .safety_home import ENTITIES, HOME, LIGHT_ON, UNLOCK, act, at
from .test_automation import CALLS

OK, CONFIRM, NOTIFY = Tier.OK, Tier.CONFIRM, Tier.NOTIFY


def care(actions: object, facts: HomeFacts = HOME) -> Safety:
    return safety_of_config({"triggers": [], "actions": actions}, facts)


TOLD: list[tuple[Tier, tuple[str, ...], list[Any]]] = [
    (
        OK,
        (),
        [
            LIGHT_ON,
            act("media_player.turn_off", "media_player.tv"),
            act("notify.phone", message="x"),
            act("persistent_notification.create", message="Unlock the door"),
            {"delay": 5},
            [],
            None,
            "nonsense",
            act("homeassistant.update_entity", "sensor.t"),
            act("switch.turn_off", "switch.oven"),
            act("light.turn_off", "light.all"),
            act("light.turn_on", "all"),
            at("light.turn_on", area_id="entrance"),
            at("homeassistant.turn_on", area_id=["office"]),
            act("script.greet"),
            act("scene.turn_on", "scene.cosy"),
            act("automation.turn_off", "automation.other"),
            UNLOCK | {"enabled": False},
            [{"stop": "here"}, UNLOCK],
        ],
    ),
    (
        CONFIRM,
        ("moves",),
        [
            act("cover.close_cover", "cover.blind"),
            act("cover.toggle", "cover.blind"),
            act("homeassistant.turn_on", "cover.blind"),
            act("cover.close_cover", "cover.roof"),
            at("cover.open_cover", floor_id="ground"),
            act("scene.apply", entities={"cover.blind": "open"}),
            {
                "domain": "cover",
                "type": "close",
                "device_id": "x",
                "entity_id": "cover.blind",
            },
        ],
    ),
    (
        CONFIRM,
        ("heating",),
        [
            act("climate.turn_off", "climate.hall"),
            act("climate.set_fan_mode", "climate.hall", fan_mode="x"),
            act("switch.turn_on", "switch.oven"),
            act("switch.toggle", "switch.oven"),
        ],
    ),
    (
        CONFIRM,
        ("valve",),
        [
            act("valve.open_valve", "valve.water"),
        ],
    ),
    (
        CONFIRM,
        ("siren",),
        [
            act("siren.turn_on", "siren.yard"),
        ],
    ),
    (
        CONFIRM,
        ("vital",),
        [
            act("switch.turn_off", "switch.fridge"),
            act("switch.toggle", "switch.fridge"),
        ],
    ),
    (
        CONFIRM,
        ("many",),
        [
            act("light.turn_off", "light.most"),
            act("light.turn_off", "all"),
            act("light.toggle", "light.most"),
        ],
    ),
    (
        NOTIFY,
        ("lock",),
        [
            UNLOCK,
            act("lock.open", "lock.front"),
            act("lock.unlock", "0123456789"),
            act("lock.unlock", "light.hall, LOCK.front"),
            act("homeassistant.turn_off", "group.evening"),
            act("script.come_in"),
            act("script.turn_on", "script.come_in"),
            act("homeassistant.turn_on", "script.come_in"),
            act("script.that", which="lock.front"),
            {"scene": "scene.open"},
            act("homeassistant.turn_on", "scene.open"),
            act("automation.trigger", "automation.other"),
            act("lock.{{ it }}", "{{ that }}"),
            act("lock.unlock", "{{ it }}"),
            act("{{ it }}", "lock.front"),
            {"service": "lock.unlock", "entity_id": "lock.front"},
            {"service": "lock.unlock", "data": {"entity_id": ["lock.front"]}},
            {
                "domain": "lock",
                "type": "unlock",
                "device_id": "x",
                "entity_id": "0123456789",
            },
            {"choose": [{"conditions": [], "sequence": UNLOCK}]},
            {"choose": [], "default": [UNLOCK]},
            {"if": [], "then": LIGHT_ON, "else": [LIGHT_ON, UNLOCK]},
            {"parallel": [LIGHT_ON, {"sequence": [{"delay": 1}, UNLOCK]}]},
            {"repeat": {"count": 2, "sequence": [UNLOCK]}},
            {
                "repeat": {
                    "for_each": ["lock.front"],
                    "sequence": [act("lock.unlock", "{{ repeat.item }}")],
                }
            },
            {"sequence": [{"sequence": [UNLOCK]}]},
            [
                {"wait_for_trigger": []},
                {"variables": {"x": "lock.front"}},
                act("homeassistant.turn_on", "{{ x }}"),
            ],
        ],
    ),
    (
        NOTIFY,
        ("alarm",),
        [
            act("alarm_control_panel.alarm_disarm", "alarm_control_panel.home"),
            act("alarm_control_panel.alarm_trigger", "alarm_control_panel.home"),
        ],
    ),
    (
        NOTIFY,
        ("opens_house",),
        [
            act("cover.open_cover", "cover.roof"),
            act("cover.set_cover_position", "cover.roof", position=30),
            act("cover.close_cover", "cover.car"),
            act("cover.open_cover", "cover.both"),
            act("homeassistant.toggle", "cover.car"),
            act("homeassistant.turn_on", ["light.hall", "switch.relay"]),
            act("button.press", "button.open_gate"),
            at("cover.open_cover", label_id="outside"),
            at("switch.turn_on", device_id="opener"),
            act("script.open_garage"),
            {
                "domain": "cover",
                "type": "open",
                "device_id": "x",
                "entity_id": "cover.roof",
            },
        ],
    ),
    (
        NOTIFY,
        ("opens_house", "lock"),
        [
            at("homeassistant.turn_on", area_id="entrance"),
        ],
    ),
    (
        CONFIRM,
        ("untold",),
        [
            act("script.any"),
            act("script.gone"),
            act("scene.turn_on", "scene.of_the_bridge"),
            act("light.turn_on", "{{ it }}"),
            act("{{ it }}", "light.hall"),
            act("light.{{ it }}", "light.hall"),
            {"action": "light.turn_on", "target": "{{ it }}"},
            act("shell_command.run"),
            act("mqtt.publish", topic="a", payload="b"),
            act("homeassistant.restart"),
            act("number.set_value", "number.boiler", value=90),
            {"event": "something"},
        ],
    ),
    (
        CONFIRM,
        ("heating", "extreme"),
        [
            act("scene.turn_on", "scene.warm"),
        ],
    ),
]


@pytest.mark.parametrize(
    ("action", "tier", "reasons"),
    [(action, tier, reasons) for tier, reasons, told in TOLD for action in told],
)
def test_actions(action: Any, tier: Tier, reasons: tuple[str, ...]) -> None:
    assert care(action) == Safety(tier, reasons)
    assert safety_of_config({"trigger": [], "action": action}, HOME).tier is tier
    nested = {"choose": [{"conditions": [], "sequence": {"sequence": action}}]}
    assert care(nested).tier is tier


@pytest.mark.parametrize(
    ("domain", "data", "is_extreme"),
    [
        ("climate", {"temperature": 21}, False),
        ("climate", {"temperature": 30}, False),
        ("climate", {"temperature": 30.5}, True),
        ("climate", {"temperature": "35"}, True),
        ("climate", {"temperature": 4.5}, True),
        ("climate", {"target_temp_low": 4, "target_temp_high": 24}, True),
        ("climate", {"target_temp_low": 18, "target_temp_high": 31}, True),
        ("climate", {"temperature": "{{ it }}"}, False),
        ("water_heater", {"temperature": 50}, False),
        ("water_heater", {"temperature": 70}, True),
    ],
)
def test_extreme_set_points(
    domain: str, data: Mapping[str, float | str], is_extreme: bool
) -> None:
    def fahrenheit(value: float | str) -> float | str:
        try:
            return float(value) * 1.8 + 32
        except ValueError:
            return value

    reasons = ("heating", "extreme") if is_extreme else ("heating",)
    name = {"climate": "climate.hall", "water_heater": "water_heater.tank"}[domain]
    metric = act(f"{domain}.set_temperature", name, **data)
    assert care(metric) == Safety(CONFIRM, reasons)
    there = replace(HOME, temperature_unit="°F")
    warm = {key: fahrenheit(value) for key, value in data.items()}
    imperial = act(f"{domain}.set_temperature", name, **warm)
    assert care(imperial, there) == Safety(CONFIRM, reasons)


def test_reasons_of_several_actions() -> None:
    both = [
        act("cover.open_cover", "cover.blind"),
        act("climate.turn_off", "climate.hall"),
    ]
    assert care(both) == Safety(CONFIRM, ("moves", "heating"))
    assert care([*both, UNLOCK]) == Safety(NOTIFY, ("lock",))
    off = [
        act("light.turn_off", f"light.{n}") for n in ("hall", "desk", "bed", "attic")
    ]
    assert care(off) == Safety(CONFIRM, ("many",))
    assert care(off[:3]) == Safety(OK)


def test_a_blueprint_that_is_not_filled_in() -> None:
    config = {"use_blueprint": {"path": "x.yaml", "input": {}}}
    assert safety_of_config(config, HOME) == Safety(CONFIRM, ("untold",))
    assert safety_of_config({**config, "actions": [LIGHT_ON]}, HOME) == Safety(OK)


def test_what_is_out_of_scope_counts() -> None:
    gate = EntityFacts("cover.x", "Left one", device_class="gate")
    facts = replace(HOME, entities={}, others={"cover.x": gate})
    assert care(act("cover.open_cover", "cover.x"), facts).tier is NOTIFY


KNOWN = [Action(entity_id, state) for entity_id, state in CALLS]
SETTINGS = [
    Action(f"{domain}.{name}#{attribute.name}", value)
    for domain, name in (
        ("climate", "hall"), ("cover", "roof"), ("fan", "attic"), ("light", "all"),
        ("media_player", "tv"), ("water_heater", "tank"),
    )
    for attribute in ATTRIBUTES[domain]
    for value in ("3", "20", "70")
]  # fmt: skip
NAMED = [
    Action(entity.entity_id, state)
    for entity in ENTITIES
    for state in ("on", "off", "open", "closed", "unlocked", "disarmed", "heat", "eco")
    if calls_for(Action(entity.entity_id, state))
]


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Return rules of one to six actions, with values."""
    chosen = draw(
        st.lists(
            st.sampled_from([*KNOWN, *SETTINGS, *NAMED]),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )
    steps = [
        Step(
            action,
            tuple(
                (attribute.name, draw(st.sampled_from((3.0, 20.0, 70.0))))
                for attribute in ATTRIBUTES.get(action.target.partition(".")[0], ())
                if attribute.is_number and draw(st.booleans())
            ),
            draw(st.sampled_from((0, 90))),
        )
        for action in chosen
    ]
    first, *more = steps
    return Rule(TimeTrigger(0), first.action, 9, (), first.values, tuple(more))


@given(rules(), st.sampled_from(("°C", "°F")))
def test_a_rule_is_judged_like_its_automation(rule: Rule, unit: str) -> None:
    facts = replace(HOME, temperature_unit=unit)
    safety = safety_of(rule, facts)
    made = safety_of_config(automation_config(rule, "A", "B"), facts)
    assert (made.tier, set(made.reasons)) == (safety.tier, set(safety.reasons))


@given(rules())
def test_a_reminder_does_nothing(rule: Rule) -> None:
    config = automation_config(rule, "A {{ 1 }}", "B", Tier.NOTIFY)
    assert safety_of_config(config, HOME) == Safety(OK)


KEYS = [
    "action",
    "service",
    "target",
    "data",
    "entity_id",
    "choose",
    "if",
    "then",
    "repeat",
    "parallel",
    "sequence",
    "type",
    "conditions",
    "scene",
    "delay",
    "device_id",
    "domain",
    "variables",
    "for_each",
    "stop",
    "enabled",
]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(JUNK)
def test_junk_is_no_error(actions: object) -> None:
    assert care(actions).tier in Tier
