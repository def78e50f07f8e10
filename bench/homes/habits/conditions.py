"""Conditions that matter: they hold at some occasions of a trigger, not at others."""

from custom_components.automation_scout.mining.rules import (
    HOME,
    SUN,
    WEEKDAYS,
    WEEKEND,
    Condition,
    NumericCondition,
    Side,
    StateCondition,
    StateTrigger,
    TimeTrigger,
    Trigger,
    WeekdayCondition,
    WindowCondition,
)

from ..layout import BED, DESK, DOORBELL, GUESTS, TV, WASHER
from .supply import LEAST, Supply

LEAST_SHARE = 0.25
MOST_SHARE = 0.75
"""Between these shares of its trigger's occasions a condition holds."""


def draw_conditions(supply: Supply, trigger: Trigger, n: int) -> tuple[Condition, ...]:
    """Return up to n conditions that matter for a trigger; () if none does."""
    chosen: tuple[Condition, ...] = ()
    for condition in _candidates(supply, trigger):
        if len(chosen) == n:
            break
        if any(type(condition) is type(other) for other in chosen):
            continue
        before = supply.count(trigger, chosen)
        after = supply.count(trigger, (*chosen, condition))
        least = LEAST if isinstance(trigger, StateTrigger) else 8
        if after >= least and LEAST_SHARE <= after / before <= MOST_SHARE:
            chosen = (*chosen, condition)
    return tuple(sorted(chosen, key=repr))


def _candidates(supply: Supply, trigger: Trigger) -> list[Condition]:
    """Return conditions of all types, one of each type first, in a random order."""
    rng = supply.rng
    watched = trigger.entity_id if isinstance(trigger, StateTrigger) else ""
    called = watched in (DOORBELL, WASHER)
    present: list[Condition] = [
        StateCondition(person, "home")
        for person in supply.ground.layout.persons
        if person != watched
    ]
    if called:
        # Who reacts by hand is there, whoever it is.
        present = [StateCondition(HOME, "occupied")]
    cold = float(rng.integers(2, 22))
    families: list[list[Condition]] = [
        [StateCondition(SUN, "below_horizon"), StateCondition(SUN, "above_horizon")],
        _windows(),
        present,
        [
            StateCondition(name, state)
            for name, state in (
                (TV, "playing"),
                (GUESTS, "on"),
                (GUESTS, "off"),
                (DESK, "on"),
                (BED, "off"),
            )
            if name != watched
        ],
        [WeekdayCondition(days) for days in (WEEKDAYS, WEEKEND, (1, 3))],
        [
            NumericCondition("sensor.outdoor_temperature", side, cold)
            for side in (Side.BELOW, Side.ABOVE)
        ],
    ]
    if isinstance(trigger, TimeTrigger):
        # What the clock decides already is no condition beside it.
        families = [families[2], families[3], families[5]]
    order = [families[int(i)] for i in rng.permutation(len(families))]
    if called:
        order = [present, *order]
    return [family[int(i)] for family in order for i in rng.permutation(len(family))]


def _windows() -> list[Condition]:
    spans = [(hour * 60, end * 60) for hour in range(16, 22) for end in (0, 2)]
    spans += [(6 * 60, end * 60) for end in (9, 10, 12)]
    return [WindowCondition(start, end) for start, end in spans]
