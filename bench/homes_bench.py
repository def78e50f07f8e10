"""`scripts/bench homes`: precision and recall on generated homes, and incumbents."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from typing import Final

from .homes.mixes import GRID, MIXES
from .judging import NULLS, OURS, Job, Outcome, judge_home
from .pool import each
from .report import Row, table
from .score import Tally

FIRST_SEED: Final = 70_000
"""Homes below this seed were looked at while the miner was written."""


def configure(parser: ArgumentParser) -> None:
    """Add the options of this bench."""
    parser.add_argument("--homes", type=int, default=20, help="homes of each mix")
    parser.add_argument("--grid", type=int, default=5, help="homes of each cell")
    parser.add_argument("--nulls", type=int, default=100, help="homes without habits")
    parser.add_argument("--seed", type=int, default=FIRST_SEED)
    parser.add_argument("--mix", nargs="*", help="only these mixes")
    parser.add_argument("--misses", action="store_true", help="print each error")


def run(options: Namespace) -> list[Row]:
    """Mine the homes and print the tables."""
    numbers = {
        **dict.fromkeys(MIXES, options.homes),
        **dict.fromkeys(GRID, options.grid),
        **dict.fromkeys(NULLS, options.nulls),
    }
    jobs = [
        Job(mix, seed, compare=mix not in GRID)
        for mix, homes in numbers.items()
        if not options.mix or mix in options.mix
        for seed in range(options.seed, options.seed + homes)
    ]
    outcomes = list(each(judge_home, jobs))
    if options.misses:
        print("\n".join(line for outcome in outcomes for line in outcome.errors))
    print(f"seeds from {options.seed}")
    rows: list[Row] = []
    for title, mixes in (("30 days", MIXES), ("grid", GRID), ("nulls", NULLS)):
        chosen = [outcome for outcome in outcomes if outcome.job.mix in mixes]
        if chosen:
            part = _by_mix(chosen)
            print(f"\n{title}\n{table(part)}")
            rows += part
    planted = [outcome for outcome in outcomes if outcome.job.mix in MIXES]
    for title, part in (
        ("kinds, all mixes of 30 days", kinds(planted)),
        ("wrong suggestions, all homes", causes(outcomes)),
        ("where the time goes", seconds(outcomes)),
    ):
        print(f"\n{title}\n{table(part)}")
        rows += part
    return rows


def _by_mix(outcomes: Sequence[Outcome]) -> list[Row]:
    rows = []
    for mix in dict.fromkeys(outcome.job.mix for outcome in outcomes):
        mine = [outcome for outcome in outcomes if outcome.job.mix == mix]
        for miner in mine[0].tallies:
            tally = Tally()
            for outcome in mine:
                tally.merge(outcome.tallies[miner])
            rows.append(_row(mix, miner, tally, mine if miner == OURS else []))
    return rows


def _row(mix: str, miner: str, tally: Tally, mine: Sequence[Outcome]) -> Row:
    planted = tally.planted.total() > 0
    later = sum((outcome.later for outcome in mine), Counter[str]())
    spent = sum(outcome.seconds["all"] for outcome in mine)
    return {
        "homes": mix,
        "n": tally.homes,
        "miner": miner,
        "to find": tally.planted.total(),
        "suggested a home": round(tally.per_home, 3),
        "precision": _round(tally.precision if planted else None),
        "of the first 5": _round(tally.precision_shown if planted else None),
        "recall": _round(tally.recall if planted else None),
        "conditions F1": _round(tally.conditions_f1),
        "values right": _round(tally.values_right),
        "later precision": _share(later, "found"),
        "of the planted": _share(later, "planted"),
        "unwanted a day": _unwanted(later, "found"),
        "by the planted": _unwanted(later, "planted"),
        "ms a home": round(1000 * spent / len(mine)) if mine else None,
    }


def _share(later: Counter[str], whose: str) -> float | None:
    fired = later[f"{whose} fired"]
    return round(later[f"{whose} hits"] / fired, 3) if fired else None


def _unwanted(later: Counter[str], whose: str) -> float | None:
    wrong = later[f"{whose} fired"] - later[f"{whose} hits"]
    return round(wrong / later["days"], 2) if later["days"] else None


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, 3)


def kinds(outcomes: Sequence[Outcome]) -> list[Row]:
    """Return recall by kind of habit, and precision by kind of suggestion."""
    tally = Tally()
    for outcome in outcomes:
        tally.merge(outcome.tallies[OURS])
    rows: list[Row] = []
    for kind in sorted({*tally.planted, *tally.suggested_kinds}):
        suggested, right = tally.suggested_kinds[kind], tally.right_kinds[kind]
        planted, found = tally.planted[kind], tally.found[kind]
        rows.append(
            {
                "kind": kind,
                "to find": planted or None,
                "found": found if planted else None,
                "recall": round(found / planted, 3) if planted else None,
                "suggested": suggested or None,
                "right": right if suggested else None,
                "precision": round(right / suggested, 3) if suggested else None,
            }
        )
    return rows


def causes(outcomes: Sequence[Outcome]) -> list[Row]:
    """Return what wrong suggestions were taken in by, the most frequent first."""
    total = sum((outcome.causes for outcome in outcomes), Counter[str]())
    return [{"taken in by": cause, "wrong": n} for cause, n in total.most_common()]


def seconds(outcomes: Sequence[Outcome]) -> list[Row]:
    """Return the mean time of each step of the miner, longest first."""
    steps = dict.fromkeys(step for outcome in outcomes for step in outcome.seconds)
    total = {step: sum(o.seconds.get(step, 0.0) for o in outcomes) for step in steps}
    return [
        {
            "step": step,
            "ms a home": round(1000 * spent / len(outcomes), 1),
            "share": round(spent / total["all"], 3),
        }
        for step, spent in sorted(total.items(), key=lambda item: -item[1])
    ]
