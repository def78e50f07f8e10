"""The way through an automation to each of its calls."""

from typing import Any

import pytest

from custom_components.automation_scout.mining.reach import Reach
from custom_components.automation_scout.mining.written.calls import (
    MAX_DEPTH,
    Call,
    calls,
)


def on(name: str) -> dict[str, Any]:
    return {"action": "light.turn_on", "target": {"entity_id": f"light.{name}"}}


def ways(actions: object, reach: Reach | None = None) -> dict[str, list[str]]:
    """Return entity to the gates on the way to it, as text."""
    return {
        next(iter(call.entities)).partition(".")[2]: [
            f"{gate.kind.value} {gate.config}" for gate in call.way
        ]
        for call in calls({"actions": actions}, reach or Reach())
    }


def option(asked: str, *sequence: Any) -> dict[str, Any]:
    return {"conditions": asked, "sequence": list(sequence)}


STOP = {"stop": "here"}


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        ([on("a"), {"delay": 5}, on("b")], {"a": [], "b": ["delay 5"]}),
        (
            [
                {
                    "choose": [option("x", on("a")), option("y", on("b"))],
                    "default": on("c"),
                }
            ],
            {
                "a": ["holds x"],
                "b": ["fails x", "holds y"],
                "c": ["fails x", "fails y"],
            },
        ),
        (
            [{"if": "x", "then": on("a"), "else": on("b")}, on("c")],
            {"a": ["holds x"], "b": ["fails x"], "c": []},
        ),
        ([{"if": "x", "then": STOP}, on("a")], {"a": ["fails x"]}),
        ([{"if": "x", "then": [], "else": STOP}, on("a")], {"a": ["holds x"]}),
        ([{"if": "x", "then": STOP, "else": STOP}, on("a")], {}),
        (
            [{"choose": [option("x", STOP), option("y", on("a"))]}, on("b")],
            {"a": ["fails x", "holds y"], "b": ["fails x"]},
        ),
        (
            [{"choose": [option("x"), option("y")], "default": STOP}, on("a")],
            {"a": []},
        ),
        ([{"choose": [], "default": STOP}, on("a")], {}),
        (
            [{"parallel": [on("a"), [{"delay": 3}, on("b")]]}, on("c")],
            {"a": [], "b": ["delay 3"], "c": []},
        ),
        (
            [{"repeat": {"while": "x", "sequence": on("a")}}, on("b")],
            {"a": ["holds x"], "b": []},
        ),
        (
            [{"sequence": [{"delay": 3}, on("a")]}, on("b")],
            {"a": ["delay 3"], "b": ["delay 3"]},
        ),
        (
            [{"condition": "state", "x": 1}, on("a")],
            {"a": ["holds {'condition': 'state', 'x': 1}"]},
        ),
        ([{"or": ["x"]}, on("a")], {"a": ["holds {'or': ['x']}"]}),
        ([{"wait_for_trigger": ["t"]}, on("a")], {"a": ["wait ['t']"]}),
        (
            [{"wait_template": "{{ x }}"}, on("a")],
            {"a": ["wait [{'trigger': 'template', 'value_template': '{{ x }}'}]"]},
        ),
        (
            [{"variables": {"d": 7}}, {"delay": "{{ d }}"}, on("a")],
            {"a": ["delay 7"]},
        ),
        ([{"if": "x", "then": [{"variables": {"l": "light.b"}}]}, on("a")], {"a": []}),
    ],
)
def test_ways(actions: object, expected: dict[str, list[str]]) -> None:
    assert ways(actions) == expected


def test_a_script_is_on_the_way_of_its_caller() -> None:
    scripts = {
        "script.a": {"variables": {"w": 9}, "sequence": [{"delay": "{{ w }}"}, on("a")]}
    }
    reach = Reach(scripts=scripts)
    assert ways([{"delay": 5}, {"action": "script.a"}], reach) == {
        "a": ["delay 5", "delay 9"]
    }
    # Whoever waits for a script waits for its pauses, but nobody knows who does.
    told = {"action": "script.a", "data": {"w": 4}}
    assert ways([told, on("b")], reach) == {"a": ["delay 4"], "b": []}


def test_scripts_in_a_ring_and_in_a_long_chain() -> None:
    ring = Reach(
        scripts={
            "script.a": {"sequence": [{"action": "script.b"}]},
            "script.b": {"sequence": [{"action": "script.a"}, on("b")]},
        }
    )
    assert list(ways([{"action": "script.a"}], ring)) == ["b"]
    long = Reach(
        scripts={
            f"script.s{n}": {"sequence": [{"action": f"script.s{n + 1}"}]}
            for n in range(MAX_DEPTH + 3)
        }
    )
    (end,) = calls({"actions": [{"action": "script.s0"}]}, long)
    assert end == Call("script", "run", {}, frozenset({f"script.s{MAX_DEPTH}"}), False)


def test_variables_of_variables() -> None:
    config = {
        "variables": {"a": "light.a", "b": "{{ a }}", "c": "{{ now() }}"},
        "actions": [
            {"action": "light.turn_on", "target": {"entity_id": "{{ b }}"}},
            {"action": "light.turn_on", "target": {"entity_id": "{{ c }}"}},
        ],
    }
    first, second = calls(config, Reach())
    assert (first.entities, first.is_told) == (frozenset({"light.a"}), True)
    assert (second.entities, second.is_told) == (frozenset(), False)


def test_parts_of_an_item() -> None:
    each = [{"lamp": "light.a"}, {"lamp": "light.b"}]
    repeat = {
        "for_each": each,
        "sequence": [
            {
                "action": "light.turn_on",
                "target": {"entity_id": "{{ repeat.item.lamp }}"},
            }
        ],
    }
    assert list(ways([{"repeat": repeat}])) == ["a", "b"]
