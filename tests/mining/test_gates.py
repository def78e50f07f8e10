"""Each gate alone: what it stops, what it lets through, and the number it says."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest

from custom_components.automation_scout.mining.automated import seen_automated
from custom_components.automation_scout.mining.detectors import DETECTORS
from custom_components.automation_scout.mining.detectors.follows import Follows
from custom_components.automation_scout.mining.detectors.protocol import (
    Candidate,
    Detection,
)
from custom_components.automation_scout.mining.events import (
    Ints,
    Row,
    log_of_rows,
)
from custom_components.automation_scout.mining.gates import GATES
from custom_components.automation_scout.mining.gates.confounding import Confounding
from custom_components.automation_scout.mining.gates.holdout import HoldOut
from custom_components.automation_scout.mining.gates.protocol import (
    Draft,
    Gate,
    GateContext,
)
from custom_components.automation_scout.mining.gates.redundancy import Redundancy
from custom_components.automation_scout.mining.gates.significance import Significance
from custom_components.automation_scout.mining.gates.spread import Spread
from custom_components.automation_scout.mining.gates.stability import Stability
from custom_components.automation_scout.mining.gates.support import Support
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.origin import Origin
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.result import MiningResult
from custom_components.automation_scout.mining.rules import (
    Action,
    Kind,
    Rule,
    StateTrigger,
    TimeTrigger,
    WindowCondition,
)
from custom_components.automation_scout.mining.settings import (
    MiningSettings,
    Sensitivity,
)

from .drafts import draft_of
from .worlds import (
    BARE,
    HOUR,
    MINUTE,
    SECOND,
    clock_habit,
    framed,
    history_of,
    instant,
    occasions,
    pulses,
    reaction,
    rule_at,
)

DESK = Action("light.desk", "on")
DAYS = range(28)


def context_of(
    history: History, sensitivity: Sensitivity = Sensitivity.BALANCED
) -> GateContext:
    detectors = {Kind(detector.name): detector for detector in DETECTORS}
    return GateContext(history, MiningSettings(sensitivity), detectors, 1000)


def drafts_of(history: History, *rules: Rule) -> list[Draft]:
    return [Draft(Candidate(rule, 1e-9, 0.05), replay(history, rule)) for rule in rules]


def kept_by(gate: Gate, history: History, *rules: Rule) -> list[Rule]:
    """Return the rules that a gate lets through; the others have their number."""
    drafts = drafts_of(history, *rules)
    judgement = gate.judge(drafts, context_of(history))
    kept = [draft.rule for draft in judgement.kept]
    stopped = [rejection.rule for rejection in judgement.rejections]
    assert sorted(map(str, kept + stopped)) == sorted(map(str, rules))
    assert kept == [rule for rule in rules if rule in kept]
    assert all(r.measured < r.required for r in judgement.rejections)
    assert {r.gate for r in judgement.rejections} <= {gate.name}
    return kept


def until(gate: Gate, rows: Sequence[Row]) -> MiningResult:
    """Mine with the gates up to one."""
    names = [some.name for some in GATES]
    some = GATES[: names.index(gate.name) + 1]
    return mine(log_of_rows(rows), BARE, MiningSettings(), gates=some)


def stopped_by(gate: Gate, rows: Sequence[Row]) -> set[tuple[str, str]]:
    """Return the trigger entity and target of the reactions that a gate stops."""
    return {
        (rejection.rule.trigger.entity_id, rejection.rule.action.entity_id)
        for rejection in until(gate, rows).rejections
        if rejection.gate == gate.name
        and isinstance(rejection.rule.trigger, StateTrigger)
    }


def test_every_gate_has_a_name_of_its_own() -> None:
    names = [gate.name for gate in GATES]
    assert len(set(names)) == len(names)
    assert names.index("significance") < names.index("holdout")
    for gate in GATES:
        judgement = gate.judge((), context_of(history_of([])))
        assert (judgement.kept, judgement.rejections) == ((), ())


@pytest.mark.parametrize(("days", "is_kept"), [(3, False), (4, True)])
def test_support_counts_days(days: int, is_kept: bool) -> None:
    rows = framed(clock_habit("light.lamp", 1200, range(days)), 20)
    history = history_of(rows + clock_habit("switch.fan", 700, range(20)))
    assert bool(kept_by(Support(), history, rule_at(1200))) == is_kept


@pytest.mark.parametrize(("p_value", "is_kept"), [(0.0105, False), (0.0095, True)])
def test_one_in_a_hundred_is_significant(p_value: float, is_kept: bool) -> None:
    context = GateContext(history_of([]), MiningSettings(), {}, 1)
    kept = Significance().judge([draft_of(1200, p_value)], context).kept
    assert bool(kept) == is_kept


def test_spread_wants_a_peak() -> None:
    """Acts between 18:30 and 21:30: any hour of them holds a third."""
    rng = np.random.default_rng(6)
    even = [
        (instant(day, rng.uniform(1110, 1290)), "light.lamp", state, Origin.USER, "")
        for day in DAYS
        for state in ("on", "off")
    ]
    loose = Rule(TimeTrigger(1200), Action("light.lamp", "on"), 1800)
    assert kept_by(Spread(), history_of(framed(even, 28)), loose) == []
    peak = clock_habit("light.lamp", 1200, DAYS)
    assert kept_by(Spread(), history_of(framed(peak, 28)), loose) == [loose]
    both = clock_habit("light.desk", 1200, DAYS) + pulses(
        "binary_sensor.door", occasions(DAYS, 3)
    )
    door = Rule(StateTrigger("binary_sensor.door", "on"), DESK, 300)
    assert kept_by(Spread(), history_of(both), door) == [door]


@dataclass(frozen=True)
class Spy:
    """A detector that notes from which days it is asked to fit."""

    name: ClassVar[str] = "time"
    gives: bool = True
    asked: list[list[int]] = field(default_factory=list)

    def detect(self, history: History) -> Detection:
        raise AssertionError

    def refit(self, history: History, rule: Rule, days: Ints) -> Rule | None:
        self.asked.append(days.tolist())
        return rule if self.gives else None


@pytest.mark.parametrize("gives", [True, False])
def test_holdout_fits_without_the_days_that_it_judges(gives: bool) -> None:
    """Each day is left out exactly once; what is not found there was not foreseen."""
    rows = clock_habit("light.lamp", 1200, DAYS, keep=0.8)
    history = history_of(framed(rows, 28))
    spy = Spy(gives=gives)
    context = GateContext(history, MiningSettings(), {Kind.TIME: spy}, 1)
    [draft] = drafts_of(history, rule_at(1200))
    judgement = HoldOut().judge([draft], context)
    left_out = [set(history.days.tolist()) - set(days) for days in spy.asked]
    assert all(left_out)
    assert sorted(day for days in left_out for day in days) == history.days.tolist()
    played = draft.played
    if gives:
        [kept] = judgement.kept
        assert (kept.holdout.hits, kept.holdout.wrong) == (played.hits, played.wrong)
        assert kept.holdout.days == len(history.days)
    else:
        assert judgement.kept == ()
        assert judgement.rejections[0].measured == 0


@dataclass(frozen=True)
class Forgetful(Spy):
    """A detector that does not find the rule when it is asked first."""

    def refit(self, history: History, rule: Rule, days: Ints) -> Rule | None:
        self.asked.append(days.tolist())
        return rule if len(self.asked) > 1 else None


def test_days_on_which_the_rule_was_not_foreseen_count_against_it() -> None:
    rows = clock_habit("light.lamp", 1200, DAYS)
    history = history_of(framed(rows, 28))
    detector = Forgetful()
    context = GateContext(history, MiningSettings(), {Kind.TIME: detector}, 1)
    [draft] = drafts_of(history, rule_at(1200))
    [kept] = HoldOut().judge([draft], context).kept
    left_out = len(history.days) - len(detector.asked[0])
    assert kept.holdout.wrong == left_out
    assert kept.holdout.hits == len(history.days) - left_out


def test_holdout_of_a_few_days_proves_nothing() -> None:
    history = history_of(framed(clock_habit("light.lamp", 1200, range(2)), 2))
    assert kept_by(HoldOut(), history, rule_at(1200)) == []


def test_how_sure_is_a_setting() -> None:
    """Two of three: enough for balanced and curious, not for quiet."""
    days = [day for day in DAYS if day % 3]
    rows = clock_habit("light.lamp", 1200, days)
    rows += [(instant(day, 400), "light.lamp", "off", Origin.USER, "") for day in DAYS]
    rows += clock_habit("switch.fan", 700, DAYS)
    history = history_of(framed(rows, 28))
    drafts = drafts_of(history, rule_at(1200))
    assert drafts[0].played.wrong == 10
    kept = {
        sensitivity: len(HoldOut().judge(drafts, context_of(history, sensitivity)).kept)
        for sensitivity in Sensitivity
    }
    assert kept == {
        Sensitivity.QUIET: 0,
        Sensitivity.BALANCED: 1,
        Sensitivity.CURIOUS: 1,
    }


@pytest.mark.parametrize(("lag_s", "window_s"), [(15, 30), (80, 120), (400, 900)])
def test_a_refit_takes_the_window_that_suits(lag_s: int, window_s: int) -> None:
    """Reactions take half to one and a half times their lag."""
    at = occasions(DAYS, 3, 4)
    rows = pulses("binary_sensor.door", at)
    history = history_of(rows + reaction("light.desk", at, lag_s=lag_s))
    rule = Rule(StateTrigger("binary_sensor.door", "on"), DESK, 60)
    fitted = Follows().refit(history, rule, history.days)
    assert fitted == Rule(rule.trigger, DESK, window_s)


def test_redundancy_keeps_one_of_two_that_say_the_same() -> None:
    rows = clock_habit("light.lamp", 1200, DAYS)
    rows += clock_habit("light.lamp", 500, DAYS, seed=5)
    history = history_of(framed(rows, 28))
    same = [rule_at(1200), rule_at(1215), rule_at(1190)]
    morning = rule_at(500)
    kept = kept_by(Redundancy(), history, *same, morning)
    assert morning in kept
    assert len(kept) == 2


def test_a_shadow_is_confounded() -> None:
    """The hall sensor sees who comes through the door, and everybody else."""
    at = occasions(DAYS, 3, 4)
    others = [t + HOUR // 2 for t in occasions(DAYS, 2, 77)]
    rows = pulses("binary_sensor.door", at)
    rows += reaction("light.desk", at, seed=4)
    rows += pulses("binary_sensor.hall", [*(t + 2 * SECOND for t in at), *others])
    history = history_of(framed(rows, 28))
    door = Rule(StateTrigger("binary_sensor.door", "on"), DESK, 60)
    hall = Rule(StateTrigger("binary_sensor.hall", "on"), DESK, 60)
    assert kept_by(Confounding(), history, door, hall) == [door]
    assert kept_by(Confounding(), history, hall, door) == [door]
    assert kept_by(Confounding(), history, hall) == [hall]


def test_a_link_of_a_chain_is_confounded() -> None:
    """At eight the lamp and then the desk lamp: the hour is the cause, not the lamp."""
    rows = clock_habit("light.lamp", 1200, DAYS, jitter_min=4)
    lit = [t for t, _, state, _, _ in rows if state == "on"]
    rows += reaction("light.desk", lit, keep=1, lag_s=20)
    history = history_of(framed(rows, 28))
    lamp = rule_at(1200)
    desk = rule_at(1200, entity="light.desk")
    link = Rule(StateTrigger("light.lamp", "on"), DESK, 60)
    assert kept_by(Confounding(), history, lamp, desk, link) == [lamp, desk]
    assert kept_by(Confounding(), history, desk, link) == [desk, link]
    assert stopped_by(Confounding(), rows) == {("light.lamp", "light.desk")}


def test_who_came_is_meant_and_not_which_door_moved() -> None:
    """The two always go together; the door is some seconds earlier."""
    at = occasions(DAYS, 1, 4)
    rows = pulses("binary_sensor.door", at)
    home = [t + 20 * SECOND for t in at]
    rows += [(t, "person.anna", "home", Origin.REPORT, "") for t in home]
    rows += [(t + 9 * HOUR, "person.anna", "not_home", Origin.REPORT, "") for t in home]
    rows += reaction("light.desk", home, seed=4)
    history = history_of(framed(rows, 30))
    door = Rule(StateTrigger("binary_sensor.door", "on"), DESK, 60)
    anna = Rule(StateTrigger("person.anna", "home"), DESK, 60)
    assert kept_by(Confounding(), history, door, anna) == [anna]
    assert kept_by(Confounding(), history, anna, door) == [anna]


def test_a_part_of_what_another_trigger_explains_is_left_to_redundancy() -> None:
    """In the mornings the door is surer than leaving is on the whole."""
    at = [instant(day, 540) for day in DAYS] + [instant(day, 1140) for day in DAYS]
    rows = pulses("binary_sensor.door", at)
    rows += [(t + 5 * SECOND, "person.anna", "not_home", Origin.REPORT, "") for t in at]
    rows += [(t + 3 * HOUR, "person.anna", "home", Origin.REPORT, "") for t in at]
    rows += reaction("light.desk", [t + 10 * SECOND for t in at[:28]], keep=1)
    rows += reaction("light.desk", [t + 10 * SECOND for t in at[28:]], keep=0.8, seed=2)
    history = history_of(framed(rows, 28))
    morning = WindowCondition(480, 600)
    door = Rule(
        StateTrigger("binary_sensor.door", "on"), DESK, 60, conditions=(morning,)
    )
    anna = Rule(StateTrigger("person.anna", "not_home"), DESK, 60)
    assert kept_by(Confounding(), history, door, anna) == [door, anna]
    assert kept_by(Redundancy(), history, door, anna) == [anna]


@pytest.mark.parametrize("origin", [Origin.AUTOMATION, Origin.USER])
def test_what_an_automation_switched_yields_to_a_sensor(origin: Origin) -> None:
    """The door lights the hall; people act a little later, not always at the door."""
    at = occasions(DAYS, 3, 4)
    rows = pulses("binary_sensor.door", [*at, *(t + HOUR // 2 for t in at[::4])])
    rows += [(t + 5 * SECOND, "light.hall", "on", int(origin), "") for t in at]
    rows += [(t + 9 * MINUTE, "light.hall", "off", Origin.AUTOMATION, "") for t in at]
    rows += reaction("light.desk", [t + 5 * SECOND for t in at], seed=4)
    history = history_of(framed(rows, 28))
    hall = Rule(StateTrigger("light.hall", "on"), DESK, 60)
    door = Rule(StateTrigger("binary_sensor.door", "on"), DESK, 60)
    kept = kept_by(Confounding(), history, hall, door)
    assert kept == ([hall] if origin is Origin.USER else [door])
    assert kept_by(Confounding(), history, hall) == [hall]


def test_of_two_states_of_one_sensor_the_one_that_explains_more_stays() -> None:
    """Motion ends while people still react to its beginning."""
    at = occasions(DAYS, 3, 4)
    rows = pulses("binary_sensor.hall", at, length=90 * SECOND)
    rows += reaction("light.desk", at, seed=4, lag_s=70)
    history = history_of(framed(rows, 28))
    begins = Rule(StateTrigger("binary_sensor.hall", "on"), DESK, 900)
    ends = Rule(StateTrigger("binary_sensor.hall", "off"), DESK, 900)
    assert kept_by(Confounding(), history, begins, ends) == [begins]
    assert kept_by(Confounding(), history, ends, begins) == [begins]


def test_stability_notices_what_stopped_half_way() -> None:
    """Two acts of the last fortnight are strays."""
    done = [*range(1, 16), 19, 26]
    rows = clock_habit("light.lamp", 1200, done)
    rows += clock_habit("switch.fan", 700, range(30))
    history = history_of(framed(rows, 30))
    assert not kept_by(Stability(), history, rule_at(1200))


def test_stability_looks_at_the_last_third() -> None:
    steady = clock_habit("light.lamp", 1200, range(30), keep=0.8)
    assert kept_by(Stability(), history_of(framed(steady, 30)), rule_at(1200))
    early = clock_habit("light.lamp", 1200, range(20))
    early += clock_habit("switch.fan", 700, range(30))
    assert not kept_by(Stability(), history_of(framed(early, 30)), rule_at(1200))


@pytest.mark.parametrize(("minute", "share"), [(1190, 1.0), (1209, 1.0), (1230, 0.0)])
def test_what_automations_were_seen_to_do(minute: int, share: float) -> None:
    """Some minutes early or late; the target is then as wanted already."""
    rows: list[Row] = []
    for day in DAYS:
        rows.append((instant(day, 600), "light.lamp", "off", Origin.USER, ""))
        at = instant(day, minute)
        rows.append((at, "light.lamp", "on", Origin.AUTOMATION, "automation.evening"))
    seen = seen_automated(history_of(framed(rows, 28)), rule_at(1200))
    names = frozenset({"automation.evening"} if share else ())
    assert seen == (share, names)


def test_only_what_was_lately_automated_counts() -> None:
    rows: list[Row] = []
    for day in range(40):
        origin = Origin.AUTOMATION if day < 20 else Origin.USER
        at = instant(day, 1200)
        rows.append((at - 5 * HOUR, "light.lamp", "off", Origin.USER, ""))
        at += MINUTE + 7_000 * (day % 13)
        rows.append((at, "light.lamp", "on", origin, "a"))
    assert seen_automated(history_of(framed(rows, 40)), rule_at(1200)) == (
        0.0,
        frozenset(),
    )
