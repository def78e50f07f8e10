"""`scripts/bench ablation`: each gate switched off in turn."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from custom_components.automation_scout.mining.evidence import Holdout
from custom_components.automation_scout.mining.gates import GATES
from custom_components.automation_scout.mining.gates.holdout import HoldOut
from custom_components.automation_scout.mining.gates.protocol import (
    Draft,
    Gate,
    GateContext,
    Judgement,
)
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.settings import MiningSettings

from .homes_bench import FIRST_SEED
from .judging import NULLS, Job, make
from .pool import each
from .report import Row, table
from .score import Tally

HOMES: Final = ("all kinds", "time and state", "conditions", "null: busy")
NOTHING: Final = "(none)"


@dataclass(frozen=True, slots=True)
class Trial:
    """What one home gets with one gate less."""

    without: str
    tally: Tally
    failed: bool


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--homes", type=int, default=10, help="homes of each mix")
    parser.add_argument("--seed", type=int, default=FIRST_SEED)


def run(options: Namespace) -> list[Row]:
    """Mine each home with all gates, and with each of them left out."""
    seeds = range(options.seed, options.seed + options.homes)
    jobs = [Job(mix, seed) for mix in HOMES for seed in seeds]
    total: dict[str, Tally] = {}
    failures: Counter[str] = Counter()
    for trials in each(try_gates, jobs):
        for trial in trials:
            total.setdefault(trial.without, Tally()).merge(trial.tally)
            failures[trial.without] += trial.failed
    full = total[NOTHING]
    rows = [_row(name, tally, full, failures[name]) for name, tally in total.items()]
    print(table(rows))
    return rows


def try_gates(job: Job) -> list[Trial]:
    """Return what one home gets with all gates, and without each of them."""
    world = make(job)
    assert job.mix in NULLS or world.planted
    trials = []
    for name in (NOTHING, *(gate.name for gate in GATES)):
        gates = without(name)
        result = mine(world.learned, world.facts, MiningSettings(), gates=gates)
        tally = Tally()
        tally.add([item.rule for item in result.proven], world)
        trials.append(Trial(name, tally, bool(result.errors)))
    return trials


def without(name: str) -> list[Gate]:
    """Return all gates but one; what comes after the hold-out needs something of it."""
    gates: list[Gate] = []
    for gate in GATES:
        if gate.name != name:
            gates.append(gate)
        elif gate.name == HoldOut.name:
            gates.append(InSample())
    return gates


@dataclass(frozen=True, slots=True)
class InSample:
    """Stands in for the hold-out: counts on the days that shaped the rule, no bound."""

    name: ClassVar[str] = HoldOut.name

    def judge(self, drafts: Sequence[Draft], context: GateContext) -> Judgement:
        """Keep everything, with the counts of all days."""
        days = len(context.history.days)
        counted = (
            replace(d, holdout=Holdout(days, d.played.hits, d.played.wrong))
            for d in drafts
        )
        return Judgement(tuple(counted), ())


def _row(name: str, tally: Tally, full: Tally, failures: int) -> Row:
    wrong, wrong_full = tally.suggested - tally.right, full.suggested - full.right
    found, found_full = tally.found.total(), full.found.total()
    f1 = tally.conditions_f1
    return {
        "without": name,
        "precision": round(tally.precision, 3),
        "recall": round(tally.recall, 3),
        "conditions F1": None if f1 is None else round(f1, 3),
        "wrong": wrong,
        "more wrong without": wrong - wrong_full,
        "habits found": found,
        "more found without": found - found_full,
        "homes that failed": failures,
    }
