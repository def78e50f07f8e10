"""What people set along with an act: how bright, how warm, which source.

A value belongs to a rule only where people really repeat it, and only where the entity
knows another one: what it always comes up with is its own default and nobody's wish.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from .attributes import ATTRIBUTES, Attribute
from .events import Floats, Ints, Mask
from .facts import domain_of
from .history import History
from .origin import AUTOMATED, ECHO_MS, HUMAN
from .replay import replay
from .rules import ATTRIBUTE_MARK, Action, Rule, Values

SETTLED_MS: Final = 5_000
"""The value in force so long after an act is the one that came with it."""
LEAST_ACTS: Final = 4
LEAST_SHARE: Final = 0.6
"""Share of the acts that are within the grain of their median."""
LEAST_SHARE_TEXT: Final = 0.7
LEAST_SET: Final = 2
"""Acts at which a person was seen to change the setting to the value."""
RESTING: Final = frozenset({"closed", "idle", "off", "paused", "standby"})
"""States in which what is set is without effect."""
WRITTEN: Final = {
    "brightness": 5.0,
    "color_temp": 100.0,
    "humidity": 5.0,
    "percentage": 5.0,
    "position": 5.0,
    "temperature": 0.5,
    "volume": 5.0,
}
"""Steps in which people write the setting, where they did not repeat one exactly."""
WIDE_OPEN: Final = 95.0
"""Opening a cover without a position does as much."""


def with_values(history: History, rule: Rule) -> Rule:
    """Return a rule with the values that people set when they did what it does.

    Without those for which a routine has a step of its own.
    """
    steps = tuple(
        replace(step, values=_values_at(history, rule, step.action))
        for step in rule.more
    )
    return replace(rule, values=_values_at(history, rule, rule.action), more=steps)


def _values_at(history: History, rule: Rule, action: Action) -> Values:
    acts = history.acts.get(action)
    if acts is None:
        return ()
    explained = replay(history, replace(rule, action=action, more=())).explained
    own = {one.attribute for one in rule.actions if one.target == action.target}
    values = values_of(history, action, acts.t[explained])
    return tuple((name, value) for name, value in values if name not in own)


def values_of(history: History, action: Action, acts_t: Ints) -> Values:
    """Return the settings that acts (int64[n], ms UTC) of an action have in common."""
    if action.attribute or action.state in RESTING:
        return ()
    found: list[tuple[str, float | str]] = []
    for attribute in ATTRIBUTES.get(domain_of(action.target), ()):
        name = f"{action.target}{ATTRIBUTE_MARK}{attribute.name}"
        by_hand, by_machine = _changed(history, name, acts_t)
        if np.count_nonzero(by_hand) < LEAST_SET:
            continue
        at = acts_t + SETTLED_MS + 1
        value: float | str | None
        if attribute.is_number:
            value = _number(history, name, attribute, at, ~by_machine, by_hand)
        else:
            value = _text(history, name, at, ~by_machine, by_hand)
        if value is not None:
            found.append((attribute.name, value))
    return tuple(sorted(found))


def _changed(history: History, name: str, acts_t: Ints) -> tuple[Mask, Mask]:
    """Return at which acts people, and machines, changed a setting, bool[n] each."""
    rows = history.rows_of(name)
    t, origin = history.log.t[rows], history.log.origin[rows]
    low = np.searchsorted(t, acts_t - ECHO_MS, side="left")
    high = np.searchsorted(t, acts_t + SETTLED_MS, side="right")

    def within(classes: Sequence[int]) -> Mask:
        before = np.concatenate(([0], np.cumsum(np.isin(origin, classes))))
        mask: Mask = before[high] > before[low]
        return mask

    return within(HUMAN), within(AUTOMATED)


def _number(
    history: History,
    name: str,
    attribute: Attribute,
    at: Ints,
    usable: Mask,
    by_hand: Mask,
) -> float | None:
    numbers = history.numbers(name)
    value, known = numbers.before(at)
    known = known & usable
    if np.count_nonzero(known) < LEAST_ACTS:
        return None
    grain = attribute.grain + 1e-9
    near = known & (np.abs(value - np.median(value[known])) <= grain)
    enough = max(LEAST_ACTS, LEAST_SHARE * np.count_nonzero(known))
    if np.count_nonzero(near) < enough or np.count_nonzero(near & by_hand) < LEAST_SET:
        return None
    wanted = _written(value[near], attribute)
    constant = np.all(np.abs(numbers.value - wanted) <= grain)
    plain = attribute.name == "position" and wanted >= WIDE_OPEN
    return None if constant or plain else wanted


def _written(values: Floats, attribute: Attribute) -> float:
    """Return the one number that a person would write for values (float64[n], n > 0).

    That which most of them are; else their median, rounded as people do, unless that
    moves it by more than a tenth or out of their range.
    """
    steps, counts = np.unique(np.round(values / attribute.step), return_counts=True)
    median = float(np.median(values))
    wanted = float(steps[np.argmax(counts)]) * attribute.step
    if 2 * counts.max() < len(values):
        coarse = WRITTEN[attribute.name]
        wanted = round(median / coarse) * coarse
        far = abs(wanted - median) > 0.1 * abs(median)
        if far or not values.min() <= wanted <= values.max():
            wanted = round(median / attribute.step) * attribute.step
    return round(wanted, 6)


def _text(
    history: History, name: str, at: Ints, usable: Mask, by_hand: Mask
) -> str | None:
    timeline = history.timeline(name)
    codes = timeline.at(at)
    known = usable & (codes >= 0) & ~history.unavailable[np.maximum(codes, 0)]
    if np.count_nonzero(known) < LEAST_ACTS:
        return None
    modes, counts = np.unique(codes[known], return_counts=True)
    mode = modes[np.argmax(counts)]
    same = known & (codes == mode)
    enough = max(LEAST_ACTS, LEAST_SHARE_TEXT * np.count_nonzero(known))
    if np.count_nonzero(same) < enough or np.count_nonzero(same & by_hand) < LEAST_SET:
        return None
    others = (timeline.state != mode) & ~history.unavailable[timeline.state]
    return history.states[mode] if others.any() else None
