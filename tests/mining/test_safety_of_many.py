"""The care that a rule with several actions, or with settings, needs."""

from itertools import permutations

import pytest

from custom_components.automation_scout.mining.facts import EntityFacts
from custom_components.automation_scout.mining.result import Safety, Tier
from custom_components.automation_scout.mining.rules import (
    Action,
    Rule,
    Step,
    TimeTrigger,
)
from custom_components.automation_scout.mining.safety import safety_of
from custom_components.automation_scout.suggestion import category

from .worlds import facts_of

LAMP = Action("light.hall", "on")
BLIND = Action("cover.blind", "closed")
LOCK = Action("lock.front", "locked")
FACTS = facts_of(
    EntityFacts("cover.roof", "Roof", device_class="window"),
    EntityFacts("cover.gate", "Gate", device_class="gate"),
    EntityFacts("light.all", "All", members=("light.a", "light.b", "light.c")),
)


def rule_of(*actions: Action) -> Rule:
    return Rule(TimeTrigger(0), actions[0], 900, more=tuple(map(Step, actions[1:])))


def care(*actions: Action) -> Safety:
    return safety_of(rule_of(*actions), FACTS)


def test_the_worst_wins_wherever_it_stands() -> None:
    for actions in permutations((LAMP, BLIND, LOCK)):
        assert care(*actions) == Safety(Tier.NOTIFY, ("lock",))
    assert care(LAMP, BLIND) == Safety(Tier.CONFIRM, ("moves",))
    assert care(LAMP, Action("light.desk", "on")) == Safety(Tier.OK)
    both = care(BLIND, Action("climate.hall", "heat"), BLIND)
    assert both == Safety(Tier.CONFIRM, ("moves", "heating"))


@pytest.mark.parametrize(
    ("entity_id", "state", "tier", "reasons"),
    [
        ("climate.hall#temperature", "21", Tier.CONFIRM, ("heating",)),
        ("water_heater.tank#temperature", "50", Tier.CONFIRM, ("heating",)),
        ("cover.blind#position", "40", Tier.CONFIRM, ("moves",)),
        ("cover.roof#position", "40", Tier.NOTIFY, ("opens_house",)),
        ("cover.gate#position", "0", Tier.NOTIFY, ("opens_house",)),
        ("light.hall#brightness", "40", Tier.OK, ()),
        ("media_player.tv#source", "HDMI", Tier.OK, ()),
    ],
)
def test_settings(
    entity_id: str, state: str, tier: Tier, reasons: tuple[str, ...]
) -> None:
    assert care(Action(entity_id, state)) == Safety(tier, reasons)


def test_many_that_go_off() -> None:
    off = [Action(f"light.{number}", "off") for number in range(4)]
    assert care(*off) == Safety(Tier.CONFIRM, ("many",))
    assert care(*off[:3]) == Safety(Tier.OK)
    assert care(*off[:3], off[0]) == Safety(Tier.OK)
    assert care(Action("light.all", "off")) == Safety(Tier.OK)
    assert care(Action("light.all", "off"), off[0]).reasons == ("many",)
    assert care(*off, BLIND).reasons == ("moves", "many")
    assert care(*off, LOCK) == Safety(Tier.NOTIFY, ("lock",))


def test_what_a_routine_is_good_for() -> None:
    tv = Action("media_player.tv", "off")
    assert category(rule_of(LAMP, tv, Action("switch.pump", "off")), FACTS) == "energy"
    assert category(rule_of(LAMP, BLIND, tv), FACTS) == "comfort"
    assert category(rule_of(tv, LAMP, LOCK), FACTS) == "security"
    assert category(rule_of(Action("climate.a#temperature", "5")), FACTS) == "comfort"


@pytest.mark.parametrize(
    ("entity_id", "name", "state", "tier"),
    [
        ("switch.haustuer", "Haustür Öffner", "on", Tier.NOTIFY),
        ("cover.garagentor", "Garagentor", "open", Tier.NOTIFY),
        ("switch.portail", "Portail", "on", Tier.NOTIFY),
        ("switch.relay_1", "Brama wjazdowa", "on", Tier.NOTIFY),
        ("switch.relay_2", "Garageport", "on", Tier.NOTIFY),
        ("switch.relay_3", "Ворота", "off", Tier.NOTIFY),
        ("cover.relay_4", "Autotallin ovi", "closed", Tier.NOTIFY),
        ("input_boolean.relay_5", "Portão da garagem", "on", Tier.NOTIFY),
        ("cover.relay_6", "車庫のドア", "open", Tier.NOTIFY),
        ("switch.plug_1", "Garagenlicht", "on", Tier.OK),
        ("switch.plug_2", "Haustürlampe", "on", Tier.OK),
        ("switch.plug_3", "Backofen", "on", Tier.CONFIRM),
        ("switch.plug_4", "Calefactor del baño", "on", Tier.CONFIRM),
        ("switch.plug_5", "Réfrigérateur", "off", Tier.CONFIRM),
        ("switch.garage_light", "Garage light", "on", Tier.OK),
        ("input_boolean.door_chime", "Door chime", "on", Tier.OK),
        ("switch.monitor", "Monitor", "on", Tier.OK),
        ("switch.freezer", "Freezer", "off", Tier.CONFIRM),
        ("switch.freezer", "Freezer", "on", Tier.OK),
        ("switch.router", "Router", "off", Tier.CONFIRM),
    ],
)
def test_names_in_several_languages(
    entity_id: str, name: str, state: str, tier: Tier
) -> None:
    facts = facts_of(EntityFacts(entity_id, name))
    assert safety_of(rule_of(Action(entity_id, state)), facts).tier is tier
