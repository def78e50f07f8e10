"""The whole past of the demo home, made from a moment, the users and a seed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from .days import plan_days
from .habits import Reactions, plan_time_habits
from .home import DEVICE_OF, PEOPLE
from .noise import Consequences, plan_noise
from .rows import Trail
from .trail import play

SEED: Final = 7
LEAD_S: Final = 30.0
"""How long before the moment Home Assistant was stopped."""


def make_past(now: datetime, users: Mapping[str, str], seed: int = SEED) -> Trail:
    """Return 45 days of history, and those hours of today that are over.

    Args:
        now: Aware moment at which the history ends.
        users: Key of each person to user id.
        seed: The same moment, users and seed give the same trail.
    """
    calendar = plan_days(now, seed)
    return play(
        [*plan_time_habits(calendar, seed), *plan_noise(calendar, seed)],
        (Reactions(calendar, seed), Consequences(calendar, seed)),
        start=calendar.start,
        end=calendar.now - LEAD_S,
        users=users,
        seed=seed,
    )


def restorable(trail: Trail) -> list[Mapping[str, Any]]:
    """Return the last states as Home Assistant stores them for its next start."""
    known = DEVICE_OF.keys() | {person.entity_id for person in PEOPLE}
    return [
        {
            "entity_id": row.entity_id,
            "state": row.state,
            "attributes": dict(row.attributes),
            "last_changed": _iso(row.changed_at),
            "last_updated": _iso(row.at),
            "context": {"id": None, "parent_id": None, "user_id": None},
        }
        for row in trail.last_states()
        if row.entity_id in known
    ]


def _iso(instant: float) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat()
