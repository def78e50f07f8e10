"""A user who is excluded was never there, whenever that was decided."""

from dataclasses import replace

from custom_components.automation_scout.mining.events import log_of_rows
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.settings import MiningSettings

from .worlds import BARE, clock_habit

LAMP = "light.lamp"


def test_acts_of_an_excluded_user_in_the_archive_are_no_evidence() -> None:
    rows = [(*row[:4], "node_red") for row in clock_habit(LAMP, 1200, range(28))]
    log = log_of_rows(rows)
    seen = mine(log, BARE, MiningSettings())
    unseen = mine(
        log, replace(BARE, excluded_users=frozenset({"node_red"})), MiningSettings()
    )
    assert seen.proven
    assert not unseen.proven
    assert unseen.human_actions == 0
