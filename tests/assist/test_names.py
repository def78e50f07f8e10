"""Which suggestion is meant, and which number was said."""

from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.automation_scout.assist.confirming import says
from custom_components.automation_scout.assist.naming import meant

TITLES = (
    "Turn on Desk lamp at 07:00 on weekdays",
    "Turn off Desk lamp at 23:00",
    "Desk lamp",
    "在七点打开书房的灯",
    "Rollladen im Büro schließen",
    "I\u015f\u0131k a\u00e7\u0131k: \u0130kinci oda",
)
KNOWN: list[dict[str, Any]] = [
    {"id": f"s1-{n}", "title": title} for n, title in enumerate(TITLES)
]
FILLERS = frozenset({"the", "to"})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("s1-1", [1]),
        (" s1-1 ", [1]),
        ("desk lamp", [2]),
        ("the DESK Lamp!", [2]),
        ("lamp", [0, 1, 2]),
        ("to turn off the desk lamp", [1]),
        ("desk weekdays", [0]),
        ("07:00", [0]),
        ("书房的灯", [3]),
        ("书灯", [3]),
        ("rollladen BÜRO", [4]),
        ("ROLLLADEN IM BÜRO SCHLIESSEN", [4]),
        ("\u0131\u015f\u0131k", [5]),
        ("I\u015eIK A\u00c7IK", [5]),
        ("ikinci oda", [5]),
        ("turn off the lamps", []),
        ("the", []),
        ("", []),
        ("?!", []),
        ("bathroom", []),
        ("turn off desk lamp at weekdays", []),
    ],
)
def test_names(name: str, expected: list[int]) -> None:
    assert [int(item["id"][3:]) for item in meant(name, KNOWN, FILLERS)] == expected


@given(st.text(max_size=300))
def test_any_text_is_a_name(name: str) -> None:
    assert all(item in KNOWN for item in meant(name, KNOWN, FILLERS))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("417", True),
        ("yes, 417!", True),
        ("4 1 7", True),
        ("confirm 4-17.", True),
        ("٤١٧", True),
        ("1417", False),
        ("4170", False),
        ("at 4:17", False),
        ("it is 4:17 pm", False),
        ("21.417 degrees", False),
        ("yes", False),
        ("", False),
        ("4 things, 17 of them", False),
    ],
)
def test_numbers(words: str, *, expected: bool) -> None:
    assert says("417", words) is expected


@given(st.text(max_size=50))
def test_words_around_a_number_hide_it_only_by_digits(words: str) -> None:
    assert says("417", f"{words}; 417; {words}")
