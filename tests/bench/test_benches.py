"""The benches count what they say, on a home each."""

from argparse import Namespace
from collections import Counter
from collections.abc import Sequence

from bench import ablation, calibration, curve, ids, words
from bench.homes.generate import planted_home
from bench.homes.model import DAY
from bench.homes_bench import causes, kinds, seconds
from bench.judging import BASELINES, OURS, Job, judge_home, later_days, make
from bench.report import Row
from custom_components.automation_scout.mining.gates import GATES
from custom_components.automation_scout.mining.gates.holdout import HoldOut
from custom_components.automation_scout.mining.rules import Action, Rule, TimeTrigger

JOB = Job("time and state", 7)


def total(rows: Sequence[Row], column: str) -> int:
    return sum(n for row in rows if isinstance(n := row[column], int))


def test_a_home_is_judged_and_every_error_explained() -> None:
    outcome = judge_home(JOB)
    assert set(outcome.tallies) == {OURS, *BASELINES}
    ours = outcome.tallies[OURS]
    wrong = ours.suggested - ours.right
    missed = ours.planted.total() - ours.found.total()
    assert len(outcome.errors) == wrong + missed
    assert outcome.causes.total() == wrong
    assert ours.shown["all"] == min(5, ours.suggested)
    assert total(causes([outcome]), "wrong") == wrong
    assert outcome.seconds["all"] >= outcome.seconds["index"] > 0
    steps = {row["step"]: row["share"] for row in seconds([outcome, outcome])}
    assert steps["all"] == 1.0
    by_kind = kinds([outcome])
    assert total(by_kind, "found") == ours.found.total()
    assert total(by_kind, "right") == ours.right


def test_later_days_are_later() -> None:
    world = make(JOB)
    rules = [planted.rule for planted in world.planted]
    same = later_days(world, rules, rules)
    assert same["found fired"] == same["planted fired"] >= same["planted hits"] > 20
    assert same["found hits"] == same["planted hits"]
    stranger = Rule(TimeTrigger(183), Action("light.hall_ceiling", "on"), 900)
    assert later_days(world, [stranger], [])["found hits"] <= 1
    assert later_days(planted_home(7), rules, rules) == Counter()


def test_homes_without_habits_have_no_later_days() -> None:
    outcome = judge_home(Job("null: busy", 7, compare=False))
    assert outcome.later == Counter()
    assert set(outcome.tallies) == {OURS}
    assert outcome.tallies[OURS].planted.total() == 0


def test_one_gate_less() -> None:
    for gate in GATES:
        names = [other.name for other in ablation.without(gate.name)]
        assert (gate.name in names) == (gate.name == HoldOut.name)
        assert len(names) == len(GATES) - (gate.name != HoldOut.name)
    trials = ablation.try_gates(JOB)
    assert [t.without for t in trials] == ["(none)", *(g.name for g in GATES)]
    assert not any(trial.failed for trial in trials)
    full = trials[0].tally
    assert any(trial.tally.suggested != full.suggested for trial in trials)


def test_a_habit_is_found_once_there_are_days_enough() -> None:
    found = curve.learn(curve.Job("daily", 4))
    assert found
    for answers in found:
        assert len(answers) == len(curve.DAYS)
        assert answers[-1]
        assert not answers[0]


def test_the_first_days_are_the_first() -> None:
    world = planted_home(3)
    part = curve.first_days(world, 10)
    assert len(part.learned) < len(world.learned)
    assert part.learned.t[-1] - world.log.t[0] < 10.1 * DAY


def test_claims_are_held_against_later_days() -> None:
    claims = calibration.claims_of(JOB)
    assert claims
    assert sum(claim.fired for claim in claims) > 20
    for claim in claims:
        assert 0 <= claim.agreed <= claim.fired
        assert 0 < claim.confidence <= 1


def test_ids_are_followed_from_night_to_night() -> None:
    counts = ids.follow(JOB)
    assert counts["nights"] == ids.NIGHTS
    assert 0 < counts["kept"] <= counts["before"]
    assert counts["same key"] <= counts["before"]


def test_a_large_home_is_asked_about() -> None:
    rows = words.run(Namespace(entities=100, suggestions=4, seconds=0.0))
    assert [row["answers taken"] for row in rows] == [4, 1, 4, 1]
