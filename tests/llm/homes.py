"""A home with names of its own, and a rule of every kind in it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from custom_components.automation_scout.llm.contexts import DeviceContext, context_of
from custom_components.automation_scout.llm.names import Name, names_of
from custom_components.automation_scout.llm.prompt import Subject
from custom_components.automation_scout.mining.facts import (
    EntityFacts,
    ExistingAutomation,
    HomeFacts,
)
from custom_components.automation_scout.mining.result import (
    Instead,
    Proven,
    Safety,
    Tier,
)
from custom_components.automation_scout.mining.rules import (
    HOME,
    SUN,
    Action,
    Kind,
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
    WeekdayCondition,
    WindowCondition,
)
from custom_components.automation_scout.words.catalogue import load
from custom_components.automation_scout.words.templates import describe
from tests.mining.drafts import evidence_of

AREAS: Final = {"a1": "Zwiebelkammer", "a2": "Quellraum", "a3": "Ondas Zimmer"}
ENTITIES: Final = {
    "light.rumpel": EntityFacts("light.rumpel", "Rumpelfunzel", "a1", "d1"),
    "light.zweitfunzel": EntityFacts("light.zweitfunzel", "Zweitfunzel", "a2", "d2"),
    "binary_sensor.pforte": EntityFacts(
        "binary_sensor.pforte", "Klapperpforte", "a1", "d3", "door"
    ),
    "binary_sensor.huscher": EntityFacts(
        "binary_sensor.huscher", "Huschmelder", "a2", "d4", "motion"
    ),
    "sensor.nebel": EntityFacts(
        "sensor.nebel", "Nebelwächter", "a2", "d5", "humidity", (), "%", True
    ),
    "climate.ofenkind": EntityFacts("climate.ofenkind", "Ofenkind", "a3", "d6"),
    "media_player.kreisch": EntityFacts("media_player.kreisch", "Kreischkiste", "a3"),
    "cover.lid": EntityFacts("cover.lid", "Fensterlid", "a3", "d8", "blind"),
    "lock.riegel": EntityFacts("lock.riegel", "Altriegel", "a1", "d9"),
    "person.onda": EntityFacts("person.onda", "Onda Brausewind"),
    "fan.fern": EntityFacts("fan.fern", "Ferngebläse", "a2"),
}
AUTOMATIONS: Final = (
    ExistingAutomation("automation.dampfalarm", "Dampfalarm nachts", enabled=True),
    ExistingAutomation(
        "automation.altlast",
        "Altlast im Keller",
        enabled=True,
        missing=("light.weggeraeumt",),
    ),
)
FACTS: Final = HomeFacts("Europe/Berlin", ENTITIES, AREAS, AUTOMATIONS)
DEVICES: Final = {"d1": "Funzelgerät Gruft", "d3": "Pfortenkontakt Ahorn"}

_LIGHT_ON: Final = Action("light.rumpel", "on")
RULES: Final[Mapping[str, Rule]] = {
    "time": Rule(TimeTrigger(405, (0, 1, 2, 3, 4)), _LIGHT_ON, 1234),
    "sun": Rule(SunTrigger(SunEvent.SUNSET, -35, (5, 6)), _LIGHT_ON, 1500),
    "state": Rule(
        StateTrigger("binary_sensor.pforte", "on", 0, 3600),
        _LIGHT_ON,
        300,
        (WindowCondition(1081, 1387), StateCondition(SUN, "below_horizon")),
        (("brightness", 43.0),),
    ),
    "numeric": Rule(
        NumericTrigger("sensor.nebel", Side.ABOVE, 67.5, 120),
        Action("fan.fern", "on"),
        600,
        (NumericCondition("sensor.nebel", Side.BELOW, 91.0), WeekdayCondition((2, 6))),
        (("percentage", 71.0),),
    ),
    "absence": Rule(
        StateTrigger("binary_sensor.huscher", "off", 660),
        Action("light.zweitfunzel", "off"),
        900,
        (StateCondition(HOME, "occupied"),),
    ),
    "routine": Rule(
        StateTrigger("person.onda", "Brauerei Nord"),
        Action("cover.lid", "open"),
        900,
        (),
        (("position", 55.0),),
        (
            Step(
                Action("climate.ofenkind", "heat"),
                (("preset", "comfort"), ("temperature", 21.5)),
                90,
            ),
            Step(
                Action("media_player.kreisch", "on"),
                (("source", "Ondas Piratensender"),),
            ),
            Step(Action("light.zweitfunzel#brightness", "38")),
        ),
    ),
    "opportunity": Rule(
        StateTrigger("binary_sensor.huscher", "on"),
        Action("light.zweitfunzel", "on"),
        300,
        special=Kind.OPPORTUNITY,
    ),
    "adjust": Rule(
        TimeTrigger(1370, (0, 1, 2, 3, 4, 5, 6)),
        Action("light.rumpel", "off"),
        1200,
        special=Kind.ADJUST,
        replaces="automation.dampfalarm",
    ),
    "tidy": Rule(
        StateTrigger("binary_sensor.laengst_weg", ""),
        Action("automation.altlast", "off"),
        1,
        special=Kind.TIDY,
        replaces="automation.altlast",
    ),
    "reminder": Rule(TimeTrigger(1310), Action("lock.riegel", "locked"), 1200),
}
"""By what is special about them."""


def proven_of(name: str) -> Proven:
    """Return a rule with evidence of odd numbers, so that each can be told."""
    rule = RULES[name]
    evidence = evidence_of(hits=217, wrong=29, missed=31, human_actions=251)
    evidence = replace(evidence, days_observed=183)
    proven = Proven(rule, evidence, 0.83, 1.0, Safety(Tier.OK))
    match name:
        case "adjust":
            old = replace(rule, trigger=TimeTrigger(1350))
            return replace(proven, instead=Instead(old, 141, 193))
        case "tidy":
            tier = Safety(Tier.NOTIFY, ("missing", "duplicate"))
            return replace(proven, safety=tier, covered_by=("automation.dampfalarm",))
        case "reminder":
            return replace(proven, safety=Safety(Tier.NOTIFY, ("lock",)))
        case "routine":
            return replace(
                proven,
                safety=Safety(Tier.CONFIRM, ("heating", "conflict")),
                conflicts=("automation.dampfalarm",),
            )
        case _:
            return proven


def subject_of(
    proven: Proven, id_: str = "s1-1", facts: HomeFacts = FACTS, language: str = "en"
) -> Subject:
    """Return a suggestion with the text of the templates."""
    text = describe(proven, facts, load(language))
    return Subject(id_, proven, text, "comfort", "medium")


def subjects(count: int = len(RULES)) -> list[Subject]:
    """Return suggestions of all kinds."""
    return [
        subject_of(proven_of(name), f"s1-{n:04}")
        for n, name in enumerate(list(RULES)[:count])
    ]


async def fetch(entity_id: str) -> DeviceContext | None:
    """Return the context of an entity, with its device."""
    known = context_of(entity_id, FACTS)
    entity = ENTITIES.get(entity_id)
    if known is None or entity is None:
        return known
    return replace(known, device=DEVICES.get(entity.device_id or ""))


def all_names() -> set[str]:
    """Return every name and id that this home has."""
    texts = {entity.name for entity in ENTITIES.values()}
    gone = ("light.weggeraeumt", "binary_sensor.laengst_weg")
    ids = {*ENTITIES, *gone, *(a.entity_id for a in AUTOMATIONS)}
    return {
        *texts,
        *ids,
        *AREAS.values(),
        *DEVICES.values(),
        *(a.name for a in AUTOMATIONS),
        "Brauerei Nord",
        "Ondas Piratensender",
    }


def home_names() -> tuple[Name, ...]:
    """Return the names as the wiring would gather them."""
    return tuple(names_of(FACTS))
