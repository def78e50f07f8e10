"""What is said of automations that do not do a habit: turned off, or the opposite."""

import pytest

from custom_components.automation_scout.mining.automation import automation_config
from custom_components.automation_scout.mining.result import MiningResult, Proven, Tier
from custom_components.automation_scout.mining.rules import Action
from custom_components.automation_scout.suggestion import payload_of
from custom_components.automation_scout.words.catalogue import load
from custom_components.automation_scout.words.templates import describe

from .conftest import Past, SetUp
from .forms import HABITS, MAIN, Form


def proven_for(result: MiningResult, action: Action) -> Proven:
    (found,) = [item for item in result.proven if item.rule.action == action]
    return found


async def test_all_habits_at_once(past: Past, set_up: SetUp) -> None:
    """The whole analysis, on a home that has an automation for each of them."""
    facts = await set_up(Form("", "", {MAIN: ALL}))
    result = past.mined(facts)
    assert result.errors == ()
    acted = {action for item in result.proven for action in item.rule.actions}
    assert acted.isdisjoint(HABITS.values())
    named = {
        item.rule.action: item.covered_by
        for item in result.rejections
        if item.gate == "already_automated"
    }
    for habit, action in HABITS.items():
        assert f"automation.{habit.replace(' ', '_')}" in named[action]


ALL = """
automation:
  - alias: Bathroom fan
    triggers:
      - { trigger: numeric_state, entity_id: sensor.bathroom_humidity, above: 60 }
    actions: [{ action: fan.turn_on, target: { entity_id: fan.bathroom_fan } }]
  - alias: Bedroom light
    triggers: [{ trigger: time, at: "22:10" }]
    actions: [{ action: light.turn_on, target: { entity_id: light.bedroom_light } }]
  - alias: Blinds
    triggers: [{ trigger: time, at: "09:30" }]
    actions: [{ action: cover.open_cover, target: { area_id: bedroom } }]
  - alias: Floor lamp
    triggers: [{ trigger: state, entity_id: media_player.tv, to: "on" }]
    actions: [{ action: light.turn_on, target: { entity_id: light.floor_lamp } }]
  - alias: Garden lights
    triggers: [{ trigger: sun, event: sunset, offset: "01:40:00" }]
    actions: [{ action: light.turn_on, target: { entity_id: light.garden_lights } }]
  - alias: Hall light
    triggers: [{ trigger: state, entity_id: binary_sensor.front_door, to: "on" }]
    actions: [{ action: light.turn_on, target: { entity_id: light.hall_light } }]
  - alias: Kettle
    triggers: [{ trigger: state, entity_id: person.anna, to: home }]
    actions: [{ action: switch.turn_on, target: { entity_id: switch.kettle } }]
  - alias: Kitchen light
    triggers: [{ trigger: time, at: "06:45" }]
    actions: [{ action: light.turn_on, target: { entity_id: light.kitchen_light } }]
  - alias: Laundry light
    triggers: [{ trigger: state, entity_id: binary_sensor.washing_machine, to: "off" }]
    actions: [{ action: light.turn_on, target: { entity_id: light.laundry_light } }]
  - alias: Treadmill
    triggers: [{ trigger: time, at: "19:00" }]
    actions: [{ action: switch.turn_on, target: { entity_id: switch.treadmill } }]
  - alias: TV off
    triggers: [{ trigger: time, at: "22:45" }]
    actions: [{ action: media_player.turn_off, target: { entity_id: media_player.tv } }]
"""
TURNED_OFF = """
automation:
  - alias: Rise
    initial_state: false
    triggers: [{ trigger: time, at: "06:45" }]
    actions: [{ action: light.turn_on, target: { area_id: kitchen } }]
  - alias: Lie down
    initial_state: false
    triggers: [{ trigger: time, at: "20:45" }]
    actions: [{ action: light.turn_on, target: { area_id: kitchen } }]
"""
OPPOSITE = """
automation:
  - alias: Save light
    triggers:
      - { trigger: time, at: "06:50", id: day }
      - { trigger: time, at: "12:00", id: noon }
    actions:
      - choose:
          - conditions: [{ condition: trigger, id: day }]
            sequence: [{ action: homeassistant.turn_off, target: { floor_id: ground } }]
  - alias: At noon
    triggers: [{ trigger: time, at: "12:00" }]
    actions: [{ action: light.turn_off, target: { area_id: kitchen } }]
"""


@pytest.mark.parametrize(
    ("text", "covered_by", "conflicts", "tier", "said"),
    [
        (TURNED_OFF, ("automation.rise",), (), Tier.OK, "Rise, but that is turned off"),
        (OPPOSITE, (), ("automation.save_light",), Tier.CONFIRM, "by Save light."),
    ],
    ids=["turned off", "opposite"],
)
async def test_what_is_said_of_a_habit_that_is_not_automated(
    past: Past,
    set_up: SetUp,
    text: str,
    covered_by: tuple[str, ...],
    conflicts: tuple[str, ...],
    tier: Tier,
    said: str,
) -> None:
    facts = await set_up(Form("", "", {MAIN: text}))
    found = proven_for(past.mined(facts), HABITS["kitchen light"])
    assert found.covered_by == covered_by
    assert found.conflicts == conflicts
    assert found.safety.tier is tier
    assert ("conflict" in found.safety.reasons) == bool(conflicts)
    words = describe(found, facts, load("en"))
    shown = payload_of(found, words, facts, automation_config)
    assert shown["covered_by"] == list(covered_by)
    assert said in shown["rationale"]
    assert ("confirmed" in shown["rationale"]) == (tier is Tier.CONFIRM)
