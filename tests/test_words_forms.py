"""Words for every form of a trigger, a condition, a value and a routine."""

from dataclasses import replace

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.automation_scout.mining.attributes import ATTRIBUTES
from custom_components.automation_scout.mining.facts import (
    EntityFacts,
    ExistingAutomation,
    HomeFacts,
)
from custom_components.automation_scout.mining.result import Proven, Tier
from custom_components.automation_scout.mining.rules import (
    HOME,
    SUN,
    WEEKDAYS,
    Action,
    Condition,
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
    Trigger,
    Values,
    WeekdayCondition,
    WindowCondition,
)
from custom_components.automation_scout.suggestion import MAX_TITLE, payload_of
from custom_components.automation_scout.words.catalogue import load
from custom_components.automation_scout.words.measures import duration
from custom_components.automation_scout.words.templates import Text, describe

from .scripted import FACTS, proven

EN = load("en")
HOUSE = replace(
    FACTS,
    entities={
        **FACTS.entities,
        **{
            item.entity_id: item
            for item in (
                EntityFacts(
                    "sensor.t", "Study", device_class="temperature", unit="\u00b0C"
                ),
                EntityFacts(
                    "sensor.u", "Bath temperature", None, None, "temperature", (), "°C"
                ),
                EntityFacts("sensor.lux", "Porch", None, None, "illuminance", (), "lx"),
                EntityFacts("sensor.odd", "Odd one"),
                EntityFacts("climate.f", "Attic", unit="°F"),
                EntityFacts("cover.blind", "Blind"),
                EntityFacts("media_player.radio", "Radio"),
            )
        },
    },
)
MOTION = "binary_sensor.motion"
DESK = Action("light.desk", "on")


def words(rule: Rule, facts: HomeFacts = HOUSE) -> Text:
    return describe(replace(proven(rule.trigger), rule=rule), facts, EN)


def title(rule: Rule) -> str:
    return words(rule).title


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (SunTrigger(SunEvent.SUNSET), "at sunset every day"),
        (
            SunTrigger(SunEvent.SUNSET, 20, WEEKDAYS),
            "20 minutes after sunset on weekdays",
        ),
        (
            SunTrigger(SunEvent.SUNRISE, -90, (5, 6)),
            "90 minutes before sunrise at weekends",
        ),
        (
            StateTrigger(MOTION, "off", for_s=600),
            "when Motion has detected no movement for 10 minutes",
        ),
        (
            StateTrigger("binary_sensor.door", "on", for_s=9000),
            "when Front door has been open for 2 hours and 30 minutes",
        ),
        (
            StateTrigger("light.hall", "on", for_s=3 * 3600),
            "when Hall light has been on for 3 hours",
        ),
        (
            StateTrigger("media_player.tv", "paused", for_s=45),
            "when TV has been paused for 45 seconds",
        ),
        (
            StateTrigger("person.anna", "not_home", for_s=1800),
            "when Anna has been away for 30 minutes",
        ),
        (StateTrigger(HOME, "0"), "when the last person leaves"),
        (StateTrigger(HOME, "occupied"), "when the first person comes home"),
        (
            StateTrigger(HOME, "0", for_s=600),
            "when nobody has been at home for 10 minutes",
        ),
        (StateTrigger(SUN, "below_horizon"), "when the sun sets"),
        (
            StateTrigger(MOTION, "on", quiet_s=3600),
            "when Motion detects movement for the first time in 60 minutes",
        ),
        (
            NumericTrigger("sensor.t", Side.ABOVE, 24.0),
            "when the temperature of Study rises above 24 °C",
        ),
        (
            NumericTrigger("sensor.u", Side.BELOW, 18.5),
            "when Bath temperature falls below 18.5 °C",
        ),
        (
            NumericTrigger("sensor.lux", Side.BELOW, 10, for_s=300),
            "when the brightness of Porch has been below 10 lx for 5 minutes",
        ),
        (
            NumericTrigger("sensor.odd", Side.ABOVE, 1000000.0),
            "when Odd one rises above 1000000",
        ),
    ],
)
def test_triggers(trigger: Trigger, expected: str) -> None:
    text = words(Rule(trigger, DESK, 900))
    assert text.title == f"Turn on Desk lamp {expected}"
    assert text.description.startswith(expected[0].upper() + expected[1:] + ", this")


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ((WeekdayCondition((5, 6)),), "at weekends"),
        ((WindowCondition(18 * 60, 23 * 60),), "between 18:00 and 23:00"),
        ((WindowCondition(1320, 1440),), "between 22:00 and 00:00"),
        ((StateCondition(SUN, "below_horizon"),), "if it is dark"),
        ((StateCondition(SUN, "above_horizon"),), "if it is light outside"),
        ((StateCondition("person.anna", "home"),), "if Anna is at home"),
        ((StateCondition("person.anna", "not_home"),), "if Anna is away"),
        ((StateCondition(HOME, "0"),), "if nobody is at home"),
        ((StateCondition(HOME, "occupied"),), "if somebody is at home"),
        ((StateCondition("media_player.tv", "playing"),), "if TV is playing"),
        ((StateCondition("binary_sensor.door", "on"),), "if Front door is open"),
        (
            (NumericCondition("sensor.lux", Side.BELOW, 12.5),),
            "if the brightness of Porch is below 12.5 lx",
        ),
        (
            (StateCondition(SUN, "below_horizon"), WindowCondition(1080, 1380)),
            "between 18:00 and 23:00 if it is dark",
        ),
        (
            (
                StateCondition(SUN, "below_horizon"),
                NumericCondition("sensor.t", Side.ABOVE, 20),
            ),
            "if it is dark and the temperature of Study is above 20 °C",
        ),
    ],
)
def test_conditions(conditions: tuple[Condition, ...], expected: str) -> None:
    rule = Rule(StateTrigger("person.anna", "home"), DESK, 900, conditions)
    assert title(rule) == f"Turn on Desk lamp when Anna comes home {expected}"


def test_days_of_the_trigger_and_of_a_condition_are_said_once() -> None:
    rule = Rule(TimeTrigger(420), DESK, 900, (WeekdayCondition(WEEKDAYS),))
    assert title(rule) == "Turn on Desk lamp at 07:00 on weekdays"
    rule = Rule(TimeTrigger(420, (0, 5)), DESK, 900, (WeekdayCondition(WEEKDAYS),))
    assert title(rule) == "Turn on Desk lamp at 07:00 on Mondays"


@pytest.mark.parametrize(
    ("action", "values", "expected"),
    [
        (DESK, (("brightness", 40.0),), "Turn on Desk lamp to 40%"),
        (
            DESK,
            (("brightness", 40.0), ("color_temp", 2700.0)),
            "Turn on Desk lamp to 40% and 2700 K",
        ),
        (
            Action("cover.blind", "open"),
            (("position", 30.0),),
            "Open Blind to 30%",
        ),
        (
            Action("climate.study", "heat"),
            (("preset", "eco"), ("temperature", 21.5)),
            "Set Study heating to heat with preset eco and 21.5°",
        ),
        (
            Action("media_player.radio", "playing"),
            (("source", "Radio {1}"), ("volume", 20.0)),
            "Play Radio with source Radio 1 and 20% volume",
        ),
        (Action("climate.study#temperature", "21"), (), "Set Study heating to 21°"),
        (Action("climate.f#temperature", "70"), (), "Set Attic to 70 °F"),
        (Action("climate.study#preset", "away"), (), "Set Study heating to away"),
        (Action("cover.blind#position", "40"), (), "Move Blind to 40%"),
        (
            Action("light.desk#brightness", "5"),
            (),
            "Set the brightness of Desk lamp to 5%",
        ),
        (
            Action("media_player.tv#volume", "15"),
            (),
            "Set the volume of TV to 15%",
        ),
        (Action("media_player.tv#source", "HDMI 1"), (), "Switch TV to HDMI 1"),
    ],
)
def test_values(action: Action, values: Values, expected: str) -> None:
    rule = Rule(TimeTrigger(420), action, 900, values=values)
    assert title(rule) == f"{expected} at 07:00 every day"


def test_every_setting_has_words() -> None:
    for domain, attributes in ATTRIBUTES.items():
        for attribute in attributes:
            action = Action(f"{domain}.x#{attribute.name}", "20")
            said = title(Rule(TimeTrigger(420), action, 900))
            assert "20" in said
            assert f"{domain}.x" in said
            values = ((attribute.name, 20.0),)
            said = title(
                Rule(TimeTrigger(420), Action(f"{domain}.x", "on"), 900, values=values)
            )
            assert "20" in said


def test_a_routine() -> None:
    off = [
        Step(Action(entity_id, "off"))
        for entity_id in ("media_player.tv", "light.hall", "light.porch")
    ]
    rule = Rule(
        TimeTrigger(1380),
        Action("light.desk", "off"),
        900,
        more=(*off, Step(Action("climate.study#temperature", "17"))),
    )
    text = words(rule)
    assert text.title == (
        "Turn off Desk lamp, TV and 2 more and set Study heating to 17°"
        " at 23:00 every day"
    )
    assert (
        "turn off Desk lamp, TV, Hall light and Porch light and set Study heating"
        in text.description
    )


def test_a_routine_with_a_pause() -> None:
    rule = Rule(
        TimeTrigger(1380),
        Action("media_player.tv", "off"),
        900,
        more=(Step(Action("light.hall", "off"), delay_s=90),),
    )
    assert title(rule) == (
        "Turn off TV and 90 seconds later turn off Hall light at 23:00 every day"
    )


def special(kind: Kind, reasons: tuple[str, ...] = (), **changes: object) -> Proven:
    item = proven(StateTrigger(MOTION, "on"), "light.hall", reasons=reasons)
    rule = replace(item.rule, special=kind, replaces="automation.evening")
    return replace(item, rule=rule, **changes)  # type: ignore[arg-type]


EVENING = ExistingAutomation(
    "automation.evening", "Evening", True, missing=("light.gone", "sensor.old")
)
AUTOMATED = replace(HOUSE, automations=(EVENING,))


def test_an_idea_is_marked() -> None:
    item = special(Kind.OPPORTUNITY)
    rule = replace(item.rule, conditions=(StateCondition(SUN, "below_horizon"),))
    text = describe(replace(item, rule=rule), AUTOMATED, EN)
    assert text.title == (
        "An idea: turn on Hall light when Motion detects movement if it is dark"
    )
    assert "It is an idea" in text.description
    assert text.rationale == (
        "Motion and Hall light are in the same area, and nothing connects them yet."
        " It was seen 19 of 21 times, too seldom for a habit."
    )


def test_an_adjustment_names_what_it_adjusts() -> None:
    text = describe(special(Kind.ADJUST), AUTOMATED, EN)
    assert text.title == (
        "Adjust Evening: turn on Hall light when Motion detects movement"
    )
    assert "in place of Evening" in text.description
    assert text.rationale.startswith("In the last 28 days it would have run")


def test_what_is_untidy_is_named() -> None:
    reasons = ("never_ran", "missing", "duplicate")
    item = special(Kind.TIDY, reasons, covered_by=("automation.other",))
    item = replace(item, safety=replace(item.safety, tier=Tier.NOTIFY))
    text = describe(item, AUTOMATED, EN)
    assert text.title == "Tidy up Evening"
    assert text.rationale == (
        "Evening is on, but it has not run for a long time."
        " Evening refers to what is no longer there: light.gone and sensor.old."
        " Evening does the same as automation.other."
    )


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (1, "1 second"),
        (90, "90 seconds"),
        (60, "1 minute"),
        (600, "10 minutes"),
        (7140, "119 minutes"),
        (7200, "2 hours"),
        (7260, "2 hours and 1 minute"),
    ],
)
def test_durations(seconds: int, expected: str) -> None:
    assert duration(seconds, EN) == expected


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (SunTrigger(SunEvent.SUNSET, -1), "1 minuutti ennen auringonlaskua"),
        (SunTrigger(SunEvent.SUNSET, -15), "15 minuuttia ennen auringonlaskua"),
        (SunTrigger(SunEvent.SUNRISE, 1), "1 minuutti auringonnousun jälkeen"),
        (StateTrigger("light.hall", "on", quiet_s=60), "on yli 1 minuutti"),
        (StateTrigger("light.hall", "on", for_s=60), "on ollut päällä 1 minuutin"),
        (StateTrigger("light.hall", "on", for_s=120), "on ollut päällä 2 minuuttia"),
        (StateTrigger("light.hall", "on", for_s=1), "on ollut päällä 1 sekunnin"),
    ],
)
def test_one_minute_has_the_case_of_its_sentence(
    trigger: Trigger, expected: str
) -> None:
    """Finnish tells apart how long something lasts; many are the same everywhere."""
    rule = Rule(trigger, Action("light.desk", "on"), 900)
    said = describe(replace(proven(trigger), rule=rule), HOUSE, load("fi"))
    assert said.title.endswith(expected)


@given(st.lists(st.text(min_size=1, max_size=300), min_size=8, max_size=8))
@settings(max_examples=50, deadline=None)
def test_a_title_is_short_whatever_the_names_are(names: list[str]) -> None:
    ids = [f"light.{number}" for number in range(8)]
    facts = replace(
        FACTS,
        entities={
            entity_id: EntityFacts(entity_id, name)
            for entity_id, name in zip(ids, names, strict=True)
        },
    )
    rule = Rule(
        StateTrigger(ids[0], "on", quiet_s=60),
        Action(ids[1], "off"),
        900,
        (StateCondition(ids[2], "on"), StateCondition(ids[3], "off")),
        more=tuple(
            Step(Action(entity_id, state))
            for entity_id, state in zip(ids[4:], ("on", "off", "x", "y"), strict=True)
        ),
    )
    made = replace(proven(rule.trigger), rule=rule)
    text = describe(made, facts, EN)
    said = payload_of(made, text, facts, lambda *_: {})["title"]
    assert len(said) <= MAX_TITLE
    assert text.title.startswith(said.removesuffix("…"))
    assert "\n" not in said
    assert not set("<>{}") & set(said)
