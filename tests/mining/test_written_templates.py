"""What templates ask for, in the forms in which people write them."""

from typing import Any

import pytest

from custom_components.automation_scout.mining.written.pieces import (
    filled,
    is_template,
)
from custom_components.automation_scout.mining.written.templates import conditions_of


def state(entity_id: str, wanted: str) -> dict[str, Any]:
    return {"condition": "state", "entity_id": entity_id, "state": wanted}


def level(**bounds: Any) -> dict[str, Any]:
    return {"condition": "numeric_state", "entity_id": "sensor.t", **bounds}


def clock(after: str, before: str) -> dict[str, Any]:
    return {"condition": "time", "after": after, "before": before}


def days(*names: str) -> dict[str, Any]:
    return {"condition": "time", "weekday": list(names)}


def ids(*names: str) -> dict[str, Any]:
    return {"condition": "trigger", "id": list(names)}


@pytest.mark.parametrize(
    ("template", "conditions"),
    [
        ("{{ is_state('light.a', 'on') }}", [state("light.a", "on")]),
        ('{{ is_state("light.a","on") }}', [state("light.a", "on")]),
        ("{{- states('light.a') == 'on' -}}", [state("light.a", "on")]),
        ("{{ states.light.a.state == 'on' }}", [state("light.a", "on")]),
        (
            "{{ not is_state('light.a', 'on') }}",
            [{"condition": "not", "conditions": [state("light.a", "on")]}],
        ),
        (
            "{{ is_state('light.a', 'on')\n   and states('sensor.t') | float > 20 }}",
            [state("light.a", "on"), level(above=20.0)],
        ),
        ("{{ (states('sensor.t') | float(0)) <= -2.5 }}", [level(below=-2.5)]),
        ("{{ states('sensor.t')|int(0) >= 3 }}", [level(above=3.0)]),
        (
            "{{ state_attr('sensor.t', 'x') < 4 }}",
            [level(below=4.0, attribute="x")],
        ),
        ("{{ trigger.id == 'a' }}", [ids("a")]),
        ("{{ trigger.id in ['a', \"b\"] }}", [ids("a", "b")]),
        (
            "{{ trigger.to_state.state == 'on' }}",
            [{"condition": "entered", "state": ["on"]}],
        ),
        (
            "{{ trigger.to_state.state in ('on', 'open') }}",
            [{"condition": "entered", "state": ["on", "open"]}],
        ),
        ("{{ now().hour == 22 }}", [clock("22:00:00", "23:00:00")]),
        ("{{ now().hour >= 22 }}", [clock("22:00:00", "00:00:00")]),
        ("{{ now().hour > 21 }}", [clock("22:00:00", "00:00:00")]),
        ("{{ now().hour < 7 }}", [clock("00:00:00", "07:00:00")]),
        ("{{ now().hour <= 6 }}", [clock("00:00:00", "07:00:00")]),
        (
            "{{ now().minute == 59 and now().hour == 23 }}",
            [clock("23:59:00", "00:00:00")],
        ),
        (
            "{{ now().strftime('%H:%M') == '22:10' }}",
            [clock("22:10:00", "22:11:00")],
        ),
        ("{{ states('sensor.time') == '6:45' }}", [clock("6:45:00", "06:46:00")]),
        ("{{ now().weekday() < 5 }}", [days("mon", "tue", "wed", "thu", "fri")]),
        ("{{ now().weekday() <= 1 }}", [days("mon", "tue")]),
        ("{{ now().weekday() >= 5 }}", [days("sat", "sun")]),
        ("{{ now().isoweekday() > 5 }}", [days("sat", "sun")]),
        ("{{ now().weekday() in [0, 6] }}", [days("mon", "sun")]),
        ("{{ now().isoweekday() in (1, 7, 9) }}", [days("mon", "sun")]),
        # What is not understood asks for nothing.
        ("{{ states('sensor.time') == 'noon' }}", [{}]),
        ("{{ is_state('light.a', 'on') or is_state('light.b', 'on') }}", [{}]),
        ("{{ 'a' }} {{ 'b' }}", [{}]),
        ("{% if x %}{{ true }}{% endif %}", [{}]),
        ("{{ not x }}", [{}]),
        ("{{ x and is_state('light.a', 'on') }}", [{}, state("light.a", "on")]),
        ("plain", [{}]),
        ("", [{}]),
    ],
)
def test_conditions(template: str, conditions: list[dict[str, Any]]) -> None:
    assert list(conditions_of(template)) == conditions


def test_variables_are_filled_in() -> None:
    known = {"lamp": "light.a", "repeat.item": 5}
    assert filled("{{ lamp }}", known) == "light.a"
    assert filled(" {{-lamp-}} ", known) == "light.a"
    assert filled({"x": ["{{ repeat.item }}", 1]}, known) == {"x": [5, 1]}
    for text in ("{{ other }}", "{{ lamp }}s", "{{ lamp | lower }}", "lamp"):
        assert filled(text, known) == text


def test_templates_anywhere() -> None:
    assert is_template({"a": [{"b": "{{ x }}"}]})
    assert is_template("{% if x %}")
    assert not is_template({"a": [{"b": "{ x }"}], "c": None})
