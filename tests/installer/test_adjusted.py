"""An automation, what took its place, and what took the place of that: any way back."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import Final

from homeassistant.core import HomeAssistant
import pytest

from custom_components.automation_scout.coordinator import ScoutCoordinator
from custom_components.automation_scout.mining.facts import ExistingAutomation
from custom_components.automation_scout.mining.rules import Kind

from ..scripted import FACTS, MORNING, Script, at, proven, result
from .conftest import Automations, Call

MINUTES: Final = (420, 500, 580)
"""When each of them runs; the first is that of `MORNING`."""
WORKDAYS: Final = (0, 1, 2, 3, 4)


async def adjusted(
    home: ScoutCoordinator, script: Script, call: Call, there: Sequence[str]
) -> tuple[str, str]:
    """Accept an adjustment of the last of some automations; return its two ids."""
    later = proven(at(MINUTES[len(there)], WORKDAYS))
    rule = replace(later.rule, special=Kind.ADJUST, replaces=there[-1])
    script.facts = replace(
        FACTS,
        automations=tuple(
            ExistingAutomation(
                entity_id,
                entity_id,
                entity_id == there[-1],
                (at(minute),),
                targets=frozenset({("light.desk", "on")}),
            )
            for entity_id, minute in zip(there, MINUTES, strict=False)
        ),
    )
    script.result = result(replace(later, rule=rule))
    await home.async_analyze()
    answer = await call("accept", suggestion_id=rule.key)
    return rule.key, answer["entity_id"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_the_last_that_is_left_runs_and_no_other(
    hass: HomeAssistant,
    home: ScoutCoordinator,
    script: Script,
    call: Call,
    file: Automations,
    order: tuple[int, ...],
) -> None:
    keys = [MORNING.rule.key]
    there = [(await call("accept", suggestion_id=keys[0]))["entity_id"]]
    for _ in range(2):
        key, entity_id = await adjusted(home, script, call, there)
        keys.append(key)
        there.append(entity_id)
    left = list(range(3))
    for place in order:
        states = {index: hass.states.get(there[index]) for index in left}
        on = [index for index, state in states.items() if state and state.state == "on"]
        assert on == left[-1:]
        await call("undo", suggestion_id=keys[place])
        left.remove(place)
        assert hass.states.get(there[place]) is None
    assert file.read() == b"[]\n"
