"""Which habits become one routine, which stay apart, and how it is proved."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from custom_components.automation_scout.mining.detectors import DETECTORS
from custom_components.automation_scout.mining.detectors.protocol import Candidate
from custom_components.automation_scout.mining.events import Row
from custom_components.automation_scout.mining.evidence import Holdout
from custom_components.automation_scout.mining.gates.holdout import HoldOut
from custom_components.automation_scout.mining.gates.protocol import (
    Draft,
    GateContext,
)
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.routine_play import play
from custom_components.automation_scout.mining.routines import (
    merge_routines,
    same_occasion,
)
from custom_components.automation_scout.mining.rules import (
    WEEKDAYS,
    Action,
    Kind,
    NumericTrigger,
    Rule,
    Side,
    StateTrigger,
    SunEvent,
    SunTrigger,
    TimeTrigger,
    Trigger,
)
from custom_components.automation_scout.mining.settings import (
    MiningSettings,
    Sensitivity,
)

from .worlds import (
    HOUR,
    MINUTE,
    OPPOSITE,
    SECOND,
    framed,
    history_of,
    idle_use,
    instant,
    mined,
    occasions,
    pulses,
)

DAYS = 28
AT = TimeTrigger(1365)
DOOR = StateTrigger("binary_sensor.door", "on")
DESK, SHELF, HALL, FAN = (
    Action("light.desk", "on"),
    Action("light.shelf", "on"),
    Action("light.hall", "on"),
    Action("switch.fan", "on"),
)
type Part = tuple[Action, float]
"""An action, and by how many seconds it comes after the occasion."""


def habit(
    at: Sequence[int],
    parts: Sequence[Part],
    *,
    keep: Mapping[Action, float] | None = None,
    spread_s: float = 0,
    seed: int = 0,
) -> list[Row]:
    """Do all parts on most occasions; an hour later a timer undoes them."""
    rng = np.random.default_rng(seed)
    rows: list[Row] = []
    for t in at:
        present = rng.random() < 0.9
        for action, lag_s in parts:
            own = rng.random() < (keep or {}).get(action, 1.0)
            then = t + round(SECOND * (lag_s + rng.uniform(0, spread_s)))
            if present and own:
                rows.append((then, action.entity_id, action.state, 1, ""))
                undone = OPPOSITE[action.state]
                rows.append(
                    (then + HOUR, action.entity_id, undone, Origin.AUTOMATION, "")
                )
    return rows


def evenings(seed: int = 1, spread_min: float = 4) -> list[int]:
    rng = np.random.default_rng(seed)
    return [instant(day, 1365 + rng.normal(0, spread_min)) for day in range(DAYS)]


def context_of(
    history: History, sensitivity: Sensitivity = Sensitivity.BALANCED
) -> GateContext:
    detectors = {Kind(detector.name): detector for detector in DETECTORS}
    return GateContext(history, MiningSettings(sensitivity), detectors, 1000)


def merged(
    rows: Sequence[Row],
    *found: tuple[Trigger, Action],
    window_s: int = 900,
    sensitivity: Sensitivity = Sensitivity.BALANCED,
) -> tuple[tuple[Draft, ...], tuple[Draft, ...], History]:
    """Return the proven drafts of single actions, and what becomes of them."""
    history = history_of(framed(rows, DAYS + 1))
    context = context_of(history, sensitivity)
    rules = [Rule(trigger, action, window_s) for trigger, action in found]
    drafts = tuple(draft_of(history, rule) for rule in rules)
    return drafts, merge_routines(drafts, context), history


def draft_of(history: History, rule: Rule) -> Draft:
    played = replay(history, rule)
    holdout = Holdout(len(history.days), played.hits, played.wrong)
    return Draft(Candidate(rule, 1e-9, 0.05), played, holdout)


def actions(drafts: Sequence[Draft]) -> list[set[Action]]:
    return [set(draft.rule.actions) for draft in drafts]


def test_one_evening_round_is_one_routine() -> None:
    rows = habit(evenings(), [(DESK, 0), (SHELF, 40), (FAN, 90)], spread_s=60)
    before, after, history = merged(rows, (AT, DESK), (AT, SHELF), (AT, FAN))
    (routine,) = after
    assert set(routine.rule.actions) == {DESK, SHELF, FAN}
    assert routine.rule.kind is Kind.ROUTINE
    assert routine.rule.trigger == AT
    assert [step.delay_s for step in routine.rule.more] == [0, 0]
    played = play(history, routine.rule)
    assert routine.played.fired.tolist() == played.fired.tolist()
    assert routine.played.hits == played.hits == before[0].played.hits
    assert routine.holdout.days == len(history.days)
    assert routine.holdout.precision_low > 0.7


def test_a_routine_from_end_to_end() -> None:
    """Found, proven, with its values, and with evidence in one unit: occasions."""
    rows = habit(evenings(), [(DESK, 0), (SHELF, 40), (FAN, 90)], keep={DESK: 0.8})
    rows += idle_use("light.desk", DAYS, 1, 3)
    rng = np.random.default_rng(1)
    for t, entity_id, state, origin, _ in list(rows):
        if (entity_id, state, origin) == ("light.shelf", "on", 1):
            level = "100" if rng.random() < 0.2 else "30"
            rows.append((t, "light.shelf#brightness", level, 1, ""))
    found = mined(framed(rows, DAYS + 1)).proven
    (routine,) = (item for item in found if SHELF in item.rule.actions)
    assert set(routine.rule.actions) == {DESK, SHELF, FAN}
    values = {
        one: dict(given)
        for one, given in (
            (routine.rule.action, routine.rule.values),
            *((step.action, step.values) for step in routine.rule.more),
        )
    }
    assert values == {DESK: {}, SHELF: {"brightness": 30}, FAN: {}}
    evidence = routine.evidence
    assert evidence.hits + evidence.wrong == evidence.opportunities
    assert 0.5 < evidence.coverage <= 1
    assert routine.confidence == evidence.holdout.precision_low > 0.6


def test_a_light_on_four_sides_is_one_routine() -> None:
    parts = [(Action(f"light.side_{n}", "on"), n * 0.3) for n in range(4)]
    rows = habit(evenings(), parts)
    _, after, _ = merged(rows, *[(AT, action) for action, _ in parts])
    assert actions(after) == [{action for action, _ in parts}]
    assert after[0].rule.action == parts[0][0]


def test_times_of_one_occasion_differ_a_little() -> None:
    rows = habit(evenings(), [(DESK, 0), (SHELF, 200)])
    later = TimeTrigger(1370)
    _, after, _ = merged(rows, (AT, DESK), (later, SHELF))
    assert actions(after) == [{DESK, SHELF}]
    assert after[0].rule.more[0].delay_s == 210


def test_the_same_time_by_itself_is_no_routine() -> None:
    """Two people, two habits: each on its own evening clock."""
    rows = habit(evenings(1, 8), [(DESK, 0)]) + habit(evenings(2, 8), [(SHELF, 0)])
    before, after, _ = merged(rows, (AT, DESK), (AT, SHELF))
    assert after == before


def test_reactions_to_one_door_are_one_routine() -> None:
    at = occasions(range(DAYS), 2, 3)
    rows = pulses("binary_sensor.door", at) + habit(at, [(DESK, 5), (FAN, 30)])
    _, after, _ = merged(rows, (DOOR, DESK), (DOOR, FAN), window_s=120)
    assert actions(after) == [{DESK, FAN}]
    assert after[0].rule.trigger == DOOR


def test_what_follows_a_member_joins_it() -> None:
    """The shelf lamp goes on after the desk lamp, which goes on at 22:45."""
    rows = habit(evenings(), [(DESK, 0), (SHELF, 60)], spread_s=30)
    link = StateTrigger(DESK.entity_id, DESK.state)
    _, after, _ = merged(rows, (AT, DESK), (link, SHELF))
    assert actions(after) == [{DESK, SHELF}]
    assert after[0].rule.trigger == AT


def test_a_chain_of_three_is_one_routine() -> None:
    at = occasions(range(DAYS), 2, 3)
    rows = pulses("binary_sensor.door", at)
    rows += habit(at, [(DESK, 10), (SHELF, 40), (FAN, 70)])
    to_shelf = StateTrigger(DESK.entity_id, "on")
    to_fan = StateTrigger(SHELF.entity_id, "on")
    _, after, _ = merged(
        rows, (DOOR, DESK), (to_shelf, SHELF), (to_fan, FAN), window_s=60
    )
    assert actions(after) == [{DESK, SHELF, FAN}]
    assert after[0].rule.trigger == DOOR
    assert after[0].rule.window_s == 120


def test_a_link_that_holds_all_day_stays_a_rule_of_its_own() -> None:
    """The fan follows the lamp whenever it goes on, not only in the evening."""
    evening = evenings()
    others = [t for t in occasions(range(DAYS), 3, 5)
              if min(abs(t - e) for e in evening) > 2 * HOUR]  # fmt: skip
    rows = habit(evening, [(DESK, 0), (FAN, 60)])
    rows += habit(others, [(DESK, 0), (FAN, 60)], seed=2)
    link = StateTrigger(DESK.entity_id, "on")
    before, after, _ = merged(rows, (AT, DESK), (link, FAN))
    assert after == before


def test_what_nearly_always_comes_along_joins_whatever_set_it_off() -> None:
    at = occasions(range(DAYS), 2, 3)
    rows = pulses("binary_sensor.door", at)
    rows += pulses("binary_sensor.mat", [t + SECOND for t in at])
    rows += habit(at, [(DESK, 8), (SHELF, 9)])
    mat = StateTrigger("binary_sensor.mat", "on")
    _, after, _ = merged(rows, (DOOR, DESK), (mat, SHELF), window_s=60)
    assert actions(after) == [{DESK, SHELF}]
    often = {SHELF: 0.75}
    rows = pulses("binary_sensor.door", at)
    rows += pulses("binary_sensor.mat", [t + SECOND for t in at])
    rows += habit(at, [(DESK, 8), (SHELF, 9)], keep=often)
    before, after, _ = merged(rows, (DOOR, DESK), (mat, SHELF), window_s=60)
    assert after == before


def test_what_has_no_rule_of_its_own_keeps_company() -> None:
    """The fan is done too seldom to be a habit, but with the lamps and in the day."""
    rng = np.random.default_rng(8)
    by_day = [instant(day, 600 + rng.uniform(0, 480)) for day in range(0, DAYS, 2)]
    rows = habit(evenings(), [(DESK, 0), (SHELF, 40), (FAN, 70)], keep={FAN: 0.8})
    rows += habit(by_day, [(FAN, 0)], seed=6)
    rows += habit(by_day, [(HALL, 0)], seed=7)
    _, after, _ = merged(rows, (AT, DESK), (AT, SHELF))
    assert actions(after) == [{DESK, SHELF, FAN}]
    alone, company, _ = merged(rows, (AT, DESK))
    assert actions(alone) == [{DESK}]
    assert actions(company) == [{DESK, SHELF, FAN}]


def test_a_busy_hour_is_no_company() -> None:
    """The fan goes on ten times in the evening, whatever the lamp does."""
    rng = np.random.default_rng(9)
    busy = [
        instant(day, 1290 + 15 * n + rng.uniform(0, 14))
        for day in range(DAYS)
        for n in range(10)
    ]
    rows = habit(evenings(), [(DESK, 0)])
    for t in busy:
        rows.append((t, "switch.fan", "on", 1, ""))
        rows.append((t + 3 * MINUTE, "switch.fan", "off", 4, ""))
    before, after, _ = merged(rows, (AT, DESK))
    assert after == before


def test_the_days_of_a_routine_are_those_of_all_its_acts() -> None:
    """Two forgotten Fridays of one lamp, two Mondays of the other: it is workdays."""
    rows = idle_use("switch.x", DAYS, 6)
    for day, t in enumerate(evenings()):
        for action, missing in ((DESK, 4), (SHELF, 0)):
            if day % 7 < 5 and (day % 7 != missing or day < 14):
                rows.append((t, action.entity_id, "on", 1, ""))
                rows.append((t + HOUR, action.entity_id, "off", 4, ""))
    early = TimeTrigger(1365, (0, 1, 2, 3))
    late = TimeTrigger(1365, (1, 2, 3, 4))
    _, after, _ = merged(rows, (early, DESK), (late, SHELF))
    assert actions(after) == [{DESK, SHELF}]
    assert after[0].rule.trigger == TimeTrigger(1365, WEEKDAYS)


def test_a_weak_member_is_left_out() -> None:
    """The fan is done on every other evening only: it stays by itself."""
    rows = habit(
        evenings(), [(DESK, 0), (SHELF, 20), (FAN, 40)], keep={FAN: 0.55}, seed=4
    )
    _, after, _ = merged(
        rows, (AT, DESK), (AT, SHELF), (AT, FAN), sensitivity=Sensitivity.CURIOUS
    )
    assert actions(after) == [{DESK, SHELF}, {FAN}]


def test_opposites_are_never_one_routine() -> None:
    off = Action("light.desk", "off")
    rows = []
    for t in evenings():
        rows += [(t - HOUR, "light.desk", "off", 4, ""), (t, "light.desk", "on", 1, ""),
                 (t + 150 * SECOND, "light.desk", "off", 1, "")]  # fmt: skip
    before, after, _ = merged(rows, (AT, DESK), (AT, off))
    assert after == before


def test_a_lamp_and_its_brightness_are_one_routine() -> None:
    """Half a minute later somebody dims it: too late for a value of the act."""
    dim = Action("light.desk#brightness", "30")
    rows = habit(evenings(), [(DESK, 0)])
    for t in evenings():
        rows.append((t - 5 * HOUR, dim.entity_id, "100", 4, ""))
        rows.append((t + 25 * SECOND, dim.entity_id, "30", 1, ""))
    _, after, _ = merged(rows, (AT, DESK), (AT, dim))
    assert actions(after) == [{DESK, dim}]
    assert after[0].rule.action == DESK
    off = Action("light.desk", "off")
    rows = [
        (t, e, OPPOSITE[s] if e == "light.desk" else s, o, a) for t, e, s, o, a in rows
    ]
    before, after, _ = merged(rows, (AT, off), (AT, dim))
    assert after == before


def test_a_routine_has_at_most_nine_actions() -> None:
    parts = [(Action(f"light.l{n:02}", "on"), n * 0.1) for n in range(11)]
    rows = habit(evenings(), parts)
    _, after, _ = merged(rows, *[(AT, action) for action, _ in parts])
    assert sorted(len(draft.rule.actions) for draft in after) == [2, 9]
    assert {a for draft in after for a in draft.rule.actions} == {a for a, _ in parts}


def test_two_routines_beside_each_other() -> None:
    noon = TimeTrigger(720)
    at = [t - 645 * MINUTE for t in evenings(5)]
    rows = habit(evenings(), [(DESK, 0), (SHELF, 20)]) + habit(
        at, [(FAN, 0), (HALL, 9)]
    )
    _, after, _ = merged(rows, (AT, DESK), (noon, FAN), (noon, HALL), (AT, SHELF))
    assert actions(after) == [{DESK, SHELF}, {FAN, HALL}]


def test_the_order_of_drafts_does_not_matter() -> None:
    rows = habit(evenings(), [(DESK, 0), (SHELF, 40), (FAN, 90)], spread_s=60)
    rows += habit([t - 645 * MINUTE for t in evenings(5)], [(HALL, 0)])
    found = [(AT, DESK), (TimeTrigger(720), HALL), (AT, SHELF), (AT, FAN)]
    _, one, _ = merged(rows, *found)
    _, two, _ = merged(rows, *reversed(found))
    assert {draft.rule for draft in one} == {draft.rule for draft in two}
    assert len(one) == 2


def test_held_out_days_choose_neither_trigger_nor_steps() -> None:
    """What happens in one week has no say in what is expected of it."""
    rows = habit(evenings(), [(DESK, 0), (SHELF, 40)])
    (alone, _), (routine,), history = merged(rows, (AT, DESK), (AT, SHELF))
    (judged,) = HoldOut().judge([alone], context_of(history)).kept
    assert routine.holdout == judged.holdout
    # In the second half of the log nobody does it any more.
    rows = habit(evenings()[: DAYS // 2], [(DESK, 0), (SHELF, 40)])
    rows += idle_use("switch.x", DAYS, 6)
    history = history_of(framed(rows, DAYS))
    rules = [Rule(AT, DESK, 900), Rule(AT, SHELF, 900)]
    drafts = [
        Draft(Candidate(r, 1e-9, 0.05), replay(history, r), Holdout(28, 9, 1))
        for r in rules
    ]
    kept = merge_routines(drafts, context_of(history, Sensitivity.QUIET))
    assert kept == tuple(drafts)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        (AT, TimeTrigger(1380), True),
        (AT, TimeTrigger(1381), False),
        (TimeTrigger(1435), TimeTrigger(5), True),
        (AT, TimeTrigger(1365, WEEKDAYS), True),
        (AT, TimeTrigger(1365, (5, 6)), False),
        (TimeTrigger(5, WEEKDAYS), TimeTrigger(9, WEEKDAYS), True),
        (SunTrigger(SunEvent.SUNSET, 5), SunTrigger(SunEvent.SUNSET, 20), True),
        (SunTrigger(SunEvent.SUNSET, 4), SunTrigger(SunEvent.SUNSET, 20), False),
        (SunTrigger(SunEvent.SUNSET), SunTrigger(SunEvent.SUNRISE), False),
        (SunTrigger(SunEvent.SUNSET, 0, (5, 6)), SunTrigger(SunEvent.SUNSET), False),
        (DOOR, DOOR, True),
        (DOOR, StateTrigger("binary_sensor.door", "off"), False),
        (DOOR, StateTrigger("binary_sensor.door", "on", 600), False),
        (StateTrigger("a.b", "c", 600), StateTrigger("a.b", "c", 900), True),
        (StateTrigger("a.b", "c", 600), StateTrigger("a.b", "c", 901), False),
        (StateTrigger("a.b", "c", 0, 600), StateTrigger("a.b", "c"), True),
        (StateTrigger("a.b", "c", 0, 600), StateTrigger("a.b", "c", 0, 3600), True),
        (
            NumericTrigger("sensor.t", Side.ABOVE, 25),
            NumericTrigger("sensor.t", Side.ABOVE, 26),
            True,
        ),
        (
            NumericTrigger("sensor.t", Side.ABOVE, 25),
            NumericTrigger("sensor.t", Side.BELOW, 25),
            False,
        ),
        (AT, DOOR, False),
        (AT, SunTrigger(SunEvent.SUNSET), False),
    ],
)
def test_one_occasion(one: Trigger, two: Trigger, same: bool) -> None:
    assert same_occasion(one, two) is same
    assert same_occasion(two, one) is same
    assert same_occasion(one, one)
