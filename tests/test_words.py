"""Texts: what a person reads."""

from dataclasses import replace
from itertools import combinations
import string

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.automation_scout.mining.facts import (
    ACTUATOR_DOMAINS,
    EntityFacts,
    ExistingAutomation,
    HomeFacts,
)
from custom_components.automation_scout.mining.result import Proven, Tier
from custom_components.automation_scout.mining.rules import ALL_DAYS
from custom_components.automation_scout.words.catalogue import load
from custom_components.automation_scout.words.clauses import days_of
from custom_components.automation_scout.words.names import MAX_NAME, clean
from custom_components.automation_scout.words.templates import Text, describe

from .scripted import FACTS, MORNING, at, proven, when

EN = load("en")


def words(item: Proven, facts: HomeFacts = FACTS) -> Text:
    return describe(item, facts, EN)


def test_clock_habit() -> None:
    text = words(MORNING)
    assert text.title == "Turn on Desk lamp at 07:00 on weekdays"
    assert text.description == (
        "At 07:00 on weekdays, this automation would turn on Desk lamp."
        " It does nothing where that is already so."
    )
    assert text.rationale == (
        "In the last 28 days it would have run 21 times; 19 of them you did it"
        " yourself, 2 times you did not, 3 times it would have missed."
        " Tried on days from which it had not been learnt, it was right 5 of 6 times."
    )
    assert text.language == "en"


@pytest.mark.parametrize(
    ("weekdays", "expected"),
    [
        (ALL_DAYS, "every day"),
        ((0, 1, 2, 3, 4), "on weekdays"),
        ((5, 6), "at weekends"),
        ((1, 3), "on Tuesdays and Thursdays"),
        ((0,), "on Mondays"),
        ((0, 2, 4), "on Mondays, Wednesdays and Fridays"),
        ((0, 1, 2, 3, 4, 5), "every day except Sundays"),
    ],
)
def test_days(weekdays: tuple[int, ...], expected: str) -> None:
    assert days_of(weekdays, EN) == expected


def test_every_set_of_days_has_its_own_words() -> None:
    sets = [days for n in range(1, 8) for days in combinations(ALL_DAYS, n)]
    assert len({days_of(days, EN) for days in sets}) == len(sets) == 127


@pytest.mark.parametrize(
    ("entity_id", "state", "expected"),
    [
        ("light.desk", "on", "turn on Desk lamp"),
        ("light.desk", "off", "turn off Desk lamp"),
        ("cover.garage", "open", "open Garage"),
        ("cover.garage", "closed", "close Garage"),
        ("lock.front", "locked", "lock Front lock"),
        ("lock.front", "unlocked", "unlock Front lock"),
        ("climate.study", "heat", "set Study heating to heat"),
        ("climate.study", "heat_cool", "set Study heating to heat or cool"),
        ("climate.study", "off", "turn off Study heating"),
        ("media_player.tv", "playing", "play TV"),
        ("media_player.tv", "off", "turn off TV"),
        ("vacuum.bob", "cleaning", "start vacuum.bob"),
        ("alarm_control_panel.home", "armed_night", "arm alarm_control_panel.home"),
        ("switch.new", "some_state", "set switch.new to some state"),
    ],
)
def test_acts(entity_id: str, state: str, expected: str) -> None:
    assert (
        expected.casefold()
        in words(proven(at(1350), entity_id, state)).title.casefold()
    )


@pytest.mark.parametrize(
    ("entity_id", "state", "expected"),
    [
        ("binary_sensor.door", "on", "when Front door opens"),
        ("binary_sensor.door", "off", "when Front door closes"),
        ("binary_sensor.motion", "on", "when Motion detects movement"),
        ("binary_sensor.plain", "on", "when binary_sensor.plain turns on"),
        ("person.anna", "home", "when Anna comes home"),
        ("person.anna", "not_home", "when Anna leaves home"),
        ("person.anna", "Work", "when Anna arrives at Work"),
        ("media_player.tv", "on", "when TV turns on"),
        ("media_player.tv", "playing", "when TV starts playing"),
        ("light.hall", "off", "when Hall light turns off"),
        ("climate.study", "fan_only", "when Study heating is set to fan only"),
        ("input_select.mode", "", "when input_select.mode changes"),
    ],
)
def test_cues(entity_id: str, state: str, expected: str) -> None:
    text = words(proven(when(entity_id, state)))
    assert text.title == f"Turn on Desk lamp {expected}"


def test_reminder_never_promises_to_act() -> None:
    text = words(
        proven(at(1370), "lock.front", "locked", tier=Tier.NOTIFY, reasons=("lock",))
    )
    assert text.title == "Reminder to lock Front lock at 22:50 every day"
    assert "never does so by itself" in text.description
    assert "it only reminds you" in text.rationale


def test_confirmation_and_neighbours_are_told() -> None:
    facts = replace(
        FACTS, automations=(ExistingAutomation("automation.a", "Evening <b>", True),)
    )
    text = words(
        proven(
            at(420),
            "climate.study",
            "heat",
            tier=Tier.CONFIRM,
            reasons=("heating", "a reason without words"),
            covered_by=("automation.a", "automation.gone"),
        ),
        facts,
    )
    assert "already done by Evening and automation.gone." in text.rationale
    assert "something that heats" in text.rationale
    assert text.rationale.endswith("after you have confirmed it explicitly.")


def test_numbers_have_their_singular() -> None:
    item = proven(at(420))
    one = replace(
        item,
        evidence=replace(
            item.evidence, days_observed=1, opportunities=1, hits=1, wrong=0, missed=1
        ),
    )
    assert words(one).rationale.startswith(
        "In the last 1 day it would have run 1 time; 1 of them you did it yourself,"
        " 0 times you did not, 1 time it would have missed."
    )


def test_every_safety_reason_of_the_miner_has_words() -> None:
    facts = replace(
        FACTS,
        entities={
            f"{domain}.x": EntityFacts(f"{domain}.x", "X", device_class=device_class)
            for domain in ACTUATOR_DOMAINS
            for device_class in (None, "garage", "gate", "door")
        },
    )
    from custom_components.automation_scout.mining.safety import safety_of

    for entity_id in facts.entities:
        for state in ("on", "open", "heat", "unlocked"):
            rule = proven(at(60), entity_id, state).rule
            for reason in safety_of(rule, facts).reasons:
                assert EN.has("safety", reason)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Desk lamp", "Desk lamp"),
        ("  Desk\n\tlamp ", "Desk lamp"),
        ("<b>Desk</b> lamp", "Desk lamp"),
        ("{{ states('x') }}", "states('x')"),
        ("Lampe (größer)", "Lampe (größer)"),
        ("调光灯", "调光灯"),
        ("a\u202eb\u0000c", "ab c"),
        ("<>", "light.x"),
        ("", "light.x"),
    ],
)
def test_names_are_made_fit(name: str, expected: str) -> None:
    assert clean(name, "light.x") == expected


def test_long_names_are_cut() -> None:
    cut = clean("x" * 10_000, "light.x")
    assert len(cut) == MAX_NAME
    assert cut.endswith("…")


@given(name=st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_name_gives_one_short_line_without_markup(name: str) -> None:
    facts = replace(FACTS, entities={"light.desk": EntityFacts("light.desk", name)})
    title = words(MORNING, facts).title
    assert len(title) <= MAX_NAME + 60
    assert "\n" not in title
    assert not set("<>{}`") & set(title)
    assert words(MORNING, facts) == words(MORNING, facts)


def test_unknown_language_is_english() -> None:
    assert load("xx-YY").language == "en"
    assert load("en-GB").language == "en"


def test_templates_use_only_the_placeholders_that_they_get() -> None:
    for family, names in PLACEHOLDERS.items():
        for value in _leaves(EN.texts[family]):
            used = {name for _, name, _, _ in string.Formatter().parse(value) if name}
            assert used <= names, value
    plain = {"days", "decimal", "list", "measured", "problem", "rationale", "safety"}
    assert set(EN.texts) == PLACEHOLDERS.keys() | plain | {
        "state",
        "weekday",
        "weekday_left_out",
    }


PLACEHOLDERS = {
    "act": {"target", "state"},
    "act_with": {"target", "state", "values"},
    "amount": {"value"},
    "clock": {"hours", "minutes"},
    "condition": {"when", "days", "start", "end", "clauses", "subject", "value"},
    "count": {"n"},
    "cue": {"name", "state"},
    "description": {"act", "comma", "when", "name"},
    "edge": {"cue"},
    "later": {"time", "act"},
    "level": {"subject", "value", "time"},
    "logbook": {"title", "new", "open"},
    "measure": {"number", "unit"},
    "notice": {"count"},
    "quiet": {"cue", "time"},
    "refine": {"new", "old"},
    "set": {"target", "amount"},
    "speech": {"name", "reasons", "title", "titles"},
    "stay": {"name", "state", "time"},
    "subject": {"name"},
    "sun": {"time", "days"},
    "tidy": {"name", "things", "others"},
    "time": {"time", "days"},
    "title": {"act", "comma", "when", "name"},
    "todo": set(),
    "trial": {"result", "title"},
    "value": {"amount"},
    "while": {"name", "state"},
}
"""Family of templates to what they are filled with."""


def _leaves(texts: object) -> list[str]:
    if isinstance(texts, dict):
        return [leaf for value in texts.values() for leaf in _leaves(value)]
    return [str(texts)]
