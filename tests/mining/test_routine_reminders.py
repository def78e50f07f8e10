"""What is only a reminder stands by itself: beside it, nothing else would be done."""

from custom_components.automation_scout.mining.routines import merge_routines
from custom_components.automation_scout.mining.rules import Action, Rule

from .test_routines import (
    AT,
    DAYS,
    DESK,
    SHELF,
    actions,
    context_of,
    draft_of,
    evenings,
    habit,
)
from .worlds import framed, history_of

LOCK = Action("lock.front", "locked")


def test_the_lock_is_no_part_of_the_lamps_routine() -> None:
    at = evenings()
    rows = habit(at, [(DESK, 0), (SHELF, 40)])
    rows += [
        row
        for t in at
        for row in (
            (t + 60_000, LOCK.entity_id, "locked", 1, ""),
            (t + 36_000_000, LOCK.entity_id, "unlocked", 4, ""),
        )
    ]
    history = history_of(framed(rows, DAYS + 1))
    drafts = [draft_of(history, Rule(AT, one, 900)) for one in (DESK, SHELF, LOCK)]
    merged = merge_routines(drafts, context_of(history))
    assert actions(merged) == [{DESK, SHELF}, {LOCK}]
