"""Mines one generated home, and judges what came of it, incumbents beside it."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

import numpy as np

from custom_components.automation_scout.mining.gates import GATES
from custom_components.automation_scout.mining.gates.protocol import Gate
from custom_components.automation_scout.mining.history import History
from custom_components.automation_scout.mining.localtime import local_ms
from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.replay import replay
from custom_components.automation_scout.mining.result import MiningResult
from custom_components.automation_scout.mining.rules import Rule
from custom_components.automation_scout.mining.settings import MiningSettings

from .baselines import (
    Finding,
    half_hour_bins,
    homeiq_co_occurrence,
    homeiq_time_of_day,
)
from .homes.mixes import GRID, MIXES, Make
from .homes.model import HOUR, ZONE, Planted, World
from .homes.nulls import (
    busy_home,
    independent_home,
    permuted_home,
    regular_home,
)
from .score import Score, Tally

OURS: Final = "Automation Scout"
BASELINES: Final = {
    "HomeIQ time of day": homeiq_time_of_day,
    "HomeIQ co-occurrence": homeiq_co_occurrence,
    "half-hour bins (UTC)": half_hour_bins,
}
NULLS: Final[Mapping[str, Callable[[int], World]]] = {
    "null: independent": independent_home,
    "null: busy": busy_home,
    "null: permuted": permuted_home,
    "null: regular but unautomatable": regular_home,
}
"""Each is made by a seed alone."""
HOMES: Final[Mapping[str, Make]] = {**MIXES, **GRID, **NULLS}
LATER_DAYS: Final = 14
"""Days of each planted home that took no part in learning."""


@dataclass(frozen=True, slots=True)
class Job:
    """One home to mine."""

    mix: str
    seed: int
    compare: bool = True
    """Whether the incumbents run on it too."""


@dataclass(slots=True)
class Outcome:
    """What came of one home."""

    job: Job
    tallies: dict[str, Tally]
    """Miner to its counts."""
    later: Counter[str]
    """Firings and hits on later days, of what was found and of what was planted."""
    seconds: Mapping[str, float]
    """Step of the miner to its seconds, with `all`."""
    causes: Counter[str]
    """What made wrong suggestions look like habits."""
    errors: list[str] = field(default_factory=list)
    """One line for each suggestion that is wrong and each habit that was missed."""


def judge_home(job: Job) -> Outcome:
    """Make a home, mine the days to learn from, and judge the suggestions."""
    world = make(job)
    started = perf_counter()
    result = mined(world)
    seconds = {**result.timings_s, "all": perf_counter() - started}
    rules = [item.rule for item in result.proven]
    ours = Tally()
    score = ours.add(rules, world)
    tallies = {OURS: ours}
    if job.compare:
        tallies |= {
            name: _incumbent(find(world.learned), world, score.to_find)
            for name, find in BASELINES.items()
        }
    habits = [rule for rule in rules if rule.special is None]
    later = later_days(world, habits, [planted.rule for planted in score.wanted])
    causes = Counter(score.reason(rule) for rule in score.wrong)
    return Outcome(job, tallies, later, seconds, causes, explain(job, score, result))


def make(job: Job) -> World:
    """Return the home of a job; planted ones go on after the days to learn from."""
    if job.mix in NULLS:
        return HOMES[job.mix](job.seed)
    return HOMES[job.mix](job.seed, later=LATER_DAYS)


def mined(world: World, gates: Sequence[Gate] = GATES) -> MiningResult:
    """Return what the miner makes of the days to learn from.

    Raises:
        RuntimeError: a part of the miner failed.
    """
    result = mine(world.learned, world.facts, MiningSettings(), gates=gates)
    if result.errors:
        raise RuntimeError(f"home {world.seed}: {result.errors}")
    return result


def later_days(
    world: World, found: Sequence[Rule], planted: Sequence[Rule]
) -> Counter[str]:
    """Replay found and planted rules on the days that took no part in learning."""
    counts: Counter[str] = Counter()
    if not len(world.log) or int(world.log.t[-1]) < world.cut:
        return counts
    history = History(world.log, world.facts)
    for name, rules in (("found", found), ("planted", planted)):
        for rule in rules:
            played = replay(history, rule)
            late = played.fired >= world.cut
            counts[f"{name} fired"] += int(np.count_nonzero(late))
            counts[f"{name} hits"] += int(np.count_nonzero(played.hit & late))
    counts["days"] = LATER_DAYS
    return counts


def _incumbent(
    findings: Sequence[Finding], world: World, to_find: Sequence[Planted]
) -> Tally:
    offset_h = _offset_h(world)
    right = [
        finding
        for finding in findings
        if any(finding.matches(planted, offset_h) for planted in world.planted)
    ]
    found = [p for p in to_find if any(f.matches(p, offset_h) for f in findings)]
    return Tally(
        1,
        len(findings),
        len(right),
        planted=Counter({"any": len(to_find)}),
        found=Counter({"any": len(found)}),
    )


def _offset_h(world: World) -> float:
    """Return local time less UTC on most of the days, hours."""
    t = world.log.t[len(world.log) // 2 :][:1]
    return float((local_ms(t, ZONE) - t)[0] / HOUR) if len(t) else 0.0


def explain(job: Job, score: Score, result: MiningResult) -> list[str]:
    """Return a line for each error, with what is known of its cause."""
    where = f"{job.mix} {job.seed}"
    lines = [f"{where} wrong ({score.reason(r)}): {r}" for r in score.wrong]
    for planted in score.missed:
        action = planted.rule.action
        near = [
            f"{r.gate} {r.rule.trigger} {r.measured:.3g} < {r.required:.3g}"
            for r in result.rejections
            if r.rule.action == action
            and type(r.rule.trigger) is type(planted.rule.trigger)
        ]
        acts = f"kept {planted.adherence:.2f}, {len(planted.acts)} acts"
        lines.append(f"{where} missed ({acts}): {planted.rule} | {near[:3]}")
    return lines
