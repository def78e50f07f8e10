"""The past that the tests look at, and how to look.

The moment is fixed; its 45 days hold the end of summer time in Berlin.
"""

from datetime import UTC, datetime

from demo.custom_components.demo_home.devices import DEVICES
from demo.home import TRANSIENT
from demo.rows import StateRow, Trail

NOW = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
USERS = {"anna": "a" * 32, "ben": "b" * 32}
CONTROLLED = {
    device.entity_id
    for device in DEVICES
    if device.domain not in ("binary_sensor", "sensor", "device_tracker")
}


def changes(trail: Trail, entity_id: str) -> list[StateRow]:
    """Return the rows of an entity that entered a state other than before."""
    rows = [row for row in trail.states if row.entity_id == entity_id]
    return [
        row
        for before, row in zip([None, *rows], rows, strict=False)
        if before is None or before.state != row.state
    ]


def entered(trail: Trail, entity_id: str, state: str) -> list[StateRow]:
    """Return the rows with which an entity really got into a state."""
    wanted = TRANSIENT.get(state, state) if entity_id.startswith("cover.") else state
    return [row for row in changes(trail, entity_id) if row.state == wanted]


def state_before(rows: list[StateRow], at: float) -> str:
    return [row.state for row in rows if row.at < at][-1]
