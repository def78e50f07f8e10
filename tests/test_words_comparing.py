"""Two rules side by side in words, reports of trials, what is wrong with a change."""

import ast
from pathlib import Path
import string
from typing import Final

import pytest

from custom_components.automation_scout.mining.evidence import Evidence
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.refining import Problem
from custom_components.automation_scout.mining.result import Instead
from custom_components.automation_scout.mining.rules import (
    WEEKDAYS,
    Action,
    NumericTrigger,
    Rule,
    Side,
    StateCondition,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
)
from custom_components.automation_scout.mining.standing import TrialReport
from custom_components.automation_scout.words import catalogue
from custom_components.automation_scout.words.comparing import (
    compared,
    difference,
    problems_in_words,
    tried,
)

EN: Final = catalogue.load("en")
FACTS: Final = HomeFacts(
    "UTC",
    {
        item.entity_id: item
        for item in (
            EntityFacts("light.desk", "Desk lamp"),
            EntityFacts("light.hall", "Hall light"),
            EntityFacts("person.anna", "Anna"),
            EntityFacts("sensor.damp", "Damp", unit="%", is_numeric=True),
            EntityFacts("binary_sensor.room", "Room", device_class="motion"),
        )
    },
)
REFINING: Final = (
    Path(__file__).parent.parent / "custom_components/automation_scout/mining/refining"
)


def rule(trigger: Trigger, action: Action = Action("light.desk", "on")) -> Rule:  # noqa: B008
    return Rule(trigger, action, 900)


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (TimeTrigger(1370), TimeTrigger(1350), ("22:50", "22:30")),
        (
            TimeTrigger(1350, WEEKDAYS),
            TimeTrigger(1350),
            ("at 22:30 on weekdays", "at 22:30 every day"),
        ),
        (
            TimeTrigger(1370, WEEKDAYS),
            TimeTrigger(1350),
            ("at 22:50 on weekdays", "at 22:30 every day"),
        ),
        (
            SunTrigger(SunEvent.SUNSET, 30),
            TimeTrigger(1350),
            ("30 minutes after sunset every day", "at 22:30 every day"),
        ),
        (
            NumericTrigger("sensor.damp", Side.ABOVE, 65),
            NumericTrigger("sensor.damp", Side.ABOVE, 60),
            ("65%", "60%"),
        ),
        (
            StateTrigger("binary_sensor.room", "off", 900),
            StateTrigger("binary_sensor.room", "off", 600),
            ("15 minutes", "10 minutes"),
        ),
    ],
)
def test_what_is_different(
    new: Trigger, old: Trigger, expected: tuple[str, str]
) -> None:
    assert difference(rule(new), rule(old), FACTS, EN) == expected


def test_conditions_and_actions() -> None:
    bare = rule(TimeTrigger(1350))
    home = Rule(
        TimeTrigger(1350),
        Action("light.desk", "on"),
        900,
        (StateCondition("person.anna", "home"), WeekdayCondition(WEEKDAYS)),
    )
    new, old = difference(home, bare, FACTS, EN)
    assert "Anna" in new
    assert "weekdays" in new
    assert old == "at 22:30 every day"
    other = rule(TimeTrigger(1350), Action("light.hall", "off"))
    assert difference(other, bare, FACTS, EN) == (
        "turn off Hall light",
        "turn on Desk lamp",
    )


def evidence(hits: int, of: int) -> Evidence:
    return Evidence(28, of, hits, of - hits, 0, hits, 0, 0, ())


def test_comparisons() -> None:
    new, old = rule(TimeTrigger(1370)), rule(TimeTrigger(1350))
    instead = Instead(old, 1, 10)
    assert compared(new, evidence(9, 10), instead, FACTS, EN) == (
        "22:50 instead of 22:30 would have agreed with you 9 of 10 times;"
        " as it was, it agreed 1 of 10 times."
    )
    assert compared(new, evidence(0, 0), instead, FACTS, EN) == (
        "22:50 instead of 22:30, it would not have run once;"
        " as it was, it agreed with you 1 of 10 times."
    )


def test_a_report() -> None:
    assert tried(TrialReport(7, 5, 1, 2, ()), EN) == (
        "On trial for 7 days, it would have run 6 times: 5 of them you did it yourself,"
        " 1 time you did not; 2 times it would have missed."
    )


def noted() -> dict[str, set[str]]:
    """Return every problem that the code notes, with the gaps that it fills."""
    found: dict[str, set[str]] = {"already_automated": {"names"}}
    for path in REFINING.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "notes.add":
                key = ast.literal_eval(node.args[0])
                gaps = {str(keyword.arg) for keyword in node.keywords}
                assert found.setdefault(key, gaps) == gaps, key
    return found


def test_every_problem_has_words_and_fills_its_gaps() -> None:
    problems = noted()
    assert len(problems) > 30
    assert set(EN.texts["problem"]) == set(problems)
    for key, gaps in problems.items():
        text = str(EN.texts["problem"][key])
        assert {name for _, name, _, _ in string.Formatter().parse(text)} - {
            None
        } <= gaps
        problem = Problem(key, tuple((gap, "x") for gap in sorted(gaps)))
        assert problems_in_words([problem], EN)


def test_several_problems_are_sentences() -> None:
    said = problems_in_words(
        [Problem("two_bounds"), Problem("unknown_entity", (("entity_id", "a.b"),))], EN
    )
    assert said.endswith("a.b is not there, or not among what is looked at.")
    assert said.count(".") >= 2
