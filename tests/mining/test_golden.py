"""Golden worlds: rows by hand, and the rules that they mean. A file more, a test more.

A file holds `time_zone`, `first_day`, `days`, `entities` (id to facts), and `play`:
lines of [days, minute, entity, state, origin, repeat every n minutes, how often], days
as "*", "0-4" or "1,3", where the day is the weekday unless it starts with "=".
`drift_min` times the square of the day moves everything, by up to three hours. What is
expected is `proven`, and `stopped`: the action to the gate.
"""

from collections.abc import Iterator
from datetime import date
import json
from pathlib import Path
from typing import Any

import pytest

from custom_components.automation_scout.mining.events import Row, log_of_rows
from custom_components.automation_scout.mining.facts import EntityFacts, HomeFacts
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.rule_json import rule_from_dict
from custom_components.automation_scout.mining.settings import MiningSettings

from .worlds import instant

WORLDS = sorted(Path(__file__).parent.glob("golden/*.json"))
# Nobody is as exact as a file: seconds that look arbitrary but are the same each time.
WOBBLE_S = (0, 110, -70, 200, -160, 40, -20)
PRESS_S = (12, 5, 21, 9, 17)


def on_day(pattern: str, day: int, first: date) -> bool:
    """Return whether a line of the play takes place on a day."""
    if pattern == "*":
        return True
    number = day if pattern.startswith("=") else (first.weekday() + day) % 7
    for part in pattern.lstrip("=").split(","):
        low, _, high = part.partition("-")
        if int(low) <= number <= int(high or low):
            return True
    return False


def rows_of(world: dict[str, Any]) -> Iterator[Row]:
    """Yield the rows of a play."""
    first = date.fromisoformat(world["first_day"])
    for day, minute in ((0, 0), (world["days"] - 1, 1439)):
        at = instant(day, minute, world["time_zone"], first)
        yield at, "person.none", f"{day}", int(Origin.REPORT), ""
    for pattern, minute, entity_id, state, origin, *again in world["play"]:
        every, times = again or (0, 1)
        for day in range(world["days"]):
            if not on_day(pattern, day, first):
                continue
            drift = world["drift_min"] * day * day % 180
            for number in range(times):
                press_s = PRESS_S[(day + number) % 5]
                late_s = {"USER": WOBBLE_S[day % 7], "PHYSICAL": press_s}.get(origin, 0)
                minutes = minute + drift + every * number
                at = instant(day, minutes, world["time_zone"], first)
                yield at + late_s * 1000, entity_id, state, int(Origin[origin]), ""


def test_there_are_worlds() -> None:
    assert len(WORLDS) >= 5


@pytest.mark.parametrize("path", WORLDS, ids=lambda path: path.stem)
def test_world(path: Path) -> None:
    world = json.loads(path.read_text("utf-8"))
    facts = HomeFacts(
        world["time_zone"],
        {
            entity_id: EntityFacts(entity_id, **values)
            for entity_id, values in world["entities"].items()
        },
    )
    result = mine(log_of_rows(list(rows_of(world))), facts, MiningSettings())
    assert result.errors == ()
    found = [
        (item.rule, item.evidence.hits, item.evidence.wrong, item.safety.tier.value)
        for item in result.proven
    ]
    wanted = [
        (rule_from_dict(item), item["hits"], item["wrong"], item["tier"])
        for item in world["proven"]
    ]
    assert sorted(found, key=repr) == sorted(wanted, key=repr)
    stopped = {
        f"{r.rule.action.entity_id} {r.rule.action.state}": r.gate
        for r in result.rejections
    }
    assert stopped | world["stopped"] == stopped
