"""`scripts/bench homes`: precision and recall on generated homes, and incumbents."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter
from typing import Final

from custom_components.automation_scout.mining.pipeline import mine
from custom_components.automation_scout.mining.rules import Rule
from custom_components.automation_scout.mining.settings import MiningSettings

from .baselines import (
    Finding,
    half_hour_bins,
    homeiq_co_occurrence,
    homeiq_time_of_day,
)
from .homes.mixes import GRID, MIXES
from .homes.model import ZONE, World
from .homes.nulls import (
    busy_home,
    independent_home,
    permuted_home,
    regular_home,
)
from .report import Row, table
from .score import Tally, matches

BASELINES: Final = {
    "HomeIQ time of day": homeiq_time_of_day,
    "HomeIQ co-occurrence": homeiq_co_occurrence,
    "half-hour bins (UTC)": half_hour_bins,
}
SUMMER_TIME_H: Final = 2.0
"""Most days of the generated homes lie in summer time of their zone."""
NULLS: Final[dict[str, Callable[[int], World]]] = {
    "independent": independent_home,
    "busy": busy_home,
    "permuted": permuted_home,
    "regular but unautomatable": regular_home,
}
FIRST_SEED: Final = 70_000
"""Homes below this seed were looked at while the miner was written."""


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--homes", type=int, default=20, help="homes of each mix")
    parser.add_argument("--nulls", type=int, default=50, help="homes without habits")
    parser.add_argument("--seed", type=int, default=FIRST_SEED)
    parser.add_argument("--misses", action="store_true", help="print each error")


def run(options: Namespace) -> list[Row]:
    """Mine the homes and print the tables."""
    rows: list[Row] = []
    for name, make in {**MIXES, **GRID}.items():
        seeds = range(options.seed, options.seed + options.homes)
        rows += _mix(name, make, seeds, show=options.misses)
    for name, make in NULLS.items():
        seeds = range(options.seed, options.seed + options.nulls)
        rows += _mix(f"null: {name}", make, seeds, show=options.misses)
    print(f"zone {ZONE}, seeds from {options.seed}")
    print(table(rows))
    return rows


def _mix(
    name: str, make: Callable[[int], World], seeds: Iterable[int], *, show: bool
) -> list[Row]:
    ours = Tally()
    others = {baseline: Tally() for baseline in BASELINES}
    seconds = 0.0
    for seed in seeds:
        world = make(seed)
        started = perf_counter()
        result = mine(world.log, world.facts, MiningSettings())
        seconds += perf_counter() - started
        if result.errors:
            raise RuntimeError(f"home {seed}: {result.errors}")
        rules = [item.rule for item in result.proven]
        ours.add(rules, world.planted)
        if show:
            _explain(name, world, rules)
        for baseline, find in BASELINES.items():
            _add(others[baseline], find(world.log), world)
    rows = [_row(name, "Automation Scout", ours, seconds)]
    rows += [_row(name, baseline, tally, None) for baseline, tally in others.items()]
    return rows


def _row(name: str, miner: str, tally: Tally, seconds: float | None) -> Row:
    planted = tally.planted > 0
    return {
        "homes": name,
        "n": tally.homes,
        "miner": miner,
        "suggested a home": round(tally.per_home, 3),
        "precision": round(tally.precision, 3) if planted else None,
        "recall": round(tally.recall, 3) if planted else None,
        "ms a home": round(1000 * seconds / tally.homes) if seconds else None,
    }


def _add(tally: Tally, findings: Sequence[Finding], world: World) -> None:
    tally.homes += 1
    tally.suggested += len(findings)
    tally.planted += len(world.planted)
    tally.right += sum(
        any(finding.matches(p, SUMMER_TIME_H) for p in world.planted)
        for finding in findings
    )
    tally.found += sum(
        any(finding.matches(p, SUMMER_TIME_H) for finding in findings)
        for p in world.planted
    )


def _explain(name: str, world: World, rules: Sequence[Rule]) -> None:
    for rule in rules:
        if not any(matches(rule, planted) for planted in world.planted):
            print(f"{name} {world.seed} wrong: {rule}")
    for planted in world.planted:
        if not any(matches(rule, planted) for rule in rules):
            print(f"{name} {world.seed} missed: {planted}")
