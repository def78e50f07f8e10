"""Every detector keeps the contract, and so does the whole analysis."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from bench.homes.generate import planted_home
from bench.homes.model import World
from bench.homes.nulls import busy_home, independent_home, permuted_home
from bench.score import Tally
from custom_components.automation_scout.mining.detectors import DETECTORS
from custom_components.automation_scout.mining.detectors.follows import Follows
from custom_components.automation_scout.mining.detectors.protocol import (
    Detection,
    Detector,
)
from custom_components.automation_scout.mining.events import Ints, log_of_rows
from custom_components.automation_scout.mining.evidence import Holdout
from custom_components.automation_scout.mining.facts import EntityFacts
from custom_components.automation_scout.mining.gates import GATES
from custom_components.automation_scout.mining.gates.protocol import (
    Draft,
    GateContext,
    Judgement,
)
from custom_components.automation_scout.mining.gates.support import Support
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.rank import score
from custom_components.automation_scout.mining.result import MiningResult
from custom_components.automation_scout.mining.rules import Action, Kind, Rule
from custom_components.automation_scout.mining.settings import (
    MiningSettings,
    Sensitivity,
)

from . import naive
from .checks import (
    CHECKS,
    DESK,
    LAMP,
    PLACE,
    PLANTED,
    check_weeks_do_not_matter,
    near,
    planted_rows,
    poor_logs,
)
from .worlds import BARE, facts_of, history_of, idle_use, mined, rules_of

DOOR = "binary_sensor.door"
type Check = Callable[[Detector], None]


# The sun itself moves by the week.
PAIRS = [
    (detector, check)
    for detector in DETECTORS
    for check in CHECKS
    if (detector.name, check) != ("sun", check_weeks_do_not_matter)
]


@pytest.mark.parametrize(
    ("detector", "check"),
    PAIRS,
    ids=[f"{detector.name}-{check.__name__[6:]}" for detector, check in PAIRS],
)
def test_detector(detector: Detector, check: Check) -> None:
    check(detector)


def test_every_detector_has_a_planted_habit() -> None:
    names = [detector.name for detector in DETECTORS]
    assert set(names) == set(PLANTED) <= {kind.value for kind in Kind}
    assert len(names) == len(set(names))


def test_planted_habits_are_proven_with_their_counts() -> None:
    """The numbers shown are those that a loop over the rows counts."""
    rows = planted_rows()
    result = mined(rows, PLACE)
    home = naive.Home(log_of_rows(rows), PLACE)
    assert len(result.proven) == len(PLANTED)
    for item in result.proven:
        trigger, action = PLANTED[item.rule.kind]
        assert item.rule.action == action
        assert near(item.rule.trigger, trigger)
        evidence = item.evidence
        acts = [row.t for row in home.acts()[action]]
        assert evidence.days_observed == len(home.days())
        assert evidence.human_actions == len(acts)
        assert evidence.opportunities == evidence.hits + evidence.wrong
        assert evidence.hits <= evidence.human_actions
        assert evidence.missed <= evidence.human_actions - evidence.hits
        assert evidence.provenance == {"user": evidence.hits}
        assert set(evidence.examples_ms) <= set(acts)
        assert list(evidence.examples_ms) == sorted(evidence.examples_ms)[::-1]
        assert len(evidence.examples_ms) == 5
        assert acts[0] <= evidence.first_seen_ms <= evidence.last_seen_ms <= acts[-1]
        assert evidence.last_seen_ms == evidence.examples_ms[0]
        assert evidence.holdout.days == evidence.days_observed
        assert item.confidence == evidence.holdout.precision_low
        assert (
            0.35
            <= item.confidence
            <= evidence.holdout.hits / (evidence.holdout.hits + evidence.holdout.wrong)
        )


def test_the_same_run_twice() -> None:
    first, second = mined(planted_rows(), PLACE), mined(planted_rows(), PLACE)
    assert first.proven == second.proven
    assert first.rejections == second.rejections
    assert first.funnel == second.funnel
    scores = [item.score for item in first.proven]
    assert scores == sorted(scores, reverse=True)


def test_the_funnel_adds_up() -> None:
    rows = planted_rows() + idle_use("light.hall", 28, 6, seed=3)
    result = mined(rows, PLACE)
    assert [step.gate for step in result.funnel] == [gate.name for gate in GATES]
    for one, next_ in zip(result.funnel, result.funnel[1:], strict=False):
        assert one.left == next_.entered
    assert result.funnel[-1].left == len(result.proven)
    for step in result.funnel:
        stopped = [r for r in result.rejections if r.gate == step.gate]
        assert len(stopped) == step.entered - step.left
        assert all(r.measured < r.required for r in stopped)
    detections = [detector.detect(history_of(rows, PLACE)) for detector in DETECTORS]
    assert result.n_tested == sum(found.n_tested for found in detections)
    assert result.candidates == sum(len(found.candidates) for found in detections)
    assert result.n_tested > result.candidates > 0
    acts = naive.Home(log_of_rows(rows), PLACE).acts()
    assert result.human_actions == sum(map(len, acts.values()))


@pytest.mark.parametrize("rows", poor_logs().values(), ids=poor_logs())
def test_poor_logs_prove_nothing(rows: list[tuple[int, str, str, int, str]]) -> None:
    with np.errstate(all="raise"):
        result = mined(rows)
    assert result.proven == ()
    assert result.events == len(rows)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("home", [independent_home, busy_home, permuted_home])
def test_homes_without_habits_are_silent(
    home: Callable[[int], World], seed: int
) -> None:
    world = home(seed)
    result = mine(world.log, world.facts, MiningSettings())
    assert result.errors == ()
    assert rules_of(result) == set()


def test_planted_homes_are_understood() -> None:
    tally = Tally()
    for seed in (11, 12, 13):
        world = planted_home(seed)
        result = mine(world.log, world.facts, MiningSettings())
        tally.add([item.rule for item in result.proven], world)
    assert tally.precision >= 0.9
    assert tally.recall >= 0.8


def test_sensitivity_only_widens() -> None:
    world = planted_home(14, noise="high")
    found = [
        rules_of(mine(world.log, world.facts, MiningSettings(sensitivity)))
        for sensitivity in (
            Sensitivity.QUIET,
            Sensitivity.BALANCED,
            Sensitivity.CURIOUS,
        )
    ]
    assert len(found[0]) <= len(found[1]) <= len(found[2])
    assert found[1]


@dataclass(frozen=True)
class Broken:
    """A detector that fails."""

    name: ClassVar[str] = "time"

    def detect(self, history: History) -> Detection:
        raise ZeroDivisionError("no days in this week")

    def refit(self, history: History, rule: Rule, days: Ints) -> Rule | None:
        raise AssertionError


@dataclass(frozen=True)
class BrokenGate:
    """A gate that fails."""

    name: ClassVar[str] = "broken"

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        raise LookupError("lost")


def test_a_detector_that_fails_costs_only_its_kind() -> None:
    log = log_of_rows(planted_rows())
    result = mine(log, PLACE, MiningSettings(), (Broken(), Follows()))
    assert result.errors == ("time: ZeroDivisionError: no days in this week",)
    assert {item.rule.action for item in result.proven} == {DESK}
    assert "detect_time" in result.timings_s


@dataclass(frozen=True)
class Doubter:
    """A gate that has seen every rule fail on most of the days it did not know."""

    name: ClassVar[str] = "doubter"

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        doubted = [replace(draft, holdout=Holdout(10, 1, 9)) for draft in drafts]
        return Judgement(tuple(doubted), ())


def test_confidence_is_that_of_the_days_held_out() -> None:
    log = log_of_rows(planted_rows())
    result = mine(log, PLACE, MiningSettings(), gates=(Support(), Doubter()))
    assert result.proven
    for item in result.proven:
        assert item.confidence == Holdout(10, 1, 9).precision_low
        assert item.evidence.holdout == Holdout(10, 1, 9)
        assert item.evidence.precision_low != item.confidence
        # Less for each better one of the same act, and for nothing else here.
        alone = score(item.rule, item.evidence, item.confidence)
        assert item.score <= alone
    best = result.proven[0]
    assert best.score == score(best.rule, best.evidence, best.confidence)


def test_a_gate_that_fails_lets_nothing_through() -> None:
    log = log_of_rows(planted_rows())
    result = mine(
        log, BARE, MiningSettings(), gates=(Support(), BrokenGate(), Support())
    )
    assert result.proven == ()
    assert result.errors == ("broken: LookupError: lost",)
    entered = [(step.entered > 0, step.left > 0) for step in result.funnel]
    assert entered == [(True, True), (True, False), (False, False)]


def test_only_the_home_that_is_known_is_mined() -> None:
    """An entity that the registries no longer know is no part of the home."""
    known = facts_of(
        EntityFacts("light.lamp", "Lamp"),
        EntityFacts("switch.fan", "Fan"),
        EntityFacts("light.desk", "Desk"),
    )
    assert rules_actions(mined(planted_rows(), PLACE)) == {
        a for _, a in PLANTED.values()
    }
    assert rules_actions(mined(planted_rows(), known)) == {LAMP}
    other = facts_of(EntityFacts("light.desk", "Desk"), EntityFacts(DOOR, "Door"))
    assert rules_actions(mined(planted_rows(), other)) == {DESK}


def rules_actions(result: MiningResult) -> set[Action]:
    """Return what the proven rules bring about."""
    return {item.rule.action for item in result.proven}
