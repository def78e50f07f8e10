"""What the miner does not yet get right, each with the smallest example known.

A test that starts to pass fails here (`xfail_strict`): it then belongs with the others.
"""

import pytest

from custom_components.automation_scout.mining.origin import Origin

from .checks import planted_rows
from .worlds import mined, rules_of


@pytest.mark.xfail(reason="all else is then older than the longest history")
def test_an_event_from_the_future() -> None:
    """The system clock stood at 2106 once: the home's history is still its history."""
    rows = planted_rows()
    rows.append((4_294_967_295_000, "binary_sensor.hall", "on", Origin.REPORT, ""))
    assert rules_of(mined(rows)) == rules_of(mined(planted_rows()))
