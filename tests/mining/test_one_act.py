"""One act of a person is one act, and what a device does by itself is none."""

import numpy as np
import pytest

from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.provenance import Kinship, Ledger
from custom_components.automation_scout.mining.rules import Action

from .causes import change, entity, one
from .worlds import instant, mined, rules_of

LAMPS = ("light.a", "light.b", "light.c")


@pytest.mark.parametrize("origin", [Origin.USER, Origin.PHYSICAL])
def test_what_one_call_or_one_remote_does_is_no_reaction(origin: Origin) -> None:
    rng = np.random.default_rng(5)
    rows: list[Row] = []
    for day in range(30):
        lit = instant(day, rng.uniform(420, 1000))
        out = instant(day, rng.uniform(1100, 1430))
        for number, lamp in enumerate(LAMPS):
            rows.append((lit + 40 * number, lamp, "on", origin, ""))
            rows.append((out + 40 * number, lamp, "off", origin, ""))
    assert rules_of(mined(rows)) == set()


@pytest.mark.parametrize(
    ("entity_id", "state"),
    [
        ("vacuum.robot", "docked"),
        ("media_player.tv", "idle"),
        ("media_player.tv", "off"),
        ("alarm_control_panel.home", "triggered"),
    ],
)
def test_what_a_device_also_does_by_itself_is_nobodys(
    entity_id: str, state: str
) -> None:
    ledger = Ledger(Kinship({entity_id: entity(entity_id, "device")}))
    assert one(ledger, change(entity_id, state=state)).origin is Origin.UNKNOWN


def test_what_only_a_person_does_at_the_device_still_counts() -> None:
    ledger = Ledger(Kinship({"vacuum.robot": entity("vacuum.robot", "device")}))
    row = change("vacuum.robot", state="cleaning")
    assert one(ledger, row).origin is Origin.PHYSICAL


def test_to_close_a_cover_is_one_act() -> None:
    """Without a state for its moving it is closed long after its position changes."""
    rows: list[Row] = []
    rng = np.random.default_rng(6)
    for day in range(30):
        up = instant(day, rng.uniform(420, 600))
        rows.append((up, "cover.blind", "open", Origin.AUTOMATION, ""))
        rows.append((up, "cover.blind#position", "100", Origin.AUTOMATION, ""))
        down = instant(day, 1260 + rng.normal(0, 5))
        rows.append((down, "cover.blind#position", "0", Origin.USER, ""))
        rows.append((down + 25_000, "cover.blind", "closed", Origin.USER, ""))
    found = rules_of(mined(rows))
    assert [rule.action for rule in found] == [Action("cover.blind", "closed")]
